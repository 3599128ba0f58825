//! The set under one pin: the same calls, with plain references.

use super::write::made_for;
use super::{HashSet, PinnedDrain, PinnedIter};
use crate::error::TryReserveError;
use crate::map::{self, DefaultHashBuilder, Stats, TryInsertError, TryRemove, View};
use crate::reclaim::{Collect, Epoch, Guard, Reclaim};
use core::fmt;
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;

/// A set and a pin on it: see [`HashSet::pin`]. What it returns borrows from it.
///
/// The calls are those of [`HashSet`], with the same semantics and guarantees; they pin nothing and
/// answer with plain references instead of [`MappedRef`](crate::MappedRef)s.
pub struct Pinned<
    'm,
    T,
    S = DefaultHashBuilder,
    R: Reclaim + 'm = Epoch,
    G: Guard = <R as Collect>::Guard<'m>,
> {
    set: &'m HashSet<T, S, R>,
    map: map::Pinned<'m, T, (), S, R, G>,
}

/// A set and a pin that is `Send`: see [`HashSet::pin_owned`].
pub type OwnedPinned<'m, T, S = DefaultHashBuilder, R = Epoch> =
    Pinned<'m, T, S, R, <R as Collect>::OwnedGuard<'m>>;

impl<'m, T, S, R: Reclaim, G: Guard> Pinned<'m, T, S, R, G> {
    pub(super) fn new(set: &'m HashSet<T, S, R>, map: map::Pinned<'m, T, (), S, R, G>) -> Self {
        Pinned { set, map }
    }

    #[inline(always)]
    pub(super) fn verbs(&self) -> View<'_, T, (), S, R> {
        self.map.verbs()
    }

    pub(super) fn map(&self) -> &map::Pinned<'m, T, (), S, R, G> {
        &self.map
    }

    /// The set: for what outlives the pin.
    ///
    /// ```
    /// let set = dolmen::HashSet::from(["a"]);
    /// let a = set.pin().set().get("a");
    /// assert_eq!(a.as_deref(), Some(&"a"));
    /// ```
    pub fn set(&self) -> &'m HashSet<T, S, R> {
        self.set
    }

    /// See [`HashSet::hasher`].
    pub fn hasher(&self) -> &'m S {
        self.set.hasher()
    }

    /// See [`HashSet::stats`].
    pub fn stats(&self) -> Stats {
        self.set.stats()
    }

    /// See [`HashSet::flush`]. What was retired since this pin was made stays.
    pub fn flush(&self) {
        self.set.flush();
    }

    /// See [`HashSet::len`].
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// See [`HashSet::is_empty`].
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// See [`HashSet::capacity`].
    pub fn capacity(&self) -> usize {
        self.map.capacity()
    }

    /// See [`HashSet::iter`].
    pub fn iter(&self) -> PinnedIter<'_, T> {
        PinnedIter(self.map.keys())
    }

    /// See [`HashSet::reserve`].
    pub fn reserve(&self, additional: usize) {
        self.map.reserve(additional);
    }

    /// See [`HashSet::try_reserve`].
    ///
    /// # Errors
    /// As there.
    pub fn try_reserve(&self, additional: usize) -> Result<(), TryReserveError> {
        self.map.try_reserve(additional)
    }

    /// See [`HashSet::shrink_to_fit`].
    pub fn shrink_to_fit(&self) {
        self.map.shrink_to_fit();
    }

    /// See [`HashSet::shrink_to`].
    pub fn shrink_to(&self, capacity: usize) {
        self.map.shrink_to(capacity);
    }

    /// See [`HashSet::finish_resize`].
    pub fn finish_resize(&self) {
        self.map.finish_resize();
    }
}

impl<T: Eq, S, R: Reclaim, G: Guard> Pinned<'_, T, S, R, G> {
    /// See [`HashSet::retain`].
    pub fn retain(&self, mut keep: impl FnMut(&T) -> bool) {
        self.map.retain(|element, ()| keep(element));
    }

    /// See [`HashSet::clear`].
    pub fn clear(&self) {
        self.map.clear();
    }

    /// See [`HashSet::drain`].
    pub fn drain(&self) -> PinnedDrain<'_, T, S, R> {
        PinnedDrain(self.map.drain())
    }
}

