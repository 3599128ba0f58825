//! Scenarios by which other concurrent maps are tested: what a reader may conclude from what it has
//! seen (as in the tests of the .NET and Java maps), arrays made under change, and threads that know
//! all there is to know about a key because they have it to themselves (as libcuckoo's stress test).

mod common;

use common::{Constant, Four, Pairs, Random, Reclaimer, scaled, within};
use dolmen::{HashMap, Operation};
use std::collections::BTreeSet;
use std::hash::BuildHasher;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(240);
const THREADS: u64 = 4;

trait Hashing: BuildHasher + Default + Send + Sync + 'static {}
impl<S: BuildHasher + Default + Send + Sync + 'static> Hashing for S {}

type Map<S, R> = HashMap<u64, u64, S, R>;

/// `f` in each of so many threads, which begin together.
fn together(threads: u64, f: impl Fn(u64) + Sync) {
    let begin = Barrier::new(threads as usize);
    thread::scope(|scope| {
        for t in 0..threads {
            let (begin, f) = (&begin, &f);
            scope.spawn(move || {
                begin.wait();
                f(t);
            });
        }
    });
}

/// A number of rounds for maps of so many keys.
fn rounds(keys: u64) -> u64 {
    (scaled(100_000) as u64 / keys).max(3)
}

/// Who alone writes a key reads what it wrote last, while the table grows under it.
fn continuity<S: Hashing, R: Reclaimer>(keys: u64) {
    within(LIMIT, move || {
        let map = Map::<S, R>::default();
        let counts = 20;
        together(THREADS, |t| {
            for key in (t..keys).step_by(THREADS as usize) {
                map.insert(key, 0);
                if key % 2 == 0 {
                    for n in 0..counts {
                        assert_eq!(map.get(&key).map(|v| *v), Some(n));
                        map.insert(key, n + 1);
                    }
                } else {
                    // More slots.
                    map.insert(key * 10_000, key);
                }
            }
        });
        for key in (0..keys).step_by(2) {
            assert_eq!(map.get(&key).map(|v| *v), Some(counts));
        }
    });
}

/// What is removed and not put in again stays away, while the table grows and shrinks.
fn finality<S: Hashing, R: Reclaimer>(keys: u64) {
    within(LIMIT, move || {
        for _ in 0..rounds(keys) / 10 + 1 {
            let map: Map<S, R> = (0..keys).map(|key| (key, key)).collect();
            together(THREADS, |t| {
                for key in (t..keys).step_by(THREADS as usize) {
                    assert_eq!(map.remove(&key).map(|v| *v), Some(key));
                    map.insert(keys * 10 + key, key);
                    if key % 16 == 0 {
                        map.shrink_to_fit();
                    }
                    for past in (0..20).filter_map(|n| key.checked_sub(n * THREADS)) {
                        assert!(!map.contains_key(&past), "{past} came back");
                        assert!(map.remove(&past).is_none(), "{past} was removed twice");
                    }
                }
            });
            assert!((0..keys).all(|key| !map.contains_key(&key)));
            assert_eq!(map.len() as u64, keys);
        }
    });
}

/// Of all that put a key in, one does; all see that one's value.
fn uniqueness<S: Hashing, R: Reclaimer>(keys: u64) {
    within(LIMIT, move || {
        for _ in 0..rounds(keys) / 10 + 1 {
            let map = Map::<S, R>::default();
            let seen: Vec<AtomicU64> = (0..keys).map(|_| AtomicU64::new(u64::MAX)).collect();
            let made = AtomicU64::new(0);
            together(THREADS, |t| {
                for key in 0..keys {
                    let value = *map.get_or_insert_with(key, || key * THREADS + t);
                    assert_eq!(value / THREADS, key);
                    made.fetch_add(u64::from(value % THREADS == t), SeqCst);
                    let first = seen[key as usize].swap(value, SeqCst);
                    assert!(first == u64::MAX || first == value, "{first} and {value} were first");
                }
            });
            assert_eq!(made.load(SeqCst), keys);
            assert_eq!(map.keys().map(|key| *key).collect::<BTreeSet<_>>().len() as u64, keys);
        }
    });
}

