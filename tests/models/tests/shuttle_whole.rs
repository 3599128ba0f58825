//! Whole-map calls under shuttle, against their contracts: see `dolmen_models::whole`.
#![cfg(dolmen_shuttle)]

use dolmen::model::{Branch, Deferred};
use dolmen::{Epoch, HashMap, HashSet, model};
use dolmen_models::checker::{Effort, explore, reaching};
use dolmen_models::keys::{Placed, key};
use dolmen_models::scenarios::{A, B, C, TWIN};
use dolmen_models::subject::{Element, Met, Subject};
use dolmen_models::whole::{Act, Act::*, Plan};
use shuttle::rand::Rng;

type Map<R> = HashMap<u64, u64, Placed, R>;
type Set<R> = HashSet<Element, Placed, R>;

/// So many schedules; loom does not run these.
fn effort(schedules: usize) -> Effort {
    Effort { preemptions: 0, schedules }
}

/// On maps with both reclaimers.
fn on_maps(name: &str, reach: &[Branch], before: &[Act], threads: &[&[Act]]) {
    let plan = Plan::new(before, threads);
    let (first, second) = (plan.clone(), plan);
    reaching(name, reach, || explore(name, effort(5_000), move || first.run::<Map<Deferred>>()));
    let name = format!("{name}, epochs");
    reaching(&name, reach, || explore(&name, effort(5_000), move || second.run::<Map<Epoch>>()));
}

#[test]
fn an_iteration_reads_each_key_once() {
    use Branch::{IterFollowed, IterSkipped};
    on_maps(
        "iterations, writes, two resizes",
        &[IterFollowed, IterSkipped],
        &[Put(A), Put(B), Resize(4)],
        &[
            &[Iter(true), Iter(false)],
            &[Take(A), Put(A), Put(C), Take(B)],
            &[Help, Finish, Resize(2), Finish, Keys(true)],
        ],
    );
    on_maps(
        "keys and values, twins",
        &[IterFollowed],
        &[Put(A), Put(TWIN), Resize(2)],
        &[&[Keys(false), Values(true)], &[Take(A), Put(B), Put(A)], &[Help, Values(false)]],
    );
}

#[test]
fn each_entry_is_drained_once() {
    on_maps(
        "two drains, a writer, a resize",
        &[],
        &[Put(A), Put(B), Put(TWIN), Resize(4)],
        &[&[Drain], &[Drain, Put(A)], &[Help, Put(B), Take(A)]],
    );
    on_maps(
        "a drain that ends early, and one that does not",
        &[],
        &[Put(A), Put(B), Put(C)],
        &[&[DrainSome(1), Drain], &[Drain], &[Resize(2), Finish, Put(C)]],
    );
}

#[test]
fn what_is_there_throughout_is_cleared_or_judged() {
    on_maps(
        "clear, writers, a resize",
        &[],
        &[Put(A), Put(B)],
        &[&[Clear(false), Get(A)], &[Put(A), Put(C)], &[Resize(2), Finish, Clear(true)]],
    );
    on_maps(
        "retain, updates, a resize",
        &[],
        &[Put(A), Put(B), Put(TWIN)],
        &[
            &[Retain(false), Iter(true)],
            &[Put(A), Put(A), Take(B)],
            &[Resize(4), Help, Retain(true)],
        ],
    );
}

#[test]
fn len_stays_between_its_bounds() {
    on_maps(
        "len, writers, a drain",
        &[],
        &[Put(A), Put(B)],
        &[&[Len, Len, Put(C), Len], &[Take(A), Put(A), Len], &[Resize(4), Drain, Len]],
    );
}

fn random_act(rng: &mut impl Rng, keys: &[u64]) -> Act {
    let key = keys[rng.gen_range(0..keys.len())];
    let pinned = rng.gen_range(0..2) == 0;
    match rng.gen_range(0..22) {
        0..=4 => Put(key),
        5..=7 => Take(key),
        8 => Get(key),
        9 | 10 => Iter(pinned),
        11 => Keys(pinned),
        12 => Values(pinned),
        13 => Retain(pinned),
        14 => Clear(pinned),
        15 => Drain,
        16 => DrainSome(rng.gen_range(0..3)),
        17 => Len,
        18 | 19 => Resize([2, 2, 4, 8][rng.gen_range(0..4)]),
        20 => Help,
        _ => Finish,
    }
}

/// At most thirty calls, on keys that share a word, a group, or nothing.
fn random_plan(threads: usize) -> Plan {
    const KEYS: [u64; 5] = [A, TWIN, B, key(2, 1, 0), key(1, 3, 0)];
    let mut rng = shuttle::rand::thread_rng();
    let keys = &KEYS[..rng.gen_range(1..=KEYS.len())];
    let mut acts = |most| {
        let n = rng.gen_range(1..=most);
        (0..n).map(|_| random_act(&mut rng, keys)).collect()
    };
    let before: Vec<Act> = acts(6);
    Plan { before, threads: (0..threads).map(|_| acts(5)).collect() }
}

