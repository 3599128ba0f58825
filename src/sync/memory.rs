//! Raw memory that can fail to be had and, under a checker, is quarantined when it is freed.

use core::ptr::NonNull;
use std::alloc::Layout;

/// Allocates a block, or `None` where the allocator has none. `layout` must not be empty.
#[inline]
pub(crate) fn allocate(layout: Layout) -> Option<NonNull<u8>> {
    debug_assert!(layout.size() > 0);
    // SAFETY: no caller asks for an empty block (asserted above).
    counted(NonNull::new(unsafe { std::alloc::alloc(layout) }))
}

/// Allocates a zeroed block, or `None`. `layout` must not be empty.
pub(super) fn allocate_zeroed(layout: Layout) -> Option<NonNull<u8>> {
    debug_assert!(layout.size() > 0);
    // SAFETY: no caller asks for an empty block (asserted above).
    counted(NonNull::new(unsafe { std::alloc::alloc_zeroed(layout) }))
}

/// Under a checker, notes that the block is to be freed before the execution ends.
#[inline(always)]
fn counted(block: Option<NonNull<u8>>) -> Option<NonNull<u8>> {
    #[cfg(any(dolmen_loom, dolmen_shuttle))]
    if let Some(block) = block {
        super::quarantine::handed_out(block.as_ptr());
    }
    block
}

/// Frees a block.
///
/// # Safety
/// `ptr` is a block that [`allocate`] or [`allocate_zeroed`] returned for `layout`, owned by the
/// caller.
#[inline]
pub(crate) unsafe fn free(ptr: NonNull<u8>, layout: Layout) {
    #[cfg(any(dolmen_loom, dolmen_shuttle))]
    super::quarantine::hold(ptr.as_ptr(), layout);
    #[cfg(not(any(dolmen_loom, dolmen_shuttle)))]
    // SAFETY: the caller's promise.
    unsafe {
        std::alloc::dealloc(ptr.as_ptr(), layout);
    }
}
