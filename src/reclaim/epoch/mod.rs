//! Epochs without fences, the default reclaimer.
//!
//! The argument, before the code. Time is cut into epochs by one process-wide counter. A guard
//! *pins* its participant in the epoch it read. The counter goes from `e` to `e + 1` only when
//! every pinned participant is pinned in `e`. An object is unlinked first, then retired to a bag,
//! and the bag is *sealed* with the epoch read after a fence; what was sealed in `e` is freed when
//! the counter has reached `e + 2`.
//!
//! Why two. Let a reader be pinned in `p` and an object be sealed in `e`, to be freed at `e + 2`.
//!
//! 1. `p > e`. The unlinking came before the seal's read of `e` (the seal's fence), that read
//!    before the advance to `e + 1`, and that advance before the reader's read of `p` (Acquire):
//!    the reader's loads come after all of it and cannot find the object.
//! 2. `p <= e`, and the scan of the advance from `p + 1` to `p + 2` sees the pin: it gives up, the
//!    counter stays below `p + 2 <= e + 2`, nothing is freed.
//! 3. `p <= e`, and that scan misses the pin. Then the pin was published after the scan's barrier,
//!    so the reader's loads come after the barrier, too. The collector had loaded `p + 1` before
//!    its barrier. If `e = p`, the unlinking came before the advance to `p + 1` (as in 1), hence
//!    before the barrier and before the reader's loads. If `e > p`, the same holds for every
//!    object that can be freed by an advance which misses the pin: the one that makes the
//!    counter `e + 2` loads `e + 1` first, its barrier comes after that, and the pin, if its
//!    scan misses it, after the barrier.
//!
//! "Published before it loaded" needs a store-load barrier between the pin and the first load. A
//! locked instruction there is what makes pins dear elsewhere. Here the reader has none: it stores
//! and a *compiler* fence keeps the order in the program; the collector, once per advance, makes
//! every processor of the process pass a barrier (`barrier`). A reader that was not yet past its
//! store when that barrier ran has its loads after it; one that was past is seen by the scan.
//!
//! The order of an advance matters: load the epoch `e`, *then* the barrier, then the registry's
//! head and the scan, then the exchange. With the barrier before the load of `e`, two collectors
//! and one slow reader make a use after free; with a pin that is not the whole epoch two epochs
//! look alike; with a relaxed load of the epoch in `pin`, a reader's later loads may come before it.

mod barrier;
mod domain;
mod guard;

use super::bag::{Bag, go_on, keep_first};
use super::collect::{Collect, Status};
use super::list::{Chain, List, Sealed};
use super::participant::{current, has_sealed, known};
use super::retired::{Recycle, Retired, give_back};
use crate::error::AllocError;
use crate::sync::limits::{SEALS, SHARE};
use crate::sync::probe::{Branch, hit};
use crate::sync::quiet::AtomicUsize;
use crate::sync::{AtomicPtr, Ordering, fence};
use core::alloc::Layout;
use core::fmt;
use core::ptr::{self, NonNull};
pub(crate) use domain::as_owner;
#[cfg(any(feature = "crossbeam-epoch", feature = "seize"))]
pub(crate) use domain::claim;
use guard::{EpochGuard, OwnedEpochGuard};

/// Epoch-based reclamation whose pins cost two plain stores.
///
/// Pinning is wait-free and takes no locked instruction and no fence; collectors pay instead, with
/// `membarrier` on Linux and `FlushProcessWriteBuffers` on Windows. Where neither is to be had,
/// pins take a fence. The environment variable `DOLMEN_FENCES=1`, read at the first pin of the
/// process, selects fences too, for processes that would be killed for the system call.
///
/// A map's retired objects belong to the map: dropping it frees them at once, so keys and values
/// need not be `'static`. One pin that is held for ever keeps every map of the process from
/// freeing, and nothing from working; [`Stats`](crate::Stats) shows it.
pub struct Epoch {
    /// Sealed bags.
    sealed: AtomicPtr<Sealed>,
    /// Sealed bags whose grace period is over, to be destroyed a few at a time: destructors run
    /// under the collector's pin, and while it destroys all that a stalled thread has held up, no
    /// epoch ends, and more piles up than it destroys.
    ready: AtomicPtr<Sealed>,
    /// Objects in both, and their bytes.
    waiting: Tally,
    /// What is in open bags and no block.
    open: Tally,
    /// The epoch in which the list was last gone through.
    scanned: AtomicUsize,
}

/// Objects and their bytes, for `stats`.
struct Tally(AtomicUsize, AtomicUsize);

