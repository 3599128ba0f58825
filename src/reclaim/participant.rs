//! Participants: the registry of who may be inside a map.
//!
//! A participant is claimed by a flag and never unlinked, so the registry is a list that only
//! grows at its head, to the largest number ever claimed at once. Whoever has claimed a
//! participant owns its cells and, in every [`Locals`](super::Locals), the entry of its index.
//!
//! A thread claims one at its first pin and releases it when it exits. A participant that is
//! still pinned then (a guard that a thread-local holds, or one that was leaked) is only marked,
//! and the last unpin releases it; so a leaked guard keeps its participant for ever, and can never
//! unpin a stranger. After a thread's releaser has run, a pin in a later thread-local destructor
//! claims a participant that is marked from the start.

use super::seals::Seals;
use crate::sync::limits::BLOCKS;
use crate::sync::{AtomicBool, AtomicPtr, AtomicUsize, Canary, Ordering, load_own, thread_local};
use core::alloc::Layout;
use core::cell::Cell;
use core::marker::PhantomData;
use core::ptr::{self, NonNull};

/// A mark in `nested`: release at the last unpin, for the owning thread's releaser has run.
const LEAVING: usize = 1 << (usize::BITS - 1);
/// A mark in `nested`, and what `epoch` is when not pinned where that is set: pinning takes a full fence
/// (there is no asymmetric barrier).
pub(super) const FENCED: usize = 1 << (usize::BITS - 2);
/// The rest of `nested`.
const COUNT: usize = FENCED - 1;

/// Whether a guard is the first of its participant, and how that pins.
pub(super) enum Entry {
    First,
    FirstFenced,
    Nested,
}

/// A participant: its pin, visible to collectors, and its owner's own cells.
#[repr(align(128))]
pub(crate) struct Participant {
    /// The epoch that it is pinned in, or 0, or [`FENCED`]. Only the owner writes it.
    pub(super) epoch: AtomicUsize,
    /// How many guards live but for the first, and above that the two marks; only the owner touches it.
    /// One word, which the unpin of a guard that is alone, where there is no mark, finds 0. Nobody can
    /// forget 2^62 guards, which would set one.
    nested: Cell<usize>,
    /// Guards of other reclaimers, which need the index only.
    seats: Cell<usize>,
    seals: Seals,
    claimed: AtomicBool,
    index: Index,
    next: *const Participant,
    canary: Canary,
}

// SAFETY: `nested`, `seats` and `seals` are touched, and `epoch` is written, only by the claimant (claims are handed
// over with Release and Acquire on `claimed`, so that it finds them, and the participant not pinned);
// `index` and `next` do not change after publication.
unsafe impl Sync for Participant {}
// SAFETY: as above; nothing in it belongs to a thread.
unsafe impl Send for Participant {}

/// Which participant: its number, as a place in blocks that double ([`Locals`](super::Locals)). There are
/// [`BLOCKS`] of them: `block` is less than that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Index {
    /// The place in the block, and below it the block's number: one word, for each write loads it.
    packed: u64,
}

impl Index {
    pub(crate) const FIRST: Index = Index { packed: 0 };

    /// `block` is less than [`BLOCKS`].
    pub(super) fn at(block: u32, offset: u32) -> Index {
        Index { packed: u64::from(offset) << 32 | u64::from(block) }
    }

    #[inline(always)]
    pub(super) fn block(self) -> u32 {
        self.packed as u32
    }

    #[inline(always)]
    pub(super) fn offset(self) -> u32 {
        (self.packed >> 32) as u32
    }

    /// The one after this; `None` after the last of the last block.
    pub(crate) fn next(self) -> Option<Index> {
        if self.offset() as usize + 1 < super::locals::block_len(self.block()) {
            return Some(Index::at(self.block(), self.offset() + 1));
        }
        let block = self.block() + 1;
        ((block as usize) < BLOCKS).then_some(Index::at(block, 0))
    }
}

/// Proof of a pin, and of owning a participant's index, for `'g`.
#[derive(Clone, Copy)]
pub struct Pin<'g> {
    /// Not the index itself: most reads have no use for it, and would load it.
    index: &'g Index,
    _pin: PhantomData<*mut ()>,
}

impl<'g> Pin<'g> {
    /// # Safety
    /// For the lifetime, the caller owns `index` among all participants, and is pinned. The index is not
    /// in what may be moved while the pin lives.
    #[inline(always)]
    pub(crate) unsafe fn new(index: &'g Index) -> Self {
        Pin { index, _pin: PhantomData }
    }

    /// The same pin, for another lifetime.
    ///
    /// # Safety
    /// The guard lives for that, wherever it is moved.
    #[inline(always)]
    pub(crate) unsafe fn with_lifetime<'l>(self) -> Pin<'l> {
        // SAFETY: an index is a participant's, which are never freed while anybody may be pinned, or a
        // static; never a guard's.
        Pin { index: unsafe { &*ptr::from_ref(self.index) }, _pin: PhantomData }
    }

