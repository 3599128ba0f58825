//! Bags of what is retired.

use super::retired::{Hook, Kind, Memory, Recycle, Retired};
use crate::error::AllocError;
use crate::sync::limits::{BAG, BAG_BYTES};
use core::alloc::Layout;
use core::mem;
use core::ptr::NonNull;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// The open bag of one participant in one map.
///
/// Nearly all that a map retires are nodes: of them the bag keeps the addresses only, and what they have
/// in common once. Small, as an empty map that was written to by many threads has one for each.
#[derive(Debug, Default)]
pub struct Bag {
    blocks: Vec<NonNull<u8>>,
    /// What the blocks have in common, if there is one.
    common: Option<Common>,
    /// Everything else; empty where there is nothing.
    rest: Option<Box<[Rest; 1]>>,
    /// So many blocks, beside the rest, are a full bag.
    limit: u32,
    /// What to make room for at first: as many blocks as the bag before this one took.
    expect: u32,
}

// SAFETY: what is in it is owned; maps are `Send` only where their keys and values are.
unsafe impl Send for Bag {}

/// What the blocks of a bag have in common.
#[derive(Clone, Copy, Debug)]
struct Common {
    kind: &'static Kind,
    hook: Hook,
}

/// Objects that are no blocks, and their bytes.
#[derive(Debug, Default)]
struct Rest {
    objects: Vec<Retired>,
    bytes: usize,
}

impl Bag {
    /// Makes room for so many more blocks, and so many other objects.
    #[inline(always)]
    pub(super) fn reserve(&mut self, blocks: usize, others: usize) -> Result<(), AllocError> {
        if self.blocks.capacity() - self.blocks.len() < blocks {
            grow(&mut self.blocks, blocks, self.expect as usize)?;
        }
        if others > 0 { self.reserve_others(others) } else { Ok(()) }
    }

    #[cold]
    fn reserve_others(&mut self, n: usize) -> Result<(), AllocError> {
        let rest = match &mut self.rest {
            Some(rest) => rest,
            none => {
                // A box whose failure can be returned.
                let mut rest = Vec::new();
                grow(&mut rest, 1, 0)?;
                rest.push(Rest::default());
                none.insert(rest.into_boxed_slice().try_into().expect("one"))
            }
        };
        grow(&mut rest[0].objects, n, 0)
    }

    fn rest(&mut self) -> Option<&mut Rest> {
        self.rest.as_deref_mut().map(|[rest]| rest)
    }

    /// Adds an object; true when the bag is full.
    ///
    /// # Safety
    /// There is room: it was reserved, and nothing else has come since. All blocks in the bag are of one
    /// kind, and have one hook.
    #[inline(always)]
    pub(super) unsafe fn push(&mut self, object: Retired, bytes: usize) -> bool {
        let Memory::Block(layout) = object.kind.memory else {
            return self.push_other(object, bytes);
        };
        if self.blocks.is_empty() {
            self.begin(object.kind, object.hook, layout.size());
        }
        debug_assert!(self.common.is_some_and(|common| {
            let same = matches!(common.kind.memory, Memory::Block(other) if other == layout);
            same && common.hook == object.hook
        }));
        let len = self.blocks.len();
        debug_assert!(len < self.blocks.capacity());
        // SAFETY: the caller's promise: there is room for one more.
        unsafe {
            self.blocks.as_mut_ptr().add(len).write(object.ptr);
            self.blocks.set_len(len + 1);
        }
        len + 1 >= self.limit as usize
    }

    /// Before the first block.
    #[cold]
    fn begin(&mut self, kind: &'static Kind, hook: Hook, size: usize) {
        self.common = Some(Common { kind, hook });
        let others = self.len() - self.blocks();
        self.limit = BAG.min(BAG_BYTES / size.max(1)).saturating_sub(others) as u32;
    }

    #[cold]
    fn push_other(&mut self, object: Retired, bytes: usize) -> bool {
        let rest = self.rest().expect("room was reserved");
        rest.objects.push(object);
        rest.bytes += bytes;
        let is_large = rest.bytes >= BAG_BYTES;
        self.limit = self.limit.saturating_sub(1);
        is_large || self.len() >= BAG
    }

    #[cfg(any(feature = "crossbeam-epoch", feature = "seize"))]
    pub(super) fn pop(&mut self) -> Option<Retired> {
        self.rest().and_then(|rest| rest.objects.pop()).or_else(|| {
            let Common { kind, hook } = self.common?;
            self.blocks.pop().map(|ptr| Retired { ptr, kind, hook })
        })
    }

    /// How many blocks it holds.
    #[inline(always)]
    pub(super) fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// Their bytes.
    pub(super) fn bytes_of_blocks(&self) -> usize {
        let size = self.common.map_or(0, |common| match common.kind.memory {
            Memory::Block(layout) => layout.size(),
            Memory::Free(_) => unreachable!("a block is of a size"),
        });
        self.blocks.len() * size
    }

    pub(super) fn len(&self) -> usize {
        self.blocks.len() + self.rest.as_deref().map_or(0, |[rest]| rest.objects.len())
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes_of_blocks() + self.rest.as_deref().map_or(0, |[rest]| rest.bytes)
    }

