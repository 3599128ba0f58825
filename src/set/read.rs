//! Reading.

use super::{HashSet, Iter};
use crate::map::{MappedRef, Ref, Stats};
use crate::reclaim::Reclaim;
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;

impl<T, S, R> HashSet<T, S, R>
where
    T: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// Whether an element is present.
    ///
    /// Wait-free while the set does not resize, lock-free always; writes no shared memory. O(1)
    /// expected. Linearizes at the load of the deciding slot.
    ///
    /// ```
    /// let set = dolmen::HashSet::from(["a"]);
    /// assert!(set.contains("a") && !set.contains("b"));
    /// ```
    #[inline]
    pub fn contains<Q>(&self, value: &Q) -> bool
    where
        Q: Hash + Equivalent<T> + ?Sized,
    {
        self.map.contains_key(value)
    }

    /// The element of the set that equals `value`. Progress and linearization as
    /// [`contains`](Self::contains).
    ///
    /// ```
    /// let set = dolmen::HashSet::from(["a".to_string()]);
    /// assert_eq!(*set.get("a").unwrap(), "a");
    /// assert!(set.get("b").is_none());
    /// ```
    #[inline]
    pub fn get<Q>(&self, value: &Q) -> Option<MappedRef<'_, T, R>>
    where
        Q: Hash + Equivalent<T> + ?Sized,
    {
        self.map.get(value).map(Ref::map_key)
    }
}

impl<T, S, R: Reclaim> HashSet<T, S, R> {
    /// The number of elements.
    ///
    /// Exact when no write runs; while others write it may miss or see any of the writes that run,
    /// and is not linearizable: as a map's [`len`](crate::HashMap::len). O(threads that wrote).
    ///
    /// ```
    /// let set = dolmen::HashSet::from(["a"]);
    /// assert_eq!(set.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether [`len`](Self::len) is 0, with its contract and its cost.
    ///
    /// ```
    /// assert!(dolmen::HashSet::<u64>::new().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// How many elements the set takes before it grows: as a map's
    /// [`capacity`](crate::HashMap::capacity).
    ///
    /// ```
    /// assert_eq!(dolmen::HashSet::<u64>::new().capacity(), 0);
    /// ```
    pub fn capacity(&self) -> usize {
        self.map.capacity()
    }

    /// Iterates over the elements, in no particular order.
    ///
    /// Weakly consistent: an element that is present throughout is yielded exactly once, none is
    /// yielded twice, and what others insert or remove meanwhile is yielded or not. Neither waits
    /// for a resize nor finishes one. Lock-free; O(capacity) in all. Holds a pin.
    ///
    /// ```
    /// let set = dolmen::HashSet::from([1, 2]);
    /// let sum: i32 = set.iter().map(|element| *element).sum();
    /// assert_eq!(sum, 3);
    /// ```
    pub fn iter(&self) -> Iter<'_, T, R> {
        Iter::new(self)
    }

    /// Looks at the set: elements, tombstones, walk lengths, resize, memory that waits.
    ///
    /// Goes over the whole table. Lock-free; weakly consistent while others write.
    ///
    /// ```
    /// let set: dolmen::HashSet<u64> = (0..100).collect();
    /// println!("{}", set.stats());
    /// assert_eq!(set.stats().len, 100);
    /// ```
    pub fn stats(&self) -> Stats {
        self.map.stats()
    }
}
