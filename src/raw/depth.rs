//! What a thread does not do without end inside itself: free, whose destructors may write, and so free.
//!
//! Of the thread, not of its participant, which may change while destructors run. Neither has a destructor, so they
//! can be read at any time in the thread's life.

use crate::sync::thread_local;
use std::cell::Cell;

thread_local! {
    static FREEING: Cell<usize> = const { Cell::new(0) };
}
thread_local! {
    static FLUSHING: Cell<bool> = const { Cell::new(false) };
}

/// Collections of one thread that run inside each other at most, of whichever maps: some 700 bytes of the stack each,
/// and what the destructors take.
const MOST: usize = 64;

/// A collection.
pub(super) struct Freeing(());

impl Freeing {
    /// `None` inside too many others.
    pub(super) fn begin() -> Option<Freeing> {
        let enter = |depth: &Cell<usize>| {
            let begins = depth.get() < MOST;
            depth.set(depth.get() + usize::from(begins));
            begins
        };
        // Not made and dropped where it does not begin: that would count it out.
        FREEING.try_with(enter).unwrap_or(false).then(|| Freeing(()))
    }
}

impl Drop for Freeing {
    fn drop(&mut self) {
        let _ = FREEING.try_with(|depth| depth.set(depth.get() - 1));
    }
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
