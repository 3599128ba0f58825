//! Iterators over a map, each holding a pin.

use super::HashMap;
use super::entry_ref::{MappedRef, Ref};
use crate::raw::RawIter;
use crate::reclaim::{Epoch, Guard, Pin, Reclaim};
use core::fmt;

/// An iterator over a map's entries. See [`HashMap::iter`].
pub struct Iter<'m, K, V, R: Reclaim + 'm = Epoch> {
    nodes: RawIter<'m, (K, V)>,
    guard: R::Guard<'m>,
}

impl<'m, K, V, R: Reclaim> Iter<'m, K, V, R> {
    pub(super) fn new<S>(map: &'m HashMap<K, V, S, R>) -> Self {
        let guard = map.raw.reclaim.pin();
        // SAFETY: the pin is used by `nodes` only, which lives beside the guard: for the index, and
        // for nodes that leave only as `Ref`s with a guard of their own.
        let pin = unsafe { Pin::new(guard.as_pin().index()) };
        // SAFETY: the nodes of a `HashMap<K, V>` hold `(K, V)`.
        Iter { nodes: unsafe { map.raw.iter(pin) }, guard }
    }
}

impl<'m, K, V, R: Reclaim> Iterator for Iter<'m, K, V, R> {
    type Item = Ref<'m, K, V, R>;

    fn next(&mut self) -> Option<Ref<'m, K, V, R>> {
        let node = self.nodes.next()?;
        // SAFETY: found under the guard that is cloned.
        Some(unsafe { Ref::new(node, self.guard.clone()) })
    }
}

impl<K, V, R: Reclaim> core::iter::FusedIterator for Iter<'_, K, V, R> {}

impl<K, V, R: Reclaim> Clone for Iter<'_, K, V, R> {
    fn clone(&self) -> Self {
        Iter { nodes: self.nodes.clone(), guard: self.guard.clone() }
    }
}

impl<K: fmt::Debug, V: fmt::Debug, R: Reclaim> fmt::Debug for Iter<'_, K, V, R> {
    /// What is left to be yielded, as it is now.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        self.clone().for_each(|entry| _ = list.entry(&entry.pair()));
        list.finish()
    }
}

/// An iterator over a map's keys. See [`HashMap::keys`].
pub struct Keys<'m, K, V, R: Reclaim + 'm = Epoch>(pub(super) Iter<'m, K, V, R>);

impl<'m, K, V, R: Reclaim> Iterator for Keys<'m, K, V, R> {
    type Item = MappedRef<'m, K, R>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(Ref::map_key)
    }
}

impl<K, V, R: Reclaim> core::iter::FusedIterator for Keys<'_, K, V, R> {}

impl<K, V, R: Reclaim> Clone for Keys<'_, K, V, R> {
    fn clone(&self) -> Self {
        Keys(self.0.clone())
    }
}

impl<K: fmt::Debug, V, R: Reclaim> fmt::Debug for Keys<'_, K, V, R> {
    /// What is left to be yielded, as it is now.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        self.clone().for_each(|entry| _ = list.entry(&*entry));
        list.finish()
    }
}

/// An iterator over a map's values. See [`HashMap::values`].
pub struct Values<'m, K, V, R: Reclaim + 'm = Epoch>(pub(super) Iter<'m, K, V, R>);

impl<'m, K, V, R: Reclaim> Iterator for Values<'m, K, V, R> {
    type Item = Ref<'m, K, V, R>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

impl<K, V, R: Reclaim> core::iter::FusedIterator for Values<'_, K, V, R> {}

impl<K, V, R: Reclaim> Clone for Values<'_, K, V, R> {
    fn clone(&self) -> Self {
        Values(self.0.clone())
    }
}

impl<K, V: fmt::Debug, R: Reclaim> fmt::Debug for Values<'_, K, V, R> {
    /// What is left to be yielded, as it is now.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        self.clone().for_each(|entry| _ = list.entry(&*entry));
        list.finish()
    }
}

/// An iterator over the entries of a pinned map, as plain references.
pub struct PinnedIter<'p, K, V>(pub(super) RawIter<'p, (K, V)>);

impl<'p, K, V> Iterator for PinnedIter<'p, K, V> {
    type Item = (&'p K, &'p V);

    #[inline]
    fn next(&mut self) -> Option<(&'p K, &'p V)> {
        let (key, value) = self.0.next_ref()?.entry();
        Some((key, value))
    }
}

impl<K, V> core::iter::FusedIterator for PinnedIter<'_, K, V> {}

impl<K, V> Clone for PinnedIter<'_, K, V> {
    fn clone(&self) -> Self {
        PinnedIter(self.0.clone())
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for PinnedIter<'_, K, V> {
    /// What is left to be yielded, as it is now.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}
