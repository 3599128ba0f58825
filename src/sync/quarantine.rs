//! Reclaimed memory under a checker: kept until the next execution, so that a stale pointer reads
//! a dead canary instead of somebody else's data, and no address is used twice.

use std::alloc::Layout;
use std::cell::RefCell;

thread_local! {
    // Both checkers run all their threads on the operating-system thread that started them.
    static HELD: RefCell<Vec<(*mut u8, Layout)>> = const { RefCell::new(Vec::new()) };
}

pub(crate) fn hold(ptr: *mut u8, layout: Layout) {
    HELD.with(|held| held.borrow_mut().push((ptr, layout)));
}

/// Gives the memory of the last execution back. Call it first thing in an execution.
pub(crate) fn release() {
    for (ptr, layout) in HELD.with(|held| held.take()) {
        // SAFETY: `hold` was given ownership of the block, and its execution is over.
        unsafe { std::alloc::dealloc(ptr, layout) };
    }
}
