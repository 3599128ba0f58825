//! From the set of any elements to the set of words, and back.

use super::HashSet;
use crate::reclaim::Reclaim;
use crate::words::set::WordSet;
use crate::words::{Mix, WordKey};
use core::hash::{BuildHasher, Hash};

impl<K, H, S, R> From<&HashSet<K, H, R>> for WordSet<K, S, R>
where
    K: WordKey,
    S: Mix + Default,
    R: Reclaim,
{
    /// A set of the elements that [`iter`](HashSet::iter) yields.
    ///
    /// ```
    /// use dolmen::{HashSet, WordSet};
    ///
    /// let set: WordSet<u32> = (&HashSet::from([1])).into();
    /// assert!(set.contains(1));
    /// ```
    fn from(set: &HashSet<K, H, R>) -> Self {
        let words = WordSet::default();
        words.reserve(set.len());
        words.insert_many(set.pin().iter().copied());
        words
    }
}

impl<K, H, S, R> From<HashSet<K, H, R>> for WordSet<K, S, R>
where
    K: WordKey,
    S: Mix + Default,
    R: Reclaim,
{
    /// ```
    /// use dolmen::{HashSet, WordSet};
    ///
    /// let set: WordSet<u32> = HashSet::from([1]).into();
    /// assert!(set.contains(1));
    /// ```
    fn from(set: HashSet<K, H, R>) -> Self {
        set.into_iter().collect()
    }
}

impl<K, H, S, R> From<&WordSet<K, S, R>> for HashSet<K, H, R>
where
    K: WordKey + Hash + Eq,
    H: BuildHasher + Default,
    S: Mix,
    R: Reclaim,
{
    /// A set of the elements that [`iter`](WordSet::iter) yields.
    ///
    /// ```
    /// use dolmen::{HashSet, WordSet};
    ///
    /// let set: HashSet<u32> = (&WordSet::from([1])).into();
    /// assert!(set.contains(&1));
    /// ```
    fn from(words: &WordSet<K, S, R>) -> Self {
        let set = HashSet::default();
        set.reserve(words.len());
        set.insert_many(words.pin().iter());
        set
    }
}

impl<K, H, S, R> From<WordSet<K, S, R>> for HashSet<K, H, R>
where
    K: WordKey + Hash + Eq,
    H: BuildHasher + Default,
    S: Mix,
    R: Reclaim,
{
    /// ```
    /// use dolmen::{HashSet, WordSet};
    ///
    /// let set: HashSet<u32> = WordSet::from([1]).into();
    /// assert!(set.contains(&1));
    /// ```
    fn from(words: WordSet<K, S, R>) -> Self {
        words.into_iter().collect()
    }
}
