//! What is retired, and how it is destroyed.

use crate::sync::free;
use core::alloc::Layout;
use core::mem;
use core::ptr::NonNull;

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
    pub(super) ptr: NonNull<u8>,
    pub(super) kind: &'static Kind,
    pub(super) hook: Hook,
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

    /// Whether it is a block of a size that is known.
    #[inline(always)]
    pub(crate) fn is_block(&self) -> bool {
        matches!(self.kind.memory, Memory::Block(_))
    }

    /// Destroys the object. Its memory is freed or recycled even if its destructor panics.
    ///
    /// # Safety
    /// The object is owned by the caller and of the kind it was retired as, and nobody reads it.
    pub(crate) unsafe fn destroy(self, recycle: &mut Recycle<'_>) {
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
            recycle(&[self.ptr], layout);
        }
    }
}

impl Retired {
    /// As [`destroy`](Self::destroy), but of a large object it frees a part: what is left of that is
    /// returned.
    ///
    /// # Safety
    /// As there; what is returned takes the object's place.
    pub(super) unsafe fn destroy_part(self, recycle: &mut Recycle<'_>) -> Option<Retired> {
        if let Kind { drop: None, give: None, memory: Memory::Free(f) } = *self.kind {
            // SAFETY: the caller's promise.
            return if unsafe { f(self.ptr) } { None } else { Some(self) };
        }
        // SAFETY: the caller's promise.
        unsafe { self.destroy(recycle) };
        None
    }
}

/// Takes blocks of one layout whose contents are gone.
pub(crate) type Recycle<'a> = dyn FnMut(&[NonNull<u8>], Layout) + 'a;

/// Gives blocks back to the allocator.
///
/// # Safety
/// They are owned, unused and of this layout.
pub(crate) unsafe fn give_back(blocks: &[NonNull<u8>], layout: Layout) {
    // SAFETY: the caller's promise.
    blocks.iter().for_each(|block| unsafe { free(*block, layout) });
}
