//! Taking everything out.

use super::pinned::pair;
use super::verb::Take;
use super::view::View;
use super::{HashMap, Iter, Keys, Pinned, PinnedIter, PinnedKeys, Ref};
use crate::raw::{Ident, Outcome};
use crate::reclaim::{Epoch, Guard, Reclaim};
use core::fmt;
use core::iter::FusedIterator;

/// An iterator that removes what it yields: see [`HashMap::drain`].
pub struct Drain<'m, K, V, S, R: Reclaim + 'm = Epoch> {
    map: &'m HashMap<K, V, S, R>,
    entries: Iter<'m, K, V, R>,
}

impl<K: Eq, V, S, R: Reclaim> HashMap<K, V, S, R> {
    /// Removes entries one by one, and hands them out.
    ///
    /// Each entry is handed out exactly once among concurrent drains, removals and replacements. An
    /// entry that is present throughout is handed out by one of the drains that run to their end;
    /// what is inserted meanwhile may stay. A drain that is dropped early leaves the rest in the
    /// map. Lock-free; each removal linearizes as [`remove`](HashMap::remove).
    ///
    /// ```
    /// let map: dolmen::HashMap<u64, u64> = (0..10).map(|i| (i, i)).collect();
    /// assert_eq!(map.drain().take(3).count(), 3);
    /// assert_eq!(map.len(), 7);
    /// assert_eq!(map.drain().count(), 7);
    /// assert!(map.is_empty());
    /// ```
    pub fn drain(&self) -> Drain<'_, K, V, S, R> {
        Drain { map: self, entries: self.iter() }
    }
}

impl<K: Eq, V, S, R: Reclaim, G: Guard> Pinned<'_, K, V, S, R, G> {
    /// See [`HashMap::drain`].
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1), ("b", 2)]);
    /// assert_eq!(map.pin().drain().map(|(_, value)| value).sum::<i32>(), 3);
    /// assert!(map.is_empty());
    /// ```
    pub fn drain(&self) -> PinnedDrain<'_, K, V, S, R> {
        PinnedDrain { view: self.verbs(), entries: self.iter() }
    }
}

impl<'g, K: Eq, V, S, R: Reclaim> View<'g, K, V, S, R> {
    /// Takes an entry out that has this key, which may be another one by now.
    fn take(self, ident: Ident, key: &K) -> Option<&'g super::view::Entry<K, V>> {
        let (done, _) = self.write_at(ident, Take { key, condition: |_: &K, _: &V| true });
        match done.unwrap_or_else(|error| error.raise()) {
            Outcome::Removed(node) => Some(node),
            // Somebody else has it.
            _ => None,
        }
    }
}

impl<'m, K, V, S, R: Reclaim> Drain<'m, K, V, S, R> {
    /// The keys that it has not come to yet.
    pub(crate) fn keys(&self) -> Keys<'m, K, V, R> {
        Keys(self.entries.clone())
    }
}

impl<'m, K: Eq, V, S, R: Reclaim> Iterator for Drain<'m, K, V, S, R> {
    type Item = Ref<'m, K, V, R>;

    fn next(&mut self) -> Option<Ref<'m, K, V, R>> {
        let map = self.map;
        self.entries.find_map(|seen| map.with_entry(|view| view.take(seen.ident(), seen.key())))
    }
}

impl<K: fmt::Debug, V: fmt::Debug, S, R: Reclaim> fmt::Debug for Drain<'_, K, V, S, R> {
    /// What it has not come to yet, as far as it is still there.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entries.fmt(f)
    }
}

impl<K: Eq, V, S, R: Reclaim> FusedIterator for Drain<'_, K, V, S, R> {}

/// An iterator that removes what it yields, as plain references: see [`Pinned::drain`].
pub struct PinnedDrain<'p, K, V, S, R: Reclaim = Epoch> {
    view: View<'p, K, V, S, R>,
    entries: PinnedIter<'p, K, V>,
}

impl<'p, K, V, S, R: Reclaim> PinnedDrain<'p, K, V, S, R> {
    /// The keys that it has not come to yet.
    pub(crate) fn keys(&self) -> PinnedKeys<'p, K, V> {
        PinnedKeys(self.entries.clone())
    }
}

impl<'p, K: Eq, V, S, R: Reclaim> Iterator for PinnedDrain<'p, K, V, S, R> {
    type Item = (&'p K, &'p V);

    fn next(&mut self) -> Option<(&'p K, &'p V)> {
        let view = self.view;
        let mut nodes = core::iter::from_fn(|| self.entries.0.next_ref());
        nodes.find_map(|seen| view.take(seen.ident(), &seen.entry().0)).map(pair)
    }
}

impl<K: fmt::Debug, V: fmt::Debug, S, R: Reclaim> fmt::Debug for PinnedDrain<'_, K, V, S, R> {
    /// What it has not come to yet, as far as it is still there.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entries.fmt(f)
    }
}

impl<K: Eq, V, S, R: Reclaim> FusedIterator for PinnedDrain<'_, K, V, S, R> {}
