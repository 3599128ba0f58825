//! The one allocator of all maps, which counts live bytes when asked to.

use std::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::{AtomicBool, AtomicIsize, Ordering::Relaxed};

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

/// Off while time is measured: then it costs a load and a branch, the same for every map.
static ON: AtomicBool = AtomicBool::new(false);
static LIVE: AtomicIsize = AtomicIsize::new(0);

fn count(bytes: isize) {
    if ON.load(Relaxed) {
        LIVE.fetch_add(bytes, Relaxed);
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

/// Counts in a stretch of the program that nothing else allocates beside.
pub struct Meter(isize);

impl Meter {
    pub fn start() -> Self {
        ON.store(true, Relaxed);
        Meter(LIVE.load(Relaxed))
    }

    /// Bytes asked for since the start and not freed yet.
    pub fn live(&self) -> isize {
        LIVE.load(Relaxed) - self.0
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        ON.store(false, Relaxed);
    }
}
