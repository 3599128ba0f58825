//! Sixteen reader-writer locks, each around a hashbrown of its own.

use crate::keys::Key;
use crate::map::{self, Hasher};
use crate::value::Value;
use hashbrown::HashTable;
use std::hash::BuildHasher;
use std::sync::RwLock;

const STRIPES: usize = 16;

pub struct Map<K, V> {
    stripes: [Stripe<K, V>; STRIPES],
    hasher: Hasher,
}

/// On lines of its own, or the locks would share them.
#[repr(align(128))]
struct Stripe<K, V>(RwLock<HashTable<(K, V)>>);

impl<K: Key, V: Value> Map<K, V> {
    fn find(&self, key: &K) -> (u64, &RwLock<HashTable<(K, V)>>) {
        let hash = self.hasher.hash_one(key);
        // hashbrown uses the low bits, and the top seven.
        (hash, &self.stripes[(hash >> 52) as usize % STRIPES].0)
    }

    fn rehash(&self) -> impl Fn(&(K, V)) -> u64 {
        |(key, _)| self.hasher.hash_one(key)
    }
}

const POISON: &str = "nobody panics with the lock";

impl<K: Key, V: Value> map::Map for Map<K, V> {
    type Key = K;
    type Value = V;

    const NAME: &'static str = "striped";

    fn with_capacity(capacity: usize, hasher: Hasher) -> Self {
        let room = capacity.div_ceil(STRIPES);
        let stripe = |_| Stripe(RwLock::new(HashTable::with_capacity(room)));
        Map { stripes: std::array::from_fn(stripe), hasher }
    }

    fn get(&self, key: &K) -> Option<u64> {
        let (hash, stripe) = self.find(key);
        stripe.read().expect(POISON).find(hash, |entry| entry.0 == *key).map(|entry| entry.1.visit())
    }

    fn insert(&self, key: K, value: V) -> bool {
        let (hash, stripe) = self.find(&key);
        let mut table = stripe.write().expect(POISON);
        if let Some(entry) = table.find_mut(hash, |entry| entry.0 == key) {
            entry.1 = value;
            return true;
        }
        table.insert_unique(hash, (key, value), self.rehash());
        false
    }

    fn update(&self, key: &K) -> bool {
        let (hash, stripe) = self.find(key);
        let mut table = stripe.write().expect(POISON);
        table.find_mut(hash, |entry| entry.0 == *key).map(|entry| entry.1.bump()).is_some()
    }

    fn remove(&self, key: &K) -> bool {
        let (hash, stripe) = self.find(key);
        let mut table = stripe.write().expect(POISON);
        table.find_entry(hash, |entry| entry.0 == *key).map(|entry| entry.remove()).is_ok()
    }

    fn len(&self) -> usize {
        self.stripes.iter().map(|stripe| stripe.0.read().expect(POISON).len()).sum()
    }

    fn for_each(&self, mut f: impl FnMut(&K, &V)) {
        for stripe in &self.stripes {
            stripe.0.read().expect(POISON).iter().for_each(|(key, value)| f(key, value));
        }
    }
}
