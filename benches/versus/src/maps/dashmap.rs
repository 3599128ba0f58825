//! dashmap's `DashMap`, with its default number of shards.

use crate::keys::Key;
use crate::map::{self, Hasher};

pub type Map<K> = dashmap::DashMap<K, u64, Hasher>;

impl<K: Key> map::Map<K> for Map<K> {
    const NAME: &'static str = "dashmap";

    fn with_capacity(capacity: usize, hasher: Hasher) -> Self {
        match capacity {
            0 => Self::with_hasher(hasher),
            _ => Self::with_capacity_and_hasher(capacity, hasher),
        }
    }

    fn get(&self, key: &K) -> Option<u64> {
        self.get(key).map(|value| *value)
    }

    fn insert(&self, key: K, value: u64) -> bool {
        self.insert(key, value).is_some()
    }

    fn update(&self, key: &K) -> bool {
        self.get_mut(key).map(|mut value| *value += 1).is_some()
    }

    fn remove(&self, key: &K) -> bool {
        self.remove(key).is_some()
    }

    fn len(&self) -> usize {
        self.len()
    }
}
