//! Plans for what maps of words have and maps of nodes do not: keys that are claimed and have no value
//! yet, keys on the side, values that do not fit a slot. See `scenarios` for the rest.

use crate::keys::{ONE, ONES, ZERO, key};
use crate::plan::Op::{self, *};
use crate::scenarios::{A, B, C, Scenario, scenario};
use dolmen::model::Branch;

/// A writer, or a copier, that claimed a key and sleeps before it writes the value: met by everybody
/// else, where it stands and when its slot is moved.
pub fn claimed_keys() -> Vec<Scenario> {
    use Branch::{AlreadyArrived, ClosedVoidMet, SuccessorExhausted, VoidMet, VoidSeen};
    // A table of two slots, and in it A's, claimed; both slots claimed; and one that migrates.
    let claimed = [Resize(2), Claim(0, A)];
    let full = [Resize(2), Claim(0, A), Claim(0, B)];
    let moving = [Resize(2), Claim(0, A), Resize(2)];
    // A is FROZEN, or will be; somebody has claimed it in the successor and not copied it.
    let copying = [Insert(A), Resize(2), Claim(1, A)];
    // The successor is full of claims, so that B has gone one table further: it migrates, too.
    let chain = [Insert(A), Insert(B), Resize(2), Claim(1, A), Claim(1, C), Move(0, 1), Get(C)];
    vec![
        scenario(
            "a claimed key, a writer, a reader",
            &claimed,
            &[&[Insert(A)], &[Get(A), Remove(A), Get(A)]],
            &[VoidSeen],
        ),
        scenario(
            "a claimed key, two writers",
            &claimed,
            &[&[Insert(A)], &[TryInsert(A), Get(A)]],
            &[VoidSeen],
        ),
        scenario("all claimed", &full, &[&[Insert(C)], &[Insert(A), Get(C)]], &[VoidSeen])
            .of_words_at_most(1),
        scenario(
            "a claimed key is moved, a writer",
            &moving,
            &[&[Move(0, 0)], &[Insert(A), Get(A)]],
            &[VoidSeen],
        ),
        scenario(
            "a claimed key is moved, a late writer",
            &[Resize(2), Claim(0, A)],
            &[&[Resize(2), Move(0, 0), Get(A)], &[Insert(A)]],
            &[VoidSeen],
        )
        .of_words_at_most(1),
        // A writer that knows of no successor claims a slot under the mover's hands: the mover has to
        // move what came first.
        scenario(
            "claimed while its chunk is moved",
            &[Resize(2)],
            &[&[Resize(2), Help, Get(A)], &[Insert(A)]],
            &[],
        )
        .of_words_at_most(1),
        scenario(
            "a claimed key, an iteration",
            &[Insert(B), Claim(0, A), Resize(2)],
            &[&[Insert(A)], &[Iter]],
            &[VoidSeen],
        )
        .of_words_at_most(1),
        scenario(
            "claimed for a copy, a removal",
            &copying,
            &[&[Move(0, 0)], &[Remove(A), Get(A)]],
            &[AlreadyArrived, VoidMet],
        ),
        scenario(
            "claimed for a copy, two copiers and a removal",
            &copying,
            &[&[Move(0, 0)], &[Move(0, 0)], &[Remove(A)]],
            &[AlreadyArrived, VoidMet],
        ),
        scenario(
            "claimed for a copy, an update",
            &copying,
            &[&[Move(0, 0), Get(A)], &[Update(A), Get(A)]],
            &[AlreadyArrived, VoidMet],
        )
        .of_words_at_most(1),
        // The successor's own migration closes what was claimed in it for a copy.
        scenario(
            "a claim that the next migration closes",
            &chain,
            &[&[Move(0, 0), Get(A)], &[Move(1, 0), Get(A)]],
            &[ClosedVoidMet],
        ),
        scenario(
            "a claim that the next migration closes, a removal",
            &chain,
            &[&[Move(0, 0), Get(A)], &[Move(1, 0), Remove(A), Get(A)]],
            &[ClosedVoidMet],
        )
        .of_words_at_most(1),
        scenario(
            "a claim that the next migration has closed, two copiers",
            &[&chain[..], &[Move(1, 0)]].concat(),
            &[&[Move(0, 0), Get(A)], &[Insert(A), Remove(A), Get(A)]],
            &[ClosedVoidMet],
        )
        .of_words_at_most(1),
        scenario(
            "a successor full of claims",
            &[Insert(A), Resize(2), Claim(1, B), Claim(1, C)],
            &[&[Move(0, 0), Get(A)], &[Insert(A), Get(A)]],
            &[SuccessorExhausted],
        )
        .of_words_at_most(1),
    ]
}

/// A writer finds the home group full, and by the time it goes on the map has another root, where that group has
/// room again, or the key.
pub fn full_homes() -> Vec<Scenario> {
    let full = [Insert(A), Insert(B)];
    let late = key(1, 9, 0);
    let writers: [&[Op]; 2] = [&[Insert(late)], &[Resize(4), Insert(late)]];
    vec![scenario("a full home, another root", &full, &writers, &[]).of_words_at_most(1)]
}

