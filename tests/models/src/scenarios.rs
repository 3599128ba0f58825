//! The plans that both checkers run, with the rare branches that each is there to reach.
//!
//! Tables are small: a group is two slots and so is a chunk, so `Resize(2)` makes a table of one
//! group whose migration is one chunk. What `before` says is done when the threads begin.

use crate::keys::key;
use crate::plan::{Op, Op::*, Plan, verbs};
use dolmen::model::Branch;

/// Keys of one group, each with a slot of its own.
pub const A: u64 = key(0, 1, 0);
pub const B: u64 = key(0, 2, 0);
pub const C: u64 = key(0, 3, 0);
pub const D: u64 = key(0, 4, 0);
/// Another key with A's ident: they share a word.
pub const TWIN: u64 = key(0, 1, 1);
/// Shares A's tag, and is another ident all the same.
pub const LOOKALIKE: u64 = key(1 << 8, 1, 0);

/// A plan, and what it must have met when it has been explored.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub name: String,
    pub plan: Plan,
    pub reach: Vec<Branch>,
}

fn scenario(name: &str, before: &[Op], threads: &[&[Op]], reach: &[Branch]) -> Scenario {
    Scenario { name: name.into(), plan: Plan::new(before, threads), reach: reach.to_vec() }
}

/// Writes and reads of keys in one table.
pub fn one_table() -> Vec<Scenario> {
    use Branch::WriteLost;
    vec![
        scenario("the first table", &[], &[&[Insert(A)], &[Insert(A)]], &[WriteLost]),
        scenario("one key", &[Resize(2)], &[&[Insert(A)], &[Insert(A)]], &[WriteLost]),
        scenario("one group", &[Resize(2)], &[&[Insert(A)], &[Insert(B)]], &[WriteLost]),
        scenario(
            "one tag",
            &[Resize(2)],
            &[&[Insert(A), Get(LOOKALIKE)], &[Insert(LOOKALIKE), Get(A)]],
            &[WriteLost],
        ),
        scenario(
            "insert, remove",
            &[Insert(A)],
            &[&[Insert(A), Get(A)], &[Remove(A), Get(A)]],
            &[WriteLost],
        ),
        scenario(
            "a tombstone comes back",
            &[Insert(A), Remove(A)],
            &[&[Insert(A), Remove(A)], &[TryInsert(A), Get(A)]],
            &[WriteLost],
        ),
        scenario(
            "replace, get",
            &[Insert(A), Insert(B)],
            &[&[Insert(A), Insert(A)], &[Get(A), Get(B), Get(A)]],
            &[],
        ),
        scenario("updates", &[Insert(A)], &[&[Update(A), Update(A)], &[Update(A)]], &[WriteLost]),
        // Whatever order the four writes take, one of the last two finds the key.
        scenario(
            "crowded together",
            &[Insert(A)],
            &[&[Insert(B), Get(A)], &[Insert(C), Get(A)]],
            &[],
        ),
    ]
}

/// Every verb against every step of its slot's move, from each state that a slot can be in; and
/// against a migration that begins meanwhile.
pub fn verbs_against_a_move() -> Vec<Scenario> {
    let mut all = Vec::new();
    for verb in verbs(A) {
        let mut add = |what: &str, before: &[Op], mover: &[Op], verb: &[Op]| {
            let name = format!("{verb:x?}, {what}");
            all.push(scenario(&name, before, &[mover, verb], &[]));
        };
        add("a live slot's chunk", &[Insert(A), Resize(2)], &[Help], &[verb]);
        add("a live slot", &[Insert(A), Resize(2)], &[Move(0, 0)], &[verb, Get(A)]);
        add("a tombstone", &[Insert(A), Remove(A), Resize(2)], &[Move(0, 0)], &[verb, Get(A)]);
        add("an empty slot", &[Resize(2), Resize(2)], &[Move(0, 0)], &[verb, Get(A)]);
        add("a migration that begins", &[Insert(A)], &[Resize(2), Move(0, 0)], &[verb]);
    }
    all
}

