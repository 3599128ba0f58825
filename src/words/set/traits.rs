//! The traits a user of std's set expects.

use super::{IntoIter, WordSet};
use crate::reclaim::Reclaim;
use crate::words::{Mix, WordKey, WordMap};
use core::fmt;

impl<K: WordKey, S: Mix + Default, R: Reclaim> Default for WordSet<K, S, R> {
    /// An empty set.
    fn default() -> Self {
        WordSet { map: WordMap::default() }
    }
}

impl<K: WordKey, S: Mix + Default, R: Reclaim> Default for IntoIter<K, S, R> {
    /// Yields nothing.
    fn default() -> Self {
        WordSet::default().into_iter()
    }
}

impl<K: WordKey, S: Mix + Default, R: Reclaim> FromIterator<K> for WordSet<K, S, R> {
    /// A set of the elements. Not left in the middle of a resize.
    fn from_iter<I: IntoIterator<Item = K>>(elements: I) -> Self {
        let mut set = Self::default();
        set.extend(elements);
        set
    }
}

impl<K: WordKey, const N: usize> From<[K; N]> for WordSet<K> {
    /// ```
    /// let set = dolmen::WordSet::from([1, 2, 1]);
    /// assert_eq!(set.len(), 2);
    /// ```
    fn from(elements: [K; N]) -> Self {
        Self::from_iter(elements)
    }
}

impl<K: WordKey, S: Mix, R: Reclaim> Extend<K> for WordSet<K, S, R> {
    /// Inserts the elements, and completes the resize that this takes.
    fn extend<I: IntoIterator<Item = K>>(&mut self, elements: I) {
        self.map.insert_all(elements.into_iter().map(|element| (element, ())));
    }
}

impl<K: WordKey, S: Mix, R: Reclaim> Extend<K> for &WordSet<K, S, R> {
    /// As for the set itself, but other threads may use it meanwhile, and see each element before the next is
    /// asked for.
    fn extend<I: IntoIterator<Item = K>>(&mut self, elements: I) {
        self.map.insert_each(elements.into_iter().map(|element| (element, ())));
    }
}

impl<'a, K: WordKey, S: Mix, R: Reclaim> Extend<&'a K> for WordSet<K, S, R> {
    /// Inserts copies of the elements.
    fn extend<I: IntoIterator<Item = &'a K>>(&mut self, elements: I) {
        self.extend(elements.into_iter().copied());
    }
}

impl<K: WordKey, S: Mix, R: Reclaim> Clone for WordSet<K, S, R> {
    /// A set of the elements that [`iter`](WordSet::iter) yields, with the same mix.
    fn clone(&self) -> Self {
        WordSet { map: self.map.clone() }
    }
}

impl<K: WordKey + fmt::Debug, S: Mix, R: Reclaim> fmt::Debug for WordSet<K, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl<K: WordKey, S: Mix, R: Reclaim> PartialEq for WordSet<K, S, R> {
    /// Whether both hold the same elements. Meaningful when neither is written meanwhile.
    fn eq(&self, other: &Self) -> bool {
        self.map == other.map
    }
}

impl<K: WordKey, S: Mix, R: Reclaim> Eq for WordSet<K, S, R> {}
