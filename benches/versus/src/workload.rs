//! The workloads: what one thread does in one round.

use crate::keys::{Asked, KeyKind};
use crate::map::Map;
use crate::value::Value;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use std::hint::black_box;

/// What values begin with.
pub const FIRST: u64 = 1;

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Workload {
    /// Lookups that hit, each pinned by itself
    Get,
    /// The same on a map as growth left it, perhaps in the middle of a resize
    Getpending,
    /// Lookups that hit, under one pin
    Getpin,
    /// Lookups that hit, 16 to a call
    Getbatch16,
    /// Lookups that hit, 32 to a call
    Getbatch32,
    /// Lookups of keys that are not there
    Miss,
    /// Lookups that hit, by Zipf's law
    Zipf,
    /// Insertion of all keys into an empty map that was not told how many
    Grow,
    /// Insertion of all keys into a map that has room for them
    Fill,
    /// Insertion of keys that are there
    Overwrite,
    /// Read-modify-write of keys that are there
    Update,
    /// Read-modify-write of one key by all threads
    Hot,
    /// Increments of counters that all threads share
    Counters,
    /// The same, 32 to a call
    Counterbatch,
    /// Removal of keys, and their insertion again
    Recur,
    /// Fresh keys in, the oldest out
    Churn,
    /// 98 % reads, 1 % fresh inserts, 1 % removals
    Readheavy,
    /// 10 % reads, 40 % fresh inserts, 40 % removals, 10 % updates
    Exchange,
    /// 5 % reads, 80 % fresh inserts, 5 % removals, 10 % updates, from an empty map
    Rapidgrow,
    /// Reads, and as many inserts as removals, over twice as many keys as are there
    Mixed,
    /// Full iteration
    Iter,
    /// Full iteration while another thread doubles the map
    Itergrow,
    /// One thread grows a map, one reads: latencies of single calls
    Tail,
    /// Live heap bytes: of a map with one entry, an entry after growth, after long use
    Bytes,
}

/// How a workload goes about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// Calls on the asked keys of a map that has all of them.
    Asks,
    /// All keys into a new map.
    Insertions,
    /// Calls from a script.
    Script,
    Iteration,
    IterationOfGrowing,
    /// Not in rounds of threads that do the same.
    Other,
}

impl Workload {
    pub fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_string())
    }

    /// What it is, in a line.
    pub fn about(self) -> String {
        let value = self.to_possible_value();
        let help = value.and_then(|value| value.get_help().map(ToString::to_string));
        help.unwrap_or_default()
    }

    pub fn shape(self) -> Shape {
        use Workload::*;
        match self {
            Get | Getpending | Getpin | Getbatch16 | Getbatch32 | Miss | Zipf | Overwrite
            | Update | Hot | Counters | Counterbatch | Recur => Shape::Asks,
            Grow | Fill => Shape::Insertions,
            Churn | Readheavy | Exchange | Rapidgrow | Mixed => Shape::Script,
            Iter => Shape::Iteration,
            Itergrow => Shape::IterationOfGrowing,
            Tail | Bytes => Shape::Other,
        }
    }

    /// Whether each round begins with a new map, empty.
    pub fn begins_empty(self) -> bool {
        matches!(self, Workload::Grow | Workload::Fill | Workload::Rapidgrow)
    }

    /// Whether each round needs a map that was just filled.
    pub fn begins_fresh(self) -> bool {
        self.begins_empty() || self == Workload::Itergrow
    }

    /// Whether values are counters, which each call adds one to.
    pub fn counts(self) -> bool {
        matches!(self, Workload::Counters | Workload::Counterbatch)
    }

    pub fn asked(self, theta: f64) -> Asked {
        match self {
            Workload::Miss => Asked::Absent,
            Workload::Zipf => Asked::Popular { theta },
            _ if self.counts() => Asked::Popular { theta },
            Workload::Hot => Asked::One,
            _ => Asked::Present,
        }
    }

    /// Keys to one call, where that is not one.
    pub fn batch(self) -> Option<usize> {
        match self {
            Workload::Getbatch16 => Some(16),
            Workload::Getbatch32 | Workload::Counterbatch => Some(32),
            _ => None,
        }
    }

    /// Calls for each key asked for.
    pub fn calls_per_key(self) -> usize {
        if self == Workload::Recur { 2 } else { 1 }
    }

    /// Whether the map has what the workload needs.
    pub fn suits<M: Map>(self) -> bool {
        self != Workload::Getpin
            || M::with_capacity(0, crate::map::hasher(0)).get_pinned(std::iter::empty()).is_some()
    }

    /// Runs over the keys, so often. Returns how many calls found what was expected.
    #[inline(never)]
    pub fn run<M: Map>(self, map: &M, keys: &[M::Key], repeats: usize) -> u64 {
        let value = M::Value::of;
        let mut expected = 0;
        for _ in 0..repeats {
            expected += match self {
                Workload::Miss => count(keys, |key| black_box(map.get(key)).is_none()),
                Workload::Getpin => getpin(map, keys),
                Workload::Getbatch16 => getbatch(map, keys, 16),
                Workload::Getbatch32 | Workload::Counterbatch => getbatch(map, keys, 32),
                Workload::Grow | Workload::Fill => {
                    count(keys, |key| !map.insert(key.clone(), value(FIRST)))
                }
                Workload::Overwrite => count(keys, |key| map.insert(key.clone(), value(2))),
                Workload::Update | Workload::Hot => count(keys, |key| map.update(key)),
                Workload::Recur => {
                    count(keys, |key| map.remove(key))
                        + count(keys, |key| !map.insert(key.clone(), value(3)))
                }
                _ => count(keys, |key| black_box(map.get(key)).is_some()),
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
fn getpin<M: Map>(map: &M, keys: &[M::Key]) -> u64 {
    let (found, sum) = map.get_pinned(keys.iter().map(black_box)).unwrap_or_default();
    black_box(sum);
    found
}

#[inline(always)]
fn getbatch<M: Map>(map: &M, keys: &[M::Key], batch: usize) -> u64 {
    let read = |keys| {
        let (found, sum) = map.get_many(black_box(keys));
        black_box(sum);
        found
    };
    keys.chunks(batch).map(read).sum()
}

/// One row of the result: a workload on a map of some kind and size, by some threads.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Cell {
    pub workload: Workload,
    pub key: KeyKind,
    /// Bytes of a value.
    pub value: usize,
    pub size: usize,
    pub threads: usize,
    /// Built by `with_capacity` where the workload itself does not say.
    pub presized: bool,
    /// Zipf's exponent, of `zipf`, `mixed` and counters; 0 is uniform.
    pub theta: f64,
    /// Percent of reads, of `mixed`.
    pub reads: u8,
    /// Percent of the reads and updates of a mix that ask for keys that are there.
    pub present: u8,
}

impl Cell {
    /// Entries to make room for when the map is made.
    pub fn capacity(&self) -> usize {
        match self.workload {
            Workload::Fill => self.size,
            Workload::Grow | Workload::Rapidgrow | Workload::Getpending => 0,
            _ if self.presized => self.size,
            _ => 0,
        }
    }
}
