//! The plans that both checkers run, with the rare branches that each is there to reach.
//!
//! Tables are small: a group is two slots and so is a chunk, so `Resize(2)` makes a table of one
//! group whose migration is one chunk. What `before` says is done when the threads begin.

use crate::checker::deep;
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

/// Keys of the second group of a table of two: a helper's first chunk leaves their slots alone.
pub const NEAR: u64 = key(1, 5, 0);
pub const FAR: u64 = key(1, 6, 0);

/// A plan, and what it must have met when it has been explored.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub name: String,
    pub plan: Plan,
    pub reach: Vec<Branch>,
    /// How many preemptions loom tries.
    pub preemptions: usize,
    /// As `preemptions`, where the slots are of two words: they take more steps, and tables have a group
    /// more.
    pub of_words: usize,
}

impl Scenario {
    /// Fewer preemptions than usual, where three take too long for every push.
    pub(crate) fn at_most(mut self, preemptions: usize) -> Self {
        self.preemptions = preemptions;
        self
    }

    /// See [`deep`].
    pub(crate) fn deep(self) -> Self {
        let preemptions = deep(self.preemptions);
        self.at_most(preemptions)
    }

    /// Fewer preemptions where the slots are of two words.
    pub(crate) fn of_words_at_most(mut self, preemptions: usize) -> Self {
        self.of_words = self.of_words.min(preemptions);
        self
    }

    /// Threads that the map does not know yet: each makes its entry there, and all of them a block.
    fn among_strangers(mut self) -> Self {
        self.plan.strangers = true;
        self
    }
}

/// Two threads are preempted three times, more threads twice.
pub(crate) fn scenario(name: &str, before: &[Op], threads: &[&[Op]], reach: &[Branch]) -> Scenario {
    let plan = Plan::new(before, threads);
    let preemptions = if threads.len() <= 2 { 3 } else { 2 };
    let of_words = preemptions - 1;
    Scenario { name: name.into(), plan, reach: reach.to_vec(), preemptions, of_words }
}