fn at_random<S: Subject>(name: &str, schedules: usize) {
    use Branch::{IterFollowed, IterSkipped, ListWritten, ReaderFollowed, WriteLost};
    let reach = [IterFollowed, IterSkipped, ListWritten, ReaderFollowed, WriteLost];
    reaching(name, &reach, || {
        explore(name, effort(schedules), || {
            let threads = 2 + shuttle::rand::thread_rng().gen_range(0..3);
            random_plan(threads).run::<S>();
        })
    });
}

#[test]
fn random_calls_on_maps() {
    at_random::<Map<Deferred>>("whole-map calls at random", 20_000);
    at_random::<Map<Epoch>>("whole-map calls at random, epochs", 10_000);
}

#[test]
fn random_calls_on_sets() {
    at_random::<Set<Deferred>>("calls on whole sets at random", 5_000);
    at_random::<Set<Epoch>>("calls on whole sets at random, epochs", 5_000);
}

/// Maps whose whole-map calls are a little wrong: the contracts must exclude them.
struct Wrong<const WHAT: usize>(Map<Deferred>);

const MISSES_MOVED: usize = 0;
const DRAINS_WHAT_IT_READ: usize = 1;
const REMOVES_BLINDLY: usize = 2;
const CLEARS_TOO_FEW: usize = 3;
const COUNTS_TWICE: usize = 4;

impl<const WHAT: usize> Subject for Wrong<WHAT> {
    fn new(threads: usize) -> Self {
        Wrong(model::new_map(Placed, threads))
    }

    fn put(&self, key: u64, id: u64) -> Option<u64> {
        self.0.put(key, id)
    }

    fn take(&self, key: u64) -> Option<u64> {
        self.0.take(key)
    }

    fn get(&self, key: u64) -> Option<u64> {
        Subject::get(&self.0, key)
    }

    fn iterate(&self, what: Act, met: Met<'_>) {
        let resizing = WHAT == MISSES_MOVED && self.0.chain().concat().contains('M');
        let skip = usize::from(resizing);
        let mut place = 0;
        self.0.iterate(what, &mut |key, id| {
            if place >= skip {
                met(key, id);
            }
            place += 1;
        });
    }

    fn retain(&self, pinned: bool, keep: &mut dyn FnMut(u64, u64) -> bool) {
        if WHAT != REMOVES_BLINDLY {
            return Subject::retain(&self.0, pinned, keep);
        }
        for entry in self.0.iter() {
            if !keep(*entry.key(), *entry) {
                // Whatever it is by now.
                self.0.remove(entry.key());
            }
        }
    }

    fn clear(&self, pinned: bool) {
        if WHAT != CLEARS_TOO_FEW {
            return Subject::clear(&self.0, pinned);
        }
        for _ in 0..self.0.len() / 2 {
            let first = self.0.iter().next().map(|entry| *entry.key());
            first.and_then(|key| self.0.remove(&key));
        }
    }

    fn drain(&self, most: usize, met: Met<'_>) {
        if WHAT != DRAINS_WHAT_IT_READ {
            return Subject::drain(&self.0, most, met);
        }
        for entry in self.0.iter().take(most) {
            self.0.remove(entry.key());
            met(*entry.key(), Some(*entry));
        }
    }

    fn count(&self) -> usize {
        match WHAT {
            // What was moved is in two tables.
            COUNTS_TWICE => Subject::count(&self.0) + self.0.chain().concat().matches('M').count(),
            _ => Subject::count(&self.0),
        }
    }

    fn resize(&self, what: Act) {
        self.0.resize(what);
    }
}

fn wrong<const WHAT: usize>() {
    explore("wrong on purpose", effort(20_000), || random_plan(3).run::<Wrong<WHAT>>());
}

#[test]
#[should_panic(expected = "is not linearizable")]
fn an_iteration_that_misses_what_was_moved_is_found() {
    wrong::<MISSES_MOVED>();
}

#[test]
#[should_panic(expected = "is not linearizable")]
fn a_drain_that_hands_out_what_it_did_not_remove_is_found() {
    wrong::<DRAINS_WHAT_IT_READ>();
}

#[test]
#[should_panic(expected = "is not linearizable")]
fn a_removal_of_what_was_not_refused_is_found() {
    wrong::<REMOVES_BLINDLY>();
}

#[test]
#[should_panic(expected = "is not linearizable")]
fn a_clear_that_leaves_entries_is_found() {
    wrong::<CLEARS_TOO_FEW>();
}

#[test]
#[should_panic(expected = "len")]
fn a_len_beyond_its_bounds_is_found() {
    wrong::<COUNTS_TWICE>();
}
