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
        let set = Self::default();
        set.add_all(elements.cloned());
        set
    }
}

macro_rules! operators {
    ($($(#[$doc:meta])* $Operator:ident::$call:ident = |$a:ident, $b:ident| $result:expr;)+) => {$(
        impl<T, S, R> $Operator<&HashSet<T, S, R>> for &HashSet<T, S, R>
        where
            T: Hash + Eq + Clone,
            S: BuildHasher + Default,
            R: Reclaim,
        {
            type Output = HashSet<T, S, R>;

            $(#[$doc])*
            fn $call(self, other: &HashSet<T, S, R>) -> HashSet<T, S, R> {
                let ($a, $b) = (&self.pin(), &other.pin());
                $result
            }
        }
    )+};
}

operators! {
    /// A set of clones of what any of the sets has. An element that one of them has throughout is
    /// in it, whatever others write meanwhile.
    ///
    /// ```
    /// use dolmen::HashSet;
    ///
    /// let (a, b) = (HashSet::from([1, 2]), HashSet::from([2, 3]));
    /// assert_eq!(&a | &b, HashSet::from([1, 2, 3]));
    /// ```
    BitOr::bitor = |a, b| {
        let set = HashSet::of_clones(a.iter());
        // By what the result has, which nobody else writes: `union` asks the first set again.
        set.add_all(b.iter().filter(|element| !set.contains(*element)).cloned());
        set
    };

    /// A set of clones of what both sets have: see [`intersection`](HashSet::intersection).
    ///
    /// ```
    /// use dolmen::HashSet;
    ///
    /// let (a, b) = (HashSet::from([1, 2]), HashSet::from([2, 3]));
    /// assert_eq!(&a & &b, HashSet::from([2]));
    /// ```
    BitAnd::bitand = |a, b| HashSet::of_clones(a.intersection(b));

    /// A set of clones of what exactly one of the sets has: see
    /// [`symmetric_difference`](HashSet::symmetric_difference).
    ///
    /// ```
    /// use dolmen::HashSet;
    ///
    /// let (a, b) = (HashSet::from([1, 2]), HashSet::from([2, 3]));
    /// assert_eq!(&a ^ &b, HashSet::from([1, 3]));
    /// ```
    BitXor::bitxor = |a, b| HashSet::of_clones(a.symmetric_difference(b));

    /// A set of clones of what the first set has and the other has not: see
    /// [`difference`](HashSet::difference).
    ///
    /// ```
    /// use dolmen::HashSet;
    ///
    /// let (a, b) = (HashSet::from([1, 2]), HashSet::from([2, 3]));
    /// assert_eq!(&a - &b, HashSet::from([1]));
    /// ```
    Sub::sub = |a, b| HashSet::of_clones(a.difference(b));
}
