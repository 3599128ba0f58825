//! The only module that names atomics. One surface over three worlds:
//!
//! * `real`: `core`'s atomics, for every ordinary build;
//! * `loom` (`--cfg dolmen_loom`): explores weak memory exhaustively up to a preemption bound;
//! * `shuttle` (`--cfg dolmen_shuttle`): explores long runs at random, sequentially consistent.
//!
//! `--cfg dolmen_real` takes the ordinary atomics, and the models' hooks and small constants with
//! them: for the models on real threads.
//!
//! The two checkers also get small constants (see [`limits`]), canaries that notice a use after
//! free or a read that races with reclamation, and memory that is quarantined until the end of an
//! execution instead of being handed out again.

#[cfg(any(all(dolmen_loom, dolmen_shuttle), all(dolmen_real, any(dolmen_loom, dolmen_shuttle))))]
compile_error!("choose one of `--cfg dolmen_loom`, `--cfg dolmen_shuttle`, `--cfg dolmen_real`");

#[cfg(not(any(dolmen_loom, dolmen_shuttle)))]
mod real;
#[cfg(not(any(dolmen_loom, dolmen_shuttle)))]
pub(crate) use real::*;

#[cfg(dolmen_loom)]
mod loom;
#[cfg(dolmen_loom)]
pub(crate) use self::loom::*;

#[cfg(dolmen_shuttle)]
mod shuttle;
#[cfg(dolmen_shuttle)]
pub(crate) use self::shuttle::*;

#[cfg(any(dolmen_loom, dolmen_shuttle))]
pub(crate) mod quarantine;

mod memory;
pub(crate) mod probe;
pub(crate) mod quiet;
mod region;
pub(crate) use memory::{allocate, free};
pub(crate) use region::{Region, mapped};

pub(crate) use core::sync::atomic::Ordering;

/// Whether this build runs under a model checker.
pub(crate) const CHECKED: bool = cfg!(any(dolmen_loom, dolmen_shuttle));
/// Whether it runs the models, under a checker or on real threads.
pub(crate) const MODELLED: bool = CHECKED || cfg!(dolmen_real);

/// Lets a moment pass, so many hints long, whatever others do meanwhile. Nothing under a checker, which
/// tries every order anyway.
#[cold]
pub(crate) fn back_off(hints: u32) {
    if !CHECKED {
        (0..hints).for_each(|_| core::hint::spin_loop());
    }
}

/// Sizes that shrink in the models, so that few operations reach every branch.
pub(crate) mod limits {
    use super::{CHECKED, MODELLED};

    /// Slots in a group: one 64-byte cache line.
    pub(crate) const GROUP: usize = if MODELLED { 2 } else { 8 };
    /// The same of slots of two words.
    pub(crate) const PAIRS: usize = if MODELLED { 2 } else { 4 };
    /// Slots that an iteration scans at once: at most the bits of a word.
    pub(crate) const STRETCH: usize = if MODELLED { 4 } else { 64 };
    /// Slots that one helping moves.
    pub(crate) const CHUNK: usize = if MODELLED { 2 } else { 64 };
    /// Retired objects in a bag before it is sealed.
    pub(crate) const BAG: usize = if MODELLED { 1 } else { 256 };
    /// Retired bytes in a bag before it is sealed.
    pub(crate) const BAG_BYTES: usize = if MODELLED { 1 } else { 64 << 10 };
    /// Bags that a participant seals in one epoch before it ends it. To end one takes a system call that
    /// interrupts every thread of the process (`docs/design.md`, section 11).
    pub(crate) const SEALS: usize = if MODELLED { 1 } else { 4 };
    /// Bags that a collection frees at most, for the one that it seals: a backlog goes, and no
    /// write pays for all of it.
    pub(crate) const SHARE: usize = if MODELLED { 1 } else { 2 };
    /// Writes that a participant lets pass at most before it looks again whether a large table may be
    /// freed.
    pub(crate) const PATIENCE: u16 = if MODELLED { 0 } else { 1 << 10 };
    /// Hints to the processor in the longest moment that a writer lets pass after a loss.
    pub(crate) const BACK_OFF: u32 = 32;
    /// Blocks, and bytes, that a thread keeps for reuse in one map.
    pub(crate) const POOL: usize = if CHECKED { 0 } else { 1 << 10 };
    pub(crate) const POOL_BYTES: usize = 32 << 10;
    /// Blocks of participants: 4, 8, 16 .. of them.
    pub(crate) const BLOCKS: usize = if CHECKED { 2 } else { 20 };
}
