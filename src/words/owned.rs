//! The entries of a map that is owned: no pin.

use super::{Mix, RandomMix, Word, WordKey, WordMap};
use crate::raw::Cursor;
use crate::reclaim::{Epoch, Reclaim};
use core::fmt;
use core::iter::FusedIterator;

/// An iterator over the entries of a map of words that it owns.
pub struct IntoIter<K, V, S = RandomMix, R: Reclaim = Epoch> {
    cursor: Cursor,
    left: usize,
    map: WordMap<K, V, S, R>,
}

impl<K: WordKey, V: Word, S: Mix, R: Reclaim> IntoIterator for WordMap<K, V, S, R> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V, S, R>;

    /// ```
    /// let map = dolmen::WordMap::from([('a', 1)]);
    /// assert_eq!(map.into_iter().collect::<Vec<_>>(), [('a', 1)]);
    /// ```
    fn into_iter(mut self) -> IntoIter<K, V, S, R> {
        self.typed.settle_moves();
        let left = self.len();
        IntoIter { cursor: Cursor::default(), left, map: self }
    }
}

impl<K: WordKey, V: Word, S: Mix, R: Reclaim> WordMap<K, V, S, R> {
    /// The keys, in no particular order.
    ///
    /// ```
    /// let map = dolmen::WordMap::from([('a', 1)]);
    /// assert_eq!(map.into_keys().collect::<Vec<_>>(), ['a']);
    /// ```
    pub fn into_keys(self) -> impl ExactSizeIterator<Item = K> + FusedIterator {
        self.into_iter().map(|(key, _)| key)
    }

    /// The values, in no particular order.
    ///
    /// ```
    /// let map = dolmen::WordMap::from([('a', 1)]);
    /// assert_eq!(map.into_values().collect::<Vec<_>>(), [1]);
    /// ```
    pub fn into_values(self) -> impl ExactSizeIterator<Item = V> + FusedIterator {
        self.into_iter().map(|(_, value)| value)
    }
}

impl<K: WordKey, V: Word, S: Mix + Default, R: Reclaim> Default for IntoIter<K, V, S, R> {
    /// Yields nothing.
    fn default() -> Self {
        WordMap::default().into_iter()
    }
}

impl<K: WordKey, V: Word, S: Mix, R: Reclaim> Iterator for IntoIter<K, V, S, R> {
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        // Before a conversion can panic: the entry is taken out all the same.
        self.left = self.left.saturating_sub(1);
        self.map.typed.take_next(&mut self.cursor)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<K: WordKey, V: Word, S: Mix, R: Reclaim> ExactSizeIterator for IntoIter<K, V, S, R> {}

impl<K: WordKey, V: Word, S: Mix, R: Reclaim> FusedIterator for IntoIter<K, V, S, R> {}

impl<K, V, S, R: Reclaim> fmt::Debug for IntoIter<K, V, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoIter").field("left", &self.left).finish_non_exhaustive()
    }
}