/// A thread that sees what was written later sees what was written before it.
fn relativity<S: Hashing, R: Reclaimer>(keys: u64) {
    within(LIMIT, move || {
        let map = Map::<S, R>::default();
        // Pairs of keys of which the second is never ahead of the first.
        let (ahead, behind) = (|pair: u64| pair * 2, |pair: u64| pair * 2 + 1);
        let pairs = keys / 2;
        (0..2 * pairs).for_each(|key| drop(map.insert(key, 0)));
        let rounds = rounds(keys);
        let done = AtomicU64::new(0);
        together(THREADS, |t| {
            if t < 2 {
                // Each writes its own half, and makes the table move.
                for round in 1..=rounds {
                    for pair in (t..pairs).step_by(2) {
                        map.insert(ahead(pair), round);
                        map.update(behind(pair), |_, v| v + 1);
                        map.insert(1_000_000 + pair * rounds + round, 0);
                    }
                    if round % 8 == 0 {
                        map.retain(|key, _| *key < 1_000_000);
                        map.shrink_to_fit();
                    }
                }
                done.fetch_add(1, SeqCst);
            }
            let mut random = Random::new(t);
            let mut looks = 0;
            while done.load(SeqCst) < 2 || looks < 100 {
                let pair = random.below(pairs);
                let second = *map.get(&behind(pair)).expect("it stays");
                let first = *map.get(&ahead(pair)).expect("it stays");
                assert!(first >= second, "saw {second}, and then {first} before it");
                looks += 1;
            }
        });
        assert!((0..pairs).all(|pair| *map.get(&behind(pair)).unwrap() == rounds));
    });
}

/// Arrays of a map that changes hold what stays, once, and at most what there is.
fn arrays<S: Hashing, R: Reclaimer>(keys: u64) {
    within(LIMIT, move || {
        let map = Map::<S, R>::default();
        (0..keys).for_each(|key| drop(map.insert(key, key)));
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            let (map, stop) = (&map, &stop);
            for t in 1..3 {
                scope.spawn(move || {
                    let passing = t * 10 * keys..(t * 10 + 1) * keys;
                    while !stop.load(SeqCst) {
                        passing.clone().for_each(|key| drop(map.insert(key, key)));
                        passing.clone().for_each(|key| drop(map.remove(&key)));
                    }
                });
            }
            for _ in 0..rounds(keys).min(300) {
                let array: Vec<(u64, u64)> = map.iter().map(|e| (*e.key(), *e)).collect();
                let each: BTreeSet<u64> = array.iter().map(|(key, _)| *key).collect();
                assert_eq!(each.len(), array.len(), "something is there twice");
                assert!((0..keys).all(|key| each.contains(&key)), "something is missing");
                assert!(array.iter().all(|(key, value)| key == value));
                assert!(array.len() as u64 <= 3 * keys && map.len() as u64 <= 3 * keys + 1);
            }
            stop.store(true, SeqCst);
        });
        assert_eq!(map.len() as u64, keys);
    });
}

/// A mix of calls in which no thread knows what the others do, and all the sums come out.
fn loops<S: Hashing, R: Reclaimer>(keys: u64) {
    within(LIMIT, move || {
        // Removals in a hundred, and insertions in the rest.
        for (removes, inserts) in [(2, 8), (40, 60), (10, 90)] {
            let map = Map::<S, R>::default();
            let (added, removed, hits) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
            together(THREADS, |t| {
                let mut random = Random::new(t + removes);
                let mut key = random.below(keys);
                for _ in 0..scaled(40_000) / if keys < 1000 { 10 } else { 1 } {
                    // A walk over the keys, as neighbours are likely to be in one group.
                    key = (key + random.below(7)) % keys;
                    match map.get(&key).map(|v| *v) {
                        Some(found) => {
                            assert_eq!(found, key);
                            hits.fetch_add(1, SeqCst);
                            if random.below(100) < removes && map.remove(&key).is_some() {
                                removed.fetch_add(1, SeqCst);
                            }
                        }
                        None if random.below(100) < inserts => {
                            let new = map.try_insert(key, key).is_ok();
                            added.fetch_add(u64::from(new), SeqCst);
                        }
                        None => {}
                    }
                }
            });
            let left = added.load(SeqCst) - removed.load(SeqCst);
            assert_eq!((map.len() as u64, map.iter().count() as u64), (left, left));
            assert!(hits.load(SeqCst) > 0);
        }
    });
}

