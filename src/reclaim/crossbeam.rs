//! crossbeam-epoch, for comparison and for cross-checking.
//!
//! A collector per map, not crossbeam's global one: so that what waits is freed when the map drops,
//! and keys and values need not be `'static`. A participant's handle on it is kept like its bag.

use super::bag::Bag;
use super::collect::{Collect, Guard, Status};
use super::locals::Locals;
use super::post::Pin;
use super::retired::{Recycle, Retired};
use super::seat::{self, Seat, Transit};
use crate::error::AllocError;
use core::alloc::Layout;
use core::cell::OnceCell;
use core::fmt;
use crossbeam_epoch::{Collector, Guard as Inner, LocalHandle};

/// Reclamation by the [`crossbeam_epoch`] crate; feature `crossbeam-epoch`.
///
/// For comparison. A pin takes a full fence, and may run destructors. A panic of one comes out of the
/// next write or drop, on the thread that ran it, of any map with one of the other reclaimers; from a
/// thread that writes no more, it comes out nowhere.
pub struct CrossbeamEpoch {
    collector: Collector,
    /// A participant's handle, which belongs to the owner of its index. Indices are handed from
    /// thread to thread with Release and Acquire, when no guard of the handle lives. It is read by
    /// `&` only: crossbeam runs destructors in `pin`, and they come here again.
    handles: Locals<OnceCell<LocalHandle>>,
    transit: Transit,
}

impl Default for CrossbeamEpoch {
    fn default() -> Self {
        CrossbeamEpoch {
            collector: Collector::new(),
            handles: Locals::new(),
            transit: Transit::new(),
        }
    }
}

impl super::Reclaim for CrossbeamEpoch {}

impl fmt::Debug for CrossbeamEpoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CrossbeamEpoch").finish_non_exhaustive()
    }
}

/// A pin of the current thread.
pub struct CrossbeamGuard<'c> {
    // Dropped first: the handle is ours only under the seat.
    _inner: Inner,
    seat: Seat,
    map: &'c CrossbeamEpoch,
}

impl Guard for CrossbeamGuard<'_> {
    #[inline]
    fn as_pin(&self) -> Pin<'_> {
        // SAFETY: `_inner` is the pin.
        unsafe { self.seat.as_pin() }
    }
}

impl Clone for CrossbeamGuard<'_> {
    fn clone(&self) -> Self {
        self.map.enter(self.seat.clone())
    }
}

/// A pin that may move to another thread.
pub struct OwnedCrossbeamGuard<'c>(CrossbeamGuard<'c>);

// SAFETY: the seat belongs to the guard, not to a thread, and with it the handle that `_inner` is a
// guard of: all go where this goes.
unsafe impl Send for OwnedCrossbeamGuard<'_> {}

impl Guard for OwnedCrossbeamGuard<'_> {
    #[inline]
    fn as_pin(&self) -> Pin<'_> {
        self.0.as_pin()
    }
}

impl CrossbeamEpoch {
    #[inline]
    fn enter(&self, seat: Seat) -> CrossbeamGuard<'_> {
        // SAFETY: pinned from the next line on; until then the index is used, which is the seat's.
        let pin = unsafe { seat.as_pin() };
        let Ok(handle) = self.handles.get(pin, Default::default) else {
            std::alloc::handle_alloc_error(Layout::new::<OnceCell<LocalHandle>>())
        };
        let inner = handle.get_or_init(|| self.collector.register()).pin();
        CrossbeamGuard { _inner: inner, seat, map: self }
    }
}

// SAFETY: the contract of `crossbeam_epoch`: what is deferred by a pinned thread, after it was
// unlinked, runs when every guard that was live then is gone.
unsafe impl Collect for CrossbeamEpoch {
    type Guard<'c> = CrossbeamGuard<'c>;
    type OwnedGuard<'c> = OwnedCrossbeamGuard<'c>;
    type Bag = Bag;

    #[inline]
    fn pin(&self) -> CrossbeamGuard<'_> {
        self.enter(Seat::of_thread())
    }

    fn pin_owned(&self) -> OwnedCrossbeamGuard<'_> {
        OwnedCrossbeamGuard(self.enter(Seat::owned()))
    }

    #[inline]
    fn reserve(&self, bag: &mut Bag, blocks: usize, others: usize) -> Result<(), AllocError> {
        bag.reserve(blocks, others)
    }

    #[inline]
    unsafe fn retire(&self, bag: &mut Bag, object: Retired, bytes: usize) -> bool {
        // SAFETY: the caller's promise.
        unsafe { seat::retire(bag, object, bytes) }
    }

    fn seal(&self, bag: &mut Bag) -> bool {
        self.transit.put(bag);
        true
    }

    fn collect(&self, _: bool, _: &mut Recycle<'_>) -> bool {
        let guard = self.pin();
        for object in self.transit.take() {
            // SAFETY: unlinked and owned (the promise made to `retire`), and we are pinned; the map
            // drains its collector before anything that a destructor may use is gone.
            unsafe { guard._inner.defer_unchecked(move || seat::destroy(object)) };
        }
        guard._inner.flush();
        drop(guard);
        seat::resume();
        false
    }

    unsafe fn drain(&mut self, bags: &mut dyn Iterator<Item = Bag>) {
        // SAFETY: no guard lives (the caller's promise), so no grace period is needed.
        self.transit.take().chain(seat::objects(bags)).for_each(|object| unsafe {
            seat::destroy(object);
        });
        // The last handle, and then the collector, run all that was deferred.
        drop(self.handles.take());
        self.collector = Collector::new();
        seat::resume();
    }

    fn pending(bag: &Bag) -> usize {
        bag.blocks()
    }

    fn status(&self) -> Status {
        Status::default()
    }
}
