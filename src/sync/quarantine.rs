//! Reclaimed memory under a checker: kept until the next execution, so that a stale pointer reads
//! a dead canary instead of somebody else's data, and no address is used twice.

use std::alloc::Layout;
use std::cell::RefCell;
use std::collections::BTreeSet;

thread_local! {
    // Both checkers run all their threads on the operating-system thread that started them.
    static HELD: RefCell<Vec<(*mut u8, Layout)>> = const { RefCell::new(Vec::new()) };
    // Blocks that were handed out in this execution and not freed.
    static LIVE: RefCell<BTreeSet<*mut u8>> = const { RefCell::new(BTreeSet::new()) };
}

pub(crate) fn handed_out(ptr: *mut u8) {
    LIVE.with(|live| live.borrow_mut().insert(ptr));
}

/// Panics if there is a block that was not freed.
pub(crate) fn nothing_is_left() {
    let left = LIVE.with(|live| live.borrow().len());
    assert_eq!(left, 0, "blocks were leaked");
}

pub(crate) fn hold(ptr: *mut u8, layout: Layout) {
    LIVE.with(|live| live.borrow_mut().remove(&ptr));
    HELD.with(|held| held.borrow_mut().push((ptr, layout)));
}

/// Gives the memory of the last execution back. Call it first thing in an execution.
pub(crate) fn release() {
    // An execution that failed may have left some.
    LIVE.with(|live| live.take());
    for (ptr, layout) in HELD.with(|held| held.take()) {
        // SAFETY: `hold` was given ownership of the block, and its execution is over.
        unsafe { std::alloc::dealloc(ptr, layout) };
    }
}
