//! One reader-writer lock around hashbrown.

use crate::keys::Key;
use crate::map::{self, Hasher};
use crate::value::Value;
use hashbrown::HashMap;
use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

pub struct Map<K, V>(RwLock<HashMap<K, V, Hasher>>);

impl<K, V> Map<K, V> {
    fn read(&self) -> RwLockReadGuard<'_, HashMap<K, V, Hasher>> {
        self.0.read().expect("nobody panics with the lock")
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<K, V, Hasher>> {
        self.0.write().expect("nobody panics with the lock")
    }
}

impl<K: Key, V: Value> map::Map for Map<K, V> {
    type Key = K;
    type Value = V;

    const NAME: &'static str = "rwlock";

    fn with_capacity(capacity: usize, hasher: Hasher) -> Self {
        Map(RwLock::new(HashMap::with_capacity_and_hasher(capacity, hasher)))
    }

    fn get(&self, key: &K) -> Option<u64> {
        self.read().get(key).map(V::visit)
    }

    fn insert(&self, key: K, value: V) -> bool {
        self.write().insert(key, value).is_some()
    }

    fn update(&self, key: &K) -> bool {
        self.write().get_mut(key).map(V::bump).is_some()
    }

    fn remove(&self, key: &K) -> bool {
        self.write().remove(key).is_some()
    }

    fn len(&self) -> usize {
        self.read().len()
    }

    fn for_each(&self, mut f: impl FnMut(&K, &V)) {
        self.read().iter().for_each(|(key, value)| f(key, value));
    }
}
