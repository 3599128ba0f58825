//! One reader-writer lock around hashbrown.

use crate::keys::Key;
use crate::map::{self, Hasher};
use hashbrown::HashMap;
use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

pub struct Map<K>(RwLock<HashMap<K, u64, Hasher>>);

impl<K> Map<K> {
    fn read(&self) -> RwLockReadGuard<'_, HashMap<K, u64, Hasher>> {
        self.0.read().expect("nobody panics with the lock")
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<K, u64, Hasher>> {
        self.0.write().expect("nobody panics with the lock")
    }
}

impl<K: Key> map::Map<K> for Map<K> {
    const NAME: &'static str = "rwlock";

    fn with_capacity(capacity: usize, hasher: Hasher) -> Self {
        Map(RwLock::new(HashMap::with_capacity_and_hasher(capacity, hasher)))
    }

    fn get(&self, key: &K) -> Option<u64> {
        self.read().get(key).copied()
    }

    fn insert(&self, key: K, value: u64) -> bool {
        self.write().insert(key, value).is_some()
    }

    fn update(&self, key: &K) -> bool {
        self.write().get_mut(key).map(|value| *value += 1).is_some()
    }

    fn remove(&self, key: &K) -> bool {
        self.write().remove(key).is_some()
    }

    fn len(&self) -> usize {
        self.read().len()
    }
}
