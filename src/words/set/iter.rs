//! Iterators over a set of words: those of the map, without values.

use super::{Pinned, WordSet};
use crate::reclaim::{Epoch, Guard, Reclaim};
use crate::words::{self, Mix, RandomMix, WordKey};
use core::fmt;
use core::iter::FusedIterator;

/// An iterator over the elements of a set of words. See [`WordSet::iter`].
pub struct Iter<'m, K, S = RandomMix, R: Reclaim + 'm = Epoch>(words::Keys<'m, K, (), S, R>);

/// An iterator over the elements of a pinned set of words. See [`WordSet::iter`].
pub struct PinnedIter<'p, K, S = RandomMix>(words::PinnedKeys<'p, K, (), S>);

/// An iterator that removes what it yields: see [`WordSet::drain`].
pub struct Drain<'m, K, S = RandomMix, R: Reclaim + 'm = Epoch>(words::Drain<'m, K, (), S, R>);

/// An iterator that removes what it yields, under a pin: see [`WordSet::drain`].
pub struct PinnedDrain<'p, K, S = RandomMix, R: Reclaim = Epoch>(
    words::PinnedDrain<'p, K, (), S, R>,
);

/// An iterator over the elements of a set of words that it owns.
pub struct IntoIter<K, S = RandomMix, R: Reclaim = Epoch>(words::IntoIter<K, (), S, R>);

impl<K: WordKey, S: Mix, R: Reclaim> WordSet<K, S, R> {
    /// Iterates over the elements, in no particular order: see
    /// [`WordMap::iter`](crate::WordMap::iter).
    ///
    /// ```
    /// let set = dolmen::WordSet::from([1, 2]);
    /// assert_eq!(set.iter().sum::<u64>(), 3);
    /// ```
    pub fn iter(&self) -> Iter<'_, K, S, R> {
        Iter(self.map.keys())
    }

    /// Removes elements one by one, and hands them out: see
    /// [`WordMap::drain`](crate::WordMap::drain).
    ///
    /// ```
    /// let set: dolmen::WordSet<u64> = (0..10).collect();
    /// assert_eq!(set.drain().take(3).count(), 3);
    /// assert_eq!(set.len(), 7);
    /// ```
    pub fn drain(&self) -> Drain<'_, K, S, R> {
        Drain(self.map.drain())
    }
}

impl<K: WordKey, S: Mix, R: Reclaim, G: Guard> Pinned<'_, K, S, R, G> {
    /// See [`WordSet::iter`].
    pub fn iter(&self) -> PinnedIter<'_, K, S> {
        PinnedIter(self.map().keys())
    }

    /// See [`WordSet::drain`].
    pub fn drain(&self) -> PinnedDrain<'_, K, S, R> {
        PinnedDrain(self.map().drain())
    }
}

impl<K, S, R: Reclaim> Clone for Iter<'_, K, S, R> {
    fn clone(&self) -> Self {
        Iter(self.0.clone())
    }
}

impl<K, S> Clone for PinnedIter<'_, K, S> {
    fn clone(&self) -> Self {
        PinnedIter(self.0.clone())
    }
}

macro_rules! iterators {
    ($($Iter:ident<$($life:lifetime,)? K, S $(, $R:ident)?>: $element:expr, $shown:expr;)+) => {$(
        impl<$($life,)? K: WordKey, S: Mix $(, $R: Reclaim)?> Iterator
            for $Iter<$($life,)? K, S $(, $R)?>
        {
            type Item = K;

            #[inline]
            fn next(&mut self) -> Option<K> {
                self.0.next().map($element)
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }
        }

        impl<$($life,)? K: WordKey, S: Mix $(, $R: Reclaim)?> FusedIterator
            for $Iter<$($life,)? K, S $(, $R)?>
        {
        }

        impl<$($life,)? K: WordKey + fmt::Debug, S: Mix $(, $R: Reclaim)?> fmt::Debug
            for $Iter<$($life,)? K, S $(, $R)?>
        {
            /// What is left to be yielded, as it is now.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                $shown(&self.0, f)
            }
        }
    )+};
}

iterators! {
    Iter<'m, K, S, R>: core::convert::identity, fmt::Debug::fmt;
    PinnedIter<'p, K, S>: core::convert::identity, fmt::Debug::fmt;
    Drain<'m, K, S, R>: element, |drain: &words::Drain<'_, K, (), S, R>, f: &mut fmt::Formatter<'_>| {
        f.debug_list().entries(drain.rest().map(element)).finish()
    };
    PinnedDrain<'p, K, S, R>: element, |drain: &words::PinnedDrain<'_, K, (), S, R>, f: &mut fmt::Formatter<'_>| {
        f.debug_list().entries(drain.rest().map(element)).finish()
    };
    IntoIter<K, S, R>: element, fmt::Debug::fmt;
}

impl<K: WordKey, S: Mix, R: Reclaim> ExactSizeIterator for IntoIter<K, S, R> {}

fn element<K>((key, ()): (K, ())) -> K {
    key
}

impl<K: WordKey, S: Mix, R: Reclaim> IntoIterator for WordSet<K, S, R> {
    type Item = K;
    type IntoIter = IntoIter<K, S, R>;

    /// ```
    /// let set = dolmen::WordSet::from([1]);
    /// assert_eq!(set.into_iter().collect::<Vec<_>>(), [1]);
    /// ```
    fn into_iter(self) -> IntoIter<K, S, R> {
        IntoIter(self.map.into_iter())
    }
}

impl<'m, K: WordKey, S: Mix, R: Reclaim> IntoIterator for &'m WordSet<K, S, R> {
    type Item = K;
    type IntoIter = Iter<'m, K, S, R>;

    fn into_iter(self) -> Iter<'m, K, S, R> {
        self.iter()
    }
}