/// Copiers that meet, that sleep, and that come late.
pub fn copiers() -> Vec<Scenario> {
    use Branch::{AlreadyArrived, OwnSlotMoved};
    let moved: &[Op] = &[Finish, Resize(2), Finish];
    let removed = [moved, &[Remove(A), Get(A)]].concat();
    let back = [&[Remove(A)], moved, &[TryInsert(A)]].concat();
    vec![
        // The copy that a late copier would make must not bring the key back.
        scenario(
            "two copiers and a removal",
            &[Insert(A), Resize(2)],
            &[&[Move(0, 0)], &[Move(0, 0)], &[Remove(A)]],
            &[AlreadyArrived, OwnSlotMoved],
        ),
        scenario(
            "a copier, two resizes, a removal",
            &[Insert(A), Resize(2)],
            &[&[Move(0, 0)], &removed],
            &[AlreadyArrived],
        ),
        scenario(
            "a copier, a removal, two resizes, an insert",
            &[Insert(A), Resize(2)],
            &[&[Move(0, 0)], &back],
            &[AlreadyArrived],
        ),
    ]
}

/// The ends of migrations: chunks, bitmaps, swings, chains.
pub fn ends() -> Vec<Scenario> {
    use Branch::{ChunkTakenOver, DoubleSwing, ReaderFollowed, SuccessorExhausted};
    vec![
        scenario(
            "a reader of the old table",
            &[Insert(A), Resize(2)],
            &[&[Help], &[Get(A), Get(B)]],
            &[ReaderFollowed],
        ),
        scenario(
            "a chunk taken over",
            &[Insert(A), Insert(B), Resize(4)],
            &[&[Help], &[Finish]],
            &[ChunkTakenOver],
        ),
        // One thread has swung the root and sleeps before it looks at the new one; the other moves
        // all of the new one.
        scenario(
            "two swings",
            &[Insert(A), Resize(2)],
            &[&[Help], &[Resize(2), Help]],
            &[DoubleSwing],
        ),
        // The chunk's owner sleeps; the successor fills up with other keys, and what the owner
        // copies goes one table further.
        scenario(
            "the successor runs full",
            &[Insert(A), Insert(B), Resize(2)],
            &[&[Help], &[Insert(C), Insert(D)]],
            &[SuccessorExhausted],
        ),
        scenario(
            "two chunks, two helpers",
            &[Insert(A), Resize(4), Finish, Resize(2)],
            &[&[Help], &[Help]],
            &[],
        ),
    ]
}

/// Keys whose hashes are equal share a word, and a list of nodes.
pub fn shared_idents() -> Vec<Scenario> {
    use Branch::ListWritten;
    vec![
        scenario(
            "twins: put, remove",
            &[Insert(A)],
            &[&[Insert(TWIN), Get(A)], &[Remove(A), Get(TWIN)]],
            &[ListWritten],
        ),
        scenario(
            "twins: put, put",
            &[Resize(2)],
            &[&[Insert(TWIN), Get(A)], &[Insert(A), Get(TWIN)]],
            &[ListWritten],
        ),
        scenario(
            "twins: remove, remove",
            &[Insert(A), Insert(TWIN)],
            &[&[Remove(TWIN), Get(A)], &[Remove(A), Get(TWIN)]],
            &[ListWritten],
        ),
        scenario(
            "twins: move, remove",
            &[Insert(A), Insert(TWIN), Resize(2)],
            &[&[Move(0, 0)], &[Remove(TWIN), Get(A)]],
            &[ListWritten],
        ),
    ]
}

/// Iteration against moves and writes.
pub fn iteration() -> Vec<Scenario> {
    use Branch::{IterFollowed, IterSkipped};
    vec![
        scenario(
            "iteration, a move",
            &[Insert(A), Insert(B), Resize(2)],
            &[&[Help], &[Iter]],
            &[IterFollowed, IterSkipped],
        ),
        scenario(
            "iteration, a write in the successor",
            &[Insert(A), Insert(B), Resize(4)],
            &[&[Insert(A)], &[Iter]],
            &[IterFollowed, IterSkipped],
        ),
        scenario(
            "iteration, remove and insert",
            &[Insert(A), Insert(B)],
            &[&[Remove(A), Insert(A)], &[Iter]],
            &[],
        ),
    ]
}

/// For the real reclaimer: an unlinked node, an old table, and a reader that may still hold them.
pub fn retirement() -> Vec<Scenario> {
    use Branch::{AdvanceBlocked, BagFreed};
    vec![
        // The second write pins anew and frees what the first retired.
        scenario(
            "a replaced node, a reader",
            &[Insert(A)],
            &[&[Insert(A), Insert(A)], &[Get(A)]],
            &[BagFreed, AdvanceBlocked],
        ),
        scenario(
            "an old table, a reader",
            &[Insert(A), Resize(2)],
            &[&[Help, Insert(A)], &[Get(A)]],
            &[BagFreed],
        ),
        scenario(
            "two writers retire, both collect",
            &[Insert(A)],
            &[&[Insert(A)], &[Insert(A)]],
            &[],
        ),
    ]
}
