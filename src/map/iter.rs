//! Iterators over a map, each holding a pin.

use super::HashMap;
use super::entry_ref::{MappedRef, Ref};
use super::view::Entry;
use crate::raw::RawIter;
use crate::reclaim::{Epoch, Guard, Reclaim};
use core::convert::identity;
use core::fmt;
use core::iter::FusedIterator;

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
        let pin = unsafe { guard.as_pin().with_lifetime() };
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

impl<K, V, R: Reclaim> FusedIterator for Iter<'_, K, V, R> {}

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

/// An iterator over the entries of a pinned map, as plain references.
pub struct PinnedIter<'p, K, V>(pub(super) RawIter<'p, (K, V)>);

impl<'p, K, V> Iterator for PinnedIter<'p, K, V> {
    type Item = (&'p K, &'p V);

    #[inline]
    fn next(&mut self) -> Option<(&'p K, &'p V)> {
        self.0.next_ref().map(pair)
    }

    #[inline]
    fn fold<T, F: FnMut(T, (&'p K, &'p V)) -> T>(self, all: T, mut f: F) -> T {
        self.0.fold_refs(all, |all, node| f(all, pair(node)))
    }
}

fn pair<K, V>(node: &Entry<K, V>) -> (&K, &V) {
    let (key, value) = node.entry();
    (key, value)
}

impl<K, V> FusedIterator for PinnedIter<'_, K, V> {}

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

/// Iterators over a part of each entry, with what std's have. `$pick` makes the part of what `$of`
/// yields; `$Shown` is its type.
macro_rules! parts {
    ($(
        $(#[$doc:meta])*
        $Part:ident<$life:lifetime $(, $R:ident)?>: $of:ty, $item:ty, $pick:expr, $Shown:ident;
    )+) => {$(
        $(#[$doc])*
        pub struct $Part<$life, K, V $(, $R: Reclaim + $life = Epoch)?>(pub(super) $of);

        impl<$life, K, V $(, $R: Reclaim)?> Iterator for $Part<$life, K, V $(, $R)?> {
            type Item = $item;

            #[inline]
            fn next(&mut self) -> Option<Self::Item> {
                self.0.next().map($pick)
            }

            #[inline]
            fn fold<T, F: FnMut(T, Self::Item) -> T>(self, all: T, f: F) -> T {
                self.0.map($pick).fold(all, f)
            }
        }

        impl<K, V $(, $R: Reclaim)?> FusedIterator for $Part<'_, K, V $(, $R)?> {}

        impl<K, V $(, $R: Reclaim)?> Clone for $Part<'_, K, V $(, $R)?> {
            fn clone(&self) -> Self {
                $Part(self.0.clone())
            }
        }

        impl<K, V $(, $R: Reclaim)?> fmt::Debug for $Part<'_, K, V $(, $R)?>
        where
            $Shown: fmt::Debug,
        {
            /// What is left to be yielded, as it is now.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut list = f.debug_list();
                self.clone().for_each(|part| _ = list.entry(&*part));
                list.finish()
            }
        }
    )+};
}

parts! {
    /// An iterator over a map's keys. See [`HashMap::keys`].
    Keys<'m, R>: Iter<'m, K, V, R>, MappedRef<'m, K, R>, Ref::map_key, K;
    /// An iterator over a map's values. See [`HashMap::values`].
    Values<'m, R>: Iter<'m, K, V, R>, Ref<'m, K, V, R>, identity, V;
    /// An iterator over the keys of a pinned map. See [`Pinned::keys`](super::Pinned::keys).
    PinnedKeys<'p>: PinnedIter<'p, K, V>, &'p K, |(key, _)| key, K;
    /// An iterator over the values of a pinned map. See [`Pinned::values`](super::Pinned::values).
    PinnedValues<'p>: PinnedIter<'p, K, V>, &'p V, |(_, value)| value, V;
}
