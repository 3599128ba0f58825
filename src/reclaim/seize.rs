//! seize (hyaline), for comparison and for cross-checking.
//!
//! seize numbers whoever may be pinned, and hands numbers on: a thread's in a destructor of a
//! thread-local, an owned guard's when it drops. Two things are unsound if nothing is done.
//!
//! * A guard of a thread that is dropped or cloned after the thread has lost its number (by another
//!   thread-local's destructor) counts, in no atomic, beside the thread that has the number by then.
//!   So a thread that ends is watched by a thread-local of our own, which is registered after seize's
//!   and therefore dropped before it. From then on the thread pins by owned guards, and the guards
//!   of its number are not dropped any more, but forgotten.
//! * A number under which a guard was forgotten is pinned for ever. A thread that gets it adds to a
//!   count that is not zero, and is protected. But an owned guard that gets it counts nothing: when
//!   that drops, the number is unpinned, and the next thread takes the count for a pin. So owned
//!   guards have a collector of their own; what is retired passes through both, one after the other.

use super::bag::Bag;
use super::collect::{Collect, Guard, Status};
use super::post::Pin;
use super::retired::{Recycle, Retired};
use super::seat::{self, Seat, Transit};
use crate::error::AllocError;
use crate::sync::{AtomicBool, AtomicPtr, Ordering, fence};
use core::cell::Cell;
use core::fmt;
use core::mem::{self, ManuallyDrop};
use core::ptr;
use seize::{Guard as _, LocalGuard, OwnedGuard};
use std::rc::Rc;
use std::sync::Arc;

/// Reclamation by the [`seize`] crate; feature `seize`.
///
/// For comparison. Readers may free what they were the last to hold, so destructors run in reads,
/// too. A panic of one comes out of the next write or drop, on the thread that ran it, of any map
/// with one of the other reclaimers; from a thread that writes no more, it comes out nowhere.
///
/// Keep no guards in thread-locals: one that is still held when its thread ends may keep its map from
/// freeing anything more, as if it had been leaked. A pin in the destructor of a thread-local takes a lock of
/// seize's; it panics in a thread that has used seize otherwise, and no such map before.
pub struct Seize {
    /// Of the threads' guards.
    collector: seize::Collector,
    transit: Transit,
    /// Where it stays: what is retired names it, and the map may move.
    owned: Arc<OwnedSide>,
}

/// Of the guards that have numbers of their own.
struct OwnedSide {
    collector: seize::Collector,
    /// There was such a guard.
    used: AtomicBool,
    /// What the threads' guards hold no more.
    waiting: AtomicPtr<Waiting>,
}

/// A retired object on its way through the collectors.
struct Waiting {
    object: Retired,
    /// The map's.
    side: *const OwnedSide,
    next: *mut Waiting,
}

/// What a thread may do with the number that seize has given it.
#[derive(Clone, Copy, PartialEq)]
enum Number {
    /// It may have none.
    Unknown,
    Own,
    /// It may be another thread's.
    Gone,
}

struct Farewell;

impl Drop for Farewell {
    fn drop(&mut self) {
        let _ = NUMBER.try_with(|number| number.set(Number::Gone));
    }
}

thread_local! {
    // Has no destructor, so it can be read at any time in the thread's life.
    static NUMBER: Cell<Number> = const { Cell::new(Number::Unknown) };
    static FAREWELL: Farewell = const { Farewell };
}

fn number() -> Number {
    NUMBER.try_with(Cell::get).unwrap_or(Number::Gone)
}

impl Default for Seize {
    fn default() -> Self {
        Seize {
            collector: seize::Collector::new(),
            transit: Transit::new(),
            owned: Arc::new(OwnedSide {
                collector: seize::Collector::new(),
                used: AtomicBool::new(false),
                waiting: AtomicPtr::new(ptr::null_mut()),
            }),
        }
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
    inner: ManuallyDrop<Inner<'c>>,
    seat: Seat,
    map: &'c Seize,
}

enum Inner<'c> {
    /// Under the thread's number.
    Local(LocalGuard<'c>),
    /// Under its own. Clones share it: one that was entered later would not protect what was found
    /// under the first.
    Owned { _guard: Rc<OwnedGuard<'c>> },
}

impl Guard for SeizeGuard<'_> {
    #[inline]
    fn as_pin(&self) -> Pin<'_> {
        // SAFETY: `inner` is the pin.
        unsafe { self.seat.as_pin() }
    }
}

impl Clone for SeizeGuard<'_> {
    fn clone(&self) -> Self {
        let inner = match &*self.inner {
            // Under the same number, nested. When that is gone, the guard that was entered under it is
            // never left, so one of its own beside it is enough.
            Inner::Local(_) => return self.map.enter(self.seat.clone()),
            Inner::Owned { _guard } => Inner::Owned { _guard: Rc::clone(_guard) },
        };
        SeizeGuard { inner: ManuallyDrop::new(inner), seat: self.seat.clone(), map: self.map }
    }
}

impl Drop for SeizeGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: taken once, here.
        match unsafe { ManuallyDrop::take(&mut self.inner) } {
            Inner::Local(guard) if number() == Number::Gone => mem::forget(guard),
            inner => drop(inner),
        }
    }
}

/// A pin that may move to another thread.
pub struct OwnedSeizeGuard<'c> {
    _inner: OwnedGuard<'c>,
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

