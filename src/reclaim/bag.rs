//! What is retired: objects, bags of them, and the blocks that come back from them.

use crate::error::AllocError;
use crate::sync::limits::{BAG, BAG_BYTES, POOL, POOL_BYTES};
use crate::sync::{Canary, allocate, free};
use core::alloc::Layout;
use core::mem;
use core::ptr::{self, NonNull};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// How one kind of object is destroyed.
#[derive(Debug)]
pub struct Kind {
    /// Drops the contents; may run user code. `None` where there is nothing to drop.
    pub(crate) drop: Option<unsafe fn(NonNull<u8>)>,
    /// Moves the contents out, to a hook. `None` where a hook has no business.
    pub(crate) give: Option<unsafe fn(NonNull<u8>, Hook)>,
    /// What becomes of the memory then.
    pub(crate) memory: Memory,
}

/// What becomes of an object's memory.
#[derive(Clone, Copy, Debug)]
pub enum Memory {
    /// A block of this layout, which may be recycled.
    Block(Layout),
    /// The function frees it: objects of one kind differ in size. Of a large one it frees a part, and
    /// says whether that was all; a kind whose objects may be large has nothing to drop.
    Free(unsafe fn(NonNull<u8>) -> bool),
}

/// Who gets the contents of reclaimed objects instead of their destructors: null for nobody, else a
/// pointer whose type the kind's `give` knows, valid as long as the map.
pub(crate) type Hook = *const ();

/// An unlinked object that waits for its grace period.
#[derive(Clone, Copy, Debug)]
pub struct Retired {
    ptr: NonNull<u8>,
    kind: &'static Kind,
    hook: Hook,
}

// SAFETY: a retired object is owned; maps are `Send` only where their keys and values are.
unsafe impl Send for Retired {}

impl Retired {
    #[inline(always)]
    pub(crate) fn new(ptr: NonNull<u8>, kind: &'static Kind, hook: Hook) -> Self {
        Retired { ptr, kind, hook }
    }

    /// What tells one object from another, for the models.
    #[cfg(any(dolmen_loom, dolmen_shuttle))]
    pub(crate) fn address(&self) -> NonNull<u8> {
        self.ptr
    }

    /// Destroys the object. Its memory is freed or recycled even if its destructor panics.
    ///
    /// # Safety
    /// The object is owned by the caller and of the kind it was retired as, and nobody reads it.
    pub(crate) unsafe fn destroy(self, recycle: &mut dyn FnMut(NonNull<u8>, Layout)) {
        struct Block(Retired);
        impl Drop for Block {
            fn drop(&mut self) {
                // Reached when the destructor panicked: the thread's pool may be in no state to
                // take the block, so it goes back to the allocator.
                // SAFETY: the caller's promise; the contents are gone.
                unsafe {
                    match self.0.kind.memory {
                        Memory::Block(layout) => free(self.0.ptr, layout),
                        Memory::Free(f) => while !f(self.0.ptr) {},
                    }
                }
            }
        }
        let block = Block(self);
        match (self.kind.give, self.kind.drop) {
            // SAFETY: the caller's promise; the hook is the map's, which is alive.
            (Some(give), _) if !self.hook.is_null() => unsafe { give(self.ptr, self.hook) },
            // SAFETY: the caller's promise.
            (_, Some(drop)) => unsafe { drop(self.ptr) },
            (_, None) => {}
        }
        if let Memory::Block(layout) = self.kind.memory {
            mem::forget(block);
            recycle(self.ptr, layout);
        }
    }
}

impl Retired {
    /// As [`destroy`](Self::destroy), but of a large object it frees a part: what is left of that is
    /// returned.
    ///
    /// # Safety
    /// As there; what is returned takes the object's place.
    unsafe fn destroy_part(self, recycle: &mut dyn FnMut(NonNull<u8>, Layout)) -> Option<Retired> {
        if let Kind { drop: None, give: None, memory: Memory::Free(f) } = *self.kind {
            // SAFETY: the caller's promise.
            return if unsafe { f(self.ptr) } { None } else { Some(self) };
        }
        // SAFETY: the caller's promise.
        unsafe { self.destroy(recycle) };
        None
    }
}

/// The open bag of one participant in one map.
#[derive(Debug, Default)]
pub struct Bag {
    objects: Vec<Retired>,
    bytes: usize,
    /// What to make room for at first: as much as the bag before this one took.
    expect: usize,
}

impl Bag {
    /// Makes room for `n` more objects.
    #[inline(always)]
    pub(super) fn reserve(&mut self, n: usize) -> Result<(), AllocError> {
        if self.objects.capacity() - self.objects.len() >= n { Ok(()) } else { self.grow(n) }
    }

    #[cold]
    fn grow(&mut self, n: usize) -> Result<(), AllocError> {
        let n = n.max(self.expect);
        let layout = Layout::array::<Retired>(self.objects.len() + n);
        // At first no more than is asked for: most bags of a small map never hold more.
        let room = if self.objects.capacity() == 0 {
            self.objects.try_reserve_exact(n)
        } else {
            self.objects.try_reserve(n)
        };
        room.map_err(|_| AllocError(layout.unwrap_or(Layout::new::<Retired>())))
    }

    /// Adds an object; true when the bag is full.
    #[inline(always)]
    pub(super) fn push(&mut self, object: Retired, bytes: usize) -> bool {
        self.objects.push(object);
        self.bytes += bytes;
        self.objects.len() >= BAG || self.bytes >= BAG_BYTES
    }

