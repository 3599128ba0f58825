//! Ordinary builds: `core`'s atomics, unchanged.
//!
//! ThreadSanitizer sees no fences, and need not: what they order here is atomics among themselves.
//! Whatever orders plain data (a node before its first reader, its readers before its end) is an
//! acquiring load of a released store, so the tool runs on the code as it is.

pub(crate) use core::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicPtr as OncePtr, AtomicU64, AtomicUsize, compiler_fence, fence,
};
pub(crate) use std::thread_local;

/// The value of an atomic that only the caller writes.
#[inline(always)]
pub(crate) fn load_own(own: &AtomicUsize) -> usize {
    own.load(core::sync::atomic::Ordering::Relaxed)
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