    /// For reading a map that is exclusively borrowed for the lifetime.
    ///
    /// # Safety
    /// That is so; and the index, which is not the caller's, is not used.
    pub(crate) unsafe fn exclusive() -> Self {
        Pin { index: &Index::FIRST, _pin: PhantomData }
    }

    #[inline(always)]
    pub(crate) fn index(self) -> Index {
        *self.index
    }
}

impl Participant {
    #[inline(always)]
    pub(crate) fn index(&self) -> &Index {
        self.canary.check();
        &self.index
    }

    /// Counts a guard in. Where it is the first, the caller pins.
    ///
    /// Neither this nor `leave` adds to a word of memory where one guard comes and goes: that would be a
    /// chain through all the calls of a thread, each of which would wait for the one before.
    #[inline(always)]
    pub(super) fn enter(&self) -> Entry {
        match load_own(&self.epoch) {
            0 => Entry::First,
            FENCED => Entry::FirstFenced,
            _ => {
                self.nested.set(self.nested.get() + 1);
                Entry::Nested
            }
        }
    }

    /// Counts a guard out, unpins at the last, and releases a participant whose thread is gone.
    #[inline(always)]
    pub(super) fn leave(&self) {
        let nested = self.nested.get();
        if nested == 0 {
            self.unpin(0);
        } else if nested & COUNT > 0 {
            self.nested.set(nested - 1);
        } else {
            self.leave_marked(nested & FENCED);
        }
    }

    #[inline(always)]
    fn unpin(&self, idle: usize) {
        // ORD(unpin): Release, read by the scan in `Domain::try_advance`: all that was read
        // under the pin happens before what the next epochs free.
        self.epoch.store(idle, Ordering::Release);
    }

    /// The last unpin of a participant with a mark.
    #[inline(never)]
    fn leave_marked(&self, idle: usize) {
        self.unpin(idle);
        self.depart_if_last();
    }

    /// Counts a seat in.
    #[cfg(any(feature = "crossbeam-epoch", feature = "seize"))]
    pub(super) fn sit(&self) {
        self.seats.set(self.seats.get() + 1);
    }

    /// Counts a seat out.
    #[cfg(any(feature = "crossbeam-epoch", feature = "seize"))]
    pub(super) fn stand(&self) {
        self.seats.set(self.seats.get() - 1);
        self.depart_if_last();
    }

    fn is_idle(&self) -> bool {
        matches!(load_own(&self.epoch), 0 | FENCED) && self.seats.get() == 0
    }

    fn depart_if_last(&self) {
        if self.nested.get() & LEAVING != 0 && self.is_idle() {
            self.depart();
        }
    }

    /// Sets the mark or clears it.
    fn mark_leaving(&self, leaving: bool) {
        let nested = self.nested.get() & !LEAVING;
        self.nested.set(if leaving { nested | LEAVING } else { nested });
    }

    /// The last unpin of a participant whose thread's releaser has run.
    #[cold]
    fn depart(&self) {
        // The cell may be gone already (only under the checkers): then nobody can find us there.
        let _ = CURRENT.try_with(|current| {
            if ptr::eq(current.get(), self) {
                current.set(ptr::null());
            }
        });
        self.release();
    }

    /// For an owned guard: its participant belongs to no thread.
    pub(super) fn release_at_unpin(&self) {
        self.mark_leaving(true);
    }

    fn release(&self) {
        debug_assert!(self.is_idle());
        // ORD(claim): Release, paired with the Acquire in `try_claim`: hands the cells, and the
        // entries of this index in every map, to the next claimant.
        self.claimed.store(false, Ordering::Release);
    }

    fn try_claim(&self) -> bool {
        // The first look keeps the line shared while it is somebody else's.
        // ORD(claim): Acquire on success, paired with `release`.
        !self.claimed.load(Ordering::Relaxed)
            && self
                .claimed
                .compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed)
                .is_ok()
    }
}

/// All participants there ever were, newest first.
pub(crate) struct Registry {
    head: AtomicPtr<Participant>,
}

impl Registry {
    #[cfg(not(dolmen_loom))]
    pub(crate) const fn new() -> Self {
        Registry { head: AtomicPtr::new(ptr::null_mut()) }
    }

    #[cfg(dolmen_loom)]
    pub(crate) fn new() -> Self {
        Registry { head: AtomicPtr::new(ptr::null_mut()) }
    }

