//! Two sets: relations, and iterators over what the two make together. The operators are in `ops`.

use super::{HashSet, Iter, Pinned};
use crate::map::{DefaultHashBuilder, MappedRef};
use crate::reclaim::{Epoch, Guard, Reclaim};
use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::iter::{Chain, FusedIterator};

/// The elements of one set that another one has, too. See [`HashSet::intersection`].
pub struct Intersection<'m, T, S = DefaultHashBuilder, R: Reclaim + 'm = Epoch> {
    elements: Iter<'m, T, R>,
    other: &'m HashSet<T, S, R>,
}

/// The elements of one set that another one has not. See [`HashSet::difference`].
pub struct Difference<'m, T, S = DefaultHashBuilder, R: Reclaim + 'm = Epoch> {
    elements: Iter<'m, T, R>,
    other: &'m HashSet<T, S, R>,
}

/// The elements that exactly one of two sets has. See [`HashSet::symmetric_difference`].
pub struct SymmetricDifference<'m, T, S = DefaultHashBuilder, R: Reclaim + 'm = Epoch>(
    Chain<Difference<'m, T, S, R>, Difference<'m, T, S, R>>,
);

/// The elements that any of two sets has. See [`HashSet::union`].
pub struct Union<'m, T, S = DefaultHashBuilder, R: Reclaim + 'm = Epoch>(
    Chain<Iter<'m, T, R>, Difference<'m, T, S, R>>,
);

/// The calls on two sets go over the elements of one, and look each up in the other. Lock-free.
/// Elements that nobody inserts into or removes from either set meanwhile are treated as std does;
/// with the others, see the method. O(elements of the set that is gone over).
impl<T, S, R> HashSet<T, S, R>
where
    T: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// Whether `other` has every element of this set.
    ///
    /// Each element is found at some moment during the call, not all at the same one: the answer is
    /// exact where nobody writes. Stops at the first element that is missing.
    ///
    /// ```
    /// let all = dolmen::HashSet::from([1, 2, 3]);
    /// assert!(dolmen::HashSet::from([1, 2]).is_subset(&all));
    /// assert!(!all.is_subset(&dolmen::HashSet::from([1, 2])));
    /// ```
    pub fn is_subset(&self, other: &HashSet<T, S, R>) -> bool {
        self.pin().is_subset(&other.pin())
    }

    /// Whether this set has every element of `other`: see [`is_subset`](Self::is_subset).
    ///
    /// ```
    /// let all = dolmen::HashSet::from([1, 2, 3]);
    /// assert!(all.is_superset(&dolmen::HashSet::from([1, 2])));
    /// ```
    pub fn is_superset(&self, other: &HashSet<T, S, R>) -> bool {
        other.is_subset(self)
    }

    /// Whether no element is in both sets. As exact as [`is_subset`](Self::is_subset).
    ///
    /// ```
    /// let odd = dolmen::HashSet::from([1, 3]);
    /// assert!(odd.is_disjoint(&dolmen::HashSet::from([2, 4])));
    /// ```
    pub fn is_disjoint(&self, other: &HashSet<T, S, R>) -> bool {
        self.pin().is_disjoint(&other.pin())
    }

    /// Iterates over the elements that both sets have, taken from one of them.
    ///
    /// While others write: an element that both have throughout is yielded exactly once, and one
    /// that is yielded was in each set at some moment. Holds a pin on the set that it goes over
    /// (the smaller, as far as the sets know); [`Pinned::intersection`] is faster.
    ///
    /// ```
    /// let (a, b) = (dolmen::HashSet::from([1, 2]), dolmen::HashSet::from([2, 3]));
    /// let both: Vec<i32> = a.intersection(&b).map(|element| *element).collect();
    /// assert_eq!(both, [2]);
    /// ```
    pub fn intersection<'m>(&'m self, other: &'m HashSet<T, S, R>) -> Intersection<'m, T, S, R> {
        let (small, large) = if self.len() <= other.len() { (self, other) } else { (other, self) };
        Intersection { elements: small.iter(), other: large }
    }

    /// Iterates over the elements of this set that `other` has not.
    ///
    /// While others write: an element that is here and not there throughout is yielded exactly
    /// once, and one that is there throughout is not yielded. Holds a pin on this set;
    /// [`Pinned::difference`] is faster.
    ///
    /// ```
    /// let (a, b) = (dolmen::HashSet::from([1, 2]), dolmen::HashSet::from([2, 3]));
    /// let only_a: Vec<i32> = a.difference(&b).map(|element| *element).collect();
    /// assert_eq!(only_a, [1]);
    /// ```
    pub fn difference<'m>(&'m self, other: &'m HashSet<T, S, R>) -> Difference<'m, T, S, R> {
        Difference { elements: self.iter(), other }
    }

    /// Iterates over the elements that exactly one of the sets has: both
    /// [differences](Self::difference), one after the other.
    ///
    /// While others write: an element that goes from one set to the other meanwhile may be yielded
    /// twice or not at all. Holds a pin on both sets.
    ///
    /// ```
    /// let (a, b) = (dolmen::HashSet::from([1, 2]), dolmen::HashSet::from([2, 3]));
    /// let sum: i32 = a.symmetric_difference(&b).map(|element| *element).sum();
    /// assert_eq!(sum, 4);
    /// ```
    pub fn symmetric_difference<'m>(
        &'m self,
        other: &'m HashSet<T, S, R>,
    ) -> SymmetricDifference<'m, T, S, R> {
        SymmetricDifference(self.difference(other).chain(other.difference(self)))
    }

    /// Iterates over the elements that any of the sets has: those of one, and those of the other
    /// that the first has not.
    ///
    /// While others write: an element that one set has throughout is yielded, and only once, unless
    /// somebody inserts it into or removes it from the other set meanwhile: then it may be missing
    /// or come twice. (`&a | &b` misses none.) Holds a pin on both sets.
    ///
    /// ```
    /// let (a, b) = (dolmen::HashSet::from([1, 2]), dolmen::HashSet::from([2, 3]));
    /// assert_eq!(a.union(&b).count(), 3);
    /// ```
    pub fn union<'m>(&'m self, other: &'m HashSet<T, S, R>) -> Union<'m, T, S, R> {
        let (small, large) = if self.len() <= other.len() { (self, other) } else { (other, self) };
        Union(large.iter().chain(small.difference(large)))
    }
}

