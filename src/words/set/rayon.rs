//! Parallel iteration and insertion; feature `rayon`. As for a map of words, whose iterators these are.

use super::{Pinned, WordSet};
use crate::reclaim::{Epoch, Guard, Reclaim};
use crate::words::{self, Mix, RandomMix, WordKey, WordMap};
use core::fmt;
use rayon::iter::plumbing::UnindexedConsumer;
use rayon::iter::{FromParallelIterator, IntoParallelIterator, ParallelExtend, ParallelIterator};

/// A parallel iterator over the elements of a pinned set of words.
pub struct ParIter<'p, K, S = RandomMix>(words::ParIter<'p, K, (), S>);

/// A parallel iterator over the elements of a set of words that it owns.
pub struct ParIntoIter<K, S = RandomMix, R: Reclaim = Epoch>(words::ParIntoIter<K, (), S, R>);

impl<K, S> fmt::Debug for ParIter<'_, K, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<K, S, R: Reclaim> fmt::Debug for ParIntoIter<K, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'p, K, S, R, G> IntoParallelIterator for &'p Pinned<'_, K, S, R, G>
where
    K: WordKey + Send,
    S: Mix,
    R: Reclaim,
    G: Guard,
{
    type Item = K;
    type Iter = ParIter<'p, K, S>;

    /// Weakly consistent, as [`WordSet::iter`].
    ///
    /// ```
    /// use rayon::prelude::*;
    ///
    /// let set: dolmen::WordSet<u64> = (0..1000).collect();
    /// assert_eq!(set.pin().par_iter().sum::<u64>(), 499_500);
    /// ```
    fn into_par_iter(self) -> ParIter<'p, K, S> {
        ParIter(self.map().into_par_iter())
    }
}

impl<K: WordKey + Send, S: Mix, R: Reclaim> IntoParallelIterator for WordSet<K, S, R> {
    type Item = K;
    type Iter = ParIntoIter<K, S, R>;

    /// ```
    /// use rayon::prelude::*;
    ///
    /// let set: dolmen::WordSet<u64> = (0..1000).collect();
    /// assert_eq!(set.into_par_iter().max(), Some(999));
    /// ```
    fn into_par_iter(self) -> ParIntoIter<K, S, R> {
        ParIntoIter(self.map.into_par_iter())
    }
}

impl<K: WordKey + Send, S: Mix> ParallelIterator for ParIter<'_, K, S> {
    type Item = K;

    fn drive_unindexed<C: UnindexedConsumer<K>>(self, consumer: C) -> C::Result {
        self.0.map(|(key, ())| key).drive_unindexed(consumer)
    }
}

impl<K: WordKey + Send, S: Mix, R: Reclaim> ParallelIterator for ParIntoIter<K, S, R> {
    type Item = K;

    fn drive_unindexed<C: UnindexedConsumer<K>>(self, consumer: C) -> C::Result {
        self.0.map(|(key, ())| key).drive_unindexed(consumer)
    }
}

impl<K: WordKey + Send, S: Mix, R: Reclaim> ParallelExtend<K> for WordSet<K, S, R> {
    /// Inserts the elements from all threads, in batches, and completes the resize that this takes. If
    /// an iterator or a key's code panics, some of what was given may be missing.
    fn par_extend<I: IntoParallelIterator<Item = K>>(&mut self, elements: I) {
        self.map.par_extend(elements.into_par_iter().map(|key| (key, ())));
    }
}

impl<K: WordKey + Send, S: Mix, R: Reclaim> ParallelExtend<K> for &WordSet<K, S, R> {
    /// As for the set itself, but other threads may use it meanwhile, and see each element that was asked for.
    fn par_extend<I: IntoParallelIterator<Item = K>>(&mut self, elements: I) {
        (&self.map).par_extend(elements.into_par_iter().map(|key| (key, ())));
    }
}

impl<K: WordKey + Send, S: Mix + Default, R: Reclaim> FromParallelIterator<K> for WordSet<K, S, R> {
    /// ```
    /// use rayon::prelude::*;
    ///
    /// let set: dolmen::WordSet<u64> = (0..1000u64).into_par_iter().collect();
    /// assert_eq!(set.len(), 1000);
    /// ```
    fn from_par_iter<I: IntoParallelIterator<Item = K>>(elements: I) -> Self {
        let mut map = WordMap::default();
        map.par_extend(elements.into_par_iter().map(|key| (key, ())));
        WordSet { map }
    }
}
