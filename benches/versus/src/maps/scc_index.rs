//! scc's `HashIndex`, made for reading.

use crate::keys::Key;
use crate::map::{self, Hasher};
use crate::value::Value;
use scc::Guard;
use scc::hash_index::Entry;

pub type Map<K, V> = scc::HashIndex<K, V, Hasher>;

impl<K: Key, V: Value> map::Map for Map<K, V> {
    type Key = K;
    type Value = V;

    const NAME: &'static str = "scc-index";

    fn with_capacity(capacity: usize, hasher: Hasher) -> Self {
        match capacity {
            0 => Self::with_hasher(hasher),
            _ => Self::with_capacity_and_hasher(capacity, hasher),
        }
    }

    fn get(&self, key: &K) -> Option<u64> {
        self.peek_with(key, |_, value| value.visit())
    }

    fn insert(&self, key: K, value: V) -> bool {
        match self.entry_sync(key) {
            Entry::Occupied(mut entry) => {
                entry.update(value);
                true
            }
            Entry::Vacant(entry) => {
                entry.insert_entry(value);
                false
            }
        }
    }

    fn update(&self, key: &K) -> bool {
        match self.get_sync(key) {
            Some(mut entry) => {
                let value = entry.get().bumped();
                entry.update(value);
                true
            }
            None => false,
        }
    }

    fn remove(&self, key: &K) -> bool {
        self.remove_sync(key)
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn for_each(&self, mut f: impl FnMut(&K, &V)) {
        let guard = Guard::new();
        self.iter(&guard).for_each(|(key, value)| f(key, value));
    }
}
