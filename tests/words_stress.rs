//! Maps of words under threads: stable keys stay what they are, sums of `fetch_add` come out exactly
//! through resizes without end, of many who want one thing one gets it.

mod common;

use common::{Random, Reclaimer, scaled};
use dolmen::words::{FixedMix, Mix};
use dolmen::{WordMap, WordSet};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;

type Map<R> = WordMap<u64, u64, FixedMix, R>;

const MIX: FixedMix = FixedMix::new(5);

fn map<R: Reclaimer>() -> Map<R> {
    WordMap::builder().mix(MIX).reclaimer().build()
}

/// Keys that stay, those of the side slots among them, and some with one home and one upper half.
fn stable() -> Vec<u64> {
    let alike = (0..6).map(|n| MIX.unmix(7 << 40 | n << 20));
    (0..30).map(|n| n << 40).chain(alike).chain([MIX.unmix(0), MIX.unmix(!0)]).collect()
}

/// A value that tells its key, and that fits into its slot or does not.
fn value_of(key: u64, wide: bool) -> u64 {
    key.rotate_left(20) >> 2 | u64::from(wide) << 63
}

/// Grows, shrinks and empties the rest of the map until told to stop.
fn churn<R: Reclaimer>(map: &Map<R>, seed: u64, stop: &AtomicBool) {
    let mut random = Random::new(seed);
    while !stop.load(SeqCst) {
        let base = 1 + (seed << 20);
        let n = 1 + random.below(600);
        (base..base + n).for_each(|key| _ = map.insert(key, value_of(key, key % 3 == 0)));
        if random.below(4) == 0 {
            map.reserve(2000);
        }
        (base..base + n).for_each(|key| {
            assert_eq!(map.remove(key), Some(value_of(key, key % 3 == 0)));
        });
        if random.below(4) == 0 {
            map.shrink_to_fit();
        }
    }
}

/// Runs `work` on every thread, beside threads that resize the map.
fn beside_resizes<R: Reclaimer>(map: &Map<R>, work: impl Fn(u64) + Sync) {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let churning: Vec<_> = (1..3)
            .map(|seed| {
                scope.spawn({
                    let stop = &stop;
                    move || churn(map, seed, stop)
                })
            })
            .collect();
        let working: Vec<_> = (0..3)
            .map(|t| {
                scope.spawn({
                    let work = &work;
                    move || work(t)
                })
            })
            .collect();
        let results: Vec<_> = working.into_iter().map(|thread| thread.join()).collect();
        stop.store(true, SeqCst);
        churning.into_iter().for_each(|thread| thread.join().unwrap());
        results.into_iter().for_each(|result| result.unwrap());
    });
}

/// No count is lost, wherever the slots are, and whether the counts fit into them.
fn sums_are_exact<R: Reclaimer>() {
    let map = map::<R>();
    let keys = stable();
    // The counts of half of the keys cross from inline to boxed, and back by wrapping around.
    let start = |i: usize| if i.is_multiple_of(2) { 0 } else { (1 << 62) - 100 };
    let rounds = scaled(30_000) as u64;
    beside_resizes(&map, |t| {
        let mut random = Random::new(t + 100);
        for _ in 0..rounds {
            let i = random.below(keys.len() as u64) as usize;
            map.fetch_add_or(keys[i], 3, start(i));
            map.fetch_sub_or(keys[i], 1, start(i));
            match random.below(4) {
                0 => _ = map.update(keys[i], |v| v + 5),
                1 => _ = map.update_or_insert(keys[i], |v| v + 5, 0),
                2 => _ = map.fetch_add_many(&[(keys[i], 4), (keys[i], 1)]),
                _ => {
                    while let Some(v) = map.get(keys[i]) {
                        if map.compare_exchange(keys[i], v, v + 5).is_ok() {
                            break;
                        }
                    }
                }
            }
        }
    });
    let sum: u64 = (0..keys.len()).map(|i| map.get(keys[i]).map_or(0, |v| v - start(i))).sum();
    assert_eq!(sum, 3 * rounds * 7);
}

