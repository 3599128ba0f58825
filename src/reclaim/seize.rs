//! seize (hyaline), for comparison and for cross-checking.

use super::bag::Retired;
use super::collect::{Collect, Guard, Status};
use super::participant::Pin;
use super::seat::{self, Seat};
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
#[derive(Default)]
pub struct Seize(seize::Collector);

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
    type Bag = ();

    #[inline]
    fn pin(&self) -> SeizeGuard<'_> {
        SeizeGuard { seat: Seat::of_thread(), inner: self.0.enter() }
    }

    fn pin_owned(&self) -> OwnedSeizeGuard<'_> {
        OwnedSeizeGuard { seat: Seat::owned(), _inner: self.0.enter_owned() }
    }

    fn reserve(&self, (): &mut (), _: usize) -> Result<(), AllocError> {
        Ok(())
    }

    unsafe fn retire(&self, (): &mut (), object: Retired, _: usize) -> bool {
        /// # Safety
        /// `object` is a box that was retired, and its grace period is over.
        unsafe fn reclaim(object: *mut Retired, _: &seize::Collector) {
            // SAFETY: the caller's promise.
            unsafe { seat::destroy(*Box::from_raw(object)) };
        }
        // SAFETY: unlinked and owned (the caller's promise).
        unsafe { self.0.retire(Box::into_raw(Box::new(object)), reclaim) };
        // The collector has its own rhythm; ours is called only to go on with a panic.
        seat::has_panic()
    }

    fn seal(&self, (): &mut ()) {}

    fn collect(&self, _: &mut dyn FnMut(NonNull<u8>, Layout)) {
        self.0.enter().flush();
        seat::resume();
    }

    unsafe fn drain(&mut self, _: &mut dyn Iterator<Item = ()>) {
        // SAFETY: no guard lives (the caller's promise).
        unsafe { self.0.reclaim_all() };
        seat::resume();
    }

    fn pending((): &()) -> (usize, usize) {
        (0, 0)
    }

    fn status(&self) -> Status {
        Status::default()
    }
}
