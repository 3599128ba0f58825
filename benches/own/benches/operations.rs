//! Each operation on u64 keys and values, on a map that the caches hold and on one that they do not.

mod common;

use common::{Map, criterion, empty, mix, shuffled};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

const SIZES: [usize; 2] = [1_000, 1_000_000];
/// Keys of one timed stretch.
const STRETCH: usize = 1_000;

/// A map of this size at rest, its keys in another order, and as many that it has not.
struct Setup {
    map: Map<u64, u64>,
    present: Vec<u64>,
    absent: Vec<u64>,
}

impl Setup {
    fn new(size: usize) -> Self {
        let map = empty(0);
        let keys = |from: usize| (from..from + size).map(|number| mix(number as u64)).collect();
        let (present, absent): (Vec<u64>, Vec<u64>) = (keys(0), keys(size));
        present.iter().for_each(|key| _ = map.insert(*key, *key));
        map.finish_resize();
        Setup { map, present: shuffled(present), absent: shuffled(absent) }
    }
}

/// Stretches of keys, one after the other and again from the first.
fn stretches(keys: &[u64]) -> impl Iterator<Item = &[u64]> {
    keys.chunks_exact(STRETCH).cycle()
}

/// Times calls on stretches of keys.
fn calls(
    c: &mut Criterion,
    name: &str,
    setups: &[Setup],
    absent: bool,
    call: impl Fn(&Map<u64, u64>, &[u64]),
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
    let setups = SIZES.map(Setup::new);
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
    let setups = SIZES.map(Setup::new);
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

fn fills(c: &mut Criterion) {
    for (name, presized) in [("insert, fresh, presized", true), ("insert, fresh, growing", false)] {
        let mut group = c.benchmark_group(name);
        for size in [1_000, 100_000] {
            let keys: Vec<u64> = (0..size as u64).map(mix).collect();
            group.throughput(Throughput::Elements(size as u64));
            group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
                bencher.iter_batched(
                    || empty(if presized { size } else { 0 }),
                    |map| {
                        keys.iter().for_each(|key| assert!(map.insert(*key, 1).is_none()));
                        map
                    },
                    BatchSize::LargeInput,
                );
            });
        }
        group.finish();
    }
}

fn iterations(c: &mut Criterion) {
    let mut group = c.benchmark_group("iterate, an entry");
    for setup in SIZES.map(Setup::new) {
        group.throughput(Throughput::Elements(setup.present.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(setup.present.len()), |bencher| {
            bencher.iter(|| setup.map.pin().values().fold(0u64, |sum, v| sum.wrapping_add(*v)));
        });
    }
    group.finish();
}

criterion_group! {
    name = operations;
    config = criterion();
    targets = reads, writes, fills, iterations
}
criterion_main!(operations);
