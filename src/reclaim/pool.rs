//! Blocks that came back from bags, kept for the next allocations.

use super::retired::give_back;
use crate::sync::limits::{POOL, POOL_BYTES};
use core::alloc::Layout;
use core::ptr::{self, NonNull};

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
    /// Keeps blocks, or gives them back where there are enough.
    ///
    /// # Safety
    /// The blocks are owned, unused, of `layout`, which is the same for every block of this pool, at
    /// least a pointer in size and alignment.
    pub(crate) unsafe fn put(&mut self, blocks: &[NonNull<u8>], layout: Layout) {
        let most = POOL.min(POOL_BYTES.div_ceil(layout.size().max(1)));
        let (kept, rest) = blocks.split_at(most.saturating_sub(self.len).min(blocks.len()));
        for block in kept {
            // SAFETY: the caller's promise: the block holds a pointer.
            unsafe { block.cast::<*mut u8>().write(self.head) };
            self.head = block.as_ptr();
        }
        self.len += kept.len();
        // SAFETY: the caller's promise.
        unsafe { give_back(rest, layout) };
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
