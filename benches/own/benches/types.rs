//! What longer keys and larger values cost.

mod common;

use common::{criterion, empty, mix, shuffled};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

/// More than the second-level cache holds, and quick to build.
const SIZE: u64 = 100_000;
const STRETCH: usize = 1_000;
const LENGTHS: [usize; 5] = [8, 16, 32, 100, 200];

/// A key of this many bytes, which differ between keys at both ends.
fn key(number: u64, length: usize) -> String {
    let digits = format!("{:016x}", mix(number));
    let mut key = digits.chars().rev().cycle().take(length).collect::<String>();
    let unique = format!("{number:08x}");
    key.replace_range(length - unique.len().., &unique);
    key
}

fn string_keys(c: &mut Criterion) {
    for name in ["String keys, get", "String keys, miss", "String keys, overwrite"] {
        let mut group = c.benchmark_group(name);
        group.throughput(Throughput::Elements(STRETCH as u64));
        for length in LENGTHS {
            let map = empty(0);
            let keys: Vec<String> = (0..SIZE).map(|number| key(number, length)).collect();
            keys.iter().for_each(|key| _ = map.insert(key.clone(), 1u64));
            map.finish_resize();
            let asked = match name {
                "String keys, miss" => (SIZE..2 * SIZE).map(|n| key(n, length)).collect(),
                _ => keys,
            };
            let asked = shuffled(asked);
            let mut stretches = asked.chunks_exact(STRETCH).cycle();
            group.bench_function(BenchmarkId::from_parameter(length), |bencher| {
                bencher.iter(|| {
                    for key in stretches.next().expect("they go on") {
                        match name {
                            // The caller's copy of the key is part of it.
                            "String keys, overwrite" => _ = black_box(map.insert(key.clone(), 2)),
                            _ => _ = black_box(map.get(key)),
                        }
                    }
                });
            });
        }
        group.finish();
    }
}

/// One size of values: a read looks at all of the value.
fn values<const WORDS: usize>(c: &mut Criterion) {
    let map = empty::<u64, [u64; WORDS]>(0);
    let keys: Vec<u64> = (0..SIZE).map(mix).collect();
    keys.iter().for_each(|key| _ = map.insert(*key, [1; WORDS]));
    map.finish_resize();
    let asked = shuffled(keys);
    let mut stretches = asked.chunks_exact(STRETCH).cycle();
    let mut next = || stretches.next().expect("they go on");

    let mut group = c.benchmark_group("values, by bytes");
    group.throughput(Throughput::Elements(STRETCH as u64));
    group.bench_function(BenchmarkId::new("get", WORDS * 8), |bencher| {
        let sum = |key| map.get(key).map_or(0, |value| value.iter().sum::<u64>());
        bencher.iter(|| next().iter().map(sum).fold(0, u64::wrapping_add));
    });
    group.bench_function(BenchmarkId::new("overwrite", WORDS * 8), |bencher| {
        bencher.iter(|| next().iter().for_each(|key| _ = black_box(map.insert(*key, [2; WORDS]))));
    });
    group.bench_function(BenchmarkId::new("update", WORDS * 8), |bencher| {
        let bump = |value: &[u64; WORDS]| value.map(|word| word + 1);
        bencher.iter(|| {
            next().iter().for_each(|key| _ = black_box(map.update(*key, |_, value| bump(value))));
        });
    });
    group.finish();
}

criterion_group! {
    name = types;
    config = criterion();
    targets = string_keys, values::<1>, values::<2>, values::<8>, values::<32>
}
criterion_main!(types);