/// Each key has a flag; who holds it knows the key's state, and tries everything with it.
fn keys_to_oneself<S: Hashing, R: Reclaimer>(keys: u64) {
    within(LIMIT, move || {
        let map = Map::<S, R>::default();
        let busy: Vec<AtomicBool> = (0..keys).map(|_| AtomicBool::new(false)).collect();
        // The value that a key has, less one that it has none.
        let known: Vec<AtomicU64> = (0..keys).map(|_| AtomicU64::new(u64::MAX)).collect();
        let calls = scaled(100_000) / if keys < 1000 { 10 } else { 1 };
        together(THREADS, |t| {
            let mut random = Random::new(t);
            for n in 0..calls as u64 {
                let key = random.below(keys);
                if busy[key as usize].swap(true, SeqCst) {
                    continue;
                }
                let known = &known[key as usize];
                let state = Some(known.load(SeqCst)).filter(|v| *v != u64::MAX);
                let new = n * THREADS + t;
                let now = match random.below(6) {
                    0 => {
                        assert_eq!(map.insert(key, new).map(|v| *v), state);
                        Some(new)
                    }
                    1 => {
                        assert_eq!(map.try_insert(key, new).is_ok(), state.is_none());
                        state.or(Some(new))
                    }
                    2 => {
                        assert_eq!(map.remove(&key).map(|v| *v), state);
                        None
                    }
                    3 => {
                        let updated = map.update(key, |_, _| new).map(|v| *v);
                        assert_eq!(updated, state.map(|_| new));
                        updated
                    }
                    4 => {
                        let seen = std::cell::Cell::new(None);
                        map.compute::<()>(key, |entry| {
                            seen.set(entry.map(|(_, v)| *v));
                            Operation::Insert(new)
                        });
                        assert_eq!(seen.get(), state);
                        Some(new)
                    }
                    _ => {
                        assert_eq!(map.get(&key).map(|v| *v), state);
                        state
                    }
                };
                known.store(now.unwrap_or(u64::MAX), SeqCst);
                busy[key as usize].store(false, SeqCst);
            }
        });
        for key in 0..keys {
            let state = known[key as usize].load(SeqCst);
            assert_eq!(map.get(&key).map_or(u64::MAX, |v| *v), state);
        }
    });
}

/// All keys in one slot, put in by many threads: the worst hash there is.
fn bad_hash<R: Reclaimer>() {
    within(LIMIT, || {
        let map = Map::<Constant, R>::default();
        let each = 100;
        together(THREADS, |t| {
            (0..each).for_each(|n| assert!(map.insert(n * THREADS + t, n).is_none()));
        });
        assert_eq!(map.len() as u64, each * THREADS);
        together(THREADS, |t| {
            for n in 0..each {
                assert_eq!(map.remove(&(n * THREADS + t)).map(|v| *v), Some(n));
            }
        });
        assert!(map.is_empty() && map.capacity() < 8);
    });
}

/// With short lists on each reclaimer, and with long ones. The stress test goes over all hashers.
macro_rules! scenarios {
    ($($test:ident),+) => {
        with_each_reclaimer! {
            mod by_pairs {
                $(#[test] fn $test() { super::super::$test::<crate::Pairs, super::R>(1000); })+
            }
        }
        mod by_four {
            $(#[test] fn $test() { super::$test::<crate::Four, dolmen::Epoch>(150); })+
        }
    };
}

scenarios!(continuity, finality, uniqueness, relativity, arrays, loops, keys_to_oneself);
on_each_reclaimer!(bad_hash);
