//! The one allocator of all maps, which counts live bytes when asked to.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;

#[cfg(feature = "mimalloc")]
type Inner = mimalloc::MiMalloc;
#[cfg(not(feature = "mimalloc"))]
type Inner = std::alloc::System;

#[cfg(feature = "mimalloc")]
const INNER: Inner = mimalloc::MiMalloc;
#[cfg(not(feature = "mimalloc"))]
const INNER: Inner = std::alloc::System;

#[cfg(feature = "mimalloc")]
pub const NAME: &str = "mimalloc";
#[cfg(not(feature = "mimalloc"))]
pub const NAME: &str = "the system's malloc";

pub struct Counting(Inner);

#[global_allocator]
static ALLOCATOR: Counting = Counting(INNER);

thread_local! {
    /// Off while time is measured: then it costs a load and a branch, the same for every map.
    static ON: Cell<bool> = const { Cell::new(false) };
    static LIVE: Cell<isize> = const { Cell::new(0) };
}

#[inline(always)]
fn count(bytes: isize) {
    if ON.get() {
        LIVE.set(LIVE.get() + bytes);
    }
}

// SAFETY: everything is the inner allocator's.
unsafe impl GlobalAlloc for Counting {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's.
        unsafe { self.0.alloc(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller's.
        unsafe { self.0.dealloc(at, layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        // SAFETY: the caller's.
        unsafe { self.0.realloc(at, layout, size) }
    }
}

/// Counts what this thread asks for and frees.
pub struct Meter(isize);

impl Meter {
    pub fn start() -> Self {
        ON.set(true);
        Meter(LIVE.get())
    }

    /// Bytes asked for since the start and not freed yet.
    pub fn live(&self) -> isize {
        LIVE.get() - self.0
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        ON.set(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_threads_bytes_count() {
        let meter = Meter::start();
        let kept = vec![1u8; 1000];
        drop(vec![1u8; 5000]);
        let elsewhere = std::thread::spawn(|| vec![1u8; 70_000]);
        let elsewhere = elsewhere.join().unwrap();
        let live = meter.live();
        // A thread's handle takes some.
        assert!((1000..5000).contains(&live), "{live} {} {}", kept.len(), elsewhere.len());
    }
}
