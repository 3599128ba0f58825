//! Every verb, once: the map and a pin. The public surfaces are veneers over it.
//!
//! All that write are said as a `compute`: a closure from the current value to what is to be done.

use super::typed::{Typed, TypedEntries};
use super::{Mix, Word, WordKey};
use crate::error::TryReserveError;
use crate::map::{CompareExchangeError, Compute, Operation, TryInsertError, TryRemove, TryUpdate};
use crate::raw::Key;
use crate::reclaim::{Pin, Reclaim};
use Operation::{Abort, Insert, Remove};

/// A map and a pin on it.
pub(super) struct View<'g, K, V, S, R: Reclaim> {
    typed: &'g Typed<K, V, S, R>,
    pin: Pin<'g>,
}

impl<K, V, S, R: Reclaim> Clone for View<'_, K, V, S, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V, S, R: Reclaim> Copy for View<'_, K, V, S, R> {}

impl<'g, K: WordKey, V: Word, S: Mix, R: Reclaim> View<'g, K, V, S, R> {
    /// `pin` is from the map's own reclaimer: callers take both from one place.
    #[inline(always)]
    pub(super) fn new(typed: &'g Typed<K, V, S, R>, pin: Pin<'g>) -> Self {
        View { typed, pin }
    }

    #[inline(always)]
    pub(super) fn key(self, key: K) -> Key {
        self.typed.key(key)
    }

    /// Asks for the group that a walk for `key` begins with.
    #[inline(always)]
    pub(super) fn prefetch(self, key: Key) {
        self.typed.raw().prefetch_group(self.pin, key);
    }

    /// The value of a key that is mixed already.
    #[inline(always)]
    pub(super) fn get_at(self, key: Key) -> Option<V> {
        self.typed.get_at(self.pin, key)
    }

    #[inline(always)]
    pub(super) fn get(self, key: K) -> Option<V> {
        self.get_at(self.key(key))
    }