impl Tally {
    fn add(&self, objects: usize, bytes: usize) {
        // ORD(statistic): Relaxed, figures; here and below.
        self.0.fetch_add(objects, Ordering::Relaxed);
        self.1.fetch_add(bytes, Ordering::Relaxed);
    }

    fn take(&self, objects: usize, bytes: usize) {
        // ORD(statistic): Relaxed, as above.
        self.0.fetch_sub(objects, Ordering::Relaxed);
        self.1.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn get(&self) -> (usize, usize) {
        // ORD(statistic): Relaxed, as above.
        (self.0.load(Ordering::Relaxed), self.1.load(Ordering::Relaxed))
    }
}

impl super::Reclaim for Epoch {}

impl Default for Epoch {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Epoch").finish_non_exhaustive()
    }
}

impl Epoch {
    /// Selects fences for this process, instead of the system call that some sandboxes kill for.
    /// True if that is what is used from now on; false if a pin has come before and chosen
    /// otherwise. As the environment variable `DOLMEN_FENCES=1`, for those who cannot set it.
    ///
    /// ```
    /// // First thing in `main`, say.
    /// let fenced: bool = dolmen::Epoch::use_fences();
    /// # let _ = fenced;
    /// ```
    pub fn use_fences() -> bool {
        domain::choose(barrier::Barrier::Fence) == barrier::Barrier::Fence
    }
}

macro_rules! constructor {
    ($($constness:tt)?) => {
        pub(crate) $($constness)? fn new() -> Self {
            Epoch {
                sealed: AtomicPtr::new(ptr::null_mut()),
                ready: AtomicPtr::new(ptr::null_mut()),
                waiting: Tally(AtomicUsize::new(0), AtomicUsize::new(0)),
                open: Tally(AtomicUsize::new(0), AtomicUsize::new(0)),
                scanned: AtomicUsize::new(0),
            }
        }
    };
}

impl Epoch {
    #[cfg(not(dolmen_loom))]
    constructor!(const);
    #[cfg(dolmen_loom)]
    constructor!();

    /// Goes over the sealed bags, and moves those that were sealed two epochs ago to the ready ones.
    fn sort(&self, epoch: usize) {
        let list = List::take_from(&self.sealed);
        let (mut ready, mut waiting) = (Chain::EMPTY, Chain::EMPTY);
        for bag in list {
            // SAFETY: the whole list is ours, and bags in it were made by `seal`.
            let is_ready = unsafe { (*bag).epoch } + 2 <= epoch;
            if is_ready { &mut ready } else { &mut waiting }.prepend(bag);
        }
        waiting.push_to(&self.sealed);
        ready.push_to(&self.ready);
    }

    /// Frees up to `share` bags, but for what is left of large objects, which become ready bags again:
    /// then it returns true. If it does not `advance`, it frees what the advances of others allow.
    fn collect_share(&self, share: usize, advance: bool, recycle: &mut Recycle<'_>) -> bool {
        let epoch = if advance { domain::try_advance() } else { domain::reached() };
        // Once an epoch is enough: what that left could not be freed in it. This keeps a stalled
        // reader from making every collection go over all that waits.
        // ORD(statistic): Relaxed, a hint; the bags' own epochs decide.
        if self.scanned.swap(epoch, Ordering::Relaxed) != epoch {
            self.sort(epoch);
        }
        // In lists of their own before any destructor runs: one may panic, or come here again.
        let ready = self.take_ready(share);
        if !ready.0.is_null() {
            hit(Branch::BagFreed);
        }
        // SAFETY: sealed two epochs ago, and ours.
        let (left, result) = unsafe { self.destroy(ready, recycle) };
        let more = !left.is_empty();
        left.push_to(&self.ready);
        go_on(result);
        more
    }

    /// Takes so many of the ready bags, or all there are.
    fn take_ready(&self, share: usize) -> List {
        let mut rest = List::take_from(&self.ready);
        let mut taken = List::new();
        for _ in 0..share {
            let Some(bag) = rest.split_first() else { break };
            taken.prepend(bag);
        }
        rest.into_chain().push_to(&self.ready);
        taken
    }
}

// SAFETY: the argument at the head of this module.
unsafe impl Collect for Epoch {
    type Guard<'c> = EpochGuard;
    type OwnedGuard<'c> = OwnedEpochGuard;
    type Bag = Bag;

    #[inline(always)]
    fn pin(&self) -> EpochGuard {
        let participant = current(domain::claim);
        // SAFETY: the registry never frees participants, and this one is the thread's.
        unsafe { domain::enter(&*participant) };
        EpochGuard { participant }
    }

    #[inline(always)]
    fn try_pin(&self) -> Option<EpochGuard> {
        let participant = known()?;
        // SAFETY: as in `pin`.
        unsafe { domain::enter(participant.as_ref()) };
        Some(EpochGuard { participant: participant.as_ptr() })
    }