/// Writes and reads of keys in one table.
pub fn one_table() -> Vec<Scenario> {
    use Branch::WriteLost;
    vec![
        scenario("the first table", &[], &[&[Insert(A)], &[Insert(A)]], &[WriteLost]),
        scenario(
            "a reader before the first table",
            &[],
            &[&[Insert(A)], &[Get(A), Remove(A), Get(A)]],
            &[],
        ),
        scenario("one key", &[Resize(2)], &[&[Insert(A)], &[Insert(A)]], &[WriteLost]),
        scenario("one group", &[Resize(2)], &[&[Insert(A)], &[Insert(B)]], &[WriteLost]),
        scenario(
            "one tag",
            &[Resize(2)],
            &[&[Insert(A), Get(LOOKALIKE)], &[Insert(LOOKALIKE), Get(A)]],
            &[WriteLost],
        ),
        // A dead slot that looks like the key's, before the key's own.
        scenario(
            "one tag, a tombstone",
            &[Insert(A), Insert(LOOKALIKE), Remove(A)],
            &[&[Insert(LOOKALIKE)], &[Insert(A), Get(LOOKALIKE)]],
            &[],
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
        // Three keys for two slots: the writers make a larger table together.
        scenario(
            "crowded together",
            &[Insert(A)],
            &[&[Insert(B)], &[Insert(C), Get(A)]],
            &[WriteLost],
        ),
        scenario("strangers", &[], &[&[Insert(A)], &[Insert(B), Get(A)]], &[])
            .of_words_at_most(1)
            .among_strangers(),
    ]
}

/// Every verb against every step of its slot's move, from each state that a slot can be in; and
/// against a migration that begins meanwhile.
pub fn verbs_against_a_move() -> Vec<Scenario> {
    use Branch::{AlreadyArrived, OwnSlotMoved, ReaderFollowed};
    let mut all = Vec::new();
    for verb in verbs(A) {
        let reach: &[Branch] = match verb {
            Get(_) => &[ReaderFollowed],
            _ => &[AlreadyArrived],
        };
        let mut add = |what: &str, before: &[Op], mover: &[Op], verb: &[Op], reach: &[Branch]| {
            let name = format!("{verb:x?}, {what}");
            all.push(scenario(&name, before, &[mover, verb], reach));
        };
        let tomb = [Insert(A), Remove(A), Resize(2)];
        add("a live slot", &[Insert(A), Resize(2)], &[Move(0, 0)], &[verb, Get(A)], reach);
        add("a tombstone", &tomb, &[Move(0, 0)], &[verb, Get(A)], &[]);
        add("an empty slot", &[Resize(2), Resize(2)], &[Move(0, 0)], &[verb, Get(A)], &[]);
        add("a migration that begins", &[Insert(A)], &[Resize(2), Move(0, 0)], &[verb], reach);
        // With the whole of the chunk, the bitmap and the swing: the verbs that write are alike up
        // to their exchange, so one of them stands for all at the larger bound.
        let own: &[Branch] = if matches!(verb, Get(_)) { reach } else { &[OwnSlotMoved] };
        add("a live slot's chunk", &[Insert(A), Resize(2)], &[Help], &[verb], own);
        let last = all.pop().expect("just added").of_words_at_most(1);
        let fewer = !matches!(verb, Get(_) | Insert(_));
        all.push(match verb {
            Get(_) => last,
            Insert(_) => last.deep(),
            Remove(_) => last.at_most(2),
            _ => last.at_most(2).deep(),
        });
        if fewer && !matches!(verb, Remove(_)) {
            let first = all.len() - 5;
            all[first..].iter_mut().for_each(|scenario| scenario.of_words = 1);
        }
    }
    all
}

/// Copiers that meet, that sleep, and that come late.
pub fn copiers() -> Vec<Scenario> {
    use Branch::AlreadyArrived;
    let moved: &[Op] = &[Finish, Resize(2), Finish];
    let removed = [moved, &[Remove(A), Get(A)]].concat();
    let back = [&[Remove(A)], moved, &[TryInsert(A)]].concat();
    vec![
        // The copy that a late copier would make must not bring the key back.
        scenario(
            "two copiers and a removal",
            &[Insert(A), Resize(2)],
            &[&[Move(0, 0)], &[Move(0, 0)], &[Remove(A)]],
            &[AlreadyArrived],
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
        // A writer's walk ends at an EMPTY slot of a table that migrates, and a late writer of
        // another ident takes that slot before the first has sealed it: the first has to walk again,
        // or its own ident keeps a place in the old table, where readers find it absent.
        scenario(
            "an end that a stranger takes",
            &[Resize(4)],
            &[&[Insert(NEAR)], &[Resize(8), Insert(FAR), Get(FAR)]],
            &[Branch::OwnSlotMoved],
        )
        .deep(),
        // A writer has closed its own end in the old table, and gone on; the next slot of that group
        // is still as it was.
        scenario(
            "an end before an end",
            &[Resize(4), Resize(4)],
            &[&[Insert(NEAR), Get(NEAR)], &[Move(0, 3), Get(NEAR)]],
            &[],
        )
        .of_words_at_most(1)
        .deep(),
        scenario(
            "a reader of the old table",
            &[Insert(A), Resize(2)],
            &[&[Help], &[Get(A), Get(B)]],
            &[ReaderFollowed],
        ),
        // One makes the table, fills it and makes it the root; the other knows it from the root only.
        scenario("a reader of the new root", &[Insert(A)], &[&[Resize(2), Help], &[Get(A)]], &[]),
        // Every slot is another's, and there is no successor, or there is one now.
        scenario("an exhausted walk", &[Insert(A), Insert(B)], &[&[Insert(C)], &[Get(C)]], &[])
            .of_words_at_most(1)
            .at_most(2),
        scenario(
            "an exhausted walk of a writer",
            &[Insert(A), Insert(B)],
            &[&[Insert(C)], &[Remove(C)]],
            &[],
        )
        .at_most(1),
        scenario(
            "a chunk taken over",
            &[Insert(A), Resize(2)],
            // Who swings the root has acquired every move, also those of others.
            &[&[Help], &[Finish, Get(A)]],
            &[ChunkTakenOver],
        )
        .of_words_at_most(1),
        // One thread has swung the root and sleeps before it looks at the new one; the other moves
        // all of the new one.
        scenario(
            "two swings",
            &[Insert(A), Resize(2)],
            &[&[Help, Get(A)], &[Resize(2), Help]],
            &[DoubleSwing],
        )
        .of_words_at_most(1),
        // A is in the successor. The chunk's owner sleeps; another key takes the last slot there,
        // and B, which the owner copies, goes one table further.
        scenario(
            "the successor runs full",
            &[Insert(A), Insert(B), Resize(2), Move(0, 0)],
            &[&[Help], &[Insert(C)]],
            &[SuccessorExhausted],
        )
        .deep()
        .of_words_at_most(1),
        // The successor is too small for what lives: both helpers may find it full.
        scenario(
            "the successor is too small",
            &[Resize(4), Insert(A), Insert(B), Insert(C), Resize(2)],
            &[&[Help], &[Help]],
            &[SuccessorExhausted],
        )
        .deep()
        .of_words_at_most(1),
        // Each has placed one of its two keys: both make the next table, and one loses.
        scenario(
            "two find the successor full",
            &[Resize(4), Insert(A), Insert(B), Insert(C), Insert(D), Resize(2)],
            &[&[Help], &[Help]],
            &[SuccessorExhausted],
        )
        .of_words_at_most(1)
        .at_most(2),
        scenario(
            "two chunks, two helpers",
            &[Insert(A), Resize(4), Finish, Resize(2)],
            // One hands its word of the bitmap to the other by the cursor.
            &[&[Help, Get(A)], &[Help, Get(A)]],
            &[],
        )
        .of_words_at_most(1)
        .at_most(2),
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
        )
        .deep()
        .of_words_at_most(1),
        scenario(
            "iteration, a write in the successor",
            &[Insert(A), Resize(2)],
            &[&[Insert(A)], &[Iter]],
            &[IterFollowed, IterSkipped],
        )
        .deep(),
        scenario(
            // It begins in a table that has no successor, and follows to one that it has from the root.
            "iteration, two resizes",
            &[Insert(A)],
            &[&[Resize(2), Help, Resize(2), Help], &[Iter]],
            &[IterFollowed],
        )
        .of_words_at_most(1)
        .at_most(2)
        .deep(),
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
        )
        .deep(),
        scenario(
            "two writers retire, both collect",
            &[Insert(A)],
            &[&[Insert(A)], &[Insert(A)]],
            &[],
        )
        .deep(),
        // A flush seals the bags of those who are gone, and no others'.
        scenario("a flush, a writer", &[Insert(A)], &[&[Flush], &[Insert(A)]], &[]).at_most(2),
    ]
}

/// Who pins is a participant, and keeps an entry in the map: claimed, handed over, made.
pub fn participants() -> Vec<Scenario> {
    vec![
        scenario("strangers retire", &[Insert(A)], &[&[Insert(A)], &[Insert(A)]], &[])
            .at_most(2)
            .among_strangers(),
        // The participant of the first owned pin is free: one of the threads gets it, or both, one
        // after the other.
        scenario(
            "one is free, two want it",
            &[InsertOwned(A)],
            &[&[InsertOwned(A)], &[InsertOwned(B)]],
            &[],
        )
        .at_most(2),
        // What a gone participant has left in its bag.
        scenario("a flush, an owned pin", &[InsertOwned(A)], &[&[Flush], &[InsertOwned(A)]], &[])
            .at_most(1),
    ]
}
