//! What a model does, as data.

use crate::maps::Map;
use crate::threads::{Mark, side_by_side, unmarked};
use crate::world::{Who, World};
use dolmen::model;
use std::collections::BTreeSet;
use std::sync::Arc;

/// One call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Get(u64),
    Insert(u64),
    /// Under an owned pin: with a participant that is claimed for it, and released.
    InsertOwned(u64),
    TryInsert(u64),
    Update(u64),
    /// Removes what is there, inserts where nothing is.
    Compute(u64),
    Remove(u64),
    /// On a condition that holds of some values.
    RemoveIf(u64),
    Iter,
    /// Begins a migration to a table of so many slots; makes the first table if there is none.
    Resize(usize),
    /// Moves a chunk.
    Help,
    /// Moves one slot of the nth table from the root.
    Move(usize, usize),
    /// What a writer, or a copier, leaves that stops when it has claimed a key in the nth table and
    /// has not written its value. Nothing in a map whose slots are one word.
    Claim(usize, u64),
    /// Ends every migration.
    Finish,
    /// Frees what may be freed.
    Flush,
}

impl Op {
    pub fn key(self) -> Option<u64> {
        match self {
            Op::Get(key)
            | Op::Insert(key)
            | Op::InsertOwned(key)
            | Op::TryInsert(key)
            | Op::Update(key)
            | Op::Compute(key)
            | Op::Remove(key)
            | Op::RemoveIf(key) => Some(key),
            _ => None,
        }
    }

    fn writes(self) -> bool {
        self.key().is_some() && !matches!(self, Op::Get(_))
    }
}

/// The seven verbs, each on this key.
pub fn verbs(key: u64) -> [Op; 7] {
    [
        Op::Get(key),
        Op::Insert(key),
        Op::TryInsert(key),
        Op::Update(key),
        Op::Compute(key),
        Op::Remove(key),
        Op::RemoveIf(key),
    ]
}

/// Operations that come first, and what each thread does. The first thread is the main one.
#[derive(Clone, Debug)]
pub struct Plan {
    pub before: Vec<Op>,
    pub threads: Vec<Vec<Op>>,
    /// Threads make their entries in the map themselves. Elsewhere they find them made, which
    /// leaves fewer orders to explore.
    pub strangers: bool,
}

impl Plan {
    pub fn new(before: &[Op], threads: &[&[Op]]) -> Self {
        let threads = threads.iter().map(|ops| ops.to_vec()).collect();
        Plan { before: before.to_vec(), threads, strangers: false }
    }

    /// The same with more to do: each thread twice, each doing twice as much, and a reader of every
    /// key.
    pub fn widen(&self) -> Plan {
        let twice = |ops: &Vec<Op>| [ops.clone(), ops.clone()].concat();
        let reads = self.keys().into_iter().map(Op::Get).chain([Op::Iter]).collect();
        let busy: Vec<Vec<Op>> = self.threads.iter().map(twice).collect();
        let idle = self.threads.iter().cloned();
        let threads = busy.iter().cloned().chain(idle).chain([reads]).collect();
        Plan { before: self.before.clone(), threads, strangers: self.strangers }
    }

    fn keys(&self) -> BTreeSet<u64> {
        let all = self.before.iter().chain(self.threads.iter().flatten());
        all.filter_map(|op| op.key()).collect()
    }

    /// Keys that are there all the time.
    fn steady(&self) -> BTreeSet<u64> {
        let mut steady = BTreeSet::new();
        for op in &self.before {
            match op {
                Op::Insert(key) | Op::InsertOwned(key) => drop(steady.insert(*key)),
                // What other writes leave is not known beforehand.
                op if op.writes() => drop(steady.remove(&op.key().expect("it writes one"))),
                _ => {}
            }
        }
        for op in self.threads.iter().flatten().filter(|op| op.writes()) {
            steady.remove(&op.key().expect("it writes one"));
        }
        steady
    }

    /// Runs the plan once and checks everything.
    pub fn run<M: Map>(&self) {
        self.run_with::<M>(unmarked());
    }

    /// As `run`, with a mark at each thread's beginning and end.
    pub fn run_with<M: Map>(&self, mark: Mark) {
        model::begin();
        let known = if self.strangers { 0 } else { self.threads.len() };
        let world = Arc::new(World::<M>::new(known, self.steady()));
        for op in &self.before {
            world.perform(Who { thread: 0, phase: 0 }, *op);
        }
        let shared = world.clone();
        side_by_side(&self.threads, &mark, move |thread, op| {
            shared.perform(Who { thread, phase: 1 }, op);
        });
        let world = Arc::try_unwrap(world).map_err(|_| "shared").expect("the threads are gone");
        world.finish(&self.keys());
        model::end();
    }
}
