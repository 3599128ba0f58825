//! Iterators over a set, each holding a pin.

use super::HashSet;
use crate::map::{self, DefaultHashBuilder, Keys, MappedRef, Ref};
use crate::reclaim::{Epoch, Reclaim};
use core::fmt;
use core::iter::FusedIterator;

/// An iterator over a set's elements. See [`HashSet::iter`].
pub struct Iter<'m, T, R: Reclaim + 'm = Epoch>(Keys<'m, T, (), R>);

impl<'m, T, R: Reclaim> Iter<'m, T, R> {
    pub(super) fn new<S>(set: &'m HashSet<T, S, R>) -> Self {
        Iter(set.map.keys())
    }
}

impl<'m, T, R: Reclaim> Iterator for Iter<'m, T, R> {
    type Item = MappedRef<'m, T, R>;

    #[inline]
    fn next(&mut self) -> Option<MappedRef<'m, T, R>> {
        self.0.next()
    }
}

impl<T, R: Reclaim> FusedIterator for Iter<'_, T, R> {}

impl<T, R: Reclaim> Clone for Iter<'_, T, R> {
    fn clone(&self) -> Self {
        Iter(self.0.clone())
    }
}

impl<T: fmt::Debug, R: Reclaim> fmt::Debug for Iter<'_, T, R> {
    /// What is left to be yielded, as it is now.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An iterator over the elements of a pinned set, as plain references.
pub struct PinnedIter<'p, T>(pub(super) map::PinnedKeys<'p, T, ()>);

impl<'p, T> Iterator for PinnedIter<'p, T> {
    type Item = &'p T;

    #[inline]
    fn next(&mut self) -> Option<&'p T> {
        self.0.next()
    }

    #[inline]
    fn fold<A, F: FnMut(A, &'p T) -> A>(self, all: A, f: F) -> A {
        self.0.fold(all, f)
    }
}

impl<T> FusedIterator for PinnedIter<'_, T> {}

impl<T> Clone for PinnedIter<'_, T> {
    fn clone(&self) -> Self {
        PinnedIter(self.0.clone())
    }
}

impl<T: fmt::Debug> fmt::Debug for PinnedIter<'_, T> {
    /// What is left to be yielded, as it is now.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An iterator that removes what it yields. See [`HashSet::drain`].
pub struct Drain<'m, T, S = DefaultHashBuilder, R: Reclaim + 'm = Epoch>(
    pub(super) map::Drain<'m, T, (), S, R>,
);

impl<'m, T: Eq, S, R: Reclaim> Iterator for Drain<'m, T, S, R> {
    type Item = MappedRef<'m, T, R>;

    fn next(&mut self) -> Option<MappedRef<'m, T, R>> {
        self.0.next().map(Ref::map_key)
    }
}

impl<T: Eq, S, R: Reclaim> FusedIterator for Drain<'_, T, S, R> {}

impl<T: fmt::Debug, S, R: Reclaim> fmt::Debug for Drain<'_, T, S, R> {
    /// What it has not come to yet, as far as it is still there.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.keys().fmt(f)
    }
}

/// An iterator that removes what it yields, as plain references. See
/// [`Pinned::drain`](super::Pinned::drain).
pub struct PinnedDrain<'p, T, S = DefaultHashBuilder, R: Reclaim = Epoch>(
    pub(super) map::PinnedDrain<'p, T, (), S, R>,
);

impl<'p, T: Eq, S, R: Reclaim> Iterator for PinnedDrain<'p, T, S, R> {
    type Item = &'p T;

    fn next(&mut self) -> Option<&'p T> {
        self.0.next().map(|(element, ())| element)
    }
}

impl<T: Eq, S, R: Reclaim> FusedIterator for PinnedDrain<'_, T, S, R> {}

impl<T: fmt::Debug, S, R: Reclaim> fmt::Debug for PinnedDrain<'_, T, S, R> {
    /// What it has not come to yet, as far as it is still there.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.keys().fmt(f)
    }
}

/// An iterator over a set's elements, owned. What it has not yielded is dropped with it.
pub struct IntoIter<T, S = DefaultHashBuilder, R: Reclaim = Epoch>(map::IntoIter<T, (), S, R>);

impl<T, S, R: Reclaim> IntoIterator for HashSet<T, S, R> {
    type Item = T;
    type IntoIter = IntoIter<T, S, R>;

    /// The elements, owned: no copies, no atomics.
    ///
    /// ```
    /// let set = dolmen::HashSet::from(["a".to_string()]);
    /// let elements: Vec<String> = set.into_iter().collect();
    /// assert_eq!(elements, ["a"]);
    /// ```
    fn into_iter(self) -> IntoIter<T, S, R> {
        IntoIter(self.map.into_iter())
    }
}

impl<T, S, R: Reclaim> Iterator for IntoIter<T, S, R> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.next().map(|(element, ())| element)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<T, S: Default, R: Reclaim> Default for IntoIter<T, S, R> {
    /// Yields nothing.
    fn default() -> Self {
        HashSet::default().into_iter()
    }
}

impl<T, S, R: Reclaim> ExactSizeIterator for IntoIter<T, S, R> {}

impl<T, S, R: Reclaim> FusedIterator for IntoIter<T, S, R> {}

impl<T, S, R: Reclaim> fmt::Debug for IntoIter<T, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoIter").finish_non_exhaustive()
    }
}
