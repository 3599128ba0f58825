//! dolmen's `WordMap`, of u64 to u64. It has a mix where others have a hasher: seeded by that one.

use crate::map::{self, Found, Hasher, found};
use crate::value::{Counter, Value};
use dolmen::WordMap;
use dolmen::words::FixedMix;
use std::hash::BuildHasher;
use std::marker::PhantomData;

type Words = WordMap<u64, u64, FixedMix>;

pub struct Map<V>(Words, PhantomData<V>);

/// What a lookup does, for values that are words: it reads one, or it counts.
pub trait Visited: Value {
    fn visit_in(map: &Words, key: u64) -> Option<u64>;

    fn visit_many(map: &Words, keys: &[u64]) -> Found;

    /// All under one pin.
    fn visit_pinned<'k>(map: &Words, keys: impl Iterator<Item = &'k u64>) -> Found;
}

impl Visited for [u64; 1] {
    fn visit_in(map: &Words, key: u64) -> Option<u64> {
        map.get(key)
    }

    fn visit_many(map: &Words, keys: &[u64]) -> Found {
        let (mut count, mut sum) = (0, 0u64);
        map.get_many(keys, |_, value| {
            if let Some(value) = value {
                count += 1;
                sum = sum.wrapping_add(value);
            }
        });
        (count, sum)
    }

    fn visit_pinned<'k>(map: &Words, keys: impl Iterator<Item = &'k u64>) -> Found {
        let map = map.pin();
        found(keys, |key| map.get(*key))
    }
}

/// As many as a batch of the workloads has.
const BATCH: usize = 32;

impl Visited for Counter {
    fn visit_in(map: &Words, key: u64) -> Option<u64> {
        map.fetch_add(key, 1)
    }

    /// What they were is not told.
    fn visit_many(map: &Words, keys: &[u64]) -> Found {
        let mut entries = [(0, 1); BATCH];
        let count = keys.chunks(BATCH).map(|keys| {
            entries.iter_mut().zip(keys).for_each(|(entry, key)| entry.0 = *key);
            map.fetch_add_many(&entries[..keys.len()])
        });
        (count.sum::<usize>() as u64, 0)
    }

    fn visit_pinned<'k>(map: &Words, keys: impl Iterator<Item = &'k u64>) -> Found {
        let map = map.pin();
        found(keys, |key| map.fetch_add(*key, 1))
    }
}

impl<V: Visited> map::Map for Map<V> {
    type Key = u64;
    type Value = V;

    const NAME: &'static str = "dolmen-words";
    const BATCHES: bool = true;

    fn with_capacity(capacity: usize, hasher: Hasher) -> Self {
        let mix = FixedMix::new(hasher.hash_one(0));
        let map = match capacity {
            0 => Words::with_mix(mix),
            _ => Words::with_capacity_and_mix(capacity, mix),
        };
        Map(map, PhantomData)
    }

    fn get(&self, key: &u64) -> Option<u64> {
        V::visit_in(&self.0, *key)
    }

    fn insert(&self, key: u64, value: V) -> bool {
        self.0.insert(key, value.read()).is_some()
    }

    fn update(&self, key: &u64) -> bool {
        self.0.update(*key, |value| value + 1).is_some()
    }

    fn remove(&self, key: &u64) -> bool {
        self.0.remove(*key).is_some()
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn mapped(&self) -> usize {
        self.0.stats().mapped_bytes
    }

    fn for_each(&self, mut f: impl FnMut(&u64, &V)) {
        self.0.pin().iter().for_each(|(key, value)| f(&key, &V::of(value)));
    }

    fn settle(&self) {
        self.0.finish_resize();
    }

    fn get_pinned<'k>(&self, keys: impl Iterator<Item = &'k u64>) -> Option<Found> {
        Some(V::visit_pinned(&self.0, keys))
    }

    fn get_many(&self, keys: &[u64]) -> Found {
        V::visit_many(&self.0, keys)
    }
}
