//! crossbeam-epoch, for comparison and for cross-checking.
//!
//! A collector per map, not crossbeam's global one: so that what waits is freed when the map drops,
//! and keys and values need not be `'static`. A participant's handle on it is kept like its bag.

use super::bag::Retired;
use super::collect::{Collect, Guard, Status};
use super::locals::{Locals, Own};
use super::participant::Pin;
use super::seat::{self, Seat};
use crate::error::AllocError;
use core::alloc::Layout;
use core::fmt;
use core::ptr::NonNull;
use crossbeam_epoch::{Collector, Guard as Inner, LocalHandle};

/// Reclamation by the [`crossbeam_epoch`] crate; feature `crossbeam-epoch`.
///
/// For comparison. A pin takes a full fence, and may run destructors; a panic of one comes out of a
/// later write on the same thread.
pub struct CrossbeamEpoch {
    collector: Collector,
    handles: Locals<Own<Handle>>,
}

/// A participant's handle.
#[derive(Default)]
pub(super) struct Handle(Option<LocalHandle>);

// SAFETY: a handle is used by the owner of a participant's index only, and indices are handed from
// thread to thread with Release and Acquire, when no guard of the handle lives.
unsafe impl Send for Handle {}

impl Default for CrossbeamEpoch {
    fn default() -> Self {
        CrossbeamEpoch { collector: Collector::new(), handles: Locals::new() }
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
        let Ok(own) = self.handles.get(pin) else {
            std::alloc::handle_alloc_error(Layout::new::<Own<Handle>>())
        };
        // SAFETY: the seat owns the index; crossbeam may run destructors in `pin`, so only the
        // handle's address is taken inside.
        let handle: *const LocalHandle = unsafe {
            own.with(|handle| &raw const *handle.0.get_or_insert_with(|| self.collector.register()))
        };
        // SAFETY: the handle stays where it is until the map drops, which no guard survives.
        let inner = unsafe { (*handle).pin() };
        CrossbeamGuard { _inner: inner, seat, map: self }
    }
}

// SAFETY: the contract of `crossbeam_epoch`: what is deferred by a pinned thread, after it was
// unlinked, runs when every guard that was live then is gone.
unsafe impl Collect for CrossbeamEpoch {
    type Guard<'c> = CrossbeamGuard<'c>;
    type OwnedGuard<'c> = OwnedCrossbeamGuard<'c>;
    type Bag = ();

    #[inline]
    fn pin(&self) -> CrossbeamGuard<'_> {
        self.enter(Seat::of_thread())
    }

    fn pin_owned(&self) -> OwnedCrossbeamGuard<'_> {
        OwnedCrossbeamGuard(self.enter(Seat::owned()))
    }

    fn reserve(&self, (): &mut (), _: usize) -> Result<(), AllocError> {
        Ok(())
    }

    unsafe fn retire(&self, (): &mut (), object: Retired, _: usize) -> bool {
        // SAFETY: unlinked and owned (the caller's promise); the map drains its collector before
        // anything that a destructor may use is gone.
        unsafe { self.pin()._inner.defer_unchecked(move || seat::destroy(object)) };
        // The collector has its own rhythm; ours is called only to go on with a panic.
        seat::has_panic()
    }

    fn seal(&self, (): &mut ()) {}

    fn collect(&self, _: &mut dyn FnMut(NonNull<u8>, Layout)) {
        self.pin()._inner.flush();
        seat::resume();
    }

    unsafe fn drain(&mut self, _: &mut dyn Iterator<Item = ()>) {
        // The last handle, and then the collector, run all that was deferred.
        drop(self.handles.take());
        self.collector = Collector::new();
        seat::resume();
    }

    fn pending((): &()) -> (usize, usize) {
        (0, 0)
    }

    fn status(&self) -> Status {
        Status::default()
    }
}
