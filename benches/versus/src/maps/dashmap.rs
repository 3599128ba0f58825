//! dashmap's `DashMap`, with its default number of shards.

use crate::keys::Key;
use crate::map::{self, Hasher};
use crate::value::Value;

pub type Map<K, V> = dashmap::DashMap<K, V, Hasher>;

impl<K: Key, V: Value> map::Map for Map<K, V> {
    type Key = K;
    type Value = V;

    const NAME: &'static str = "dashmap";

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
        self.get_mut(key).map(|mut value| value.bump()).is_some()
    }

    fn remove(&self, key: &K) -> bool {
        self.remove(key).is_some()
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn for_each(&self, mut f: impl FnMut(&K, &V)) {
        self.iter().for_each(|entry| f(entry.key(), entry.value()));
    }
}
