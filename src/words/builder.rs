//! Building a map of words that is not the default one.

use super::{Mix, RandomMix, Word, WordKey, WordMap};
use crate::reclaim::{Epoch, Reclaim};
use core::fmt;
use core::marker::PhantomData;

/// A map of words to be: see [`WordMap::builder`]. Its calls are O(1), but for [`build`](Self::build).
///
/// ```
/// let map: dolmen::WordMap<u64, u64> = dolmen::WordMap::builder().capacity(10).build();
/// assert!(map.capacity() >= 10);
/// ```
pub struct Builder<K, V, S = RandomMix, R = Epoch> {
    capacity: usize,
    mix: S,
    _map: PhantomData<fn(K, V) -> R>,
}

impl<K: WordKey, V: Word> WordMap<K, V> {
    /// A builder: capacity, mix, reclaimer.
    ///
    /// ```
    /// use dolmen::{Epoch, WordMap, words::FixedMix};
    ///
    /// let map = WordMap::builder()
    ///     .capacity(1000)
    ///     .mix(FixedMix::new(1))
    ///     .reclaimer::<Epoch>()
    ///     .build();
    /// map.insert(1, 'a');
    /// ```
    pub fn builder() -> Builder<K, V> {
        Builder { capacity: 0, mix: RandomMix::default(), _map: PhantomData }
    }
}

impl<K: WordKey, V: Word, S: Mix, R> Builder<K, V, S, R> {
    /// Room for so many entries, as in [`WordMap::with_capacity`].
    ///
    /// ```
    /// let map: dolmen::WordMap<u64, u64> = dolmen::WordMap::builder().capacity(10).build();
    /// assert!(map.capacity() >= 10);
    /// ```
    pub fn capacity(self, capacity: usize) -> Self {
        Builder { capacity, ..self }
    }

    /// The mix, instead of a [`RandomMix`].
    ///
    /// ```
    /// use dolmen::{WordMap, words::FixedMix};
    ///
    /// let map = WordMap::builder().mix(FixedMix::new(1)).build();
    /// map.insert(1, 'a');
    /// ```
    pub fn mix<T: Mix>(self, mix: T) -> Builder<K, V, T, R> {
        Builder { capacity: self.capacity, mix, _map: PhantomData }
    }

    /// The reclaimer, instead of [`Epoch`]: `CrossbeamEpoch` and `Seize` are behind features.
    ///
    /// ```
    /// use dolmen::{Epoch, WordMap};
    ///
    /// let map = WordMap::builder().reclaimer::<Epoch>().build();
    /// map.insert(1, 'a');
    /// ```
    pub fn reclaimer<T: Reclaim>(self) -> Builder<K, V, S, T> {
        Builder { capacity: self.capacity, mix: self.mix, _map: PhantomData }
    }

    /// The map. O(capacity).
    ///
    /// # Panics
    /// If the capacity is more than memory can hold.
    ///
    /// ```
    /// let map: dolmen::WordMap<u64, u64> = dolmen::WordMap::builder().build();
    /// assert!(map.is_empty());
    /// ```
    pub fn build(self) -> WordMap<K, V, S, R>
    where
        R: Reclaim,
    {
        let map = WordMap::with_mix_and_reclaimer(self.mix, R::default());
        map.reserve(self.capacity);
        map
    }
}

impl<K, V, S, R> fmt::Debug for Builder<K, V, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}
