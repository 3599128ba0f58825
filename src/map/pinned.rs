//! The map under one pin: the same calls, with plain references.

use super::source::Given;
use super::view::{Entry, View};
use super::{
    Compute, HashMap, Operation, PinnedIter, PinnedKeys, PinnedValues, Stats, TryInsertError,
    TryRemove, TryUpdate,
};
use crate::error::TryReserveError;
use crate::reclaim::{Collect, Epoch, Guard, Reclaim};
use core::convert::Infallible;
use core::fmt;
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;

/// A map and a pin on it: see [`HashMap::pin`]. What it returns borrows from it.
///
/// The calls are those of [`HashMap`], with the same semantics and guarantees; they pin nothing and
/// answer with plain references instead of [`Ref`](crate::Ref)s.
///
/// It stays on its thread:
///
/// ```compile_fail
/// let map: dolmen::HashMap<u64, u64> = dolmen::HashMap::new();
/// let m = map.pin();
/// std::thread::scope(|scope| scope.spawn(move || m.len()).join());
/// ```
///
/// [`HashMap::pin_owned`] gives one that may go:
///
/// ```
/// let map: dolmen::HashMap<u64, u64> = dolmen::HashMap::new();
/// let m = map.pin_owned();
/// std::thread::scope(|scope| scope.spawn(move || m.len()).join()).unwrap();
/// ```
pub struct Pinned<
    'm,
    K,
    V,
    S = super::DefaultHashBuilder,
    R: Reclaim + 'm = Epoch,
    G: Guard = <R as Collect>::Guard<'m>,
> {
    map: &'m HashMap<K, V, S, R>,
    guard: G,
}

/// A map and a pin that is `Send`: see [`HashMap::pin_owned`].
pub type OwnedPinned<'m, K, V, S = super::DefaultHashBuilder, R = Epoch> =
    Pinned<'m, K, V, S, R, <R as Collect>::OwnedGuard<'m>>;

pub(super) fn pair<K, V>(entry: &Entry<K, V>) -> (&K, &V) {
    let (key, value) = entry.entry();
    (key, value)
}

pub(super) fn value<K, V>(entry: &Entry<K, V>) -> &V {
    &entry.entry().1
}

impl<'m, K, V, S, R: Reclaim, G: Guard> Pinned<'m, K, V, S, R, G> {
    pub(super) fn new(map: &'m HashMap<K, V, S, R>, guard: G) -> Self {
        Pinned { map, guard }
    }

    #[inline(always)]
    pub(crate) fn verbs(&self) -> View<'_, K, V, S, R> {
        View::new(self.map, self.guard.as_pin())
    }

    /// The map: for what outlives the pin.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// let one = map.pin().map().get("a");
    /// assert_eq!(one.as_deref(), Some(&1));
    /// ```
    pub fn map(&self) -> &'m HashMap<K, V, S, R> {
        self.map
    }

    /// See [`HashMap::hasher`].
    pub fn hasher(&self) -> &'m S {
        self.map.hasher()
    }

    /// See [`HashMap::stats`].
    pub fn stats(&self) -> Stats {
        self.map.stats()
    }

    /// See [`HashMap::flush`]. What was retired since this pin was made stays.
    pub fn flush(&self) {
        self.map.flush();
    }

    /// See [`HashMap::len`].
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// See [`HashMap::is_empty`].
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// See [`HashMap::capacity`].
    pub fn capacity(&self) -> usize {
        self.verbs().capacity()
    }

    /// See [`HashMap::iter`].
    pub fn iter(&self) -> PinnedIter<'_, K, V> {
        PinnedIter(self.verbs().iter())
    }

    /// See [`HashMap::keys`].
    pub fn keys(&self) -> PinnedKeys<'_, K, V> {
        PinnedKeys(self.iter())
    }

    /// See [`HashMap::values`].
    pub fn values(&self) -> PinnedValues<'_, K, V> {
        PinnedValues(self.iter())
    }

    /// See [`HashMap::reserve`].
    pub fn reserve(&self, additional: usize) {
        self.verbs().reserve(additional).unwrap_or_else(|error| error.raise());
    }

    /// See [`HashMap::try_reserve`].
    ///
    /// # Errors
    /// As there.
    pub fn try_reserve(&self, additional: usize) -> Result<(), TryReserveError> {
        self.verbs().reserve(additional)
    }

    /// See [`HashMap::shrink_to_fit`].
    pub fn shrink_to_fit(&self) {
        self.verbs().shrink(0).unwrap_or_else(|error| error.raise());
    }

    /// See [`HashMap::shrink_to`].
    pub fn shrink_to(&self, capacity: usize) {
        self.verbs().shrink(capacity).unwrap_or_else(|error| error.raise());
    }

    /// See [`HashMap::finish_resize`].
    pub fn finish_resize(&self) {
        self.verbs().finish().unwrap_or_else(|error| error.raise());
    }
}

impl<K: Eq, V, S, R: Reclaim, G: Guard> Pinned<'_, K, V, S, R, G> {
    /// See [`HashMap::retain`].
    pub fn retain(&self, keep: impl FnMut(&K, &V) -> bool) {
        self.verbs().retain(keep);
    }

    /// See [`HashMap::clear`].
    pub fn clear(&self) {
        self.retain(|_, _| false);
    }
}

