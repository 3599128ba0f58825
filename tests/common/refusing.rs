//! An allocator that fails when it is told to. A test that wants it says `#[global_allocator] static
//! ALLOCATOR: refusing::Failing = refusing::Failing;`.
#![allow(dead_code)] // each test binary uses its part

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The system's allocator, which counts this thread's blocks, and fails when it is told to.
pub struct Failing;

/// Which allocations of the thread fail.
#[derive(Clone, Copy, PartialEq)]
pub enum Plan {
    None,
    /// This one only.
    One(usize),
    /// This one and all after it.
    From(usize),
}

thread_local! {
    // Per thread, so that the test harness has memory.
    static PLAN: Cell<Plan> = const { Cell::new(Plan::None) };
    static REFUSED: Cell<usize> = const { Cell::new(0) };
    static BLOCKS: Cell<isize> = const { Cell::new(0) };
    static ASKED: Cell<usize> = const { Cell::new(0) };
}

fn allowed() -> bool {
    let (plan, fails) = match PLAN.get() {
        Plan::None => (Plan::None, false),
        Plan::One(0) => (Plan::None, true),
        Plan::From(0) => (Plan::From(0), true),
        Plan::One(n) => (Plan::One(n - 1), false),
        Plan::From(n) => (Plan::From(n - 1), false),
    };
    PLAN.set(plan);
    REFUSED.set(REFUSED.get() + usize::from(fails));
    !fails
}

// SAFETY: the system's allocator does the work; a refusal is a null pointer, as it may be.
unsafe impl GlobalAlloc for Failing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ASKED.set(ASKED.get() + 1);
        if !allowed() {
            return std::ptr::null_mut();
        }
        BLOCKS.set(BLOCKS.get() + 1);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        BLOCKS.set(BLOCKS.get() - 1);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(ptr, layout) };
    }
}

/// Blocks that this thread has allocated, less those that it has freed.
pub fn blocks() -> isize {
    BLOCKS.get()
}

/// How many blocks this thread asked for while `f` ran.
pub fn asked(f: impl FnOnce()) -> usize {
    let before = ASKED.get();
    f();
    ASKED.get() - before
}

/// Runs `f` under a plan; says whether an allocation was refused.
pub fn under<T>(plan: Plan, f: impl FnOnce() -> T) -> (T, bool) {
    REFUSED.set(0);
    PLAN.set(plan);
    let result = f();
    PLAN.set(Plan::None);
    (result, REFUSED.get() > 0)
}

/// One test at a time: pins are the process's, and these tests count what is freed.
pub fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
