//! What the models need to see and to break: hit counters on rare branches, and faults that can be
//! planted. In ordinary builds both fold away.

/// A branch that only rare schedules reach; a model that never met its branch has shown nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(any(dolmen_loom, dolmen_shuttle)), allow(dead_code))]
pub enum Branch {
    /// A copier walked a successor to its end and went one table further.
    SuccessorExhausted,
    /// A copier met a sealed slot in the successor and went one table further.
    SealedMet,
    /// A copier found that the ident had arrived in the successor before it.
    AlreadyArrived,
    /// A swing found the new root complete as well, and swung again.
    DoubleSwing,
    /// A writer went over chunks whose owners had not finished.
    ChunkTakenOver,
    /// A writer brought its own slot to a terminal state and went on.
    OwnSlotMoved,
    /// A reader met MOVED or SEALED and went on to the successor.
    ReaderFollowed,
    /// An iterator followed a moved slot by ident.
    IterFollowed,
    /// An iterator skipped an ident that owns a slot in an earlier table.
    IterSkipped,
    /// A compare-exchange of a verb was lost.
    WriteLost,
    /// A word with several nodes was written.
    ListWritten,
    /// A sealed bag was freed while the map lived.
    BagFreed,
    /// A collection found an old pin in the way.
    AdvanceBlocked,
    /// A copier met a key that was claimed, and has no value yet.
    VoidMet,
    /// A copier met a key that was claimed, and closed by a migration before it had a value.
    ClosedVoidMet,
    /// Somebody, whoever it was, met a key that was claimed, and has no value yet.
    VoidSeen,
    /// A key was about to take a slot in another group than its home, as none before it had.
    Overflown,
}

/// A protocol step that can be broken on purpose; the models must notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(any(dolmen_loom, dolmen_shuttle)), allow(dead_code))]
pub enum Fault {
    /// Copy a slot without freezing it first.
    SkipFreeze = 1,
    /// Let a copier write over a tombstone of the successor.
    TakeTombstone = 2,
    /// Give the pin up before the loads that rely on it.
    UnpinEarly = 3,
    /// Let a writer go on to the successor before its own slot is MOVED.
    GoOnEarly = 4,
    /// Take a slot that was claimed, and closed without a value, for one that the copy has reached.
    TakeVoidForArrival = 5,
}

#[cfg(not(any(dolmen_loom, dolmen_shuttle)))]
mod imp {
    #[inline(always)]
    pub(crate) fn hit(_: super::Branch) {}

    #[inline(always)]
    pub(crate) fn planted(_: super::Fault) -> bool {
        false
    }
}

#[cfg(any(dolmen_loom, dolmen_shuttle))]
mod imp {
    use super::{Branch, Fault};
    use std::cell::Cell;

    const BRANCHES: usize = Branch::Overflown as usize + 1;

    // Both checkers run all their threads on the operating-system thread that started them; so
    // models can run side by side, each with its own figures.
    std::thread_local! {
        static HITS: [Cell<usize>; BRANCHES] = const { [const { Cell::new(0) }; BRANCHES] };
        static PLANTED: Cell<usize> = const { Cell::new(0) };
    }

    pub(crate) fn hit(branch: Branch) {
        HITS.with(|hits| hits[branch as usize].set(hits[branch as usize].get() + 1));
    }

    pub(crate) fn planted(fault: Fault) -> bool {
        PLANTED.get() == fault as usize
    }

    /// How often a branch was met by the models of this thread.
    pub fn hits(branch: Branch) -> usize {
        HITS.with(|hits| hits[branch as usize].get())
    }

    /// Breaks the protocol for the rest of this thread's life.
    pub fn plant(fault: Fault) {
        PLANTED.set(fault as usize);
    }
}

pub(crate) use imp::{hit, planted};
#[cfg(any(dolmen_loom, dolmen_shuttle))]
pub use imp::{hits, plant};
