//! seize (hyaline), for comparison and for cross-checking.

use super::bag::{Bag, Retired};
use super::collect::{Collect, Guard, Status};
use super::participant::Pin;
use super::seat::{self, Seat, Transit};
use crate::error::AllocError;
use core::alloc::Layout;
use core::fmt;
use core::ptr::NonNull;
use seize::Guard as _;

/// Reclamation by the [`seize`] crate; feature `seize`.
///
/// For comparison. Readers may free what they were the last to hold, so destructors run in reads,
/// too; a panic of one comes out of a later write on the same thread.
///
/// Do not use its maps in destructors of thread-locals, nor keep guards in thread-locals: seize
/// gives a thread's number to another thread while such a guard still lives under it, which is a
/// data race, and panics if a thread pins after that.
pub struct Seize {
    collector: seize::Collector,
    transit: Transit,
}

impl Default for Seize {
    fn default() -> Self {
        Seize { collector: seize::Collector::new(), transit: Transit::new() }
    }
}

impl super::Reclaim for Seize {}

impl fmt::Debug for Seize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seize").finish_non_exhaustive()
    }
}

/// A pin of the current thread.
pub struct SeizeGuard<'c> {
    // Dropped first: it runs destructors, which may use the map under the seat.
    inner: seize::LocalGuard<'c>,
    seat: Seat,
}

impl Guard for SeizeGuard<'_> {
    #[inline]
    fn as_pin(&self) -> Pin<'_> {
        // SAFETY: `inner` is the pin.
        unsafe { self.seat.as_pin() }
    }
}

impl<'c> Clone for SeizeGuard<'c> {
    fn clone(&self) -> Self {
        let collector: *const seize::Collector = self.inner.collector();
        // SAFETY: a guard for `'c` borrows its collector for `'c`.
        let inner = unsafe { &*collector }.enter();
        SeizeGuard { inner, seat: self.seat.clone() }
    }
}

/// A pin that may move to another thread.
pub struct OwnedSeizeGuard<'c> {
    _inner: seize::OwnedGuard<'c>,
    seat: Seat,
}

// SAFETY: the seat belongs to the guard, not to a thread, and goes where the guard goes; seize's
// owned guard is `Send`.
unsafe impl Send for OwnedSeizeGuard<'_> {}

impl Guard for OwnedSeizeGuard<'_> {
    #[inline]
    fn as_pin(&self) -> Pin<'_> {
        // SAFETY: `_inner` is the pin; the guard is not `Sync` (its seat is a raw pointer), so one
        // thread at a time uses the index.
        unsafe { self.seat.as_pin() }
    }
}

// SAFETY: the contract of `seize::Collector`: what is retired after it was unlinked is reclaimed
// when every guard that was live then is gone. Its guards ask of loads that they are `SeqCst` (or
// Acquire, where it has an asymmetric barrier): all loads of links in `raw` are.
unsafe impl Collect for Seize {
    type Guard<'c> = SeizeGuard<'c>;
    type OwnedGuard<'c> = OwnedSeizeGuard<'c>;
    type Bag = Bag;

    #[inline]
    fn pin(&self) -> SeizeGuard<'_> {
        SeizeGuard { seat: Seat::of_thread(), inner: self.collector.enter() }
    }

    fn pin_owned(&self) -> OwnedSeizeGuard<'_> {
        OwnedSeizeGuard { seat: Seat::owned(), _inner: self.collector.enter_owned() }
    }

    #[inline]
    fn reserve(&self, bag: &mut Bag, n: usize) -> Result<(), AllocError> {
        bag.reserve(n)
    }

    #[inline]
    unsafe fn retire(&self, bag: &mut Bag, object: Retired, bytes: usize) -> bool {
        bag.push(object, bytes);
        bag.len() >= seat::BATCH || seat::has_panic()
    }

    fn seal(&self, bag: &mut Bag) {
        self.transit.put(bag);
    }

    fn collect(&self, _: &mut dyn FnMut(NonNull<u8>, Layout)) {
        let guard = self.collector.enter();
        for object in self.transit.take() {
            let object = Box::into_raw(Box::new(object));
            // SAFETY: unlinked and owned (the promise made to `retire`).
            unsafe { self.collector.retire(object, reclaim) };
        }
        guard.flush();
        drop(guard);
        seat::resume();
    }

    unsafe fn drain(&mut self, bags: &mut dyn Iterator<Item = Bag>) {
        bags.for_each(|mut bag| self.transit.put(&mut bag));
        for object in self.transit.take() {
            // SAFETY: no guard lives (the caller's promise), so no grace period is needed.
            unsafe { seat::destroy(object) };
        }
        // SAFETY: no guard lives (the caller's promise).
        unsafe { self.collector.reclaim_all() };
        seat::resume();
    }

    fn pending(bag: &Bag) -> (usize, usize) {
        (bag.len(), bag.bytes())
    }

    fn status(&self) -> Status {
        Status::default()
    }
}

/// # Safety
/// `object` is a box that was retired, and its grace period is over.
unsafe fn reclaim(object: *mut Retired, _: &seize::Collector) {
    // SAFETY: the caller's promise.
    unsafe { seat::destroy(*Box::from_raw(object)) };
}
