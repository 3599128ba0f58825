//! What the other reclaimers need of the registry: an index, and destruction that cannot unwind
//! into a collector.

use super::bag::{Bag, Retired, Sealed};
use super::epoch::claim;
use super::participant::{Participant, Pin, current};
use crate::sync::{AtomicPtr, Ordering, free};
use core::cell::Cell;
use core::ptr;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// A claim on a participant: the thread's, or one of its own.
pub(super) struct Seat(*const Participant);

impl Seat {
    /// The thread's. Stays on the thread: a raw pointer is not `Send`.
    pub(super) fn of_thread() -> Self {
        let participant = current(claim);
        // SAFETY: the registry never frees participants, and this one is the thread's.
        unsafe { (*participant).sit() };
        Seat(participant)
    }

    /// One that belongs to its holder, and may go where that goes.
    pub(super) fn owned() -> Self {
        let participant = claim();
        participant.release_at_unpin();
        participant.sit();
        Seat(participant)
    }

    /// # Safety
    /// The holder of the seat is pinned in its reclaimer while the seat is borrowed.
    #[inline]
    pub(super) unsafe fn as_pin(&self) -> Pin<'_> {
        // SAFETY: the seat owns the index; the rest is the caller's promise.
        unsafe { Pin::new((*self.0).index()) }
    }
}

impl Clone for Seat {
    fn clone(&self) -> Self {
        // SAFETY: as in `of_thread`; an owned guard cannot be cloned.
        unsafe { (*self.0).sit() };
        Seat(self.0)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        // SAFETY: participants are never freed; this seat was counted in.
        unsafe { (*self.0).stand() };
    }
}

/// Objects that a bag holds before it is handed on.
pub(super) const BATCH: usize = 32;

/// Retired objects on their way from bags to a collector.
///
/// A map's bag is filled and sealed where no user code may run; a collector may run destructors
/// whenever it is given something. So bags are put here, and taken out by `collect`.
pub(super) struct Transit(AtomicPtr<Sealed>);

impl Transit {
    pub(super) const fn new() -> Self {
        Transit(AtomicPtr::new(ptr::null_mut()))
    }

    /// Takes the contents of a bag over.
    pub(super) fn put(&self, bag: &mut Bag) {
        if bag.len() == 0 {
            return;
        }
        let new = Box::into_raw(Box::new(Sealed::new(bag.take(), 0)));
        // ORD(sealed): Relaxed, the exchange decides.
        let mut head = self.0.load(Ordering::Relaxed);
        loop {
            // SAFETY: ours until the exchange succeeds.
            unsafe { (*new).next = head };
            // ORD(sealed): Release publishes the bag to the swap in `take`.
            match self.0.compare_exchange(head, new, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(newer) => head = newer,
            }
        }
    }

    /// Takes every object out.
    pub(super) fn take(&self) -> impl Iterator<Item = Retired> + use<> {
        // ORD(sealed): Acquire takes the bags, which nobody else has from here on.
        let mut list = self.0.swap(ptr::null_mut(), Ordering::Acquire);
        let mut bag = Bag::default();
        core::iter::from_fn(move || {
            while bag.len() == 0 {
                if list.is_null() {
                    return None;
                }
                // SAFETY: the whole list is ours, and each bag in it a box made by `put`.
                let sealed = unsafe { *Box::from_raw(list) };
                list = sealed.next;
                bag = sealed.bag;
            }
            bag.pop()
        })
    }
}

thread_local! {
    /// A destructor's panic, caught where it would have torn a collector.
    static PANIC: Cell<Option<Box<dyn Any + Send>>> = const { Cell::new(None) };
}

/// Whether `resume` has something to do.
pub(super) fn has_panic() -> bool {
    PANIC
        .try_with(|kept| {
            let panic = kept.take();
            let some = panic.is_some();
            kept.set(panic);
            some
        })
        .unwrap_or(false)
}

/// Destroys an object inside a collector: a panic is kept for `resume`.
///
/// # Safety
/// As [`Retired::destroy`].
pub(super) unsafe fn destroy(object: Retired) {
    // SAFETY: the caller's promise; the block is given away.
    let run = || unsafe { object.destroy(&mut |block, layout| free(block, layout)) };
    if let Err(panic) = catch_unwind(AssertUnwindSafe(run)) {
        // The first is kept; the others are forgotten, because what a panic carries may panic when
        // it is dropped. Where thread-locals are gone, so is the panic.
        let mut panic = Some(panic);
        let _ = PANIC.try_with(|kept| kept.set(kept.take().or_else(|| panic.take())));
        core::mem::forget(panic);
    }
}

/// Goes on with a panic that `destroy` caught on this thread.
pub(super) fn resume() {
    if let Ok(Some(panic)) = PANIC.try_with(Cell::take) {
        resume_unwind(panic);
    }
}
