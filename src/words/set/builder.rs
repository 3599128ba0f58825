//! Building a set of words that is not the default one.

use super::WordSet;
use crate::reclaim::{Epoch, Reclaim};
use crate::words::{self, Mix, RandomMix, WordKey, WordMap};
use core::fmt;

/// A set of words to be: see [`WordSet::builder`]. Its calls are those of [`words::Builder`].
pub struct Builder<K, S = RandomMix, R = Epoch>(words::Builder<K, (), S, R>);

impl<K: WordKey> WordSet<K> {
    /// A builder: capacity, mix, reclaimer.
    ///
    /// ```
    /// use dolmen::{Epoch, WordSet, words::FixedMix};
    ///
    /// let set = WordSet::builder()
    ///     .capacity(1000)
    ///     .mix(FixedMix::new(1))
    ///     .reclaimer::<Epoch>()
    ///     .build();
    /// set.insert(1);
    /// ```
    pub fn builder() -> Builder<K> {
        Builder(WordMap::builder())
    }
}

impl<K: WordKey, S: Mix, R> Builder<K, S, R> {
    /// Room for so many elements, as in [`WordSet::with_capacity`].
    ///
    /// ```
    /// let set: dolmen::WordSet<u64> = dolmen::WordSet::builder().capacity(10).build();
    /// assert!(set.capacity() >= 10);
    /// ```
    pub fn capacity(self, capacity: usize) -> Self {
        Builder(self.0.capacity(capacity))
    }

    /// The mix, instead of a [`RandomMix`].
    ///
    /// ```
    /// use dolmen::{WordSet, words::FixedMix};
    ///
    /// let set = WordSet::builder().mix(FixedMix::new(1)).build();
    /// set.insert('a');
    /// ```
    pub fn mix<T: Mix>(self, mix: T) -> Builder<K, T, R> {
        Builder(self.0.mix(mix))
    }

    /// The reclaimer, instead of [`Epoch`].
    ///
    /// ```
    /// use dolmen::{Epoch, WordSet};
    ///
    /// let set = WordSet::builder().reclaimer::<Epoch>().build();
    /// set.insert('a');
    /// ```
    pub fn reclaimer<T: Reclaim>(self) -> Builder<K, S, T> {
        Builder(self.0.reclaimer())
    }

    /// The set. O(capacity).
    ///
    /// # Panics
    /// If the capacity is more than memory can hold.
    ///
    /// ```
    /// let set: dolmen::WordSet<u64> = dolmen::WordSet::builder().build();
    /// assert!(set.is_empty());
    /// ```
    pub fn build(self) -> WordSet<K, S, R>
    where
        R: Reclaim,
    {
        WordSet { map: self.0.build() }
    }
}

impl<K, S, R> fmt::Debug for Builder<K, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
