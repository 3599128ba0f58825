//! What the model-checking suite (`tests/models`) needs of the inside: nothing here exists in
//! ordinary builds, and nothing in it is covered by any promise.
#![allow(missing_docs)]

mod cell;
#[cfg(any(dolmen_loom, dolmen_shuttle))]
mod deferred;
mod words;

pub use crate::sync::probe::Branch;
#[cfg(any(dolmen_loom, dolmen_shuttle))]
pub use crate::sync::probe::{Fault, hits, plant};
pub use cell::Cell;
#[cfg(any(dolmen_loom, dolmen_shuttle))]
pub use deferred::Deferred;
pub use words::Words;

use crate::map::HashMap;
use crate::reclaim::{Collect, Guard, Reclaim};

/// The atomics of a loom build, for litmus tests.
#[cfg(dolmen_loom)]
pub mod touched {
    pub type AtomicUsize = crate::sync::AtomicUsize;
}

/// Call it first in each execution: gives back the memory that the last one held on to, and makes
/// what is process-wide before any thread can race to it.
pub fn begin() {
    #[cfg(any(dolmen_loom, dolmen_shuttle))]
    crate::sync::quarantine::release();
    drop(crate::Epoch::new().pin());
}

/// Call it last, when every map is dropped: panics if a block was not freed. On real threads there
/// is no telling whose a block is.
pub fn end() {
    #[cfg(any(dolmen_loom, dolmen_shuttle))]
    crate::sync::quarantine::nothing_is_left();
}

/// The 64-bit hash for which a map takes `ident` (low 3 bits zero, top 16 not all zero).
pub fn hash_for(ident: u64) -> u64 {
    crate::map::hash::unmix(ident)
}

/// The mixed key, of a map of words, whose home is this group of any table that has it; `rest`, which
/// is not 0, tells it from others of that home. See [`placed`].
pub fn word_for(home: u64, rest: u64) -> u64 {
    rest << 32 | home
}

/// The home, and the rest.
pub fn placed(word: u64) -> (u64, u64) {
    (word & 0xffff_ffff, word >> 32)
}

/// A map with a reclaimer of its own, in which the first `threads` threads have their entries.
pub fn new_map<K, V, S, R: Reclaim>(hasher: S, threads: usize) -> HashMap<K, V, S, R> {
    let map = HashMap::with_hasher_and_reclaimer(hasher, R::default());
    map.raw.enroll(threads);
    map
}

impl<K, V, S, R: Reclaim> HashMap<K, V, S, R> {
    /// Begins a migration to a table of so many slots, unless one is under way.
    pub fn start_resize(&self, slots: usize) {
        self.raw.model_start(self.raw.reclaim.pin().as_pin(), slots);
    }

    /// Moves one chunk.
    pub fn help_resize(&self) {
        self.raw.model_help(self.raw.reclaim.pin().as_pin());
    }

    /// Moves one slot of the `nth` table from the root.
    pub fn move_slot(&self, nth: usize, slot: usize) {
        self.raw.model_move(self.raw.reclaim.pin().as_pin(), nth, slot);
    }

    /// Slots that are counted as used in the root.
    pub fn slots_used(&self) -> usize {
        self.raw.model_used(self.raw.reclaim.pin().as_pin())
    }

    /// The tables from the root on, a letter a slot: `.LFTMS`.
    pub fn chain(&self) -> Vec<String> {
        self.raw.model_chain(self.raw.reclaim.pin().as_pin())
    }
}
