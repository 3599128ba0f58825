//! Each operation on u64 keys and values, on a map that the caches hold and on one that they do not:
//! of the map of nodes, and of the map of words.

mod common;

use common::{Map, criterion, empty, mix, shuffled};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dolmen::WordMap;
use dolmen::words::FixedMix;
use std::hint::black_box;

const SIZES: [usize; 2] = [1_000, 1_000_000];
/// Keys of one timed stretch.
const STRETCH: usize = 1_000;

type Words = WordMap<u64, u64, FixedMix>;

fn empty_words(capacity: usize) -> Words {
    Words::with_capacity_and_mix(capacity, FixedMix::new(1))
}

/// A map of this size at rest, its keys in another order, and as many that it has not.
struct Setup<M> {
    map: M,
    present: Vec<u64>,
    absent: Vec<u64>,
}

impl<M> Setup<M> {
    fn new(size: usize, grown: impl Fn(&[u64]) -> M) -> Self {
        let keys = |from: usize| (from..from + size).map(|number| mix(number as u64)).collect();
        let (present, absent): (Vec<u64>, Vec<u64>) = (keys(0), keys(size));
        Setup { map: grown(&present), present: shuffled(present), absent: shuffled(absent) }
    }
}

fn of_nodes() -> [Setup<Map<u64, u64>>; 2] {
    let grown = |keys: &[u64]| {
        let map = empty(0);
        keys.iter().for_each(|key| _ = map.insert(*key, *key));
        map.finish_resize();
        map
    };
    SIZES.map(|size| Setup::new(size, grown))
}

fn of_words() -> [Setup<Words>; 2] {
    let grown = |keys: &[u64]| {
        let map = empty_words(0);
        keys.iter().for_each(|key| _ = map.insert(*key, *key >> 2));
        map.finish_resize();
        map
    };
    SIZES.map(|size| Setup::new(size, grown))
}

/// Stretches of keys, one after the other and again from the first.
fn stretches(keys: &[u64]) -> impl Iterator<Item = &[u64]> {
    keys.chunks_exact(STRETCH).cycle()
}

/// Times calls on stretches of keys.
fn calls<M>(
    c: &mut Criterion,
    name: &str,
    setups: &[Setup<M>],
    absent: bool,
    call: impl Fn(&M, &[u64]),
) {
    let mut group = c.benchmark_group(name);
    group.throughput(Throughput::Elements(STRETCH as u64));
    for setup in setups {
        let mut stretches = stretches(if absent { &setup.absent } else { &setup.present });
        group.bench_function(BenchmarkId::from_parameter(setup.present.len()), |bencher| {
            bencher.iter(|| call(&setup.map, stretches.next().expect("they go on")));
        });
    }
    group.finish();
}

fn reads(c: &mut Criterion) {
    let setups = of_nodes();
    calls(c, "get, hit", &setups, false, |map, keys| {
        keys.iter().for_each(|key| assert!(black_box(map.get(key)).is_some()));
    });
    calls(c, "get, miss", &setups, true, |map, keys| {
        keys.iter().for_each(|key| assert!(black_box(map.get(key)).is_none()));
    });
    calls(c, "get, under one pin", &setups, false, |map, keys| {
        let map = map.pin();
        keys.iter().for_each(|key| assert!(black_box(map.get(key)).is_some()));
    });
    for batch in [16, 32] {
        calls(c, &format!("get_many, {batch} at a time"), &setups, false, |map, keys| {
            for keys in keys.chunks(batch) {
                map.get_many(keys, |_, value| assert!(black_box(value).is_some()));
            }
        });
    }
}

fn writes(c: &mut Criterion) {
    let setups = of_nodes();
    calls(c, "insert, overwrite", &setups, false, |map, keys| {
        keys.iter().for_each(|key| assert!(black_box(map.insert(*key, 1)).is_some()));
    });
    calls(c, "update", &setups, false, |map, keys| {
        keys.iter().for_each(|key| assert!(black_box(map.update(*key, |_, v| v + 1)).is_some()));
    });
    calls(c, "remove and insert", &setups, false, |map, keys| {
        keys.iter().for_each(|key| assert!(black_box(map.remove(key)).is_some()));
        keys.iter().for_each(|key| assert!(black_box(map.insert(*key, 1)).is_none()));
    });
}

