//! The traits a user of std's map expects.

use super::{HashMap, IntoIter, Iter, Ref};
use crate::reclaim::Reclaim;
use core::fmt;
use core::hash::{BuildHasher, Hash};

impl<K, V, S: Default, R: Reclaim> Default for HashMap<K, V, S, R> {
    /// An empty map.
    fn default() -> Self {
        Self::with_hasher_and_reclaimer(S::default(), R::default())
    }
}

impl<K, V, S: Default, R: Reclaim> Default for IntoIter<K, V, S, R> {
    /// Yields nothing.
    fn default() -> Self {
        HashMap::default().into_iter()
    }
}

impl<K, V, S, R> HashMap<K, V, S, R>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// Makes room for entries that an iterator promises, for a call that inserts them.
    pub(crate) fn reserve_promised(&self, promised: usize) {
        // As std does: keys may repeat, so half is reserved where there is something already.
        self.reserve(if self.is_empty() { promised } else { promised.div_ceil(2) });
    }

    /// Inserts every entry of a map that nobody else sees: in batches. Ends the migration that this began: a
    /// map that is loaded and then only read must not stay half-moved.
    pub(super) fn insert_all(&self, entries: impl IntoIterator<Item = (K, V)>) {
        let entries = entries.into_iter();
        self.reserve_promised(entries.size_hint().0);
        self.insert_many(entries);
    }

    /// As `insert_all`, where others may see the map: each entry is there before the next is asked for, for
    /// which the iterator may take its time. So there is a pin for each, too, and not one for all.
    fn insert_each(&self, entries: impl IntoIterator<Item = (K, V)>) {
        let entries = entries.into_iter();
        self.reserve_promised(entries.size_hint().0);
        for (key, value) in entries {
            self.insert(key, value);
        }
        self.finish_resize();
    }
}

impl<K, V, S, R> FromIterator<(K, V)> for HashMap<K, V, S, R>
where
    K: Hash + Eq,
    S: BuildHasher + Default,
    R: Reclaim,
{
    /// A map of the entries; of two with one key, the later stays. Not left in the middle of a
    /// resize.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let map = Self::default();
        map.insert_all(entries);
        map
    }
}

impl<K: Hash + Eq, V, const N: usize> From<[(K, V); N]> for HashMap<K, V> {
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1), ("b", 2)]);
    /// assert_eq!(map.len(), 2);
    /// ```
    fn from(entries: [(K, V); N]) -> Self {
        Self::from_iter(entries)
    }
}

impl<K, V, S, R> Extend<(K, V)> for HashMap<K, V, S, R>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// Inserts the entries, and completes the resize that this takes.
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        self.insert_all(entries);
    }
}

impl<K, V, S, R> Extend<(K, V)> for &HashMap<K, V, S, R>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// As for the map itself, but other threads may use it meanwhile, and see each entry before the next is
    /// asked for.
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        self.insert_each(entries);
    }
}

impl<'a, K, V, S, R> Extend<(&'a K, &'a V)> for HashMap<K, V, S, R>
where
    K: Hash + Eq + Copy,
    V: Copy,
    S: BuildHasher,
    R: Reclaim,
{
    /// Inserts copies of the entries.
    fn extend<I: IntoIterator<Item = (&'a K, &'a V)>>(&mut self, entries: I) {
        self.insert_all(entries.into_iter().map(|(k, v)| (*k, *v)));
    }
}

impl<'a, K, V, S, R> Extend<(&'a K, &'a V)> for &HashMap<K, V, S, R>
where
    K: Hash + Eq + Copy,
    V: Copy,
    S: BuildHasher,
    R: Reclaim,
{
    /// As for the map itself, but other threads may use it meanwhile, and see each entry before the next is
    /// asked for.
    fn extend<I: IntoIterator<Item = (&'a K, &'a V)>>(&mut self, entries: I) {
        self.insert_each(entries.into_iter().map(|(k, v)| (*k, *v)));
    }
}

impl<K, V, S, R> Clone for HashMap<K, V, S, R>
where
    K: Hash + Eq + Clone,
    V: Clone,
    S: BuildHasher + Clone,
    R: Reclaim,
{
    /// A map of clones of the entries that [`iter`](HashMap::iter) yields. Shares nothing with this
    /// one.
    fn clone(&self) -> Self {
        let map = Self::with_hasher_and_reclaimer(self.hasher.clone(), R::default());
        map.reserve(self.len());
        let m = self.pin();
        // In the order of the hashes: a batch would save nothing.
        map.insert_each(m.iter().map(|(k, v)| (k.clone(), v.clone())));
        map
    }
}

impl<K: fmt::Debug, V: fmt::Debug, S, R: Reclaim> fmt::Debug for HashMap<K, V, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.pin().iter()).finish()
    }
}

impl<K, V, S, R> PartialEq for HashMap<K, V, S, R>
where
    K: Hash + Eq,
    V: PartialEq,
    S: BuildHasher,
    R: Reclaim,
{
    /// Whether both hold the same entries. Meaningful when neither is written meanwhile.
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.pin(), other.pin());
        a.len() == b.len() && a.iter().all(|(key, value)| b.get(key) == Some(value))
    }
}

impl<K, V, S, R> Eq for HashMap<K, V, S, R>
where
    K: Hash + Eq,
    V: Eq,
    S: BuildHasher,
    R: Reclaim,
{
}

impl<'m, K, V, S, R: Reclaim> IntoIterator for &'m HashMap<K, V, S, R> {
    type Item = Ref<'m, K, V, R>;
    type IntoIter = Iter<'m, K, V, R>;

    fn into_iter(self) -> Iter<'m, K, V, R> {
        self.iter()
    }
}
