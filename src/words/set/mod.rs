//! Sets of words: [`WordSet`], at the root of the crate as well, and its iterators, pinned form and
//! builder.

mod algebra;
mod builder;
mod calls;
mod iter;
mod pinned;
#[cfg(feature = "rayon")]
mod rayon;
#[cfg(feature = "serde")]
mod serde;
mod traits;

#[cfg(feature = "rayon")]
#[cfg_attr(docsrs, doc(cfg(feature = "rayon")))]
pub use self::rayon::{ParIntoIter, ParIter};
pub use builder::Builder;
pub use iter::{Drain, IntoIter, Iter, PinnedDrain, PinnedIter};
pub use pinned::{OwnedPinned, Pinned};

use super::view::View;
use super::{Mix, RandomMix, WordKey, WordMap};
use crate::reclaim::{Epoch, Reclaim};

/// A lock-free concurrent hash set of words: a [`WordMap`] without values.
///
/// Every method takes `&self`, and has the progress, the linearization point and the panics of the
/// map's method that it stands on; see [`WordMap`] for what holds of all of them. Elements go in and
/// out by value.
///
/// ```
/// use dolmen::WordSet;
///
/// let seen: WordSet<u64> = WordSet::new();
/// assert!(seen.insert(7));
/// assert!(!seen.insert(7));
/// assert!(seen.contains(7));
/// ```
///
/// # While others write
///
/// A call on one element is atomic. A call on a whole set or on two sets (iteration, `==`,
/// [`is_subset`](Self::is_subset), `&a | &b` ..) looks at one element after the other, so that it is
/// right about every element that nobody inserts or removes meanwhile, and may see the others either
/// way.
pub struct WordSet<K, S = RandomMix, R: Reclaim = Epoch> {
    map: WordMap<K, (), S, R>,
}

impl<K: WordKey> WordSet<K> {
    /// An empty set, which allocates at its first write. O(1).
    ///
    /// ```
    /// let set: dolmen::WordSet<u64> = dolmen::WordSet::new();
    /// assert!(set.is_empty());
    /// ```
    pub fn new() -> Self {
        Self::with_mix(RandomMix::default())
    }

    /// An empty set with room for `capacity` elements: none of so many first inserts resizes it.
    /// O(capacity).
    ///
    /// # Panics
    /// If `capacity` is more than memory can hold.
    ///
    /// ```
    /// let set: dolmen::WordSet<u64> = dolmen::WordSet::with_capacity(1000);
    /// assert!(set.capacity() >= 1000);
    /// ```
    pub fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity_and_mix(capacity, RandomMix::default())
    }
}

impl<K: WordKey, S: Mix> WordSet<K, S> {
    /// An empty set with this mix, which allocates at its first write: for a set in a `static`. O(1).
    ///
    /// ```
    /// use dolmen::{WordSet, words::FixedMix};
    ///
    /// static SEEN: WordSet<u64, FixedMix> = WordSet::with_mix(FixedMix::new(1));
    /// assert!(SEEN.is_empty());
    /// ```
    #[cfg(not(dolmen_loom))]
    pub const fn with_mix(mix: S) -> Self {
        WordSet { map: WordMap::with_mix(mix) }
    }

    /// An empty set with this mix.
    #[cfg(dolmen_loom)]
    pub fn with_mix(mix: S) -> Self {
        WordSet { map: WordMap::with_mix(mix) }
    }

    /// An empty set with room for `capacity` elements and this mix. O(capacity).
    ///
    /// # Panics
    /// If `capacity` is more than memory can hold.
    ///
    /// ```
    /// use dolmen::{WordSet, words::FixedMix};
    ///
    /// let set: WordSet<u64, _> = WordSet::with_capacity_and_mix(10, FixedMix::new(1));
    /// assert!(set.capacity() >= 10);
    /// ```
    pub fn with_capacity_and_mix(capacity: usize, mix: S) -> Self {
        WordSet { map: WordMap::with_capacity_and_mix(capacity, mix) }
    }
}

impl<K: WordKey, S: Mix, R: Reclaim> WordSet<K, S, R> {
    /// The set's mix. O(1).
    ///
    /// ```
    /// let set: dolmen::WordSet<u64> = dolmen::WordSet::new();
    /// let again: dolmen::WordSet<u64> = dolmen::WordSet::with_mix(set.mix().clone());
    /// # let _ = again;
    /// ```
    pub fn mix(&self) -> &S {
        self.map.mix()
    }

    /// Pins once for many calls: see [`WordMap::pin`].
    ///
    /// ```
    /// let set = dolmen::WordSet::from([1, 2]);
    /// let s = set.pin();
    /// assert_eq!([1, 2, 3].iter().filter(|key| s.contains(**key)).count(), 2);
    /// ```
    #[inline]
    pub fn pin(&self) -> Pinned<'_, K, S, R> {
        Pinned::new(self, self.map.pin())
    }

    /// Pins with a guard that is `Send`: see [`WordMap::pin_owned`].
    ///
    /// ```
    /// let set = dolmen::WordSet::from([1]);
    /// let s = set.pin_owned();
    /// std::thread::scope(|scope| {
    ///     scope.spawn(move || assert!(s.contains(1)));
    /// });
    /// ```
    pub fn pin_owned(&self) -> OwnedPinned<'_, K, S, R> {
        Pinned::new(self, self.map.pin_owned())
    }

    /// Flushes, if a call has left a large table.
    fn flush_large(&self) {
        self.map.flush_large();
    }

    /// The set, and no pin on it.
    #[inline(always)]
    fn view(&self) -> View<'_, K, (), S, R> {
        self.map.view()
    }
}
