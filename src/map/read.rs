//! Reading.

use super::{HashMap, Iter, Keys, Ref, Values};
use crate::reclaim::Reclaim;
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;

impl<K, V, S, R> HashMap<K, V, S, R>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// The entry of a key.
    ///
    /// Wait-free while the map does not resize, lock-free always; writes no shared memory. O(1)
    /// expected. Linearizes at the load of the deciding slot; so what it returns was current at a
    /// moment of the call, and may have been replaced since.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert_eq!(*map.get("a").unwrap(), 1);
    /// assert!(map.get("b").is_none());
    /// ```
    #[inline]
    pub fn get<Q>(&self, key: &Q) -> Option<Ref<'_, K, V, R>>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.with_entry(|view| view.find(key))
    }

    /// The same as [`get`](Self::get): a [`Ref`] has the key as well. Here for those who look for
    /// std's name.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert_eq!(map.get_key_value("a").unwrap().pair(), (&"a", &1));
    /// ```
    #[inline]
    pub fn get_key_value<Q>(&self, key: &Q) -> Option<Ref<'_, K, V, R>>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.get(key)
    }

    /// A clone of the value of a key: for values that are cheap to clone, and callers that want no
    /// guard.
    ///
    /// Progress and linearization as [`get`](Self::get).
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert_eq!(map.get_cloned("a"), Some(1));
    /// ```
    #[inline]
    pub fn get_cloned<Q>(&self, key: &Q) -> Option<V>
    where
        Q: Hash + Equivalent<K> + ?Sized,
        V: Clone,
    {
        self.view(key, |_, value| value.clone())
    }

    /// What `f` says of the entry of a key, which is pinned for as long as `f` runs.
    ///
    /// Progress and linearization as [`get`](Self::get). `f` may use the map.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", "one".to_string())]);
    /// assert_eq!(map.view("a", |_, value| value.len()), Some(3));
    /// ```
    #[inline]
    pub fn view<Q, T>(&self, key: &Q, f: impl FnOnce(&K, &V) -> T) -> Option<T>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.with_view(|view| {
            let (key, value) = view.find(key)?.entry();
            Some(f(key, value))
        })
    }

    /// Whether a key is present. Progress and linearization as [`get`](Self::get).
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert!(map.contains_key("a") && !map.contains_key("b"));
    /// ```
    #[inline]
    pub fn contains_key<Q>(&self, key: &Q) -> bool
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.with_view(|view| view.find(key).is_some())
    }
}

impl<K, V, S, R: Reclaim> HashMap<K, V, S, R> {
    /// The number of entries.
    ///
    /// A sum over the threads' own counts: exact when no write runs, and once its effects are
    /// visible here (after a join, say). While others write it may miss or see any of the writes
    /// that run, and is not linearizable. O(threads that wrote).
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert_eq!(map.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        self.raw.len()
    }

    /// Whether [`len`](Self::len) is 0, with its contract and its cost.
    ///
    /// ```
    /// assert!(dolmen::HashMap::<u64, u64>::new().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many entries the map takes before it grows: 7/8 of its slots, or [`len`](Self::len) if
    /// that is more (keys with one hash share a slot), so never less than `len`. Fewer while removed
    /// keys still own slots. 0 for a map that was never written. Of the new table, while it resizes.
    /// Lock-free. O(threads that wrote).
    ///
    /// ```
    /// assert_eq!(dolmen::HashMap::<u64, u64>::new().capacity(), 0);
    /// ```
    pub fn capacity(&self) -> usize {
        self.with_view(|view| view.capacity())
    }

    /// Iterates over the entries, in no particular order.
    ///
    /// Weakly consistent: an entry that is present throughout is yielded exactly once, no key is
    /// yielded twice, and what others insert or remove meanwhile is yielded or not. Neither waits
    /// for a resize nor finishes one. Lock-free; O(capacity) in all. Holds a pin.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1), ("b", 2)]);
    /// let sum: i32 = map.iter().map(|entry| *entry).sum();
    /// assert_eq!(sum, 3);
    /// ```
    pub fn iter(&self) -> Iter<'_, K, V, R> {
        Iter::new(self)
    }

    /// Iterates over the keys; see [`iter`](Self::iter).
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1), ("b", 2)]);
    /// let mut keys: Vec<_> = map.keys().map(|key| *key).collect();
    /// keys.sort();
    /// assert_eq!(keys, ["a", "b"]);
    /// ```
    pub fn keys(&self) -> Keys<'_, K, V, R> {
        Keys(self.iter())
    }

    /// Iterates over the values; see [`iter`](Self::iter).
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1), ("b", 2)]);
    /// assert_eq!(map.values().map(|value| *value).max(), Some(2));
    /// ```
    pub fn values(&self) -> Values<'_, K, V, R> {
        Values(self.iter())
    }
}
