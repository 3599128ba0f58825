//! Ordinary builds: `core`'s atomics, unchanged.

use core::sync::atomic::Ordering;

pub(crate) use core::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicPtr as OncePtr, AtomicU64, AtomicUsize, compiler_fence,
};
pub(crate) use std::thread_local;

/// A fence; in a ThreadSanitizer build also a read-modify-write of one shared atomic, because that
/// tool does not see fences and would report what they order as a race.
#[inline(always)]
pub(crate) fn fence(order: Ordering) {
    core::sync::atomic::fence(order);
    #[cfg(dolmen_tsan)]
    {
        static SEEN_BY_TSAN: AtomicUsize = AtomicUsize::new(0);
        SEEN_BY_TSAN.fetch_add(0, Ordering::AcqRel);
    }
}

/// Declares a process-wide value.
macro_rules! global {
    ($(#[$attr:meta])* static $name:ident: $t:ty = $init:expr;) => {
        $(#[$attr])*
        static $name: $t = $init;
    };
}
pub(crate) use global;

/// Nothing in ordinary builds; under a checker it notices use after reclamation.
#[derive(Debug)]
pub(crate) struct Canary;

impl Canary {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Canary
    }

    /// Asserts that the memory around the canary has not been reclaimed.
    #[inline(always)]
    pub(crate) fn check(&self) {}

    /// Marks the memory around the canary as reclaimed.
    #[inline(always)]
    pub(crate) fn kill(&self) {}
}

/// Nothing in ordinary builds; under loom it notices two threads in one owner's cell.
#[derive(Debug, Default)]
pub(crate) struct Watch;

impl Watch {
    /// Says that the cell is open.
    #[inline(always)]
    pub(crate) fn enter(&self) {}
}