    #[cfg(any(feature = "crossbeam-epoch", feature = "seize"))]
    pub(super) fn pop(&mut self) -> Option<Retired> {
        self.objects.pop()
    }

    pub(super) fn len(&self) -> usize {
        self.objects.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The contents, leaving an empty bag that will grow at once to what this one held, and one
    /// more: room is made for two, of which often one is used.
    fn take(&mut self) -> Bag {
        mem::replace(self, Bag { expect: self.objects.len() + 1, ..Bag::default() })
    }

    /// Destroys the objects, all of them, even if destructors panic: the first panic is returned. What
    /// stays in the bag is what is left of large objects, of each of which a part was freed.
    ///
    /// # Safety
    /// The grace period of all objects is over, and they are owned.
    pub(super) unsafe fn destroy_parts(
        &mut self,
        recycle: &mut dyn FnMut(NonNull<u8>, Layout),
    ) -> std::thread::Result<()> {
        let mut result = Ok(());
        let mut left = 0;
        while self.objects.len() > left {
            let batch = AssertUnwindSafe(|| {
                while self.objects.len() > left {
                    let object = self.objects.pop().expect("there are more than are left");
                    // SAFETY: the caller's promise.
                    if let Some(rest) = unsafe { object.destroy_part(recycle) } {
                        // There is room: one was taken out.
                        self.objects.insert(left, rest);
                        left += 1;
                    }
                }
            });
            keep_first(&mut result, catch_unwind(batch));
        }
        result
    }

    /// As `destroy_parts`, and goes on until nothing is left.
    ///
    /// # Safety
    /// As there.
    pub(super) unsafe fn destroy(
        mut self,
        recycle: &mut dyn FnMut(NonNull<u8>, Layout),
    ) -> std::thread::Result<()> {
        let mut result = Ok(());
        while !self.objects.is_empty() {
            // SAFETY: the caller's promise.
            keep_first(&mut result, unsafe { self.destroy_parts(recycle) });
        }
        result
    }
}

/// Keeps the first of several panics. The others are forgotten: what a panic carries may panic when
/// it is dropped.
pub(crate) fn keep_first(first: &mut std::thread::Result<()>, next: std::thread::Result<()>) {
    if first.is_ok() {
        *first = next;
    } else {
        mem::forget(next);
    }
}

/// Goes on with the panic that `keep_first` kept. Not where the thread unwinds already: a second panic
/// would end the process.
pub(crate) fn go_on(first: std::thread::Result<()>) {
    let Err(panic) = first else { return };
    if std::thread::panicking() {
        mem::forget(panic);
    } else {
        resume_unwind(panic);
    }
}

/// A sealed bag, in a list.
#[derive(Debug)]
pub(super) struct Sealed {
    pub(super) bag: Bag,
    /// The epoch at sealing, where that matters.
    pub(super) epoch: usize,
    pub(super) next: *mut Sealed,
    /// Of the first bag of a chain that was put in a list as one: the last.
    pub(super) last: *mut Sealed,
    pub(super) canary: Canary,
}

impl Sealed {
    /// The contents of a bag, in an epoch that is asked for last. Without memory the bag stays open,
    /// grows, and is sealed later.
    pub(super) fn make(bag: &mut Bag, epoch: impl FnOnce() -> usize) -> Option<*mut Sealed> {
        let sealed = allocate(Layout::new::<Sealed>())?.cast::<Sealed>();
        let epoch = epoch();
        let next = ptr::null_mut();
        let canary = Canary::new();
        // SAFETY: fresh memory of that layout.
        unsafe { sealed.write(Sealed { bag: bag.take(), epoch, next, last: next, canary }) };
        Some(sealed.as_ptr())
    }

    /// The bag of a sealed one, whose memory is freed.
    ///
    /// # Safety
    /// It was made by `make`, and is owned.
    pub(super) unsafe fn open(sealed: *mut Sealed) -> Bag {
        // SAFETY: the caller's promise; the bag is read out before the memory goes.
        unsafe {
            let bag = ptr::read(&raw const (*sealed).bag);
            free(NonNull::new_unchecked(sealed).cast(), Layout::new::<Sealed>());
            bag
        }
    }
}

/// Blocks of one layout that a participant keeps for its next allocations in a map: still in its
/// cache, where the general allocator would touch cold lines. A list through the blocks' first
/// words.
#[derive(Debug)]
pub struct Pool {
    head: *mut u8,
    len: usize,
}

// SAFETY: the pool owns its blocks.
unsafe impl Send for Pool {}

impl Default for Pool {
    fn default() -> Self {
        Pool { head: ptr::null_mut(), len: 0 }
    }
}

impl Pool {
    /// Keeps a block, or gives it back if there are enough.
    ///
    /// # Safety
    /// The block is owned, unused, of `layout`, which is the same for every block of this pool, at
    /// least a pointer in size and alignment.
    #[inline]
    pub(crate) unsafe fn put(&mut self, block: NonNull<u8>, layout: Layout) {
        if self.len < POOL && self.len * layout.size() < POOL_BYTES {
            // SAFETY: the caller's promise: the block holds a pointer.
            unsafe { block.cast::<*mut u8>().write(self.head) };
            self.head = block.as_ptr();
            self.len += 1;
        } else {
            // SAFETY: the caller's promise.
            unsafe { free(block, layout) };
        }
    }

    /// A block of the pool's layout.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<NonNull<u8>> {
        let block = NonNull::new(self.head)?;
        // SAFETY: blocks in the list hold the next one's address.
        self.head = unsafe { block.cast::<*mut u8>().read() };
        self.len -= 1;
        Some(block)
    }
}
