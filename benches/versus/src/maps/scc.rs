//! scc's `HashMap`.

use crate::keys::Key;
use crate::map::{self, Hasher};
use crate::value::Value;

pub type Map<K, V> = scc::HashMap<K, V, Hasher>;

impl<K: Key, V: Value> map::Map for Map<K, V> {
    type Key = K;
    type Value = V;

    const NAME: &'static str = "scc";

    fn with_capacity(capacity: usize, hasher: Hasher) -> Self {
        match capacity {
            0 => Self::with_hasher(hasher),
            _ => Self::with_capacity_and_hasher(capacity, hasher),
        }
    }

    fn get(&self, key: &K) -> Option<u64> {
        self.read_sync(key, |_, value| value.visit())
    }

    fn insert(&self, key: K, value: V) -> bool {
        self.upsert_sync(key, value).is_some()
    }

    fn update(&self, key: &K) -> bool {
        self.update_sync(key, |_, value| value.bump()).is_some()
    }

    fn remove(&self, key: &K) -> bool {
        self.remove_sync(key).is_some()
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn for_each(&self, mut f: impl FnMut(&K, &V)) {
        self.iter_sync(|key, value| {
            f(key, value);
            true
        });
    }
}
