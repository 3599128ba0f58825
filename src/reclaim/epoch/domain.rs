//! The process-wide epoch and the rule for advancing it.

use super::super::Status;
use super::super::participant::{Entry, FENCED, Participant, Registry};
use super::super::post::Index;
use super::barrier::{Barrier, heavy, probe};
use crate::sync::probe::{Branch, Fault, hit, planted};
use crate::sync::quiet;
use crate::sync::{AtomicUsize, Ordering, compiler_fence, fence, global};

/// One for the process: what threads, maps and guards share.
struct Domain {
    epoch: Apart<AtomicUsize>,
    registry: Registry,
    /// A [`Barrier`], chosen at the first pin and never changed.
    barrier: AtomicUsize,
    /// Collections in a row that found an old pin in the way.
    blocked: quiet::AtomicUsize,
    /// 1 once the system has refused a barrier that readers rely on.
    stuck: quiet::AtomicUsize,
}

/// On lines of its own: every pin reads it, and figures are written beside it.
#[repr(align(128))]
struct Apart<T>(T);

/// The first epoch; 0 means "never sealed" in a bag, and "not pinned" in a participant.
const START: usize = 1;

global! {
    static DOMAIN: Domain = Domain {
        epoch: Apart(AtomicUsize::new(START)),
        registry: Registry::new(),
        barrier: AtomicUsize::new(Barrier::Unknown as usize),
        blocked: quiet::AtomicUsize::new(0),
        stuck: quiet::AtomicUsize::new(0),
    };
}

/// Claims a participant, choosing the barrier first if nobody has.
#[cold]
pub(crate) fn claim<'r>() -> &'r Participant {
    let fenced = barrier() == Barrier::Fence;
    let participant: *const Participant = DOMAIN.registry.claim(fenced);
    // SAFETY: the registry frees participants only when it is dropped: never, or (under the
    // checkers) when the execution is over.
    unsafe { &*participant }
}

/// The barrier of this process.
fn barrier() -> Barrier {
    // ORD(barrier-mode): Acquire, paired with the exchange: whoever sees a mode that relies on
    // the system call comes after its registration.
    let chosen = Barrier::from(DOMAIN.barrier.load(Ordering::Acquire));
    if chosen != Barrier::Unknown {
        return chosen;
    }
    choose(probe())
}

/// Makes `found` the barrier of this process, unless there is one; returns what it is.
pub(super) fn choose(found: Barrier) -> Barrier {
    // ORD(barrier-mode): Release on success; Acquire takes the winner's choice.
    match DOMAIN.barrier.compare_exchange(
        Barrier::Unknown as usize,
        found as usize,
        Ordering::AcqRel,
        Ordering::Acquire,
    ) {
        Ok(_) => found,
        Err(winner) => Barrier::from(winner),
    }
}

/// Counts a guard in, and pins at the first.
#[inline(always)]
pub(super) fn enter(participant: &Participant) {
    let entry = participant.enter();
    if let Entry::Nested = entry {
        return;
    }
    // ORD(pin-epoch): Acquire, paired with the exchange in `try_advance`: what was unlinked
    // before this epoch began is seen as unlinked.
    let epoch = DOMAIN.epoch.0.load(Ordering::Acquire);
    // ORD(pin): Release, read by the scan; and the light barrier, whose other half is the heavy
    // one in `try_advance`: the pin is visible to the scan, or our loads come after its barrier.
    participant.epoch.store(epoch, Ordering::Release);
    if let Entry::FirstFenced = entry {
        fence(Ordering::SeqCst);
    } else {
        compiler_fence(Ordering::SeqCst);
    }
    if planted(Fault::UnpinEarly) {
        participant.epoch.store(0, Ordering::Release);
    }
}

/// The current epoch, for a seal.
pub(super) fn epoch() -> usize {
    // ORD(seal): Acquire; the order that matters is that of the fence before it.
    DOMAIN.epoch.0.load(Ordering::Acquire)
}

/// The current epoch, for who frees what the advances of others allow.
pub(super) fn reached() -> usize {
    // ORD(advance): Acquire, paired with the exchange of whoever made it this one: the frees come after
    // the reads that its scans saw ended.
    DOMAIN.epoch.0.load(Ordering::Acquire)
}

/// Advances the epoch if every pinned participant is in it; returns the epoch afterwards.
pub(super) fn try_advance() -> usize {
    // ORD(advance): Acquire, and *before* the barrier (see the head of `epoch`).
    let epoch = DOMAIN.epoch.0.load(Ordering::Acquire);
    let old_pin = |participant: &Participant| {
        // ORD(unpin): Acquire, paired with the Release stores of pin and unpin: all that was read
        // under an earlier pin happens before the advance.
        let pin = participant.epoch.load(Ordering::Acquire);
        pin != 0 && pin != FENCED && pin != epoch
    };
    // ORD(statistic): Relaxed, two figures for `stats`.
    let stuck = DOMAIN.stuck.load(Ordering::Relaxed) != 0;
    // A look that proves nothing, to save the barrier when the answer is no.
    if stuck || DOMAIN.registry.iter().any(old_pin) {
        DOMAIN.blocked.fetch_add(1, Ordering::Relaxed);
        return epoch;
    }
    if !heavy(barrier()) {
        DOMAIN.stuck.store(1, Ordering::Relaxed);
        return epoch;
    }
    // The scan that counts: its loads, the registry's head first, come after the barrier.
    if DOMAIN.registry.iter().any(old_pin) {
        hit(Branch::AdvanceBlocked);
        // ORD(statistic): Relaxed, here and below.
        DOMAIN.blocked.fetch_add(1, Ordering::Relaxed);
        return epoch;
    }
    DOMAIN.blocked.store(0, Ordering::Relaxed);
    // ORD(advance): AcqRel: Release hands on what the scan acquired to those who read the new
    // epoch (pins, and the frees it allows); Acquire takes it from the winner if we lose.
    match DOMAIN.epoch.0.compare_exchange(epoch, epoch + 1, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => epoch + 1,
        Err(newer) => newer,
    }
}

/// Runs `f` as the owner of a participant that nobody has claimed.
pub(crate) fn as_owner<T>(index: Index, f: impl FnOnce() -> T) -> Option<T> {
    DOMAIN.registry.as_owner(index, f)
}

pub(super) fn status() -> Status {
    // ORD(statistic): Relaxed, figures.
    Status {
        blocked: DOMAIN.blocked.load(Ordering::Relaxed),
        stuck: DOMAIN.stuck.load(Ordering::Relaxed) != 0,
        ..Status::default()
    }
}
