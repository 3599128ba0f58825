//! Sets: a map without values, and the calls that a user of std's set knows.
//!
//! [`HashSet`] itself is at the root of the crate as well; its iterators, its pinned form and its
//! builder are here.

mod algebra;
mod batch;
mod builder;
mod iter;
mod ops;
mod pinned;
#[cfg(feature = "rayon")]
mod rayon;
mod read;
#[cfg(feature = "serde")]
mod serde;
mod traits;
mod whole;
mod words;
mod write;

#[cfg(feature = "rayon")]
#[cfg_attr(docsrs, doc(cfg(feature = "rayon")))]
pub use self::rayon::{ParIntoIter, ParIter};
pub use algebra::{Difference, Intersection, SymmetricDifference, Union};
pub use builder::Builder;
pub use iter::{Drain, IntoIter, Iter, PinnedDrain, PinnedIter};
pub use pinned::{OwnedPinned, Pinned};

use crate::map::{DefaultHashBuilder, HashMap};
use crate::reclaim::{Epoch, Reclaim};

/// A lock-free concurrent hash set: a [`HashMap`] without values.
///
/// Every method takes `&self`, and has the progress, the linearization point and the panics of the
/// map's method that it stands on; see [`HashMap`] for what holds of all of them.
///
/// # Two ways to call
///
/// Methods of the set pin for the call, and answer with a [`MappedRef`](crate::MappedRef), which
/// dereferences to the element and holds its own pin. Methods of [`Pinned`] ([`pin`](Self::pin))
/// are the same under one pin, and answer with plain references.
///
/// ```
/// use dolmen::HashSet;
///
/// let set: HashSet<String> = HashSet::new();
/// assert!(set.insert("a".into()));
/// assert!(!set.insert("a".into()));
/// assert_eq!(*set.get("a").unwrap(), "a");
///
/// let s = set.pin();
/// let a: Option<&String> = s.get("a");
/// assert_eq!(a.unwrap(), "a");
/// ```
///
/// # Equal elements
///
/// As in std, [`insert`](Self::insert), `extend` and `collect` keep the element that is there
/// when an equal one is offered; [`replace`](Self::replace) takes the new one.
///
/// # While others write
///
/// A call on one element is atomic. A call on a whole set or on two sets (iteration, `==`,
/// [`is_subset`](Self::is_subset), [`union`](Self::union), `&a | &b` ..) looks at one element after
/// the other, so that it is right about every element that nobody inserts or removes meanwhile, and
/// may see the others either way.
pub struct HashSet<T, S = DefaultHashBuilder, R: Reclaim = Epoch> {
    pub(crate) map: HashMap<T, (), S, R>,
}

impl<T> HashSet<T> {
    /// An empty set, which allocates at its first write. O(1).
    ///
    /// ```
    /// let set: dolmen::HashSet<u64> = dolmen::HashSet::new();
    /// assert!(set.is_empty());
    /// ```
    pub fn new() -> Self {
        Self::with_hasher(DefaultHashBuilder::default())
    }

    /// An empty set with room for `capacity` elements: none of so many first inserts resizes it.
    /// O(capacity).
    ///
    /// # Panics
    /// If `capacity` is more than memory can hold.
    ///
    /// ```
    /// let set: dolmen::HashSet<u64> = dolmen::HashSet::with_capacity(1000);
    /// assert!(set.capacity() >= 1000);
    /// ```
    pub fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity_and_hasher(capacity, DefaultHashBuilder::default())
    }
}

impl<T, S> HashSet<T, S> {
    /// An empty set with this hasher, which allocates at its first write. O(1).
    ///
    /// ```
    /// use std::hash::RandomState;
    ///
    /// let set: dolmen::HashSet<u64, _> = dolmen::HashSet::with_hasher(RandomState::new());
    /// assert!(set.is_empty());
    /// ```
    #[cfg(not(dolmen_loom))]
    pub const fn with_hasher(hasher: S) -> Self {
        HashSet { map: HashMap::with_hasher(hasher) }
    }

    /// An empty set with this hasher.
    #[cfg(dolmen_loom)]
    pub fn with_hasher(hasher: S) -> Self {
        HashSet { map: HashMap::with_hasher(hasher) }
    }

    /// An empty set with room for `capacity` elements and this hasher. O(capacity).
    ///
    /// # Panics
    /// If `capacity` is more than memory can hold.
    ///
    /// ```
    /// use std::hash::RandomState;
    ///
    /// let set: dolmen::HashSet<u64, _> =
    ///     dolmen::HashSet::with_capacity_and_hasher(10, RandomState::new());
    /// assert!(set.capacity() >= 10);
    /// ```
    pub fn with_capacity_and_hasher(capacity: usize, hasher: S) -> Self {
        HashSet { map: HashMap::with_capacity_and_hasher(capacity, hasher) }
    }
}

impl<T, S, R: Reclaim> HashSet<T, S, R> {
    /// The set's hasher. O(1).
    ///
    /// ```
    /// let set: dolmen::HashSet<u64> = dolmen::HashSet::new();
    /// let again: dolmen::HashSet<u64> = dolmen::HashSet::with_hasher(set.hasher().clone());
    /// # let _ = again;
    /// ```
    pub fn hasher(&self) -> &S {
        self.map.hasher()
    }

    /// Pins once for many calls: for loops, and for plain references.
    ///
    /// Wait-free. Memory that is retired meanwhile waits until the guard is dropped, so do not keep
    /// it for long where others write.
    ///
    /// ```
    /// let set = dolmen::HashSet::from(["a", "b"]);
    /// let s = set.pin();
    /// let found: Vec<&&str> = ["a", "c"].iter().filter_map(|name| s.get(name)).collect();
    /// assert_eq!(found, [&"a"]);
    /// ```
    #[inline]
    pub fn pin(&self) -> Pinned<'_, T, S, R> {
        Pinned::new(self, self.map.pin())
    }

    /// Pins with a guard that is `Send`, and so may be held across an `.await`.
    ///
    /// Lock-free; costs more than [`pin`](Self::pin), for it claims a participant of its own.
    ///
    /// ```
    /// let set = dolmen::HashSet::from(["one".to_string()]);
    /// let s = set.pin_owned();
    /// std::thread::scope(|scope| {
    ///     scope.spawn(move || assert_eq!(s.get("one").unwrap(), "one"));
    /// });
    /// ```
    pub fn pin_owned(&self) -> OwnedPinned<'_, T, S, R> {
        Pinned::new(self, self.map.pin_owned())
    }
}
