//! The bytes that this process has allocated, by the layouts asked for, and how many large blocks a thread
//! has. A test that wants to know says `#[global_allocator] static HEAP: heap::Heap = heap::Heap;`.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicIsize, Ordering::Relaxed};

/// The system's allocator, which counts.
pub struct Heap;

static BYTES: AtomicIsize = AtomicIsize::new(0);

thread_local! {
    static LARGE: Cell<usize> = const { Cell::new(0) };
}

/// Blocks of 64 KiB and more that this thread has ever allocated.
#[allow(dead_code)] // in tests that ask for bytes alone
pub fn large_blocks() -> usize {
    LARGE.get()
}

/// Allocated and not freed, in all threads. Exact when nobody else is at work.
#[allow(dead_code)] // as above
pub fn bytes() -> isize {
    BYTES.load(Relaxed)
}

fn count(ptr: *mut u8, bytes: isize) -> *mut u8 {
    if !ptr.is_null() {
        BYTES.fetch_add(bytes, Relaxed);
        if bytes >= 64 << 10 {
            LARGE.set(LARGE.get() + 1);
        }
    }
    ptr
}

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        count(unsafe { System.alloc(layout) }, layout.size() as isize)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        count(unsafe { System.alloc_zeroed(layout) }, layout.size() as isize)
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        BYTES.fetch_sub(layout.size() as isize, Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(ptr, layout) };
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise.
        let new = unsafe { System.realloc(ptr, layout, size) };
        count(new, size as isize - layout.size() as isize)
    }
}
