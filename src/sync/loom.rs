//! loom: its atomics behind a thin shell, because of two limits of loom 0.7.
//!
//! loom remembers one last access per atomic, so a thread's own load hides another thread's
//! earlier load from the search, and "load, then compare-exchange" (every lock-free loop) is not
//! explored in full. Each `load` here first touches a companion atomic with a relaxed
//! read-modify-write: that access is remembered, adds no synchronization, and makes loom try both
//! orders. `tests/models` keeps the litmus tests that show the difference.
//!
//! loom also treats accesses that are `SeqCst` as `AcqRel` (fences are honoured): what rests on
//! their total order is argued in `docs/orderings.md` instead.

use core::fmt;
use core::sync::atomic::Ordering;
use loom::sync::atomic as la;

pub(crate) use loom::sync::atomic::fence;

/// loom has no compiler fence: the light barrier is the real one there.
pub(crate) fn compiler_fence(order: Ordering) {
    fence(order);
}

/// A pointer that is set once, by its owner or by one exchange, and then only read. Untouched: a
/// load before the store only makes its thread set the pointer itself.
pub(crate) use loom::sync::atomic::AtomicPtr as OncePtr;

/// Which of the checker's threads this is.
pub(crate) use loom::thread::ThreadId;

pub(crate) fn current_thread() -> ThreadId {
    loom::thread::current().id()
}

macro_rules! touched {
    ($name:ident, $inner:ty, $value:ty $(, $generic:ident)?) => {
        pub struct $name$(<$generic>)? {
            touch: la::AtomicUsize,
            inner: $inner,
        }

        #[allow(dead_code)]
        impl$(<$generic>)? $name$(<$generic>)? {
            #[track_caller]
            pub fn new(value: $value) -> Self {
                Self { touch: la::AtomicUsize::new(0), inner: <$inner>::new(value) }
            }

            #[track_caller]
            pub fn load(&self, order: Ordering) -> $value {
                self.touch.fetch_add(0, Ordering::Relaxed);
                self.inner.load(order)
            }

            #[track_caller]
            pub fn store(&self, value: $value, order: Ordering) {
                self.inner.store(value, order);
            }

            #[track_caller]
            pub fn swap(&self, value: $value, order: Ordering) -> $value {
                self.inner.swap(value, order)
            }

            #[track_caller]
            pub fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.touch.fetch_add(0, Ordering::Relaxed);
                self.inner.compare_exchange(current, new, success, failure)
            }
        }

        impl$(<$generic>)? fmt::Debug for $name$(<$generic>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}

touched!(AtomicPtr, la::AtomicPtr<T>, *mut T, T);
touched!(AtomicBool, la::AtomicBool, bool);
touched!(AtomicUsize, la::AtomicUsize, usize);
touched!(AtomicU64, la::AtomicU64, u64);

impl AtomicUsize {
    #[track_caller]
    pub fn fetch_add(&self, value: usize, order: Ordering) -> usize {
        self.inner.fetch_add(value, order)
    }

    #[track_caller]
    pub fn fetch_sub(&self, value: usize, order: Ordering) -> usize {
        self.inner.fetch_sub(value, order)
    }
}

impl AtomicU64 {
    #[track_caller]
    pub fn fetch_or(&self, value: u64, order: Ordering) -> u64 {
        self.inner.fetch_or(value, order)
    }
}

/// The value of an atomic that only the caller writes: no choice, so no schedule point. loom checks
/// that nobody else has written it.
#[track_caller]
pub(crate) fn load_own(own: &AtomicUsize) -> usize {
    // SAFETY: loom's condition is that no store is concurrent, which it checks.
    unsafe { own.inner.unsync_load() }
}

/// Declares a value that lives for one execution.
macro_rules! global {
    ($(#[$attr:meta])* static $name:ident: $t:ty = $init:expr;) => {
        loom::lazy_static! {
            $(#[$attr])*
            static ref $name: $t = $init;
        }
    };
}
pub(crate) use global;

/// `thread_local!` without the `const` initialiser that loom does not know.
macro_rules! local {
    ($($(#[$attr:meta])* static $name:ident: $t:ty = const { $init:expr };)*) => {
        $(loom::thread_local! { $(#[$attr])* static $name: $t = $init })*
    };
}
pub(crate) use local as thread_local;

/// A cell that every reader of the memory around it reads and reclamation writes: loom reports a
/// read that is concurrent with that write, and the flag reports one that comes after it.
pub(crate) struct Canary(loom::cell::UnsafeCell<bool>);

impl Canary {
    #[track_caller]
    pub(crate) fn new() -> Self {
        Canary(loom::cell::UnsafeCell::new(true))
    }

    #[track_caller]
    pub(crate) fn check(&self) {
        // SAFETY: loom checks that nobody writes the cell meanwhile; that is what it is for.
        self.0.with(|alive| assert!(unsafe { *alive }, "use after reclamation"));
    }

    #[track_caller]
    pub(crate) fn kill(&self) {
        // SAFETY: as in `check`.
        self.0.with_mut(|alive| unsafe {
            assert!(*alive, "reclaimed twice");
            *alive = false;
        });
    }
}

impl fmt::Debug for Canary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Canary")
    }
}

/// Notices two threads in one owner's cell without a happens-before between them.
#[derive(Debug)]
pub(crate) struct Watch(loom::cell::UnsafeCell<()>);

impl Default for Watch {
    #[track_caller]
    fn default() -> Self {
        Watch(loom::cell::UnsafeCell::new(()))
    }
}

impl Watch {
    #[track_caller]
    pub(crate) fn enter(&self) {
        self.0.with_mut(|_| ());
    }
}