/// Keys that nobody removes are always there, with values that belong to them, once in each iteration.
fn stable_keys_stay<R: Reclaimer>() {
    let map = map::<R>();
    let keys = stable();
    keys.iter().for_each(|key| _ = map.insert(*key, value_of(*key, false)));
    beside_resizes(&map, |t| {
        let mut random = Random::new(t);
        let known = |key, value| value == value_of(key, true) || value == value_of(key, false);
        for _ in 0..scaled(3000) {
            let key = keys[random.below(keys.len() as u64) as usize];
            match random.below(6) {
                0 => assert!(known(key, map.insert(key, value_of(key, true)).unwrap())),
                1 => assert!(known(key, map.swap(key, value_of(key, false)).unwrap())),
                2 => assert!(known(key, map.get_or_insert(key, 1))),
                3 => map.get_many(&keys, |i, value| assert!(known(keys[i], value.unwrap()))),
                4 => assert!(map.remove_if(key, |value| !known(key, value)).is_none()),
                _ => {
                    let mut seen = HashSet::new();
                    for (key, value) in &map {
                        assert!(known(key, value), "{key:x} {value:x}");
                        assert!(seen.insert(key), "{key:x} twice");
                    }
                    assert!(keys.iter().all(|key| seen.contains(key)));
                }
            }
            assert!(known(key, map.get(key).unwrap()));
        }
    });
    assert_eq!(map.len(), keys.len());
    let mut left: Vec<u64> = map.into_iter().map(|(key, _)| key).collect();
    left.sort();
    let mut expected = keys;
    expected.sort();
    assert_eq!(left, expected);
}

/// Of many who insert a key, one does; of many who remove it, one gets its value: as many come out as
/// went in.
fn one_gets_it<R: Reclaimer>() {
    let map = map::<R>();
    let set = WordSet::<u64>::builder().mix(MIX).reclaimer::<R>().build();
    let [into_map, from_map, into_set, from_set] = [const { AtomicUsize::new(0) }; 4];
    let count = |counter: &AtomicUsize, n: usize| _ = counter.fetch_add(n, SeqCst);
    let keys = scaled(20_000) as u64;
    thread::scope(|scope| {
        for t in 0..4u64 {
            let (map, set, count) = (&map, &set, &count);
            let [into_map, from_map, into_set, from_set] =
                [&into_map, &from_map, &into_set, &from_set];
            scope.spawn(move || {
                for key in 0..keys {
                    // Wide ones and others.
                    let value = key << 62 | t;
                    count(into_map, usize::from(map.try_insert(key, value).is_ok()));
                    count(into_set, usize::from(set.insert(key)));
                    if t % 2 == 0 {
                        let taken = map.remove(key.saturating_sub(100));
                        assert!(taken.is_none_or(|value| value & 0xff < 4));
                        count(from_map, usize::from(taken.is_some()));
                        count(from_set, usize::from(set.remove(key.saturating_sub(50))));
                    }
                }
                count(from_map, map.drain().count());
                count(from_set, set.drain().count());
            });
        }
    });
    let [into_map, from_map, into_set, from_set] =
        [into_map, from_map, into_set, from_set].map(AtomicUsize::into_inner);
    assert!(into_map >= keys as usize && into_set >= keys as usize);
    assert_eq!(into_map, from_map + map.len());
    assert_eq!(into_set, from_set + set.len());
    assert_eq!(map.iter().count(), map.len());
    assert_eq!(set.iter().count(), set.len());
}

/// Each entry goes to one drain, or stays.
fn drains_share<R: Reclaimer>() {
    for _ in 0..scaled(50) {
        let map = map::<R>();
        (0..5000).for_each(|key| _ = map.insert(key, key));
        let taken: Vec<Vec<(u64, u64)>> = thread::scope(|scope| {
            let drains: Vec<_> = (0..4)
                .map(|t| {
                    let map = &map;
                    scope.spawn(move || {
                        map.reserve(t * 5000);
                        map.drain().collect()
                    })
                })
                .collect();
            drains.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let mut all: Vec<u64> = taken.into_iter().flatten().map(|(key, _)| key).collect();
        all.sort();
        assert!(all.iter().copied().eq(0..5000));
        assert!(map.is_empty());
    }
}

on_each_reclaimer!(sums_are_exact, stable_keys_stay, one_gets_it, drains_share);
