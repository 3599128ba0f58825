//! scc's `HashMap`.

use crate::keys::Key;
use crate::map::{self, Hasher};

pub type Map<K> = scc::HashMap<K, u64, Hasher>;

impl<K: Key> map::Map<K> for Map<K> {
    const NAME: &'static str = "scc";

    fn with_capacity(capacity: usize, hasher: Hasher) -> Self {
        match capacity {
            0 => Self::with_hasher(hasher),
            _ => Self::with_capacity_and_hasher(capacity, hasher),
        }
    }

    fn get(&self, key: &K) -> Option<u64> {
        self.read_sync(key, |_, value| *value)
    }

    fn insert(&self, key: K, value: u64) -> bool {
        self.upsert_sync(key, value).is_some()
    }

    fn update(&self, key: &K) -> bool {
        self.update_sync(key, |_, value| *value += 1).is_some()
    }

    fn remove(&self, key: &K) -> bool {
        self.remove_sync(key).is_some()
    }

    fn len(&self) -> usize {
        self.len()
    }
}
