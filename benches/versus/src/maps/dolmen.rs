//! dolmen's `HashMap`.

use crate::keys::Key;
use crate::map::{self, Found, Hasher, found};
use crate::value::Value;

pub type Map<K, V> = dolmen::HashMap<K, V, Hasher>;

impl<K: Key, V: Value> map::Map for Map<K, V> {
    type Key = K;
    type Value = V;

    const NAME: &'static str = "dolmen";
    const BATCHES: bool = true;

    fn with_capacity(capacity: usize, hasher: Hasher) -> Self {
        match capacity {
            0 => Self::with_hasher(hasher),
            _ => Self::with_capacity_and_hasher(capacity, hasher),
        }
    }

    fn get(&self, key: &K) -> Option<u64> {
        self.get(key).map(|value| value.visit())
    }

    fn insert(&self, key: K, value: V) -> bool {
        self.insert(key, value).is_some()
    }

    fn update(&self, key: &K) -> bool {
        self.update(key.clone(), |_, value| value.bumped()).is_some()
    }

    fn remove(&self, key: &K) -> bool {
        self.remove(key).is_some()
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn mapped(&self) -> usize {
        self.stats().mapped_bytes
    }

    fn for_each(&self, mut f: impl FnMut(&K, &V)) {
        self.pin().iter().for_each(|(key, value)| f(key, value));
    }

    fn settle(&self) {
        self.finish_resize();
    }

    fn get_pinned<'k>(&self, keys: impl Iterator<Item = &'k K>) -> Option<Found> {
        let map = self.pin();
        Some(found(keys, |key| map.get(key).map(V::visit)))
    }

    fn get_many(&self, keys: &[K]) -> Found {
        let (mut count, mut sum) = (0, 0u64);
        self.get_many(keys, |_, value| {
            if let Some(value) = value {
                count += 1;
                sum = sum.wrapping_add(value.visit());
            }
        });
        (count, sum)
    }
}
