//! Random programs under random schedules: three and four threads, keys that collide in every way,
//! resizes of every size, iteration. Each history is checked for linearizability, each table for
//! duplicates, each value for being dropped once.
#![cfg(dolmen_shuttle)]

use dolmen::model::{Branch::*, Deferred};
use dolmen::{Epoch, Reclaim};
use dolmen_models::checker::{explore, reaching};
use dolmen_models::keys::key;
use dolmen_models::plan::{Op, Op::*, Plan};
use shuttle::rand::Rng;

/// Two that share a word, one that shares their group, one with a tag of theirs and another ident,
/// one that is elsewhere, and one that nobody writes.
const KEYS: [u64; 5] = [key(0, 1, 0), key(0, 1, 1), key(0, 2, 0), key(2, 1, 0), key(1, 3, 0)];
const STEADY: u64 = key(0, 4, 0);

fn random_op(rng: &mut impl Rng, keys: usize) -> Op {
    let key = KEYS[rng.gen_range(0..keys)];
    match rng.gen_range(0..16) {
        0..=2 => Insert(key),
        3 => TryInsert(key),
        4 => Update(key),
        5 => Compute(key),
        6..=8 => Remove(key),
        9 => RemoveIf(key),
        10 => Get(if rng.gen_range(0..2) == 0 { key } else { STEADY }),
        11 => Resize([2, 2, 4, 8][rng.gen_range(0..4)]),
        12 => Help,
        13 => Move(rng.gen_range(0..2), rng.gen_range(0..4)),
        14 => Iter,
        _ => Finish,
    }
}

fn random_plan(threads: usize, ops: usize) -> Plan {
    let mut rng = shuttle::rand::thread_rng();
    let keys = rng.gen_range(1..=KEYS.len());
    let mut before = vec![Resize([2, 4][rng.gen_range(0..2)])];
    if rng.gen_range(0..2) == 0 {
        before.push(Insert(STEADY));
    }
    before.extend((0..rng.gen_range(0..4)).map(|_| random_op(&mut rng, keys)));
    let threads = (0..threads)
        .map(|_| (0..rng.gen_range(1..=ops)).map(|_| random_op(&mut rng, keys)).collect())
        .collect();
    Plan { before, threads, strangers: rng.gen_range(0..2) == 0 }
}

fn mixed<R: Reclaim + 'static>(name: &str, threads: usize, ops: usize) {
    let reach = [
        SuccessorExhausted,
        AlreadyArrived,
        DoubleSwing,
        ChunkTakenOver,
        OwnSlotMoved,
        ReaderFollowed,
        IterFollowed,
        IterSkipped,
        WriteLost,
        ListWritten,
    ];
    // So many that the rarest, a double swing, is met some twenty times.
    reaching(name, &reach, || explore(name, 40_000, move || random_plan(threads, ops).run::<R>()));
}

#[test]
fn three_threads() {
    mixed::<Deferred>("mixed, 3 threads", 3, 5);
}

#[test]
fn four_threads() {
    mixed::<Deferred>("mixed, 4 threads", 4, 4);
}

#[test]
fn four_threads_and_epochs() {
    mixed::<Epoch>("mixed, 4 threads, epochs", 4, 4);
}
