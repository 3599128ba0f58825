//! papaya's `HashMap`, with its default, incremental resizing.

use crate::keys::Key;
use crate::map::{self, Found, Hasher, found};
use crate::value::Value;

pub type Map<K, V> = papaya::HashMap<K, V, Hasher>;

impl<K: Key, V: Value> map::Map for Map<K, V> {
    type Key = K;
    type Value = V;

    const NAME: &'static str = "papaya";

    fn with_capacity(capacity: usize, hasher: Hasher) -> Self {
        match capacity {
            0 => Self::with_hasher(hasher),
            _ => Self::with_capacity_and_hasher(capacity, hasher),
        }
    }

    fn get(&self, key: &K) -> Option<u64> {
        self.pin().get(key).map(V::visit)
    }

    fn insert(&self, key: K, value: V) -> bool {
        self.pin().insert(key, value).is_some()
    }

    fn update(&self, key: &K) -> bool {
        self.pin().update(key.clone(), |value| value.bumped()).is_some()
    }

    fn remove(&self, key: &K) -> bool {
        self.pin().remove(key).is_some()
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn for_each(&self, mut f: impl FnMut(&K, &V)) {
        self.pin().iter().for_each(|(key, value)| f(key, value));
    }

    /// An iteration begins with the end of a pending resize.
    fn settle(&self) {
        self.pin().iter().next();
    }

    fn get_pinned<'k>(&self, keys: impl Iterator<Item = &'k K>) -> Option<Found> {
        let map = self.pin();
        Some(found(keys, |key| map.get(key).map(V::visit)))
    }
}