    /// Every participant that was published before the call.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Participant> {
        // ORD(registry): Acquire, paired with the push in `claim`.
        let mut next = self.head.load(Ordering::Acquire).cast_const();
        core::iter::from_fn(move || {
            // SAFETY: participants are never freed while the registry lives, and each was
            // published (Release) after it was made.
            let participant = unsafe { next.as_ref() }?;
            next = participant.next;
            Some(participant)
        })
    }

    /// Claims a participant: a released one, or a new one at the head of the list. `fenced` is the same
    /// in every call.
    #[cold]
    pub(super) fn claim(&self, fenced: bool) -> &Participant {
        let participant = self.iter().find(|p| p.try_claim()).unwrap_or_else(|| self.push(fenced));
        participant.mark_leaving(false);
        participant
    }

    fn push(&self, fenced: bool) -> &Participant {
        let idle = if fenced { FENCED } else { 0 };
        let mut new = Box::new(Participant {
            epoch: AtomicUsize::new(idle),
            nested: Cell::new(idle),
            seats: Cell::new(0),
            seals: Seals::default(),
            claimed: AtomicBool::new(true),
            index: Index::FIRST,
            next: ptr::null(),
            canary: Canary::new(),
        });
        // ORD(registry): Acquire, so that the older participants are ours to read, too.
        let mut head = self.head.load(Ordering::Acquire);
        loop {
            // SAFETY: as in `iter`.
            new.index = unsafe { head.as_ref() }.map_or(Index::FIRST, |older| {
                older.index().next().expect("not millions of threads and owned guards at once")
            });
            new.next = head;
            let raw = Box::into_raw(new);
            // ORD(registry): Release publishes the participant; Acquire for the next try.
            match self.head.compare_exchange(head, raw, Ordering::AcqRel, Ordering::Acquire) {
                // SAFETY: just published, and never freed while the registry lives.
                Ok(_) => return unsafe { &*raw },
                Err(newer) => head = newer,
            }
            // SAFETY: the exchange failed, so the box is still ours alone.
            new = unsafe { Box::from_raw(raw) };
        }
    }

    /// Runs `f` as the owner of the participant with this index, if nobody else is.
    pub(crate) fn as_owner<T>(&self, index: Index, f: impl FnOnce() -> T) -> Option<T> {
        let participant = self.iter().find(|p| p.index == index && p.try_claim())?;
        let result = f();
        participant.release();
        Some(result)
    }
}

impl Drop for Registry {
    /// Only under the checkers, where a registry lives for one execution. A thread-local destructor
    /// may still come and release its participant: the memory stays until the next execution.
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        // ORD(exclusive): Relaxed, `&mut self` orders everything before.
        let mut next = self.head.load(Ordering::Relaxed);
        while !next.is_null() {
            // SAFETY: each participant was a `Box`, and is not named by the registry any more.
            unsafe {
                let participant = next;
                next = (*participant).next.cast_mut();
                let block = NonNull::new_unchecked(participant).cast();
                crate::sync::free(block, Layout::new::<Participant>());
            }
        }
    }
}

/// Releases the thread's participant when the thread exits.
struct Releaser(Cell<*const Participant>);

impl Drop for Releaser {
    fn drop(&mut self) {
        // SAFETY: null, or a participant that this thread claimed, and the registry outlives it.
        let Some(participant) = (unsafe { self.0.get().as_ref() }) else { return };
        if participant.is_idle() {
            participant.depart();
        } else {
            participant.mark_leaving(true);
        }
    }
}

thread_local! {
    // Has no destructor, so it can be read at any time in the thread's life.
    static CURRENT: Cell<*const Participant> = const { Cell::new(ptr::null()) };
    static RELEASER: Releaser = const { Releaser(Cell::new(ptr::null())) };
}

/// The current thread's participant, claimed by `claim` if it has none.
#[inline(always)]
pub(super) fn current<'r>(claim: impl FnOnce() -> &'r Participant) -> *const Participant {
    let current = CURRENT.try_with(Cell::get).unwrap_or(ptr::null());
    if current.is_null() { adopt(claim()) } else { current }
}

/// Whether the current thread's participant has sealed enough in `epoch`, with a bag of so many bytes; a thread
/// that has none at hand does not wait for more.
pub(super) fn has_sealed(epoch: usize, bytes: usize) -> bool {
    let current = CURRENT.try_with(Cell::get).unwrap_or(ptr::null());
    // SAFETY: participants are never freed, and this one is the thread's own.
    unsafe { current.as_ref() }.is_none_or(|participant| participant.seals.count(epoch, bytes))
}

/// Makes a claimed participant the current thread's.
#[cold]
fn adopt(participant: &Participant) -> *const Participant {
    let registered = RELEASER.try_with(|releaser| releaser.0.set(participant)).is_ok();
    participant.mark_leaving(!registered);
    let _ = CURRENT.try_with(|current| current.set(participant));
    participant
}
