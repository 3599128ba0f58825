//! hashbrown without any lock, on one thread: the floor.

use crate::keys::Key;
use crate::map::{self, Hasher};
use std::cell::UnsafeCell;

pub struct Map<K>(UnsafeCell<hashbrown::HashMap<K, u64, Hasher>>);

// SAFETY: `MOST_THREADS` is 1, and the threads that build, use and drop it take turns.
unsafe impl<K: Send> Sync for Map<K> {}

impl<K> Map<K> {
    #[expect(clippy::mut_from_ref, reason = "one thread, one call at a time")]
    fn inner(&self) -> &mut hashbrown::HashMap<K, u64, Hasher> {
        // SAFETY: one thread at a time, and no call is inside another.
        unsafe { &mut *self.0.get() }
    }
}

impl<K: Key> map::Map<K> for Map<K> {
    const NAME: &'static str = "hashbrown";
    const MOST_THREADS: usize = 1;

    fn with_capacity(capacity: usize, hasher: Hasher) -> Self {
        Map(UnsafeCell::new(hashbrown::HashMap::with_capacity_and_hasher(capacity, hasher)))
    }

    fn get(&self, key: &K) -> Option<u64> {
        self.inner().get(key).copied()
    }

    fn insert(&self, key: K, value: u64) -> bool {
        self.inner().insert(key, value).is_some()
    }

    fn update(&self, key: &K) -> bool {
        self.inner().get_mut(key).map(|value| *value += 1).is_some()
    }

    fn remove(&self, key: &K) -> bool {
        self.inner().remove(key).is_some()
    }

    fn len(&self) -> usize {
        self.inner().len()
    }
}
