//! Parallel iteration and insertion; feature `rayon`. As for a map, whose iterators these are.

use super::{HashSet, Pinned};
use crate::map::{self, DefaultHashBuilder, in_batches};
use crate::reclaim::{Epoch, Guard, Reclaim};
use core::fmt;
use core::hash::{BuildHasher, Hash};
use rayon::iter::plumbing::UnindexedConsumer;
use rayon::iter::{FromParallelIterator, IntoParallelIterator, ParallelExtend, ParallelIterator};

/// A parallel iterator over the elements of a pinned set.
pub struct ParIter<'p, T>(map::ParIter<'p, T, ()>);

/// A parallel iterator over the elements of a set, owned.
pub struct ParIntoIter<T, S = DefaultHashBuilder, R: Reclaim = Epoch>(
    map::ParIntoIter<T, (), S, R>,
);

impl<T> fmt::Debug for ParIter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParIter").finish_non_exhaustive()
    }
}

impl<T, S, R: Reclaim> fmt::Debug for ParIntoIter<T, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParIntoIter").finish_non_exhaustive()
    }
}

impl<'p, T: Sync, S, R: Reclaim, G: Guard> IntoParallelIterator for &'p Pinned<'_, T, S, R, G> {
    type Item = &'p T;
    type Iter = ParIter<'p, T>;

    /// Weakly consistent, as [`HashSet::iter`].
    ///
    /// ```
    /// use rayon::prelude::*;
    ///
    /// let set: dolmen::HashSet<u64> = (0..1000).collect();
    /// assert_eq!(set.pin().par_iter().sum::<u64>(), 499_500);
    /// ```
    fn into_par_iter(self) -> ParIter<'p, T> {
        ParIter(self.map().into_par_iter())
    }
}

impl<'p, T: Sync> ParallelIterator for ParIter<'p, T> {
    type Item = &'p T;

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        self.0.map(|(element, ())| element).drive_unindexed(consumer)
    }
}

impl<T: Send, S: Send, R: Reclaim> IntoParallelIterator for HashSet<T, S, R> {
    type Item = T;
    type Iter = ParIntoIter<T, S, R>;

    /// ```
    /// use rayon::prelude::*;
    ///
    /// let set: dolmen::HashSet<u64> = (0..1000).collect();
    /// let elements: Vec<u64> = set.into_par_iter().collect();
    /// assert_eq!(elements.len(), 1000);
    /// ```
    fn into_par_iter(self) -> ParIntoIter<T, S, R> {
        ParIntoIter(self.map.into_par_iter())
    }
}

impl<T: Send, S: Send, R: Reclaim> ParallelIterator for ParIntoIter<T, S, R> {
    type Item = T;

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        self.0.map(|(element, ())| element).drive_unindexed(consumer)
    }
}

impl<T, S, R> ParallelExtend<T> for HashSet<T, S, R>
where
    T: Hash + Eq + Send + Sync,
    S: BuildHasher + Sync,
    R: Reclaim,
{
    /// Inserts the elements from all threads, in batches, and completes the resize that this takes. Of
    /// two that are equal, either may stay. If an iterator or a key's code panics, some of what was
    /// given may be missing.
    fn par_extend<I: IntoParallelIterator<Item = T>>(&mut self, elements: I) {
        let (set, elements) = (&*self, elements.into_par_iter());
        set.reserve(elements.opt_len().unwrap_or(0));
        in_batches(elements, |batch| {
            set.insert_many(batch);
        });
        set.finish_resize();
    }
}

impl<T, S, R> ParallelExtend<T> for &HashSet<T, S, R>
where
    T: Hash + Eq + Send + Sync,
    S: BuildHasher + Sync,
    R: Reclaim,
{
    /// As for the set itself, but other threads may use it meanwhile, and see each element that was asked for.
    fn par_extend<I: IntoParallelIterator<Item = T>>(&mut self, elements: I) {
        let set: &HashSet<T, S, R> = self;
        let elements = elements.into_par_iter();
        set.reserve(elements.opt_len().unwrap_or(0));
        elements.for_each(|element| {
            set.insert(element);
        });
        set.finish_resize();
    }
}

impl<T, S, R> FromParallelIterator<T> for HashSet<T, S, R>
where
    T: Hash + Eq + Send + Sync,
    S: BuildHasher + Default + Sync,
    R: Reclaim,
{
    /// ```
    /// use rayon::prelude::*;
    ///
    /// let set: dolmen::HashSet<u64> = (0..1000u64).into_par_iter().map(|i| i / 2).collect();
    /// assert_eq!(set.len(), 500);
    /// ```
    fn from_par_iter<I: IntoParallelIterator<Item = T>>(elements: I) -> Self {
        let mut set = Self::default();
        set.par_extend(elements);
        set
    }
}
