//! The calls on a map that is exclusively borrowed or owned: no guards, and values by `&mut` or
//! by value.

use super::HashMap;
use super::hash::ident_of;
use crate::raw::{Cursor, RawIter, Rest};
use crate::reclaim::{Epoch, Reclaim};
use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::marker::PhantomData;
use equivalent::Equivalent;

impl<K, V, S, R: Reclaim> HashMap<K, V, S, R> {
    /// The value of a key, to be changed in place.
    ///
    /// ```
    /// let mut map = dolmen::HashMap::from([("a", 1)]);
    /// *map.get_mut("a").unwrap() += 1;
    /// assert_eq!(*map.get("a").unwrap(), 2);
    /// ```
    pub fn get_mut<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Hash + Eq,
        Q: Hash + Equivalent<K> + ?Sized,
        S: BuildHasher,
    {
        let ident = ident_of(&self.hasher, key);
        // SAFETY: the nodes of a `HashMap<K, V>` hold `(K, V)`, here and below.
        unsafe { self.raw.find_mut(ident, |(k, _): &(K, V)| key.equivalent(k)) }
            .map(|(_, value)| value)
    }

    /// Iterates over the entries, with values to be changed in place.
    ///
    /// ```
    /// let mut map = dolmen::HashMap::from([("a", 1), ("b", 2)]);
    /// map.iter_mut().for_each(|(_, value)| *value *= 10);
    /// assert_eq!(*map.get("b").unwrap(), 20);
    /// ```
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V> {
        // SAFETY: as above.
        IterMut { nodes: unsafe { self.raw.iter_mut() }, _map: PhantomData }
    }

    /// Iterates over the values, to be changed in place.
    ///
    /// ```
    /// let mut map = dolmen::HashMap::from([("a", 1), ("b", 2)]);
    /// map.values_mut().for_each(|value| *value = 0);
    /// assert_eq!(map.values().map(|value| *value).max(), Some(0));
    /// ```
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.iter_mut().map(|(_, value)| value)
    }

    /// The keys, owned.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert_eq!(map.into_keys().collect::<Vec<_>>(), ["a"]);
    /// ```
    pub fn into_keys(self) -> impl Iterator<Item = K> {
        self.into_iter().map(|(key, _)| key)
    }

    /// The values, owned.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert_eq!(map.into_values().collect::<Vec<_>>(), [1]);
    /// ```
    pub fn into_values(self) -> impl Iterator<Item = V> {
        self.into_iter().map(|(_, value)| value)
    }
}

/// An iterator over a map's entries, with values by `&mut`. See [`HashMap::iter_mut`].
pub struct IterMut<'m, K, V> {
    nodes: RawIter<'m, (K, V)>,
    _map: PhantomData<&'m mut (K, V)>,
}

impl<'m, K, V> Iterator for IterMut<'m, K, V> {
    type Item = (&'m K, &'m mut V);

    fn next(&mut self) -> Option<Self::Item> {
        let node = self.nodes.next()?;
        // SAFETY: the map is exclusively borrowed for `'m`, and each node is yielded once.
        let (key, value) = unsafe { &mut *node.as_ptr() }.entry_mut();
        Some((key, value))
    }
}

impl<K, V> core::iter::FusedIterator for IterMut<'_, K, V> {}

impl<K, V> fmt::Debug for IterMut<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IterMut").finish_non_exhaustive()
    }
}

/// An iterator over a map's entries, owned. What it has not yielded is dropped with it.
pub struct IntoIter<K, V, S, R: Reclaim = Epoch> {
    // Dropped before the map: nodes of a list that was taken out of it.
    rest: Rest<(K, V)>,
    cursor: Cursor,
    left: usize,
    map: HashMap<K, V, S, R>,
}

impl<K, V, S, R: Reclaim> IntoIterator for HashMap<K, V, S, R> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V, S, R>;

    /// The entries, owned: no copies, no atomics.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", String::from("one"))]);
    /// let entries: Vec<(&str, String)> = map.into_iter().collect();
    /// assert_eq!(entries, [("a", "one".to_string())]);
    /// ```
    fn into_iter(mut self) -> IntoIter<K, V, S, R> {
        self.raw.settle_moves();
        let left = self.len();
        IntoIter { rest: self.raw.no_rest(), cursor: Cursor::default(), left, map: self }
    }
}

impl<K, V, S, R: Reclaim> Iterator for IntoIter<K, V, S, R> {
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        // SAFETY: the nodes of a `HashMap<K, V>` hold `(K, V)`; its moves were settled, and the map
        // is reachable through this iterator only.
        let entry = unsafe { self.map.raw.take_next(&mut self.cursor, &mut self.rest) }?;
        self.left -= 1;
        Some(entry)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<K, V, S, R: Reclaim> ExactSizeIterator for IntoIter<K, V, S, R> {}

impl<K, V, S, R: Reclaim> core::iter::FusedIterator for IntoIter<K, V, S, R> {}

impl<K, V, S, R: Reclaim> fmt::Debug for IntoIter<K, V, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoIter").field("left", &self.left).finish_non_exhaustive()
    }
}

impl<'m, K, V, S, R: Reclaim> IntoIterator for &'m mut HashMap<K, V, S, R> {
    type Item = (&'m K, &'m mut V);
    type IntoIter = IterMut<'m, K, V>;

    fn into_iter(self) -> IterMut<'m, K, V> {
        self.iter_mut()
    }
}
