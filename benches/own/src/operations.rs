//! The operations to count, on a map of a thousand keys; those of a map of words begin with `words`.

use dolmen::words::FixedMix;
use dolmen::{HashMap, WordMap};
use foldhash::fast::FixedState;
use std::hint::black_box;
use std::mem;

type Map = HashMap<u64, u64, FixedState>;
type Words = WordMap<u64, u64, FixedMix>;

const KEYS: u64 = 1_000;

/// One operation: what it is called, how many calls a round has, and what a round does.
pub struct Operation {
    pub name: &'static str,
    pub calls: u64,
    /// Numbers of rounds whose difference is counted.
    pub rounds: [u64; 2],
    run: fn(rounds: u64),
}

/// Rounds of calls that leave the map as it was.
const REPEATED: [u64; 2] = [4, 12];
/// Tenths of the keys, for calls that cannot be repeated.
const TENTHS: [u64; 2] = [2, 10];
const TENTH: u64 = KEYS / 10;

pub const ALL: [Operation; 20] = [
    operation("get_hit", KEYS, REPEATED, |rounds| {
        repeat(rounds, filled(), |map, key| assert!(black_box(map.get(&key)).is_some()));
    }),
    operation("get_miss", KEYS, REPEATED, |rounds| {
        repeat(rounds, filled(), |map, key| assert!(black_box(map.get(&(key + KEYS))).is_none()));
    }),
    operation("get_pinned", KEYS, REPEATED, |rounds| {
        let map = filled();
        let pinned = map.pin();
        for _ in 0..rounds {
            (0..KEYS).for_each(|key| assert!(black_box(pinned.get(&black_box(key))).is_some()));
        }
        mem::drop(pinned);
        mem::forget(map);
    }),
    operation("get_many", KEYS, REPEATED, |rounds| {
        let (map, keys) = (filled(), (0..KEYS).collect::<Vec<u64>>());
        for _ in 0..rounds {
            let mut found = 0;
            map.get_many(black_box(&keys), |_, value| found += u64::from(value.is_some()));
            assert_eq!(found, KEYS);
        }
        mem::forget(map);
    }),
    operation("insert_many", KEYS, REPEATED, |rounds| {
        let map = filled();
        for _ in 0..rounds {
            assert_eq!(map.insert_many((0..KEYS).map(|key| (black_box(key), 1))), 0);
        }
        mem::forget(map);
    }),
    operation("insert_fresh", TENTH, TENTHS, |tenths| {
        mem::forget(with(Map::with_capacity_and_hasher(KEYS as usize, hasher()), tenths * TENTH));
    }),
    operation("grow", KEYS, REPEATED, |rounds| {
        (0..rounds).for_each(|_| mem::forget(with(Map::with_hasher(hasher()), KEYS)));
    }),
    operation("grow_drop", KEYS, REPEATED, |rounds| {
        (0..rounds).for_each(|_| mem::drop(with(Map::with_hasher(hasher()), KEYS)));
    }),
    operation("overwrite", KEYS, REPEATED, |rounds| {
        repeat(rounds, filled(), |map, key| assert!(black_box(map.insert(key, key)).is_some()));
    }),
    operation("update", KEYS, REPEATED, |rounds| {
        repeat(rounds, filled(), |map, key| {
            assert!(black_box(map.update(key, |_, v| v + 1)).is_some())
        });
    }),
    operation("remove", TENTH, TENTHS, |tenths| {
        let map = filled();
        (0..tenths * TENTH).for_each(|key| assert!(map.remove(&black_box(key)).is_some()));
        mem::forget(map);
    }),
    operation("remove_insert", KEYS, REPEATED, |rounds| {
        repeat(rounds, filled(), |map, key| {
            assert!(black_box(map.remove(&key)).is_some());
            assert!(black_box(map.insert(key, key)).is_none());
        });
    }),
    operation("iterate", KEYS, REPEATED, |rounds| {
        let map = filled();
        for _ in 0..rounds {
            assert_eq!(
                map.pin().values().map(|value| black_box(*value) & 1).sum::<u64>(),
                KEYS / 2
            );
        }
        mem::forget(map);
    }),
    operation("words_get_hit", KEYS, REPEATED, |rounds| {
        repeat(rounds, words(), |map, key| assert!(black_box(map.get(key)).is_some()));
    }),
    operation("words_get_miss", KEYS, REPEATED, |rounds| {
        repeat(rounds, words(), |map, key| assert!(black_box(map.get(key + KEYS)).is_none()));
    }),
    operation("words_insert", TENTH, TENTHS, |tenths| {
        let map = Words::with_capacity_and_mix(KEYS as usize, FixedMix::new(1));
        mem::forget(with_words(map, tenths * TENTH));
    }),
    operation("words_overwrite", KEYS, REPEATED, |rounds| {
        repeat(rounds, words(), |map, key| assert!(black_box(map.insert(key, key)).is_some()));
    }),
    operation("words_remove", TENTH, TENTHS, |tenths| {
        let map = words();
        (0..tenths * TENTH).for_each(|key| assert!(map.remove(black_box(key)).is_some()));
        mem::forget(map);
    }),
    operation("words_fetch_add", KEYS, REPEATED, |rounds| {
        repeat(rounds, words(), |map, key| assert!(black_box(map.fetch_add(key, 1)).is_some()));
    }),
    operation("words_iterate", KEYS, REPEATED, |rounds| {
        let map = words();
        for _ in 0..rounds {
            assert_eq!(map.pin().values().map(|value| black_box(value) & 1).sum::<u64>(), KEYS / 2);
        }
        mem::forget(map);
    }),
];

const fn operation(
    name: &'static str,
    calls: u64,
    rounds: [u64; 2],
    run: fn(rounds: u64),
) -> Operation {
    Operation { name, calls, rounds, run }
}

impl Operation {
    pub fn named(name: &str) -> Option<&'static Operation> {
        ALL.iter().find(|operation| operation.name == name)
    }

    pub fn run(&self, rounds: u64) {
        (self.run)(rounds);
    }
}

fn hasher() -> FixedState {
    FixedState::with_seed(1)
}

fn with(map: Map, keys: u64) -> Map {
    (0..keys).for_each(|key| assert!(black_box(map.insert(black_box(key), key)).is_none()));
    map
}

/// A map of all keys, grown, and at rest.
fn filled() -> Map {
    let map = with(Map::with_hasher(hasher()), KEYS);
    map.finish_resize();
    map
}

fn with_words(map: Words, keys: u64) -> Words {
    (0..keys).for_each(|key| assert!(black_box(map.insert(black_box(key), key)).is_none()));
    map
}

/// A map of all keys, as words, grown, and at rest.
fn words() -> Words {
    let map = with_words(Words::with_mix(FixedMix::new(1)), KEYS);
    map.finish_resize();
    map
}

/// One call for each key in each round.
#[inline(always)]
fn repeat<M>(rounds: u64, map: M, call: impl Fn(&M, u64)) {
    for _ in 0..rounds {
        (0..KEYS).for_each(|key| call(&map, black_box(key)));
    }
    mem::forget(map);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_runs_and_has_its_name_once() {
        for operation in &ALL {
            operation.rounds.iter().for_each(|rounds| operation.run(*rounds));
            let named = ALL.iter().filter(|other| other.name == operation.name);
            assert_eq!(named.count(), 1, "{}", operation.name);
        }
    }
}
