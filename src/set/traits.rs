//! The traits a user of std's set expects.

use super::{HashSet, Iter};
use crate::map::{HashMap, MappedRef};
use crate::reclaim::Reclaim;
use core::fmt;
use core::hash::{BuildHasher, Hash};

impl<T, S, R> HashSet<T, S, R>
where
    T: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// Inserts every element of a set that nobody else sees: in batches. Completes the resize that this takes.
    pub(super) fn add_all(&self, elements: impl IntoIterator<Item = T>) {
        let elements = elements.into_iter();
        self.map.reserve_promised(elements.size_hint().0);
        self.insert_many(elements);
    }

    /// As `add_all`, where others may see the set: each element is there before the next is asked for, and no
    /// pin is held meanwhile.
    fn add_each(&self, elements: impl IntoIterator<Item = T>) {
        let elements = elements.into_iter();
        self.map.reserve_promised(elements.size_hint().0);
        for element in elements {
            self.insert(element);
        }
        self.finish_resize();
    }
}

impl<T, S: Default, R: Reclaim> Default for HashSet<T, S, R> {
    /// An empty set.
    fn default() -> Self {
        HashSet { map: HashMap::default() }
    }
}

impl<T, S, R> FromIterator<T> for HashSet<T, S, R>
where
    T: Hash + Eq,
    S: BuildHasher + Default,
    R: Reclaim,
{
    /// A set of the elements; of two that are equal, the earlier stays. Not left in the middle of a
    /// resize.
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let set = Self::default();
        set.add_all(elements);
        set
    }
}

impl<T: Hash + Eq, const N: usize> From<[T; N]> for HashSet<T> {
    /// ```
    /// let set = dolmen::HashSet::from(["a", "b", "a"]);
    /// assert_eq!(set.len(), 2);
    /// ```
    fn from(elements: [T; N]) -> Self {
        Self::from_iter(elements)
    }
}

impl<T, S, R> Extend<T> for HashSet<T, S, R>
where
    T: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// Inserts the elements that are not there, and completes the resize that this takes.
    fn extend<I: IntoIterator<Item = T>>(&mut self, elements: I) {
        self.add_all(elements);
    }
}

impl<T, S, R> Extend<T> for &HashSet<T, S, R>
where
    T: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// As for the set itself, but other threads may use it meanwhile, and see each element before the next is
    /// asked for.
    fn extend<I: IntoIterator<Item = T>>(&mut self, elements: I) {
        self.add_each(elements);
    }
}

impl<'a, T, S, R> Extend<&'a T> for HashSet<T, S, R>
where
    T: Hash + Eq + Copy,
    S: BuildHasher,
    R: Reclaim,
{
    fn extend<I: IntoIterator<Item = &'a T>>(&mut self, elements: I) {
        self.add_all(elements.into_iter().copied());
    }
}

impl<'a, T, S, R> Extend<&'a T> for &HashSet<T, S, R>
where
    T: Hash + Eq + Copy,
    S: BuildHasher,
    R: Reclaim,
{
    fn extend<I: IntoIterator<Item = &'a T>>(&mut self, elements: I) {
        self.add_each(elements.into_iter().copied());
    }
}

impl<T, S, R> Clone for HashSet<T, S, R>
where
    T: Hash + Eq + Clone,
    S: BuildHasher + Clone,
    R: Reclaim,
{
    /// A set of clones of the elements that [`iter`](HashSet::iter) yields. Shares nothing with
    /// this one.
    fn clone(&self) -> Self {
        HashSet { map: self.map.clone() }
    }
}

impl<T: fmt::Debug, S, R: Reclaim> fmt::Debug for HashSet<T, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pin().fmt(f)
    }
}

impl<T, S, R> PartialEq for HashSet<T, S, R>
where
    T: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// Whether both hold the same elements. Meaningful when neither is written meanwhile.
    fn eq(&self, other: &Self) -> bool {
        self.map == other.map
    }
}

impl<T, S, R> Eq for HashSet<T, S, R>
where
    T: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
}

impl<'m, T, S, R: Reclaim> IntoIterator for &'m HashSet<T, S, R> {
    type Item = MappedRef<'m, T, R>;
    type IntoIter = Iter<'m, T, R>;

    fn into_iter(self) -> Iter<'m, T, R> {
        self.iter()
    }
}