impl<T, S, R, G> Pinned<'_, T, S, R, G>
where
    T: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
    G: Guard,
{
    /// See [`HashSet::contains`].
    #[inline]
    pub fn contains<Q>(&self, value: &Q) -> bool
    where
        Q: Hash + Equivalent<T> + ?Sized,
    {
        self.map.contains_key(value)
    }

    /// See [`HashSet::get`].
    ///
    /// ```
    /// let set = dolmen::HashSet::from(["a".to_string()]);
    /// assert_eq!(set.pin().get("a"), Some(&"a".to_string()));
    /// ```
    #[inline]
    pub fn get<Q>(&self, value: &Q) -> Option<&T>
    where
        Q: Hash + Equivalent<T> + ?Sized,
    {
        self.verbs().key(value)
    }

    /// See [`HashSet::insert`].
    #[inline]
    pub fn insert(&self, element: T) -> bool {
        self.verbs().add_key(element, ())
    }

    /// See [`HashSet::try_insert`].
    ///
    /// # Errors
    /// As there.
    pub fn try_insert(&self, element: T) -> Result<&T, TryInsertError<&T, T, ()>> {
        self.verbs().try_add_key(element, ())
    }

    /// See [`HashSet::replace`].
    pub fn replace(&self, element: T) -> Option<&T> {
        self.verbs().replace_key(element, ())
    }

    /// See [`HashSet::get_or_insert`].
    ///
    /// ```
    /// let names = dolmen::HashSet::new();
    /// let n = names.pin();
    /// let a: &String = n.get_or_insert("a".to_string());
    /// assert_eq!(a, "a");
    /// ```
    pub fn get_or_insert(&self, element: T) -> &T {
        self.verbs().get_or_add_key(element, ())
    }

    /// See [`HashSet::get_or_insert_with`].
    pub fn get_or_insert_with<Q>(&self, value: &Q, make: impl FnOnce(&Q) -> T) -> &T
    where
        Q: Hash + Equivalent<T> + ?Sized,
    {
        match self.get(value) {
            Some(found) => found,
            None => self.get_or_insert(made_for(value, make)),
        }
    }

    /// See [`HashSet::remove`].
    #[inline]
    pub fn remove<Q>(&self, value: &Q) -> bool
    where
        Q: Hash + Equivalent<T> + ?Sized,
    {
        self.remove_if(value, |_| true)
    }

    /// See [`HashSet::remove_if`].
    #[inline]
    pub fn remove_if<Q>(&self, value: &Q, mut condition: impl FnMut(&T) -> bool) -> bool
    where
        Q: Hash + Equivalent<T> + ?Sized,
    {
        self.map.remove_if(value, |element, ()| condition(element)).is_some()
    }

    /// See [`HashSet::try_remove`].
    pub fn try_remove<Q>(&self, value: &Q, mut condition: impl FnMut(&T) -> bool) -> TryRemove<&T>
    where
        Q: Hash + Equivalent<T> + ?Sized,
    {
        let tried = self.map.try_remove(value, |element, ()| condition(element));
        tried.map(|(element, ())| element)
    }

    /// See [`HashSet::take`].
    pub fn take<Q>(&self, value: &Q) -> Option<&T>
    where
        Q: Hash + Equivalent<T> + ?Sized,
    {
        self.map.remove_entry(value).map(|(element, ())| element)
    }
}

impl<'p, T, S, R: Reclaim, G: Guard> IntoIterator for &'p Pinned<'_, T, S, R, G> {
    type Item = &'p T;
    type IntoIter = PinnedIter<'p, T>;

    fn into_iter(self) -> PinnedIter<'p, T> {
        self.iter()
    }
}

impl<T: fmt::Debug, S, R: Reclaim, G: Guard> fmt::Debug for Pinned<'_, T, S, R, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