impl Seize {
    #[inline]
    fn enter(&self, seat: Seat) -> SeizeGuard<'_> {
        let inner = match number() {
            Number::Own => Inner::Local(self.collector.enter()),
            Number::Unknown => self.enter_first(),
            Number::Gone => Inner::Owned { _guard: Rc::new(self.owned.enter()) },
        };
        SeizeGuard { inner: ManuallyDrop::new(inner), seat, map: self }
    }

    #[cold]
    fn enter_first(&self) -> Inner<'_> {
        // This registers seize's destructor, if nothing has. Thread-locals are dropped in the
        // reverse order.
        let guard = self.collector.enter();
        let watched = FAREWELL.try_with(|_| NUMBER.set(Number::Own)).is_ok();
        debug_assert!(watched, "it is dropped once, and then the number is gone");
        Inner::Local(guard)
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
        self.enter(Seat::of_thread())
    }

    fn pin_owned(&self) -> OwnedSeizeGuard<'_> {
        OwnedSeizeGuard { seat: Seat::owned(), _inner: self.owned.enter() }
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
        // A thread without a number leaves it to the others.
        if let Inner::Local(local) = &*guard.inner {
            self.hand_over(local);
        }
        drop(guard);
        self.owned.hand_over();
        seat::resume();
        false
    }

    unsafe fn drain(&mut self, bags: &mut dyn Iterator<Item = Bag>) {
        // SAFETY: no guard lives (the caller's promise), so no grace period is needed.
        self.transit.take().chain(seat::objects(bags)).for_each(|object| unsafe {
            seat::destroy(object);
        });
        // SAFETY: no guard lives (the caller's promise); here and below.
        unsafe { self.collector.reclaim_all() };
        self.owned.take().for_each(|waiting| unsafe {
            // SAFETY: as above.
            reclaim(waiting, &self.owned.collector);
        });
        // SAFETY: as above.
        unsafe { self.owned.collector.reclaim_all() };
        seat::resume();
    }

    fn pending(bag: &Bag) -> usize {
        bag.blocks()
    }

    fn status(&self) -> Status {
        Status::default()
    }
}

impl Seize {
    /// Retires what is in transit, under a guard that is live: so nothing of it is freed, and no
    /// user code runs, before that is dropped.
    fn hand_over(&self, guard: &LocalGuard<'_>) {
        let objects = self.transit.take();
        // ORD(owned): SeqCst: what is retired was unlinked before this fence. Whoever found it under
        // an owned guard had set the flag before that.
        fence(Ordering::SeqCst);
        let then = if self.owned.used.load(Ordering::SeqCst) { pass_on } else { reclaim };
        for object in objects {
            let side = Arc::as_ptr(&self.owned);
            let waiting = Box::into_raw(Box::new(Waiting { object, side, next: ptr::null_mut() }));
            // SAFETY: unlinked and owned (the promise made to `retire`).
            unsafe { guard.defer_retire(waiting, then) };
        }
        guard.flush();
    }
}

impl OwnedSide {
    fn enter(&self) -> OwnedGuard<'_> {
        // ORD(owned): SeqCst: comes before the guard's loads in the one order of slots, roots and
        // successors, and so before the fence that follows an unlinking which they miss.
        if !self.used.load(Ordering::SeqCst) {
            self.used.store(true, Ordering::SeqCst);
        }
        self.collector.enter_owned()
    }

    /// Retires what the threads' guards hold no more.
    fn hand_over(&self) {
        let mut waiting = self.take().peekable();
        if waiting.peek().is_none() {
            return;
        }
        let guard = self.collector.enter_owned();
        for waiting in waiting {
            // SAFETY: unlinked and owned, as in `Seize::hand_over`.
            unsafe { guard.defer_retire(waiting, reclaim) };
        }
        guard.flush();
    }

    /// Takes everything out that waits.
    fn take(&self) -> impl Iterator<Item = *mut Waiting> + use<> {
        // ORD(sealed): Acquire takes the objects, which nobody else has from here on.
        let mut list = self.waiting.swap(ptr::null_mut(), Ordering::Acquire);
        core::iter::from_fn(move || {
            let waiting = list;
            // SAFETY: null, or of the list, which is ours.
            list = unsafe { waiting.as_ref() }?.next;
            Some(waiting)
        })
    }

    fn put(&self, waiting: *mut Waiting) {
        // ORD(sealed): Relaxed, the exchange decides.
        let mut head = self.waiting.load(Ordering::Relaxed);
        loop {
            // SAFETY: callers give what they own, until the exchange succeeds.
            unsafe { (*waiting).next = head };
            // ORD(sealed): Release publishes the object to `take`.
            let (success, failure) = (Ordering::Release, Ordering::Relaxed);
            match self.waiting.compare_exchange(head, waiting, success, failure) {
                Ok(_) => return,
                Err(newer) => head = newer,
            }
        }
    }
}

/// No thread's guard is left from the object's time: it waits for owned ones.
///
/// # Safety
/// As [`reclaim`], but for owned guards.
unsafe fn pass_on(waiting: *mut Waiting, _: &seize::Collector) {
    // SAFETY: the side is the map's, which drops after its collector has done with all.
    unsafe { (*(*waiting).side).put(waiting) };
}

/// # Safety
/// `waiting` is a box that was retired, and its grace period is over.
unsafe fn reclaim(waiting: *mut Waiting, _: &seize::Collector) {
    // SAFETY: the caller's promise.
    unsafe { seat::destroy(Box::from_raw(waiting).object) };
}
