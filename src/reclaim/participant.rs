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

use super::post::{Index, Post};
use super::seals::Seals;
use crate::sync::{AtomicBool, AtomicPtr, AtomicUsize, Canary, Ordering, load_own, thread_local};
use core::alloc::Layout;
use core::cell::Cell;
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
    post: Post,
    next: *const Participant,
    canary: Canary,
}

// SAFETY: `nested`, `seats` and `seals` are touched, and `epoch` is written, only by the claimant (claims are handed
// over with Release and Acquire on `claimed`, so that it finds them, and the participant not pinned);
// `next` and the post's index do not change after publication.
unsafe impl Sync for Participant {}
// SAFETY: as above; nothing in it belongs to a thread.
unsafe impl Send for Participant {}

impl Participant {
    #[inline(always)]
    pub(crate) fn post(&self) -> &Post {
        self.canary.check();
        &self.post
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

    /// Counts a guard out and unpins, if it is the only one and there is no mark.
    #[inline(always)]
    pub(super) fn leave_alone(&self) -> bool {
        let is_alone = self.nested.get() == 0;
        if is_alone {
            self.unpin(0);
        }
        is_alone
    }

    /// Counts a guard out, unpins at the last, and releases a participant whose thread is gone.
    #[inline(always)]
    pub(super) fn leave(&self) {
        if self.leave_alone() {
            return;
        }
        let nested = self.nested.get();
        if nested & COUNT > 0 {
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
            post: Post::at(Index::FIRST),
            next: ptr::null(),
            canary: Canary::new(),
        });
        // ORD(registry): Acquire, so that the older participants are ours to read, too.
        let mut head = self.head.load(Ordering::Acquire);
        loop {
            // SAFETY: as in `iter`.
            let index = unsafe { head.as_ref() }.map_or(Index::FIRST, |older| {
                older
                    .post()
                    .index()
                    .next()
                    .expect("not millions of threads and owned guards at once")
            });
            new.post = Post::at(index);
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
        let participant = self.iter().find(|p| p.post.index() == index && p.try_claim())?;
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

/// The current thread's participant, if it has one at hand.
#[inline(always)]
pub(super) fn known() -> Option<NonNull<Participant>> {
    NonNull::new(CURRENT.try_with(Cell::get).unwrap_or(ptr::null()).cast_mut())
}

/// The current thread's participant, claimed by `claim` if it has none.
#[inline(always)]
pub(super) fn current<'r>(claim: impl FnOnce() -> &'r Participant) -> *const Participant {
    known().map_or_else(|| adopt(claim()), |known| known.as_ptr().cast_const())
}

/// Whether the current thread's participant has sealed enough in `epoch`, with a bag of so many bytes; a thread
/// that has none at hand does not wait for more.
pub(super) fn has_sealed(epoch: usize, bytes: usize) -> bool {
    // SAFETY: participants are never freed, and this one is the thread's own.
    known().is_none_or(|participant| unsafe { participant.as_ref() }.seals.count(epoch, bytes))
}

/// Makes a claimed participant the current thread's.
#[cold]
fn adopt(participant: &Participant) -> *const Participant {
    let registered = RELEASER.try_with(|releaser| releaser.0.set(participant)).is_ok();
    participant.mark_leaving(!registered);
    let _ = CURRENT.try_with(|current| current.set(participant));
    participant
}
