//! shuttle: sequentially consistent atomics under a scheduler of the test's choice.

use core::cell::Cell;
use core::sync::atomic::Ordering;

pub(crate) use shuttle::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicPtr as OncePtr, AtomicU64, AtomicUsize, fence,
};

/// The light barrier; shuttle is sequentially consistent without it.
pub(crate) fn compiler_fence(order: Ordering) {
    fence(order);
}

/// Which of the checker's threads this is.
pub(crate) use shuttle::thread::ThreadId;

pub(crate) fn current_thread() -> ThreadId {
    shuttle::thread::current().id()
}

/// The value of an atomic that only the caller writes: no choice, so no schedule point.
pub(crate) fn load_own(own: &AtomicUsize) -> usize {
    // SAFETY: nobody else writes it.
    unsafe { own.raw_load() }
}

/// Declares a value that lives for one execution.
macro_rules! global {
    ($(#[$attr:meta])* static $name:ident: $t:ty = $init:expr;) => {
        shuttle::lazy_static! {
            $(#[$attr])*
            static ref $name: $t = $init;
        }
    };
}
pub(crate) use global;

pub(crate) use shuttle::thread_local;

/// A flag that reclamation clears; only one task runs at a time, so a plain cell will do.
#[derive(Debug)]
pub(crate) struct Canary(Cell<bool>);

impl Canary {
    pub(crate) fn new() -> Self {
        Canary(Cell::new(true))
    }

    pub(crate) fn check(&self) {
        assert!(self.0.get(), "use after reclamation");
    }

    pub(crate) fn kill(&self) {
        assert!(self.0.replace(false), "reclaimed twice");
    }
}

/// loom checks who opens an owner's cell; here it is nothing.
#[derive(Debug, Default)]
pub(crate) struct Watch;

impl Watch {
    pub(crate) fn enter(&self) {}
}
