//! Random programs: three and four threads, keys that collide in every way, resizes of every size,
//! iteration.

use crate::keys::{ZERO, key};
use crate::maps::Map;
use crate::plan::{Op, Op::*, Plan};

/// Two that share a word, one that shares their group, one with a tag of theirs and another ident,
/// one that is elsewhere,
/// and one that words make special.
const KEYS: [u64; 6] = [key(0, 1, 0), key(0, 1, 1), key(0, 2, 0), key(2, 1, 0), key(1, 3, 0), ZERO];
/// Nobody writes it.
const STEADY: u64 = key(0, 4, 0);

fn random_op<M: Map>(draw: &mut impl FnMut(usize) -> usize, keys: usize) -> Op {
    let key = KEYS[draw(keys)];
    match draw(if M::CLAIMS { 18 } else { 16 }) {
        0..=2 => Insert(key),
        3 => TryInsert(key),
        4 => Update(key),
        5 => Compute(key),
        6..=8 => Remove(key),
        9 => RemoveIf(key),
        10 => Get(if draw(2) == 0 { key } else { STEADY }),
        11 => Resize([2, 2, 4, 8][draw(4)]),
        12 => Help,
        13 => Move(draw(2), draw(4)),
        14 => Iter,
        15 => Finish,
        _ => Claim(draw(2), key),
    }
}

/// A program of so many threads and at most so many operations each. `draw(n)` draws a number below
/// `n`.
pub fn random_plan<M: Map>(
    mut draw: impl FnMut(usize) -> usize,
    threads: usize,
    ops: usize,
) -> Plan {
    let draw = &mut draw;
    let keys = 1 + draw(if M::CLAIMS { KEYS.len() } else { KEYS.len() - 1 });
    let mut before = vec![Resize([2, 4][draw(2)])];
    if draw(2) == 0 {
        before.push(Insert(STEADY));
    }
    before.extend((0..draw(4)).map(|_| random_op::<M>(draw, keys)));
    let threads = (0..threads)
        .map(|_| (0..1 + draw(ops)).map(|_| random_op::<M>(draw, keys)).collect())
        .collect();
    Plan { before, threads, strangers: draw(2) == 0 }
}
