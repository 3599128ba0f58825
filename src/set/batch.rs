//! Many elements in one call: their memory is fetched together.

use super::{HashSet, Pinned};
use crate::reclaim::{Guard, Reclaim};
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;

impl<T, S, R> HashSet<T, S, R>
where
    T: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// Looks many elements up: `f` gets each one's place and the equal element, in order.
    ///
    /// As a map's [`get_many`](crate::HashMap::get_many): each look-up linearizes by itself.
    /// Lock-free; O(values).
    ///
    /// ```
    /// let set = dolmen::HashSet::from([1, 2]);
    /// set.get_many(&[2, 3], |i, element| assert_eq!(element.is_some(), i == 0));
    /// ```
    pub fn get_many<Q>(&self, values: &[Q], f: impl FnMut(usize, Option<&T>))
    where
        Q: Hash + Equivalent<T>,
    {
        self.pin().get_many(values, f);
    }

    /// How many of the elements are present; each looked up by itself, their memory fetched together.
    /// Lock-free; O(values).
    ///
    /// ```
    /// let set = dolmen::HashSet::from([1, 2]);
    /// assert_eq!(set.contains_many(&[1, 2, 3]), 2);
    /// ```
    pub fn contains_many<Q>(&self, values: &[Q]) -> usize
    where
        Q: Hash + Equivalent<T>,
    {
        self.map.contains_many(values)
    }

    /// Inserts many elements, in order, their memory fetched together, and completes the resize that
    /// this takes. Returns how many were new; where an equal one is there, it stays. Each insert
    /// linearizes by itself. Lock-free; O(elements), and of the whole set where it has to resize.
    ///
    /// Takes 32 elements from the iterator, or all that are left, before it inserts them.
    ///
    /// # Panics
    /// As [`insert`](Self::insert). What the iterator has given before is inserted all the same.
    ///
    /// ```
    /// let set = dolmen::HashSet::from([1]);
    /// assert_eq!(set.insert_many([1, 2, 3, 3]), 2);
    /// ```
    pub fn insert_many(&self, elements: impl IntoIterator<Item = T>) -> usize {
        let entries = elements.into_iter().map(|element| (element, ()));
        self.map.put_many(entries, |view, ident, entry| view.add_key_at(ident, entry))
    }

    /// Removes many elements, in order, their memory fetched together. Returns how many were there.
    /// Each removal linearizes by itself. Lock-free; O(values).
    ///
    /// # Panics
    /// As [`remove`](Self::remove).
    ///
    /// ```
    /// let set = dolmen::HashSet::from([1, 2]);
    /// assert_eq!(set.remove_many(&[2, 3]), 1);
    /// ```
    pub fn remove_many<Q>(&self, values: &[Q]) -> usize
    where
        Q: Hash + Equivalent<T>,
    {
        self.map.remove_many(values)
    }
}

impl<T, S, R, G> Pinned<'_, T, S, R, G>
where
    T: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
    G: Guard,
{
    /// See [`HashSet::get_many`].
    pub fn get_many<Q>(&self, values: &[Q], mut f: impl FnMut(usize, Option<&T>))
    where
        Q: Hash + Equivalent<T>,
    {
        self.verbs().get_many(values, |i, entry| f(i, entry.map(|(element, ())| element)));
    }

    /// See [`HashSet::contains_many`].
    pub fn contains_many<Q>(&self, values: &[Q]) -> usize
    where
        Q: Hash + Equivalent<T>,
    {
        self.map().contains_many(values)
    }

    /// See [`HashSet::insert_many`].
    pub fn insert_many(&self, elements: impl IntoIterator<Item = T>) -> usize {
        self.set().insert_many(elements)
    }

    /// See [`HashSet::remove_many`].
    pub fn remove_many<Q>(&self, values: &[Q]) -> usize
    where
        Q: Hash + Equivalent<T>,
    {
        self.map().remove_many(values)
    }
}
