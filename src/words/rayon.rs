//! Parallel iteration and insertion; feature `rayon`.
//!
//! The slots are split by groups; nothing is collected first.

use super::typed::TypedSplit;
use super::{Mix, Pinned, RandomMix, Word, WordKey, WordMap};
use crate::map::in_batches;
use crate::reclaim::{Epoch, Guard, Pin, Reclaim};
use core::fmt;
use rayon::iter::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed};
use rayon::iter::{FromParallelIterator, IntoParallelIterator, ParallelExtend, ParallelIterator};

/// A parallel iterator over the entries of a pinned map of words.
pub struct ParIter<'p, K, V, S = RandomMix>(TypedSplit<'p, K, V, S>);

/// A parallel iterator over the entries of a map of words that it owns.
pub struct ParIntoIter<K, V, S = RandomMix, R: Reclaim = Epoch>(WordMap<K, V, S, R>);

impl<K, V, S> fmt::Debug for ParIter<'_, K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParIter").finish_non_exhaustive()
    }
}

impl<K, V, S, R: Reclaim> fmt::Debug for ParIntoIter<K, V, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParIntoIter").finish_non_exhaustive()
    }
}

impl<'p, K, V, S, R, G> IntoParallelIterator for &'p Pinned<'_, K, V, S, R, G>
where
    K: WordKey + Send,
    V: Word + Send,
    S: Mix,
    R: Reclaim,
    G: Guard,
{
    type Item = (K, V);
    type Iter = ParIter<'p, K, V, S>;

    /// Weakly consistent, as [`WordMap::iter`].
    ///
    /// ```
    /// use rayon::prelude::*;
    ///
    /// let map: dolmen::WordMap<u64, u64> = (0..1000).map(|i| (i, i)).collect();
    /// assert_eq!(map.pin().par_iter().map(|(_, v)| v).sum::<u64>(), 499_500);
    /// ```
    fn into_par_iter(self) -> ParIter<'p, K, V, S> {
        ParIter(self.typed().split(self.as_pin()))
    }
}

impl<K, V, S, R> IntoParallelIterator for WordMap<K, V, S, R>
where
    K: WordKey + Send,
    V: Word + Send,
    S: Mix,
    R: Reclaim,
{
    type Item = (K, V);
    type Iter = ParIntoIter<K, V, S, R>;

    /// ```
    /// use rayon::prelude::*;
    ///
    /// let map: dolmen::WordMap<u64, u64> = (0..1000).map(|i| (i, i)).collect();
    /// let values: Vec<u64> = map.into_par_iter().map(|(_, v)| v).collect();
    /// assert_eq!(values.len(), 1000);
    /// ```
    fn into_par_iter(self) -> ParIntoIter<K, V, S, R> {
        ParIntoIter(self)
    }
}

impl<K: WordKey + Send, V: Word + Send, S: Mix> UnindexedProducer for TypedSplit<'_, K, V, S> {
    type Item = (K, V);

    fn split(mut self) -> (Self, Option<Self>) {
        let right = self.halve();
        (self, right)
    }

    fn fold_with<C: Folder<(K, V)>>(self, folder: C) -> C {
        folder.consume_iter(self)
    }
}

impl<K: WordKey + Send, V: Word + Send, S: Mix> ParallelIterator for ParIter<'_, K, V, S> {
    type Item = (K, V);

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        bridge_unindexed(self.0, consumer)
    }
}

impl<K, V, S, R> ParallelIterator for ParIntoIter<K, V, S, R>
where
    K: WordKey + Send,
    V: Word + Send,
    S: Mix,
    R: Reclaim,
{
    type Item = (K, V);

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        // Entries are copied out, and the map is freed whole, at the end of this function. No pin, which would
        // keep other maps from freeing.
        // SAFETY: nobody else has the map, and iterating does not use the index.
        let entries = self.0.typed.split(unsafe { Pin::exclusive() });
        bridge_unindexed(entries, consumer)
    }
}

impl<K, V, S, R> ParallelExtend<(K, V)> for WordMap<K, V, S, R>
where
    K: WordKey + Send,
    V: Word + Send,
    S: Mix,
    R: Reclaim,
{
    /// Inserts the entries from all threads, in batches, and completes the resize that this takes. Of
    /// two entries with one key, either may stay. If an iterator or a key's code panics, some of what
    /// was given may be missing.
    fn par_extend<I: IntoParallelIterator<Item = (K, V)>>(&mut self, entries: I) {
        let (map, entries) = (&*self, entries.into_par_iter());
        map.reserve(entries.opt_len().unwrap_or(0));
        in_batches(entries, |batch| {
            map.insert_many(batch);
        });
        map.finish_resize();
    }
}

impl<K, V, S, R> ParallelExtend<(K, V)> for &WordMap<K, V, S, R>
where
    K: WordKey + Send,
    V: Word + Send,
    S: Mix,
    R: Reclaim,
{
    /// As for the map itself, but other threads may use it meanwhile, and see each entry that was asked for.
    fn par_extend<I: IntoParallelIterator<Item = (K, V)>>(&mut self, entries: I) {
        let map: &WordMap<K, V, S, R> = self;
        let entries = entries.into_par_iter();
        map.reserve(entries.opt_len().unwrap_or(0));
        entries.for_each(|(key, value)| {
            map.insert(key, value);
        });
        map.finish_resize();
    }
}

impl<K, V, S, R> FromParallelIterator<(K, V)> for WordMap<K, V, S, R>
where
    K: WordKey + Send,
    V: Word + Send,
    S: Mix + Default,
    R: Reclaim,
{
    /// ```
    /// use rayon::prelude::*;
    ///
    /// let map: dolmen::WordMap<u64, u64> = (0..1000u64).into_par_iter().map(|i| (i, i)).collect();
    /// assert_eq!(map.len(), 1000);
    /// ```
    fn from_par_iter<I: IntoParallelIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::default();
        map.par_extend(entries);
        map
    }
}
