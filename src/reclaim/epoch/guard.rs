//! Guards: pins of a thread's participant, and of one of their own.

use super::super::collect::Guard;
use super::super::participant::Participant;
use super::super::post::Pin;
use super::domain;
use core::mem::ManuallyDrop;

/// A pin of the current thread. Pins nest.
pub struct EpochGuard {
    pub(super) participant: *const Participant,
}

impl Guard for EpochGuard {
    #[inline(always)]
    fn as_pin(&self) -> Pin<'_> {
        // SAFETY: the thread owns its participant, which is pinned while the guard lives; the
        // guard cannot leave the thread (a raw pointer is not `Send`).
        unsafe { Pin::new((*self.participant).post()) }
    }

    #[inline(always)]
    fn leave_with<T>(self, value: T) -> T {
        let guard = ManuallyDrop::new(self);
        // SAFETY: as in `clone`, and this guard was counted in. It is not dropped besides.
        if unsafe { (*guard.participant).leave_alone() } {
            value
        } else {
            leave_others(ManuallyDrop::into_inner(guard), value)
        }
    }
}

/// Drops a guard that is not alone, or whose participant has a mark.
#[cold]
#[inline(never)]
fn leave_others<T>(guard: EpochGuard, value: T) -> T {
    drop(guard);
    value
}

impl Clone for EpochGuard {
    #[inline]
    fn clone(&self) -> Self {
        // SAFETY: participants are never freed, and this one is the thread's.
        unsafe { domain::enter(&*self.participant) };
        EpochGuard { participant: self.participant }
    }
}

impl Drop for EpochGuard {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: as in `clone`; this guard was counted in.
        unsafe { (*self.participant).leave() };
    }
}

/// A pin of a participant of its own.
pub struct OwnedEpochGuard {
    pub(super) participant: *const Participant,
}

// SAFETY: the participant belongs to the guard, not to a thread, and goes where the guard goes.
unsafe impl Send for OwnedEpochGuard {}

impl Guard for OwnedEpochGuard {
    #[inline(always)]
    fn as_pin(&self) -> Pin<'_> {
        // SAFETY: the guard owns its participant, pinned while the guard lives; the guard is not
        // `Sync` (a raw pointer is not), so one thread at a time uses the index.
        unsafe { Pin::new((*self.participant).post()) }
    }
}

impl Drop for OwnedEpochGuard {
    fn drop(&mut self) {
        // SAFETY: participants are never freed; the only pin of this one, which releases it.
        unsafe { (*self.participant).leave() };
    }
}
