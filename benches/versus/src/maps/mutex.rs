//! One lock around hashbrown: what a program starts with.

use crate::keys::Key;
use crate::map::{self, Hasher};
use hashbrown::HashMap;
use std::sync::{Mutex, MutexGuard};

pub struct Map<K>(Mutex<HashMap<K, u64, Hasher>>);

impl<K> Map<K> {
    fn lock(&self) -> MutexGuard<'_, HashMap<K, u64, Hasher>> {
        self.0.lock().expect("nobody panics with the lock")
    }
}

impl<K: Key> map::Map<K> for Map<K> {
    const NAME: &'static str = "mutex";

    fn with_capacity(capacity: usize, hasher: Hasher) -> Self {
        Map(Mutex::new(HashMap::with_capacity_and_hasher(capacity, hasher)))
    }

    fn get(&self, key: &K) -> Option<u64> {
        self.lock().get(key).copied()
    }

    fn insert(&self, key: K, value: u64) -> bool {
        self.lock().insert(key, value).is_some()
    }

    fn update(&self, key: &K) -> bool {
        self.lock().get_mut(key).map(|value| *value += 1).is_some()
    }

    fn remove(&self, key: &K) -> bool {
        self.lock().remove(key).is_some()
    }

    fn len(&self) -> usize {
        self.lock().len()
    }
}
