//! Two sets: relations and operators.

use super::{Pinned, WordSet};
use crate::reclaim::{Guard, Reclaim};
use crate::words::{Mix, WordKey};
use core::ops::{BitAnd, BitOr, BitXor, Sub};

/// They go over the elements of one set, and look each up in the other. Lock-free; O(elements of the set
/// that is gone over). The answer is exact where nobody writes.
impl<K: WordKey, S: Mix, R: Reclaim> WordSet<K, S, R> {
    /// Whether `other` has every element of this set. Stops at the first that is missing.
    ///
    /// ```
    /// let all = dolmen::WordSet::from([1, 2, 3]);
    /// assert!(dolmen::WordSet::from([1, 2]).is_subset(&all));
    /// assert!(!all.is_subset(&dolmen::WordSet::from([1, 2])));
    /// ```
    pub fn is_subset(&self, other: &WordSet<K, S, R>) -> bool {
        self.pin().is_subset(&other.pin())
    }

    /// Whether this set has every element of `other`.
    ///
    /// ```
    /// let all = dolmen::WordSet::from([1, 2, 3]);
    /// assert!(all.is_superset(&dolmen::WordSet::from([1, 2])));
    /// ```
    pub fn is_superset(&self, other: &WordSet<K, S, R>) -> bool {
        other.is_subset(self)
    }

    /// Whether the sets have no element in common.
    ///
    /// ```
    /// let odd = dolmen::WordSet::from([1, 3]);
    /// assert!(odd.is_disjoint(&dolmen::WordSet::from([2, 4])));
    /// assert!(!odd.is_disjoint(&dolmen::WordSet::from([2, 3])));
    /// ```
    pub fn is_disjoint(&self, other: &WordSet<K, S, R>) -> bool {
        self.pin().is_disjoint(&other.pin())
    }
}

impl<K: WordKey, S: Mix, R: Reclaim, G: Guard> Pinned<'_, K, S, R, G> {
    /// See [`WordSet::is_subset`].
    pub fn is_subset<H: Guard>(&self, other: &Pinned<'_, K, S, R, H>) -> bool {
        self.iter().all(|element| other.contains(element))
    }

    /// See [`WordSet::is_superset`].
    pub fn is_superset<H: Guard>(&self, other: &Pinned<'_, K, S, R, H>) -> bool {
        other.is_subset(self)
    }

    /// See [`WordSet::is_disjoint`].
    pub fn is_disjoint<H: Guard>(&self, other: &Pinned<'_, K, S, R, H>) -> bool {
        !self.iter().any(|element| other.contains(element))
    }
}

macro_rules! operators {
    ($($(#[$doc:meta])* $Operator:ident::$call:ident = |$a:ident, $b:ident| $result:expr;)+) => {$(
        impl<K, S, R> $Operator<&WordSet<K, S, R>> for &WordSet<K, S, R>
        where
            K: WordKey,
            S: Mix + Default,
            R: Reclaim,
        {
            type Output = WordSet<K, S, R>;

            $(#[$doc])*
            fn $call(self, other: &WordSet<K, S, R>) -> WordSet<K, S, R> {
                let ($a, $b) = (&self.pin(), &other.pin());
                $result.collect()
            }
        }
    )+};
}

operators! {
    /// A set of what any of the sets has.
    ///
    /// ```
    /// use dolmen::WordSet;
    ///
    /// assert_eq!(&WordSet::from([1, 2]) | &WordSet::from([2, 3]), WordSet::from([1, 2, 3]));
    /// ```
    BitOr::bitor = |a, b| a.iter().chain(b.iter());

    /// A set of what both sets have.
    ///
    /// ```
    /// use dolmen::WordSet;
    ///
    /// assert_eq!(&WordSet::from([1, 2]) & &WordSet::from([2, 3]), WordSet::from([2]));
    /// ```
    BitAnd::bitand = |a, b| a.iter().filter(|element| b.contains(*element));

    /// A set of what exactly one of the sets has.
    ///
    /// ```
    /// use dolmen::WordSet;
    ///
    /// assert_eq!(&WordSet::from([1, 2]) ^ &WordSet::from([2, 3]), WordSet::from([1, 3]));
    /// ```
    BitXor::bitxor = |a, b| {
        let here = a.iter().filter(|element| !b.contains(*element));
        here.chain(b.iter().filter(|element| !a.contains(*element)))
    };

    /// A set of what the first set has and the other has not.
    ///
    /// ```
    /// use dolmen::WordSet;
    ///
    /// assert_eq!(&WordSet::from([1, 2]) - &WordSet::from([2, 3]), WordSet::from([1]));
    /// ```
    Sub::sub = |a, b| a.iter().filter(|element| !b.contains(*element));
}