impl<K, V, S, R, G> Pinned<'_, K, V, S, R, G>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
    G: Guard,
{
    /// See [`HashMap::get`].
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert_eq!(map.pin().get("a"), Some(&1));
    /// ```
    #[inline]
    pub fn get<Q>(&self, key: &Q) -> Option<&V>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.verbs().find(key).map(value)
    }

    /// See [`HashMap::get_key_value`].
    #[inline]
    pub fn get_key_value<Q>(&self, key: &Q) -> Option<(&K, &V)>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.verbs().find(key).map(pair)
    }

    /// See [`HashMap::contains_key`].
    #[inline]
    pub fn contains_key<Q>(&self, key: &Q) -> bool
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.verbs().find(key).is_some()
    }

    /// See [`HashMap::get_cloned`].
    pub fn get_cloned<Q>(&self, key: &Q) -> Option<V>
    where
        Q: Hash + Equivalent<K> + ?Sized,
        V: Clone,
    {
        self.get(key).cloned()
    }

    /// See [`HashMap::view`]. Plain references make it hardly needed here.
    pub fn view<Q, T>(&self, key: &Q, f: impl FnOnce(&K, &V) -> T) -> Option<T>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.get_key_value(key).map(|(key, value)| f(key, value))
    }

    /// See [`HashMap::insert`].
    #[inline]
    pub fn insert(&self, key: K, value: V) -> Option<&V> {
        self.verbs().insert(key, value).map(self::value)
    }

    /// See [`HashMap::try_insert`].
    ///
    /// # Errors
    /// As there.
    pub fn try_insert(&self, key: K, value: V) -> Result<&V, TryInsertError<&V, K, V>> {
        self.verbs().try_insert(key, value)
    }

    /// See [`HashMap::get_or_insert`].
    pub fn get_or_insert(&self, key: K, value: V) -> &V {
        self::value(self.verbs().get_or_insert(key, value))
    }

    /// See [`HashMap::get_or_try_insert_with`].
    ///
    /// # Errors
    /// As there.
    pub fn get_or_try_insert_with<X>(
        &self,
        key: K,
        make: impl FnOnce() -> Result<V, X>,
    ) -> Result<&V, X> {
        self.verbs().get_or_try_insert_by(Given::new(key), make)
    }

    /// See [`HashMap::update_or_insert`].
    #[inline]
    pub fn update_or_insert(&self, key: K, f: impl FnMut(&K, &V) -> V, value: V) -> &V {
        self.update_or_insert_with(key, f, || value)
    }

    /// See [`HashMap::update_or_insert_with`].
    #[inline]
    pub fn update_or_insert_with(
        &self,
        key: K,
        f: impl FnMut(&K, &V) -> V,
        make: impl FnOnce() -> V,
    ) -> &V {
        value(self.verbs().update_or_insert_with(Given::new(key), f, make))
    }

    /// See [`HashMap::get_or_insert_with`].
    pub fn get_or_insert_with(&self, key: K, make: impl FnOnce() -> V) -> &V {
        match self.get_or_try_insert_with(key, || Ok::<V, Infallible>(make())) {
            Ok(value) => value,
            Err(never) => match never {},
        }
    }

    /// See [`HashMap::update`].
    #[inline]
    pub fn update(&self, key: K, f: impl FnMut(&K, &V) -> V) -> Option<&V> {
        self.verbs().update(Given::new(key), f).map(value)
    }

    /// See [`HashMap::try_update`].
    #[inline]
    pub fn try_update(&self, key: K, f: impl FnMut(&K, &V) -> Option<V>) -> TryUpdate<(&K, &V)> {
        self.verbs().try_update_by(Given::new(key), f)
    }

    /// See [`HashMap::compute`].
    #[inline]
    pub fn compute<T>(
        &self,
        key: K,
        f: impl FnMut(Option<(&K, &V)>) -> Operation<V, T>,
    ) -> Compute<(&K, &V), T> {
        self.verbs().compute_by(Given::new(key), f)
    }

    /// See [`HashMap::remove`].
    #[inline]
    pub fn remove<Q>(&self, key: &Q) -> Option<&V>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.remove_if(key, |_, _| true).map(|(_, value)| value)
    }

    /// See [`HashMap::remove_entry`].
    #[inline]
    pub fn remove_entry<Q>(&self, key: &Q) -> Option<(&K, &V)>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.remove_if(key, |_, _| true)
    }

    /// See [`HashMap::remove_if`].
    #[inline]
    pub fn remove_if<Q>(&self, key: &Q, condition: impl FnMut(&K, &V) -> bool) -> Option<(&K, &V)>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.try_remove(key, condition).removed()
    }

    /// See [`HashMap::try_remove`].
    #[inline]
    pub fn try_remove<Q>(
        &self,
        key: &Q,
        condition: impl FnMut(&K, &V) -> bool,
    ) -> TryRemove<(&K, &V)>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.verbs().try_remove(key, condition).map(pair)
    }
}

impl<K, V, S, R, G, Q> core::ops::Index<&Q> for Pinned<'_, K, V, S, R, G>
where
    K: Hash + Eq,
    Q: Hash + Equivalent<K> + ?Sized,
    S: BuildHasher,
    R: Reclaim,
    G: Guard,
{
    type Output = V;

    /// The value of a key.
    ///
    /// Only a pinned map can have it: a reference needs a pin to borrow from, and `map[key]` on the
    /// map itself would have none.
    ///
    /// # Panics
    /// If the key is absent.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert_eq!(map.pin()["a"], 1);
    /// ```
    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("no entry found for key")
    }
}

impl<'p, K, V, S, R: Reclaim, G: Guard> IntoIterator for &'p Pinned<'_, K, V, S, R, G> {
    type Item = (&'p K, &'p V);
    type IntoIter = PinnedIter<'p, K, V>;

    fn into_iter(self) -> PinnedIter<'p, K, V> {
        self.iter()
    }
}

impl<K, V, S, R, G> fmt::Debug for Pinned<'_, K, V, S, R, G>
where
    K: fmt::Debug,
    V: fmt::Debug,
    R: Reclaim,
    G: Guard,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
