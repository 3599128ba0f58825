//! User code that panics at its n-th call.
#![allow(dead_code)] // each test binary uses its part

use std::cell::Cell;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// User code that a map calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    Hash,
    Eq,
    Clone,
    Drop,
    Closure,
}

/// What the planned panics carry.
struct Planned;

thread_local! {
    /// The code that panics, and after how many calls.
    static FUSE: Cell<Option<(Code, usize)>> = const { Cell::new(None) };
    /// Values alive, and values dropped twice.
    static ALIVE: Cell<isize> = const { Cell::new(0) };
}

/// Called by user code: panics if its time has come.
pub fn tick(code: Code) {
    match FUSE.get() {
        Some((armed, 0)) if armed == code => {
            FUSE.set(None);
            // Not `panic!`, which would print.
            resume_unwind(Box::new(Planned));
        }
        Some((armed, n)) if armed == code => FUSE.set(Some((armed, n - 1))),
        _ => {}
    }
}

/// A key or value all of whose code can panic, and which shows whether it was dropped once.
#[derive(Debug)]
pub struct Touchy {
    number: u64,
    /// An allocation, so that a leak or a second drop is seen by the allocator as well.
    alive: Box<Cell<bool>>,
}

impl Touchy {
    pub fn new(number: u64) -> Self {
        ALIVE.set(ALIVE.get() + 1);
        Touchy { number, alive: Box::new(Cell::new(true)) }
    }

    pub fn read(&self) -> u64 {
        assert!(self.alive.get(), "read after drop");
        self.number
    }
}

impl Hash for Touchy {
    fn hash<H: Hasher>(&self, state: &mut H) {
        tick(Code::Hash);
        self.read().hash(state);
    }
}

impl PartialEq for Touchy {
    fn eq(&self, other: &Self) -> bool {
        tick(Code::Eq);
        self.read() == other.read()
    }
}

impl Eq for Touchy {}

impl Clone for Touchy {
    fn clone(&self) -> Self {
        tick(Code::Clone);
        Touchy::new(self.read())
    }
}

impl From<&Touchy> for Touchy {
    fn from(touchy: &Touchy) -> Self {
        touchy.clone()
    }
}

impl Drop for Touchy {
    fn drop(&mut self) {
        assert!(self.alive.replace(false), "dropped twice");
        ALIVE.set(ALIVE.get() - 1);
        tick(Code::Drop);
    }
}

/// Runs with the n-th call of `code` panicking, for every n, until nothing panics; `check` is told
/// whether it did. Returns how often it did.
pub fn at_every_call<T>(
    code: Code,
    mut prepare: impl FnMut() -> T,
    mut run: impl FnMut(&mut T),
    mut check: impl FnMut(T, bool, &str),
) -> usize {
    for n in 0.. {
        let mut state = prepare();
        FUSE.set(Some((code, n)));
        let result = catch_unwind(AssertUnwindSafe(|| run(&mut state)));
        FUSE.set(None);
        if let Err(panic) = &result {
            assert!(panic.is::<Planned>(), "another panic came out");
        }
        check(state, result.is_err(), &format!("{code:?} at call {n}"));
        if result.is_ok() {
            return n;
        }
    }
    unreachable!("some run has no panic")
}

/// How many values of this thread are alive.
pub fn alive() -> isize {
    ALIVE.get()
}
