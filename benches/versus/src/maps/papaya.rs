//! papaya's `HashMap`.

use crate::keys::Key;
use crate::map::{self, Hasher};

pub type Map<K> = papaya::HashMap<K, u64, Hasher>;

impl<K: Key> map::Map<K> for Map<K> {
    const NAME: &'static str = "papaya";

    fn with_capacity(capacity: usize, hasher: Hasher) -> Self {
        match capacity {
            0 => Self::with_hasher(hasher),
            _ => Self::with_capacity_and_hasher(capacity, hasher),
        }
    }

    fn get(&self, key: &K) -> Option<u64> {
        self.pin().get(key).copied()
    }

    fn insert(&self, key: K, value: u64) -> bool {
        self.pin().insert(key, value).is_some()
    }

    fn update(&self, key: &K) -> bool {
        self.pin().update(key.clone(), |value| value + 1).is_some()
    }

    fn remove(&self, key: &K) -> bool {
        self.pin().remove(key).is_some()
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn get_pinned<'k>(&self, keys: impl Iterator<Item = &'k K>) -> Option<(u64, u64)> {
        let (mut found, mut sum) = (0, 0u64);
        let map = self.pin();
        for key in keys {
            if let Some(value) = map.get(key) {
                found += 1;
                sum = sum.wrapping_add(*value);
            }
        }
        Some((found, sum))
    }
}