    fn pin_owned(&self) -> OwnedEpochGuard {
        let participant = domain::claim();
        participant.release_at_unpin();
        domain::enter(participant);
        OwnedEpochGuard { participant }
    }

    #[inline(always)]
    fn reserve(&self, bag: &mut Bag, blocks: usize, others: usize) -> Result<(), AllocError> {
        bag.reserve(blocks, others)
    }

    #[inline(always)]
    unsafe fn retire(&self, bag: &mut Bag, object: Retired, bytes: usize) -> bool {
        if !object.is_block() {
            self.open.add(1, bytes);
        }
        // SAFETY: the caller's promise.
        unsafe { bag.push(object, bytes) }
    }

    fn seal(&self, bag: &mut Bag) -> bool {
        if bag.len() == 0 {
            // Who comes with nothing comes for what waits, and nobody else may.
            return self.waiting.get().0 > 0;
        }
        let (objects, bytes) = (bag.len(), bag.bytes());
        let (others, their_bytes) = (objects - bag.blocks(), bytes - bag.bytes_of_blocks());
        let epoch = || {
            // ORD(seal): SeqCst: the unlinking of everything in the bag comes before the load of
            // the epoch. Its other half is the barrier in `try_advance`.
            fence(Ordering::SeqCst);
            domain::epoch()
        };
        let Some((sealed, epoch)) = Sealed::make(bag, epoch) else { return true };
        self.waiting.add(objects, bytes);
        self.open.take(others, their_bytes);
        Chain::of(sealed).push_to(&self.sealed);
        // In models each bag ends one.
        SEALS == 1 || has_sealed(epoch, bytes)
    }

    fn collect(&self, advance: bool, recycle: &mut Recycle<'_>) -> bool {
        self.collect_share(SHARE, advance, recycle)
    }

    fn collect_all(&self, recycle: &mut Recycle<'_>) {
        while self.collect_share(usize::MAX, true, recycle) {}
    }

    unsafe fn drain(&mut self, bags: &mut dyn Iterator<Item = Bag>) {
        let sealed = List::take_from(&self.sealed).chain(List::take_from(&self.ready));
        // SAFETY: no guard lives (the caller's promise), so no grace period is needed; here and
        // below. The block is given away.
        let recycle =
            &mut |blocks: &[NonNull<u8>], layout: Layout| unsafe { give_back(blocks, layout) };
        // SAFETY: as above.
        let (mut left, mut result) = unsafe { self.destroy(sealed, recycle) };
        while !left.is_empty() {
            // SAFETY: as above.
            let (rest, next) = unsafe { self.destroy(List(left.first), recycle) };
            keep_first(&mut result, next);
            left = rest;
        }
        for bag in bags {
            // SAFETY: as above.
            keep_first(&mut result, unsafe { bag.destroy(recycle) });
        }
        go_on(result);
    }

    #[inline(always)]
    fn pending(bag: &Bag) -> usize {
        bag.blocks()
    }

    fn status(&self) -> Status {
        // In this order: what is sealed meanwhile is in both, and not in neither.
        let (open, open_bytes) = self.open.get();
        let (sealed, sealed_bytes) = self.waiting.get();
        Status { sealed, sealed_bytes, open, open_bytes, ..domain::status() }
    }
}

impl Epoch {
    /// Destroys the bags' objects: all of them, whatever destructors panic; the first panic is
    /// returned. So are the bags that hold what is left of large objects, of each of which a part was
    /// freed.
    ///
    /// # Safety
    /// The bags are owned, and the grace period of all objects in them is over.
    unsafe fn destroy(
        &self,
        bags: impl Iterator<Item = *mut Sealed>,
        recycle: &mut Recycle<'_>,
    ) -> (Chain, std::thread::Result<()>) {
        let (mut left, mut result) = (Chain::EMPTY, Ok(()));
        for sealed in bags {
            // SAFETY: made by `seal`, and owned. Nobody else finds it, so what destructors do when
            // they come here again is with others.
            let bag = unsafe { &mut (*sealed).bag };
            let (objects, bytes) = (bag.len(), bag.bytes());
            // SAFETY: the caller's promise.
            keep_first(&mut result, unsafe { bag.destroy_parts(recycle) });
            // The bytes of what is large when all is gone.
            self.waiting.take(objects - bag.len(), bytes - bag.bytes());
            if bag.len() > 0 {
                left.prepend(sealed);
                continue;
            }
            // SAFETY: as above.
            drop(unsafe { Sealed::open(sealed) });
        }
        (left, result)
    }
}