    pub(super) fn iter(self) -> TypedEntries<'g, K, V, S> {
        self.typed.entries(self.pin)
    }

    /// See [`WordMap::compute`](super::WordMap::compute).
    #[inline(always)]
    pub(super) fn compute<T>(
        self,
        key: K,
        f: impl FnMut(Option<V>) -> Operation<V, T>,
    ) -> Compute<V, T> {
        self.compute_at(self.key(key), f)
    }

    #[inline(always)]
    pub(super) fn compute_at<T>(
        self,
        key: Key,
        f: impl FnMut(Option<V>) -> Operation<V, T>,
    ) -> Compute<V, T> {
        self.typed.compute_at(self.pin, key, true, f).unwrap_or_else(|error| error.raise())
    }

    /// A `compute` of a value that is there. The closure's `None` leaves it.
    #[inline(always)]
    fn change_at(self, key: Key, mut f: impl FnMut(V) -> Option<Operation<V, V>>) -> Compute<V, V> {
        let change = move |current: Option<V>| match current {
            Some(current) => f(current).unwrap_or(Abort(current)),
            None => Remove,
        };
        self.typed.compute_at(self.pin, key, false, change).unwrap_or_else(|error| error.raise())
    }

    #[inline(always)]
    pub(super) fn insert_at(self, key: Key, value: V) -> Option<V> {
        old(self.compute_at(key, move |_| Insert::<V, ()>(value)))
    }

    /// Puts an entry in where there is none; if there is, its value.
    #[inline(always)]
    pub(super) fn add(self, key: K, value: V) -> Result<Option<V>, TryReserveError> {
        let offer = move |current: Option<V>| current.map_or(Insert(value), Abort);
        let done = self.typed.compute_at(self.pin, self.key(key), true, offer)?;
        Ok(match done {
            Compute::Aborted(current) => Some(current),
            _ => None,
        })
    }

    pub(super) fn try_insert(self, key: K, value: V) -> Result<V, TryInsertError<V, K, V>> {
        match self.add(key, value) {
            Ok(None) => Ok(value),
            Ok(Some(current)) => Err(TryInsertError::Occupied { current, key, value }),
            Err(error) => Err(TryInsertError::Full { error, key, value }),
        }
    }

    #[inline(always)]
    pub(super) fn get_or_insert(self, key: K, value: V) -> V {
        self.add(key, value).unwrap_or_else(|error| error.raise()).unwrap_or(value)
    }

    pub(super) fn get_or_try_insert_with<X>(
        self,
        key: K,
        make: impl FnOnce() -> Result<V, X>,
    ) -> Result<V, X> {
        match self.get(key) {
            Some(found) => Ok(found),
            None => make().map(|value| self.get_or_insert(key, value)),
        }
    }

    #[inline(always)]
    pub(super) fn try_update(self, key: K, f: impl FnMut(V) -> Option<V>) -> TryUpdate<V> {
        self.try_update_at(self.key(key), f)
    }

    #[inline(always)]
    pub(super) fn try_update_at(self, key: Key, mut f: impl FnMut(V) -> Option<V>) -> TryUpdate<V> {
        match self.change_at(key, move |current| f(current).map(Insert)) {
            Compute::Updated { old, new } => TryUpdate::Updated { old, new },
            Compute::Aborted(current) => TryUpdate::Kept(current),
            _ => TryUpdate::Absent,
        }
    }

    #[inline(always)]
    pub(super) fn update(self, key: K, mut f: impl FnMut(V) -> V) -> Option<V> {
        self.try_update(key, move |value| Some(f(value))).updated()
    }

    /// Updates a value, or inserts one that is made once.
    #[inline(always)]
    pub(super) fn update_or_insert_with(
        self,
        key: K,
        mut f: impl FnMut(V) -> V,
        make: impl FnOnce() -> V,
    ) -> V {
        let (mut make, mut made) = (Some(make), None);
        let done = self.compute(key, |current| match current {
            Some(value) => Insert::<V, ()>(f(value)),
            None => {
                made = made.or_else(|| make.take().map(|make| make()));
                Insert(made.expect("it is made by the first run"))
            }
        });
        match done {
            Compute::Inserted(new) | Compute::Updated { new, .. } => new,
            _ => unreachable!("it always inserts"),
        }
    }

    /// Replaces a value by `new` if it has the bits of `current`.
    pub(super) fn compare_exchange(
        self,
        key: K,
        current: V,
        new: V,
    ) -> Result<V, CompareExchangeError<V, K, V>> {
        let same = |found: V| Typed::<K, V, S, R>::same(found, current);
        match self.try_update(key, |found| same(found).then_some(new)) {
            TryUpdate::Updated { new, .. } => Ok(new),
            TryUpdate::Kept(found) => Err(CompareExchangeError { current: Some(found), key, new }),
            TryUpdate::Absent => Err(CompareExchangeError { current: None, key, new }),
        }
    }

    #[inline(always)]
    pub(super) fn try_remove(self, key: K, condition: impl FnMut(V) -> bool) -> TryRemove<V> {
        self.try_remove_at(self.key(key), condition)
    }

    #[inline(always)]
    pub(super) fn try_remove_at(
        self,
        key: Key,
        mut condition: impl FnMut(V) -> bool,
    ) -> TryRemove<V> {
        match self.change_at(key, move |current| condition(current).then_some(Remove)) {
            Compute::Removed(old) => TryRemove::Removed(old),
            Compute::Aborted(current) => TryRemove::Kept(current),
            _ => TryRemove::Absent,
        }
    }

    #[inline(always)]
    pub(super) fn remove(self, key: K) -> Option<V> {
        self.try_remove(key, |_| true).removed()
    }

    /// Removes every entry for which `keep` is false.
    pub(super) fn retain(self, mut keep: impl FnMut(K, V) -> bool) {
        for (key, _) in self.iter() {
            self.try_remove(key, |value| !keep(key, value));
        }
    }

    pub(super) fn reserve(self, additional: usize) -> Result<(), TryReserveError> {
        self.typed.raw().reserve(self.pin, additional)
    }

    pub(super) fn shrink(self, capacity: usize) {
        self.typed.raw().shrink(self.pin, capacity).unwrap_or_else(|error| error.raise());
    }

    pub(super) fn finish(self) -> Result<(), TryReserveError> {
        self.typed.raw().finish(self.pin)
    }

    pub(super) fn capacity(self) -> usize {
        self.typed.raw().capacity(self.pin)
    }

    pub(super) fn len(self) -> usize {
        self.typed.raw().len()
    }

    #[cfg(feature = "rayon")]
    pub(super) fn split(self) -> super::typed::TypedSplit<'g, K, V, S> {
        self.typed.split(self.pin)
    }
}

/// What a `compute` found.
#[inline(always)]
pub(super) fn old<V, T>(done: Compute<V, T>) -> Option<V> {
    match done {
        Compute::Updated { old, .. } | Compute::Removed(old) => Some(old),
        _ => None,
    }
}