/// A key finds its home group full, and takes a slot in another: whoever looks at the home alone is to know.
pub fn overflows() -> Vec<Scenario> {
    use Branch::{Overflown, ReaderFollowed};
    let full = [Resize(4), Insert(A), Insert(B)];
    // Elsewhere among four groups, at home with A and B among two.
    let late = key(2, 9, 0);
    let over = [Resize(8), Insert(A), Insert(B), Insert(late), Resize(4)];
    let closed = [&full[..], &[Resize(8), Move(0, 2), Move(0, 3)]].concat();
    vec![
        scenario(
            "a full home, a reader",
            &full,
            &[&[Insert(C)], &[Get(C), TryInsert(C), Get(C)]],
            &[Overflown],
        ),
        scenario(
            "a full home, a removal",
            &full,
            &[&[Insert(C), Get(C)], &[Remove(C), Get(C), Insert(C), Get(C)]],
            &[Overflown],
        ),
        scenario(
            "a full home, a claimed key",
            &[&full[..], &[Claim(0, C)]].concat(),
            &[&[Insert(C), Get(C)], &[Get(C), Update(C), Get(C)]],
            &[],
        ),
        // The copy is one of three with one home in the successor.
        scenario(
            "a full home is moved, a reader",
            &over,
            &[
                &[Move(0, 0), Move(0, 1), Move(0, 4), Finish],
                &[Get(A), Get(late), Get(B), Get(late)],
            ],
            &[Overflown],
        ),
        // The key goes into the successor, because the rest of its walk is closed.
        scenario(
            "a full home, and beyond it nothing",
            &closed,
            &[&[Insert(C), Get(C)], &[Get(C), TryInsert(C), Get(C)]],
            &[ReaderFollowed],
        )
        .of_words_at_most(1),
    ]
}

/// The keys whose words mean something else in a slot have slots of their own, behind the others: in
/// a table of two, slots 2 and 3.
pub fn keys_on_the_side() -> Vec<Scenario> {
    use Branch::{AlreadyArrived, IterFollowed, IterSkipped, OwnSlotMoved, SealedMet, WriteLost};
    vec![
        scenario(
            "on the side, one key",
            &[Resize(2)],
            &[&[Insert(ZERO)], &[Insert(ZERO), Get(ZERO)]],
            &[WriteLost],
        ),
        scenario(
            "on the side, both keys",
            &[Resize(2)],
            &[&[Insert(ZERO), Get(ONES)], &[Insert(ONES), Remove(ZERO)]],
            &[],
        ),
        // Where their words mean something else, other keys come and go.
        scenario(
            "on the side, and not among the others",
            &[Resize(2)],
            &[&[Insert(A), Get(ZERO)], &[Get(ZERO), Get(ONES)]],
            &[],
        ),
        // What stands for the first of them in its slot is another key's own word.
        scenario(
            "on the side, what looks like it",
            &[Insert(ONE)],
            &[&[Insert(ZERO), Get(ONE)], &[Remove(ONE), Get(ZERO)]],
            &[],
        ),
        scenario(
            "on the side, a move",
            &[Insert(ZERO), Insert(ONES), Resize(2)],
            &[&[Move(0, 2), Move(0, 3)], &[Remove(ZERO), Insert(ONES)]],
            &[AlreadyArrived, OwnSlotMoved],
        )
        .of_words_at_most(1),
        scenario(
            "on the side, two copiers, a removal",
            &[Insert(ONES), Resize(2)],
            &[&[Move(0, 2), Get(ONES)], &[Move(0, 2), Remove(ONES), Get(ONES)]],
            &[AlreadyArrived],
        )
        .of_words_at_most(1),
        // The successor is full of claims but for the side, so B goes one table further, and then the
        // successor's own migration closes the side before the copier of ZERO comes there.
        scenario(
            "on the side, closed before the copy",
            &[Insert(B), Insert(ZERO), Resize(2), Claim(1, A), Claim(1, C)],
            &[&[Move(0, 2), Get(ZERO)], &[Move(0, 0), Move(1, 2), Get(ZERO)]],
            &[SealedMet],
        )
        .of_words_at_most(1),
        scenario(
            "on the side, an iteration",
            &[Insert(ZERO), Insert(ONES), Resize(2)],
            &[&[Move(0, 2), Insert(ZERO)], &[Iter]],
            &[IterFollowed, IterSkipped],
        )
        .of_words_at_most(1),
    ]
}

/// Values that do not fit their slots are written over those that do, and the other way round, while
/// the slot is moved.
pub fn widths() -> Vec<Scenario> {
    use Branch::AlreadyArrived;
    let live = [Insert(A), Resize(2)];
    let wide = |name: &str, before: &[Op], threads: &[&[Op]], reach: &[Branch]| {
        scenario(&format!("values that do not fit, {name}"), before, threads, reach)
    };
    vec![
        wide("insert", &live, &[&[Move(0, 0)], &[Insert(A), Get(A)]], &[AlreadyArrived]),
        wide("update", &live, &[&[Move(0, 0)], &[Update(A), Get(A)]], &[AlreadyArrived]),
        wide("remove", &live, &[&[Move(0, 0), Get(A)], &[Remove(A)]], &[AlreadyArrived]),
        wide("there and back", &[Insert(A)], &[&[Insert(A)], &[Insert(A), Remove(A)]], &[]),
        wide(
            "two copiers",
            &live,
            &[&[Move(0, 0)], &[Move(0, 0), Remove(A), Insert(A)]],
            &[AlreadyArrived],
        )
        .of_words_at_most(1),
    ]
}
