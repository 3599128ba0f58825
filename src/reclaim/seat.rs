//! What the other reclaimers need of the registry: an index, and destruction that cannot unwind
//! into a collector.

use super::bag::Bag;
use super::epoch::claim;
use super::list::{Chain, List, Sealed};
use super::participant::{Participant, current};
use super::post::Pin;
use super::retired::{Retired, give_back};
use crate::sync::AtomicPtr;
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
        unsafe { Pin::new((*self.0).post()) }
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
const BATCH: usize = 32;

/// Puts an unlinked object into its bag; true when `collect` is due.
///
/// # Safety
/// As [`Bag::push`].
#[inline]
pub(super) unsafe fn retire(bag: &mut Bag, object: Retired, bytes: usize) -> bool {
    // SAFETY: the caller's promise.
    unsafe { bag.push(object, bytes) };
    bag.len() >= BATCH || has_panic()
}

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
        if let Some((sealed, _)) = Sealed::make(bag, || 0) {
            Chain::of(sealed).push_to(&self.0);
        }
    }

    /// Takes every object out.
    pub(super) fn take(&self) -> Taken<'_> {
        Taken { list: List::take_from(&self.0), bag: Bag::default(), transit: self }
    }
}

/// Objects that were taken out of a [`Transit`]. What is not taken out of here goes back.
pub(super) struct Taken<'t> {
    list: List,
    bag: Bag,
    transit: &'t Transit,
}

impl Iterator for Taken<'_> {
    type Item = Retired;

    fn next(&mut self) -> Option<Retired> {
        loop {
            if let Some(object) = self.bag.pop() {
                return Some(object);
            }
            let sealed = self.list.split_first()?;
            // SAFETY: the list is ours, and each bag in it was made by `put`.
            self.bag = unsafe { Sealed::open(sealed) };
        }
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.transit.put(&mut self.bag);
        core::mem::replace(&mut self.list, List::new()).into_chain().push_to(&self.transit.0);
    }
}

/// What is in bags.
pub(super) fn objects(bags: &mut dyn Iterator<Item = Bag>) -> impl Iterator<Item = Retired> {
    bags.flat_map(|mut bag| core::iter::from_fn(move || bag.pop()))
}

/// A destructor's panic, caught where it would have torn a collector.
struct Kept(Cell<Option<Box<dyn Any + Send>>>);

impl Drop for Kept {
    /// The thread ends, and nobody has asked. What a panic carries may panic when it is dropped,
    /// which would end the process here.
    fn drop(&mut self) {
        let panic = self.0.take();
        core::mem::forget(catch_unwind(AssertUnwindSafe(|| drop(panic))));
    }
}

thread_local! {
    static PANIC: Kept = const { Kept(Cell::new(None)) };
}

/// Whether `resume` has something to do.
fn has_panic() -> bool {
    PANIC
        .try_with(|kept| {
            let panic = kept.0.take();
            let some = panic.is_some();
            kept.0.set(panic);
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
    let run = || unsafe { object.destroy(&mut |blocks, layout| give_back(blocks, layout)) };
    if let Err(panic) = catch_unwind(AssertUnwindSafe(run)) {
        // The first is kept; the others are forgotten, because what a panic carries may panic when
        // it is dropped. Where thread-locals are gone, so is the panic.
        let mut panic = Some(panic);
        let _ = PANIC.try_with(|kept| kept.0.set(kept.0.take().or_else(|| panic.take())));
        core::mem::forget(panic);
    }
}

/// Goes on with a panic that `destroy` caught on this thread; later, if the thread unwinds.
pub(super) fn resume() {
    if std::thread::panicking() {
        return;
    }
    if let Ok(Some(panic)) = PANIC.try_with(|kept| kept.0.take()) {
        resume_unwind(panic);
    }
}

#[cfg(all(test, not(any(dolmen_loom, dolmen_shuttle))))]
mod tests {
    use super::super::retired::{Kind, Memory};
    use super::*;
    use core::ptr::NonNull;

    /// # Safety
    /// `ptr` is a boxed number.
    unsafe fn unbox(ptr: NonNull<u8>) -> bool {
        // SAFETY: the caller's promise.
        drop(unsafe { Box::from_raw(ptr.cast::<u64>().as_ptr()) });
        true
    }

    #[test]
    fn what_is_not_taken_stays_in_transit() {
        static KIND: Kind = Kind { drop: None, give: None, memory: Memory::Free(unbox) };
        let transit = Transit::new();
        for n in 0..10 {
            let mut bag = Bag::default();
            for m in 0..n {
                let number = NonNull::from(Box::leak(Box::new(m)));
                let object = Retired::new(number.cast(), &KIND, ptr::null());
                bag.reserve(0, 1).expect("memory");
                // SAFETY: room was made; no block.
                unsafe { retire(&mut bag, object, 8) };
            }
            transit.put(&mut bag);
            assert_eq!(bag.len(), 0);
        }
        let mut taken = 0;
        for n in 0..20 {
            // Each gives up after a few.
            for object in transit.take().take(n % 4) {
                taken += 1;
                // SAFETY: a boxed number, retired just now and read by nobody.
                unsafe { destroy(object) };
            }
        }
        // SAFETY: as above.
        let rest = transit.take().inspect(|object| unsafe { destroy(*object) }).count();
        assert_eq!((taken, taken + rest), (30, 45));
        assert_eq!(transit.take().count(), 0);
    }
}
