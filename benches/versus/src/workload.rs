//! The workloads: what one thread does in one round.

use crate::map::Map;
use clap::ValueEnum;
use std::hint::black_box;

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Workload {
    /// Lookups that hit, each pinned by itself
    Get,
    /// Lookups that hit, under one pin
    Getpin,
    /// Insertion of all keys into an empty map that was not told how many
    Grow,
    /// Insertion of all keys into a map that has room for them
    Fill,
    /// Insertion of keys that are there
    Overwrite,
    /// Read-modify-write of keys that are there
    Update,
    /// Removal of keys, and their insertion again
    Recur,
}

impl Workload {
    pub const ALL: [Workload; 7] = [
        Workload::Get,
        Workload::Getpin,
        Workload::Grow,
        Workload::Fill,
        Workload::Overwrite,
        Workload::Update,
        Workload::Recur,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Workload::Get => "get",
            Workload::Getpin => "getpin",
            Workload::Grow => "grow",
            Workload::Fill => "fill",
            Workload::Overwrite => "overwrite",
            Workload::Update => "update",
            Workload::Recur => "recur",
        }
    }

    /// Whether each round begins with a new map, empty, into which it inserts all keys.
    pub fn begins_empty(self) -> bool {
        matches!(self, Workload::Grow | Workload::Fill)
    }

    /// Calls for each key asked for.
    pub fn calls_per_key(self) -> usize {
        if self == Workload::Recur { 2 } else { 1 }
    }

    /// Whether the map has what the workload needs.
    pub fn suits<K: 'static, M: Map<K>>(self, map: &M) -> bool {
        self != Workload::Getpin || map.get_pinned(std::iter::empty()).is_some()
    }

    /// Runs over the keys, so often. Returns how many calls found what was expected.
    #[inline(never)]
    pub fn run<K: Clone, M: Map<K>>(self, map: &M, keys: &[K], repeats: usize) -> u64 {
        let mut expected = 0;
        for _ in 0..repeats {
            expected += match self {
                Workload::Get => get(map, keys),
                Workload::Getpin => getpin(map, keys),
                Workload::Grow | Workload::Fill => count(keys, |key| !map.insert(key.clone(), 1)),
                Workload::Overwrite => count(keys, |key| map.insert(key.clone(), 2)),
                Workload::Update => count(keys, |key| map.update(key)),
                Workload::Recur => {
                    count(keys, |key| map.remove(key))
                        + count(keys, |key| !map.insert(key.clone(), 3))
                }
            };
        }
        expected
    }
}

#[inline(always)]
fn count<K>(keys: &[K], mut call: impl FnMut(&K) -> bool) -> u64 {
    keys.iter().map(|key| u64::from(black_box(call(black_box(key))))).sum()
}

#[inline(always)]
fn get<K, M: Map<K>>(map: &M, keys: &[K]) -> u64 {
    count(keys, |key| black_box(map.get(key)).is_some())
}

#[inline(always)]
fn getpin<K, M: Map<K>>(map: &M, keys: &[K]) -> u64 {
    let (found, sum) = map.get_pinned(keys.iter().map(black_box)).unwrap_or_default();
    black_box(sum);
    found
}
