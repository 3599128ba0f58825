//! How deep in destructors a thread frees.

use crate::sync::thread_local;
use std::cell::Cell;

thread_local! {
    // Of the thread, not of its participant, which may change while destructors run. Has no destructor, so it
    // can be read at any time in the thread's life.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Collections of one thread that may run inside each other, of whichever maps. More than one: a map that is
/// written to by the destructors of another alone frees what that retires only there.
pub(super) const NESTED: usize = 16;

/// Frees, and so runs destructors. Those may write to maps, which frees, too: without a limit, each bag that is
/// ready could be freed inside the one before, until the stack is full.
pub(super) struct Freeing(());

impl Freeing {
    /// `None` where so many run already: what would be freed waits for them.
    pub(super) fn begin(within: usize) -> Option<Freeing> {
        let enter = |depth: &Cell<usize>| {
            let begins = depth.get() < within;
            depth.set(depth.get() + usize::from(begins));
            begins
        };
        // Not made and dropped where it does not begin: that would count it out.
        DEPTH.try_with(enter).unwrap_or(false).then(|| Freeing(()))
    }
}

impl Drop for Freeing {
    fn drop(&mut self) {
        let _ = DEPTH.try_with(|depth| depth.set(depth.get() - 1));
    }
}
