//! The traits a user of std's map expects.

use super::{Iter, Mix, Word, WordKey, WordMap};
use crate::reclaim::Reclaim;
use core::fmt;

impl<K: WordKey, V: Word, S: Mix + Default, R: Reclaim> Default for WordMap<K, V, S, R> {
    /// An empty map.
    fn default() -> Self {
        Self::with_mix_and_reclaimer(S::default(), R::default())
    }
}

impl<K: WordKey, V: Word, S: Mix, R: Reclaim> WordMap<K, V, S, R> {
    /// Makes room for entries that an iterator promises, for a call that inserts them.
    fn reserve_promised(&self, promised: usize) {
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

    /// As `insert_all`, where others may see the map: each entry is there before the next is asked for, and no
    /// pin is held meanwhile.
    pub(super) fn insert_each(&self, entries: impl IntoIterator<Item = (K, V)>) {
        let entries = entries.into_iter();
        self.reserve_promised(entries.size_hint().0);
        for (key, value) in entries {
            self.insert(key, value);
        }
        self.finish_resize();
    }
}

impl<K, V, S, R> FromIterator<(K, V)> for WordMap<K, V, S, R>
where
    K: WordKey,
    V: Word,
    S: Mix + Default,
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

impl<K: WordKey, V: Word, const N: usize> From<[(K, V); N]> for WordMap<K, V> {
    /// ```
    /// let map = dolmen::WordMap::from([('a', 1), ('b', 2)]);
    /// assert_eq!(map.len(), 2);
    /// ```
    fn from(entries: [(K, V); N]) -> Self {
        Self::from_iter(entries)
    }
}

impl<K: WordKey, V: Word, S: Mix, R: Reclaim> Extend<(K, V)> for WordMap<K, V, S, R> {
    /// Inserts the entries, and completes the resize that this takes.
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        self.insert_all(entries);
    }
}

impl<K: WordKey, V: Word, S: Mix, R: Reclaim> Extend<(K, V)> for &WordMap<K, V, S, R> {
    /// As for the map itself, but other threads may use it meanwhile, and see each entry before the next is
    /// asked for.
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        self.insert_each(entries);
    }
}

impl<'a, K, V, S, R> Extend<(&'a K, &'a V)> for WordMap<K, V, S, R>
where
    K: WordKey,
    V: Word,
    S: Mix,
    R: Reclaim,
{
    /// Inserts copies of the entries.
    fn extend<I: IntoIterator<Item = (&'a K, &'a V)>>(&mut self, entries: I) {
        self.insert_all(entries.into_iter().map(|(k, v)| (*k, *v)));
    }
}

impl<'a, K, V, S, R> Extend<(&'a K, &'a V)> for &WordMap<K, V, S, R>
where
    K: WordKey,
    V: Word,
    S: Mix,
    R: Reclaim,
{
    /// Inserts copies of the entries, each before the next is asked for.
    fn extend<I: IntoIterator<Item = (&'a K, &'a V)>>(&mut self, entries: I) {
        self.insert_each(entries.into_iter().map(|(k, v)| (*k, *v)));
    }
}

impl<K: WordKey, V: Word, S: Mix, R: Reclaim> Clone for WordMap<K, V, S, R> {
    /// A map of the entries that [`iter`](WordMap::iter) yields, with the same mix.
    fn clone(&self) -> Self {
        let map = Self::with_mix_and_reclaimer(self.mix().clone(), R::default());
        map.reserve(self.len());
        map.insert_all(self.iter());
        map
    }
}

impl<K, V, S, R> fmt::Debug for WordMap<K, V, S, R>
where
    K: WordKey + fmt::Debug,
    V: Word + fmt::Debug,
    S: Mix,
    R: Reclaim,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K, V, S, R> PartialEq for WordMap<K, V, S, R>
where
    K: WordKey,
    V: Word + PartialEq,
    S: Mix,
    R: Reclaim,
{
    /// Whether both hold the same keys with equal values. Meaningful when neither is written
    /// meanwhile.
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.pin(), other.pin());
        a.len() == b.len() && a.iter().all(|(key, value)| b.get(key) == Some(value))
    }
}

impl<K: WordKey, V: Word + Eq, S: Mix, R: Reclaim> Eq for WordMap<K, V, S, R> {}

impl<'m, K: WordKey, V: Word, S: Mix, R: Reclaim> IntoIterator for &'m WordMap<K, V, S, R> {
    type Item = (K, V);
    type IntoIter = Iter<'m, K, V, S, R>;

    fn into_iter(self) -> Iter<'m, K, V, S, R> {
        self.iter()
    }
}