fn word_reads(c: &mut Criterion) {
    let setups = of_words();
    calls(c, "words: get, hit", &setups, false, |map, keys| {
        keys.iter().for_each(|key| assert!(black_box(map.get(*key)).is_some()));
    });
    calls(c, "words: get, miss", &setups, true, |map, keys| {
        keys.iter().for_each(|key| assert!(black_box(map.get(*key)).is_none()));
    });
    calls(c, "words: get, under one pin", &setups, false, |map, keys| {
        let map = map.pin();
        keys.iter().for_each(|key| assert!(black_box(map.get(*key)).is_some()));
    });
    for batch in [16, 32] {
        calls(c, &format!("words: get_many, {batch} at a time"), &setups, false, |map, keys| {
            for keys in keys.chunks(batch) {
                map.get_many(keys, |_, value| assert!(black_box(value).is_some()));
            }
        });
    }
}

fn word_writes(c: &mut Criterion) {
    let setups = of_words();
    calls(c, "words: insert, overwrite", &setups, false, |map, keys| {
        keys.iter().for_each(|key| assert!(black_box(map.insert(*key, 1)).is_some()));
    });
    calls(c, "words: update", &setups, false, |map, keys| {
        keys.iter().for_each(|key| assert!(black_box(map.update(*key, |v| v + 1)).is_some()));
    });
    calls(c, "words: fetch_add", &setups, false, |map, keys| {
        keys.iter().for_each(|key| assert!(black_box(map.fetch_add(*key, 1)).is_some()));
    });
    calls(c, "words: fetch_add_many, 32 at a time", &setups, false, |map, keys| {
        for keys in keys.chunks_exact(32) {
            let entries: [(u64, u64); 32] = std::array::from_fn(|at| (keys[at], 1));
            assert_eq!(map.fetch_add_many(black_box(&entries)), 32);
        }
    });
    calls(c, "words: remove and insert", &setups, false, |map, keys| {
        keys.iter().for_each(|key| assert!(black_box(map.remove(*key)).is_some()));
        keys.iter().for_each(|key| assert!(black_box(map.insert(*key, 1)).is_none()));
    });
}

fn fills(c: &mut Criterion) {
    for (name, presized) in [("insert, fresh, presized", true), ("insert, fresh, growing", false)] {
        let room = |size| if presized { size } else { 0 };
        fill(c, name, |size| empty(room(size)), |map, key| map.insert(key, 1).is_none());
        let name = format!("words: {name}");
        fill(c, &name, |size| empty_words(room(size)), |map, key| map.insert(key, 1).is_none());
    }
}

/// Times the insertion of all keys into a new map.
fn fill<M>(
    c: &mut Criterion,
    name: &str,
    empty: impl Fn(usize) -> M,
    insert: impl Fn(&M, u64) -> bool,
) {
    let mut group = c.benchmark_group(name);
    for size in [1_000, 100_000] {
        let keys: Vec<u64> = (0..size as u64).map(mix).collect();
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter_batched(
                || empty(size),
                |map| {
                    keys.iter().for_each(|key| assert!(insert(&map, *key)));
                    map
                },
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

fn iterations(c: &mut Criterion) {
    iterate(c, "iterate, an entry", &of_nodes(), |map| {
        map.pin().values().fold(0, |sum, value| sum ^ *value)
    });
    iterate(c, "words: iterate, an entry", &of_words(), |map| {
        map.pin().values().fold(0, |sum, value| sum ^ value)
    });
}

fn iterate<M>(c: &mut Criterion, name: &str, setups: &[Setup<M>], over: impl Fn(&M) -> u64) {
    let mut group = c.benchmark_group(name);
    for setup in setups {
        group.throughput(Throughput::Elements(setup.present.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(setup.present.len()), |bencher| {
            bencher.iter(|| over(&setup.map));
        });
    }
    group.finish();
}

criterion_group! {
    name = operations;
    config = criterion();
    targets = reads, writes, word_reads, word_writes, fills, iterations
}
criterion_main!(operations);
