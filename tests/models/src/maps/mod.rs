//! The maps under test, behind one surface, so that one body of plans serves them all.

mod nodes;
mod words;

pub use nodes::Nodes;
pub use words::{ALL_INLINE, INLINE_FIRST, WIDE_FIRST, Words};

use crate::history::{Left, Saw};
use crate::plan::Op;
use crate::scenarios::Scenario;
use dolmen::model::Branch;

/// The id of a value names the write that made it.
#[derive(Clone, Copy, Debug)]
pub struct Id {
    /// When the call began.
    pub begin: usize,
    /// 0 before the threads run side by side, then a thread's number and one more.
    pub writer: usize,
    /// A closure that runs more than once makes a new value each time.
    pub nth: usize,
}

impl Id {
    pub fn pack(self) -> u64 {
        (self.begin as u64) << 16 | (self.writer as u64) << 8 | self.nth as u64
    }

    pub fn of(id: u64) -> Id {
        let byte = |shift: u32| (id >> shift & 0xff) as usize;
        Id { begin: (id >> 16) as usize, writer: byte(8), nth: byte(0) }
    }

    /// What `RemoveIf` removes: about half of all values.
    pub fn is_wanted(id: u64) -> bool {
        Id::of(id).begin.is_multiple_of(2)
    }
}

/// A map under test. Recording what becomes of values uses nothing that a checker sees.
pub trait Map: Send + Sync + Sized + 'static {
    /// Rare branches that maps of this kind do not have.
    const NEVER: &'static [Branch];
    /// Whether a key can have a slot without a value yet.
    const CLAIMS: bool;
    /// One in so many of the usual schedules, or runs.
    const SHARE: usize = 1;

    /// How many preemptions loom tries in a scenario.
    fn preemptions(scenario: &Scenario) -> usize {
        scenario.preemptions
    }

    /// A map in which the first `threads` threads have their entries.
    fn new(threads: usize) -> Self;

    /// A call on one key: what it saw, and what it left. `id` names the value that is written, a new
    /// one each time.
    fn call(&self, op: Op, key: u64, id: &dyn Fn() -> u64) -> (Saw, Left);

    /// Iterates: keys, and the ids of their values.
    fn each(&self, met: &mut dyn FnMut(u64, u64));

    /// Does what concerns no key.
    fn step(&self, op: Op);

    fn count(&self) -> usize;

    /// Slots that the newest table is said to have used.
    fn slots_used(&self) -> usize;

    /// The tables, as `dolmen::HashMap::chain` has them.
    fn chain(&self) -> Vec<String>;

    /// Drops the map; panics unless each value that was made is gone, once.
    fn close(self);
}

/// What a removal saw and left: of what it removed, or declined to.
fn removed(old: Option<u64>, declined: Option<u64>) -> (Saw, Left) {
    match (old, declined) {
        (Some(_), _) => (Saw::Is(old), Left::Nothing),
        (None, Some(declined)) => (Saw::NoneOr(declined), Left::Same),
        (None, None) => (Saw::Is(None), Left::Same),
    }
}
