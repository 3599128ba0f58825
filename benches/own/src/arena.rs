//! An allocator of a few instructions that never frees: the counts are dolmen's, not those of the
//! system's malloc, which differ from machine to machine.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

const BYTES: usize = 64 << 20;

#[repr(align(4096))]
struct Arena(UnsafeCell<[u8; BYTES]>);

// SAFETY: each part is handed out once.
unsafe impl Sync for Arena {}

static ARENA: Arena = Arena(UnsafeCell::new([0; BYTES]));
static USED: AtomicUsize = AtomicUsize::new(0);

struct Bump;

#[global_allocator]
static ALLOCATOR: Bump = Bump;

// SAFETY: blocks are aligned, inside of the arena and handed out once, or the system's.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let room = layout.size() + layout.align();
        let start = USED.fetch_add(room, Relaxed);
        if layout.align() > 4096 || start + room > BYTES {
            // SAFETY: the caller's.
            return unsafe { System.alloc(layout) };
        }
        // SAFETY: the rest of the arena begins here.
        unsafe { ARENA.0.get().cast::<u8>().add(start.next_multiple_of(layout.align())) }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[cfg(test)]
mod tests {
    #[test]
    fn blocks_are_aligned_and_apart() {
        let blocks: Vec<Box<u128>> = (0..100).map(Box::new).collect();
        for (number, block) in (0..).zip(&blocks) {
            assert_eq!((**block, std::ptr::from_ref(&**block).addr() % 16), (number, 0));
        }
    }
}
