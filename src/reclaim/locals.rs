//! What a map keeps for each participant.
//!
//! An entry is reached through the participant's index: two dependent loads of lines that do not
//! change, and no read-modify-write, because only the index's owner writes its entry. Entries are
//! made at first use, in blocks that double, and stay until the map drops; another thread may read
//! what is atomic in them at any time.

use super::{Index, Pin};
use crate::error::AllocError;
use crate::sync::limits::BLOCKS;
use crate::sync::{OncePtr, Ordering, Watch, allocate, free};
use core::alloc::Layout;
use core::cell::UnsafeCell;
use core::ptr::{self, NonNull};

/// Entries in the first block; block `b` has `FIRST << b`.
const FIRST: usize = 4;

/// One entry per participant, made at its first use.
pub(crate) struct Locals<T> {
    blocks: [OncePtr<OncePtr<T>>; BLOCKS],
}

/// A cell of an entry that only the owner of the entry's index may open.
#[derive(Default)]
pub(crate) struct Own<T>(UnsafeCell<T>, Watch);

// SAFETY: the value is reached only through `with`, by the owner of a participant's index, and
// indices are handed from thread to thread with Release and Acquire.
unsafe impl<T: Send> Sync for Own<T> {}

impl<T> Own<T> {
    /// Opens the cell.
    ///
    /// # Safety
    /// The caller owns the index of the entry that this cell is in, and `f` neither runs user code
    /// nor opens the cell again.
    #[inline(always)]
    pub(crate) unsafe fn with<X>(&self, f: impl FnOnce(&mut T) -> X) -> X {
        self.1.enter();
        // SAFETY: the caller's promise: no other reference to the value exists.
        f(unsafe { &mut *self.0.get() })
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }
}

/// Entries in a block.
pub(super) fn block_len(block: u32) -> usize {
    FIRST << block
}

impl<T> Locals<T> {
    #[cfg(not(dolmen_loom))]
    pub(crate) const fn new() -> Self {
        Locals { blocks: [const { OncePtr::new(ptr::null_mut()) }; BLOCKS] }
    }

    #[cfg(dolmen_loom)]
    pub(crate) fn new() -> Self {
        Locals { blocks: core::array::from_fn(|_| OncePtr::new(ptr::null_mut())) }
    }

    /// The entry of the pin's owner; the first time, what `new` makes.
    #[inline(always)]
    pub(crate) fn get(&self, pin: Pin<'_>, new: impl FnOnce() -> T) -> Result<&T, AllocError> {
        match self.peek(pin.index()) {
            Some(entry) => Ok(entry),
            None => self.make(pin.index(), new),
        }
    }

    /// The entry of an index, if it was made.
    #[inline(always)]
    pub(crate) fn peek(&self, index: Index) -> Option<&T> {
        // SAFETY: the block of an index is less than `BLOCKS`.
        let block = unsafe { self.blocks.get_unchecked(index.block() as usize) };
        // ORD(locals): Acquire, paired with the Release in `make`.
        let block = block.load(Ordering::Acquire);
        if block.is_null() {
            return None;
        }
        // SAFETY: a published block has `FIRST << block` cells, and stays until `self` drops; so
        // does a published entry.
        // ORD(locals): Acquire, as above.
        unsafe { (*block.add(index.offset() as usize)).load(Ordering::Acquire).as_ref() }
    }

    #[cold]
    fn make(&self, index: Index, new: impl FnOnce() -> T) -> Result<&T, AllocError> {
        let cells = self.block(index.block())?;
        // A box whose failure can be returned.
        let layout = Layout::new::<T>();
        let entry = allocate(layout).ok_or(AllocError(layout))?.cast::<T>();
        // SAFETY: fresh memory of `T`'s layout; the cell is in the block, and null: only the
        // owner of `index` makes its entry.
        unsafe {
            entry.write(new());
            // ORD(locals): Release publishes the entry to `peek`.
            (*cells.add(index.offset() as usize)).store(entry.as_ptr(), Ordering::Release);
            Ok(entry.as_ref())
        }
    }

    fn block(&self, block: u32) -> Result<*mut OncePtr<T>, AllocError> {
        // ORD(locals): Acquire, paired with the exchange below.
        let found = self.blocks[block as usize].load(Ordering::Acquire);
        if !found.is_null() {
            return Ok(found);
        }
        let layout = block_layout::<T>(block);
        let cells = allocate(layout).ok_or(AllocError(layout))?.cast::<OncePtr<T>>();
        for i in 0..block_len(block) {
            // SAFETY: fresh memory for that many cells.
            unsafe { cells.add(i).write(OncePtr::new(ptr::null_mut())) };
        }
        // ORD(locals): Release publishes the cells; Acquire takes the winner's.
        match self.blocks[block as usize].compare_exchange(
            ptr::null_mut(),
            cells.as_ptr(),
            Ordering::AcqRel,
            Ordering::Acquire,
        ) {
            Ok(_) => Ok(cells.as_ptr()),
            Err(winner) => {
                // SAFETY: never published; null cells need no drop.
                unsafe { free(cells.cast(), layout) };
                Ok(winner)
            }
        }
    }

    /// Every entry made so far, with its index.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Index, &T)> {
        let blocks = (0..BLOCKS as u32).filter(|block| {
            // ORD(locals): Acquire, as in `peek`; here only to pass over absent blocks.
            !self.blocks[*block as usize].load(Ordering::Acquire).is_null()
        });
        blocks.flat_map(move |block| {
            (0..block_len(block) as u32).filter_map(move |offset| {
                let index = Index::at(block, offset);
                self.peek(index).map(|entry| (index, entry))
            })
        })
    }

    /// Takes every entry out.
    pub(crate) fn take(&mut self) -> Vec<T> {
        let mut entries = Vec::new();
        for (block, b) in self.blocks.iter().zip(0..) {
            // ORD(exclusive): Relaxed, `&mut self` orders everything before.
            let cells = block.swap(ptr::null_mut(), Ordering::Relaxed);
            let Some(cells) = NonNull::new(cells) else { continue };
            for i in 0..block_len(b) {
                // SAFETY: a block has that many cells, and is ours alone now.
                let entry = unsafe { cells.add(i).as_ref().load(Ordering::Relaxed) };
                if let Some(entry) = NonNull::new(entry) {
                    // SAFETY: entries were written by `make` in memory of this layout, and the
                    // block that named this one is gone.
                    unsafe {
                        entries.push(entry.read());
                        free(entry.cast(), Layout::new::<T>());
                    }
                }
            }
            // SAFETY: allocated by `block` with this layout.
            unsafe { free(cells.cast(), block_layout::<T>(b)) };
        }
        entries
    }
}

fn block_layout<T>(block: u32) -> Layout {
    Layout::array::<OncePtr<T>>(block_len(block)).expect("a block of pointers fits")
}
