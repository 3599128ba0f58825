//! One flush at a time for each thread.

use crate::sync::thread_local;
use std::cell::Cell;

thread_local! {
    // Of the thread, not of its participant, which may change while destructors run. Has no destructor, so it
    // can be read at any time in the thread's life.
    static FLUSHING: Cell<bool> = const { Cell::new(false) };
}

/// A flush at the end of a call about a whole map. The destructors that it runs may make such calls, too: those
/// do not flush, or each would run in the one before.
pub(super) struct Flushing(());

impl Flushing {
    /// `None` inside another one.
    pub(super) fn begin() -> Option<Flushing> {
        let is_first = FLUSHING.try_with(|flushing| !flushing.replace(true)).unwrap_or(false);
        // Not made and dropped where there is one: that would end it.
        is_first.then(|| Flushing(()))
    }
}

impl Drop for Flushing {
    fn drop(&mut self) {
        let _ = FLUSHING.try_with(|flushing| flushing.set(false));
    }
}
