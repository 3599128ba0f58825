//! The operators on two sets, which make a third.

use super::HashSet;
use crate::reclaim::Reclaim;
use core::hash::{BuildHasher, Hash};
use core::ops::{BitAnd, BitOr, BitXor, Sub};

impl<T, S, R> HashSet<T, S, R>
where
    T: Hash + Eq + Clone,
    S: BuildHasher + Default,
    R: Reclaim,
{
    fn of_clones<'e>(elements: impl Iterator<Item = &'e T>) -> Self
    where
        T: 'e,
    {
        let set = Self::empty();
        set.add_all(elements.cloned());
        set
    }
}

impl<T, S, R> BitOr<&HashSet<T, S, R>> for &HashSet<T, S, R>
where
    T: Hash + Eq + Clone,
    S: BuildHasher + Default,
    R: Reclaim,
{
    type Output = HashSet<T, S, R>;

    /// A set of clones of what any of the sets has. An element that one of them has throughout is
    /// in it, whatever others write meanwhile.
    ///
    /// ```
    /// use dolmen::HashSet;
    ///
    /// let (a, b) = (HashSet::from([1, 2]), HashSet::from([2, 3]));
    /// assert_eq!(&a | &b, HashSet::from([1, 2, 3]));
    /// ```
    fn bitor(self, other: &HashSet<T, S, R>) -> HashSet<T, S, R> {
        let set = HashSet::of_clones(self.pin().iter());
        // By what the result has, which nobody else writes: `union` asks the first set again.
        let missing = other.pin();
        set.add_all(missing.iter().filter(|element| !set.contains(*element)).cloned());
        set
    }
}

impl<T, S, R> BitAnd<&HashSet<T, S, R>> for &HashSet<T, S, R>
where
    T: Hash + Eq + Clone,
    S: BuildHasher + Default,
    R: Reclaim,
{
    type Output = HashSet<T, S, R>;

    /// A set of clones of what both sets have: see [`intersection`](HashSet::intersection).
    ///
    /// ```
    /// use dolmen::HashSet;
    ///
    /// let (a, b) = (HashSet::from([1, 2]), HashSet::from([2, 3]));
    /// assert_eq!(&a & &b, HashSet::from([2]));
    /// ```
    fn bitand(self, other: &HashSet<T, S, R>) -> HashSet<T, S, R> {
        HashSet::of_clones(self.pin().intersection(&other.pin()))
    }
}

impl<T, S, R> BitXor<&HashSet<T, S, R>> for &HashSet<T, S, R>
where
    T: Hash + Eq + Clone,
    S: BuildHasher + Default,
    R: Reclaim,
{
    type Output = HashSet<T, S, R>;

    /// A set of clones of what exactly one of the sets has: see
    /// [`symmetric_difference`](HashSet::symmetric_difference).
    ///
    /// ```
    /// use dolmen::HashSet;
    ///
    /// let (a, b) = (HashSet::from([1, 2]), HashSet::from([2, 3]));
    /// assert_eq!(&a ^ &b, HashSet::from([1, 3]));
    /// ```
    fn bitxor(self, other: &HashSet<T, S, R>) -> HashSet<T, S, R> {
        HashSet::of_clones(self.pin().symmetric_difference(&other.pin()))
    }
}

impl<T, S, R> Sub<&HashSet<T, S, R>> for &HashSet<T, S, R>
where
    T: Hash + Eq + Clone,
    S: BuildHasher + Default,
    R: Reclaim,
{
    type Output = HashSet<T, S, R>;

    /// A set of clones of what the first set has and the other has not: see
    /// [`difference`](HashSet::difference).
    ///
    /// ```
    /// use dolmen::HashSet;
    ///
    /// let (a, b) = (HashSet::from([1, 2]), HashSet::from([2, 3]));
    /// assert_eq!(&a - &b, HashSet::from([1]));
    /// ```
    fn sub(self, other: &HashSet<T, S, R>) -> HashSet<T, S, R> {
        HashSet::of_clones(self.pin().difference(&other.pin()))
    }
}