impl<T, S, R, G> Pinned<'_, T, S, R, G>
where
    T: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
    G: Guard,
{
    /// See [`HashSet::is_subset`].
    pub fn is_subset<H: Guard>(&self, other: &Pinned<'_, T, S, R, H>) -> bool {
        // Not by `len` first: it may miss writes that run, of elements that do not matter here.
        self.iter().all(|element| other.contains(element))
    }

    /// See [`HashSet::is_superset`].
    pub fn is_superset<H: Guard>(&self, other: &Pinned<'_, T, S, R, H>) -> bool {
        other.is_subset(self)
    }

    /// See [`HashSet::is_disjoint`].
    pub fn is_disjoint<H: Guard>(&self, other: &Pinned<'_, T, S, R, H>) -> bool {
        self.intersection(other).next().is_none()
    }

    /// See [`HashSet::intersection`].
    ///
    /// ```
    /// let (a, b) = (dolmen::HashSet::from([1, 2]), dolmen::HashSet::from([2, 3]));
    /// assert_eq!(a.pin().intersection(&b.pin()).collect::<Vec<&i32>>(), [&2]);
    /// ```
    pub fn intersection<'p, H: Guard>(
        &'p self,
        other: &'p Pinned<'_, T, S, R, H>,
    ) -> impl FusedIterator<Item = &'p T> + Clone {
        let (a, b) = (self.verbs(), other.verbs());
        let (small, large) = if self.len() <= other.len() { (a, b) } else { (b, a) };
        small.keys().filter(move |element| large.key(*element).is_some())
    }

    /// See [`HashSet::difference`].
    ///
    /// ```
    /// let (a, b) = (dolmen::HashSet::from([1, 2]), dolmen::HashSet::from([2, 3]));
    /// assert_eq!(a.pin().difference(&b.pin()).collect::<Vec<&i32>>(), [&1]);
    /// ```
    pub fn difference<'p, H: Guard>(
        &'p self,
        other: &'p Pinned<'_, T, S, R, H>,
    ) -> impl FusedIterator<Item = &'p T> + Clone {
        self.iter().filter(|element| !other.contains(*element))
    }

    /// See [`HashSet::symmetric_difference`].
    ///
    /// ```
    /// let (a, b) = (dolmen::HashSet::from([1, 2]), dolmen::HashSet::from([2, 3]));
    /// assert_eq!(a.pin().symmetric_difference(&b.pin()).sum::<i32>(), 4);
    /// ```
    pub fn symmetric_difference<'p, H: Guard>(
        &'p self,
        other: &'p Pinned<'_, T, S, R, H>,
    ) -> impl FusedIterator<Item = &'p T> + Clone {
        self.difference(other).chain(other.difference(self))
    }

    /// See [`HashSet::union`].
    ///
    /// ```
    /// let (a, b) = (dolmen::HashSet::from([1, 2]), dolmen::HashSet::from([2, 3]));
    /// assert_eq!(a.pin().union(&b.pin()).sum::<i32>(), 6);
    /// ```
    pub fn union<'p, H: Guard>(
        &'p self,
        other: &'p Pinned<'_, T, S, R, H>,
    ) -> impl FusedIterator<Item = &'p T> + Clone {
        let (a, b) = (self.verbs(), other.verbs());
        let (small, large) = if self.len() <= other.len() { (a, b) } else { (b, a) };
        large.keys().chain(small.keys().filter(move |element| large.key(*element).is_none()))
    }
}

/// An iterator by what makes its next element, with what std's have.
macro_rules! iterators {
    ($($Iterator:ident { $($field:tt),+ } = $next:expr;)+) => {$(
        impl<'m, T, S, R> Iterator for $Iterator<'m, T, S, R>
        where
            T: Hash + Eq,
            S: BuildHasher,
            R: Reclaim,
        {
            type Item = MappedRef<'m, T, R>;

            fn next(&mut self) -> Option<Self::Item> {
                $next(self)
            }
        }

        impl<T, S, R> FusedIterator for $Iterator<'_, T, S, R>
        where
            T: Hash + Eq,
            S: BuildHasher,
            R: Reclaim,
        {
        }

        impl<T, S, R: Reclaim> Clone for $Iterator<'_, T, S, R> {
            fn clone(&self) -> Self {
                $Iterator { $($field: Clone::clone(&self.$field)),+ }
            }
        }

        impl<T, S, R> fmt::Debug for $Iterator<'_, T, S, R>
        where
            T: Hash + Eq + fmt::Debug,
            S: BuildHasher,
            R: Reclaim,
        {
            /// What is left to be yielded, as it is now.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_list().entries(self.clone()).finish()
            }
        }
    )+};
}

iterators! {
    Intersection { elements, other } =
        |this: &mut Self| this.elements.find(|element| this.other.contains(&**element));
    Difference { elements, other } =
        |this: &mut Self| this.elements.find(|element| !this.other.contains(&**element));
    SymmetricDifference { 0 } = |this: &mut Self| this.0.next();
    Union { 0 } = |this: &mut Self| this.0.next();
}