    /// The contents, leaving an empty bag that will grow at once to what this one held.
    pub(super) fn take(&mut self) -> Bag {
        let expect = self.blocks.len().min(BAG) as u32;
        mem::replace(self, Bag { expect, ..Bag::default() })
    }

    /// Destroys the objects, all of them, even if destructors panic: the first panic is returned. What
    /// stays in the bag is what is left of large objects, of each of which a part was freed.
    ///
    /// # Safety
    /// The grace period of all objects is over, and they are owned.
    pub(super) unsafe fn destroy_parts(
        &mut self,
        recycle: &mut Recycle<'_>,
    ) -> std::thread::Result<()> {
        // SAFETY: the caller's promise.
        let mut result = unsafe { self.destroy_blocks(recycle) };
        if let Some(rest) = self.rest() {
            // SAFETY: as above.
            keep_first(&mut result, unsafe { rest.destroy_parts(recycle) });
        }
        result
    }

    /// Destroys the blocks.
    ///
    /// # Safety
    /// As `destroy_parts`.
    unsafe fn destroy_blocks(&mut self, recycle: &mut Recycle<'_>) -> std::thread::Result<()> {
        let Some(Common { kind, hook }) = self.common else { return Ok(()) };
        let mut result = Ok(());
        if let (None, None, Memory::Block(layout)) =
            (kind.drop, kind.give.filter(|_| !hook.is_null()), kind.memory)
        {
            // Nothing that could panic.
            recycle(&self.blocks, layout);
            self.blocks.clear();
        }
        while !self.blocks.is_empty() {
            let batch = AssertUnwindSafe(|| {
                while let Some(ptr) = self.blocks.pop() {
                    // SAFETY: the caller's promise, and that made to `push`.
                    unsafe { Retired { ptr, kind, hook }.destroy(recycle) };
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
    pub(super) unsafe fn destroy(mut self, recycle: &mut Recycle<'_>) -> std::thread::Result<()> {
        let mut result = Ok(());
        while self.len() > 0 {
            // SAFETY: the caller's promise.
            keep_first(&mut result, unsafe { self.destroy_parts(recycle) });
        }
        result
    }
}

impl Rest {
    /// As [`Bag::destroy_parts`].
    ///
    /// # Safety
    /// As there.
    unsafe fn destroy_parts(&mut self, recycle: &mut Recycle<'_>) -> std::thread::Result<()> {
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
        if self.objects.is_empty() {
            self.bytes = 0;
        }
        result
    }
}

/// Makes room for `n` more: at first for as many as are expected, and no more than is asked for, because
/// most bags of a small map never hold more.
#[cold]
fn grow<T>(objects: &mut Vec<T>, n: usize, expect: usize) -> Result<(), AllocError> {
    let layout = Layout::array::<T>(objects.len() + n);
    let room = if objects.capacity() == 0 {
        objects.try_reserve_exact(n.max(expect))
    } else {
        objects.try_reserve(n)
    };
    room.map_err(|_| AllocError(layout.unwrap_or(Layout::new::<T>())))
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

#[cfg(all(test, not(any(dolmen_loom, dolmen_shuttle, dolmen_real))))]
mod tests {
    use super::super::retired::give_back;
    use super::*;
    use crate::sync::{allocate, free};
    use core::ptr;

    const WORD: Layout = Layout::new::<u64>();
    static BLOCK: Kind = Kind { drop: None, give: None, memory: Memory::Block(WORD) };
    static OTHER: Kind = Kind { drop: None, give: None, memory: Memory::Free(free_word) };

    /// # Safety
    /// `ptr` is a word that its caller owns.
    unsafe fn free_word(ptr: NonNull<u8>) -> bool {
        // SAFETY: the caller's promise.
        unsafe { free(ptr, WORD) };
        true
    }

    fn push(bag: &mut Bag, kind: &'static Kind) -> bool {
        let word = allocate(WORD).expect("memory");
        bag.reserve(1, 1).expect("memory");
        // SAFETY: room was made, for blocks of one kind, without a hook.
        unsafe { bag.push(Retired::new(word, kind, ptr::null()), WORD.size()) }
    }

    #[test]
    fn a_bag_is_full_by_all_that_is_in_it_and_gives_all_of_it_back() {
        for others in [0, 1, 100, BAG - 1] {
            for blocks_before in [0, 1, BAG - others - 1] {
                let (mut bag, mut pushed) = (Bag::default(), 0);
                let kinds = core::iter::repeat_n(&BLOCK, blocks_before)
                    .chain(core::iter::repeat_n(&OTHER, others))
                    .chain(core::iter::repeat(&BLOCK));
                for kind in kinds {
                    pushed += 1;
                    if push(&mut bag, kind) {
                        break;
                    }
                }
                assert_eq!((pushed, bag.len(), bag.blocks()), (BAG, BAG, BAG - others));
                assert_eq!(bag.bytes(), BAG * WORD.size());
                let (mut calls, mut recycled) = (0, 0);
                // SAFETY: nobody else knows of them; the blocks are given away.
                let result = unsafe {
                    bag.destroy(&mut |blocks, layout| {
                        (calls, recycled) = (calls + 1, recycled + blocks.len());
                        give_back(blocks, layout);
                    })
                };
                assert!(result.is_ok());
                assert_eq!((calls, recycled), (1, BAG - others));
            }
        }
    }
}
