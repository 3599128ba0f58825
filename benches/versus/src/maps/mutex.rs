//! One lock around hashbrown: what a program starts with.

use crate::keys::Key;
use crate::map::{self, Hasher};
use crate::value::Value;
use hashbrown::HashMap;
use std::sync::{Mutex, MutexGuard};

pub struct Map<K, V>(Mutex<HashMap<K, V, Hasher>>);

impl<K, V> Map<K, V> {
    fn lock(&self) -> MutexGuard<'_, HashMap<K, V, Hasher>> {
        self.0.lock().expect("nobody panics with the lock")
    }
}

impl<K: Key, V: Value> map::Map for Map<K, V> {
    type Key = K;
    type Value = V;

    const NAME: &'static str = "mutex";

    fn with_capacity(capacity: usize, hasher: Hasher) -> Self {
        Map(Mutex::new(HashMap::with_capacity_and_hasher(capacity, hasher)))
    }

    fn get(&self, key: &K) -> Option<u64> {
        self.lock().get(key).map(V::visit)
    }

    fn insert(&self, key: K, value: V) -> bool {
        self.lock().insert(key, value).is_some()
    }

    fn update(&self, key: &K) -> bool {
        self.lock().get_mut(key).map(V::bump).is_some()
    }

    fn remove(&self, key: &K) -> bool {
        self.lock().remove(key).is_some()
    }

    fn len(&self) -> usize {
        self.lock().len()
    }

    fn for_each(&self, mut f: impl FnMut(&K, &V)) {
        self.lock().iter().for_each(|(key, value)| f(key, value));
    }
}
