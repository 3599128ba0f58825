//! hashbrown without any lock, on one thread: the floor.

use crate::keys::Key;
use crate::map::{self, Hasher};
use crate::value::Value;
use std::cell::UnsafeCell;

pub struct Map<K, V>(UnsafeCell<hashbrown::HashMap<K, V, Hasher>>);

// SAFETY: `MOST_THREADS` is 1, and the threads that build, use and drop it take turns.
unsafe impl<K: Send, V: Send> Sync for Map<K, V> {}

impl<K, V> Map<K, V> {
    #[expect(clippy::mut_from_ref, reason = "one thread, one call at a time")]
    fn inner(&self) -> &mut hashbrown::HashMap<K, V, Hasher> {
        // SAFETY: one thread at a time, and no call is inside another.
        unsafe { &mut *self.0.get() }
    }
}

impl<K: Key, V: Value> map::Map for Map<K, V> {
    type Key = K;
    type Value = V;

    const NAME: &'static str = "hashbrown";
    const MOST_THREADS: usize = 1;

    fn with_capacity(capacity: usize, hasher: Hasher) -> Self {
        Map(UnsafeCell::new(hashbrown::HashMap::with_capacity_and_hasher(capacity, hasher)))
    }

    fn get(&self, key: &K) -> Option<u64> {
        self.inner().get(key).map(V::visit)
    }

    fn insert(&self, key: K, value: V) -> bool {
        self.inner().insert(key, value).is_some()
    }

    fn update(&self, key: &K) -> bool {
        self.inner().get_mut(key).map(V::bump).is_some()
    }

    fn remove(&self, key: &K) -> bool {
        self.inner().remove(key).is_some()
    }

    fn len(&self) -> usize {
        self.inner().len()
    }

    fn for_each(&self, mut f: impl FnMut(&K, &V)) {
        self.inner().iter().for_each(|(key, value)| f(key, value));
    }
}
