//! Every verb, once: the map and a pin. The public surfaces are veneers over it.
//!
//! All that write are said as a `compute`: a closure from the current value to what is to be done, and one from
//! what was done to what the verb returns, so that the pin can end behind both.

use super::typed::Typed;
use super::{Mix, Word, WordKey};
use crate::error::TryReserveError;
use crate::map::{CompareExchangeError, Compute, Operation, TryInsertError, TryRemove, TryUpdate};
use crate::raw::Key;
use crate::reclaim::{CallGuard, Guard, Pin, Reclaim};
use Operation::{Abort, Insert, Remove};

/// A map, and the pin on it that somebody keeps; where nobody does, each call pins.
pub(super) struct View<'g, K, V, S, R: Reclaim> {
    typed: &'g Typed<K, V, S, R>,
    kept: Option<Pin<'g>>,
}

impl<K, V, S, R: Reclaim> Clone for View<'_, K, V, S, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V, S, R: Reclaim> Copy for View<'_, K, V, S, R> {}

impl<'g, K: WordKey, V: Word, S: Mix, R: Reclaim> View<'g, K, V, S, R> {
    /// `kept` is from the map's own reclaimer: callers take both from one place.
    #[inline(always)]
    pub(super) fn new(typed: &'g Typed<K, V, S, R>, kept: Option<Pin<'g>>) -> Self {
        View { typed, kept }
    }

    /// More than one call, or one that has no other way to a pin.
    #[inline(always)]
    pub(super) fn pinned<T>(self, calls: impl FnOnce(View<'_, K, V, S, R>, Pin<'_>) -> T) -> T {
        let guard = CallGuard::new(&self.typed.raw().reclaim, self.kept);
        let pin = guard.as_pin();
        calls(View { typed: self.typed, kept: Some(pin) }, pin)
    }

    #[inline(always)]
    pub(super) fn key(&self, key: K) -> Key {
        self.typed.key(key)
    }

    /// Asks for the group that a walk for `key` begins with, if somebody keeps a pin.
    #[inline(always)]
    pub(super) fn prefetch(self, key: Key) {
        if let Some(pin) = self.kept {
            self.typed.raw().prefetch_group(pin, key);
        }
    }

    /// The value of a key that is mixed already.
    #[inline(always)]
    pub(super) fn get_at(self, key: Key) -> Option<V> {
        self.typed.get_at(self.kept, key)
    }

    #[inline(always)]
    pub(super) fn get(self, key: K) -> Option<V> {
        let key = self.key(key);
        self.get_at(key)
    }

    /// See [`WordMap::compute`](super::WordMap::compute).
    #[inline(always)]
    pub(super) fn compute<T>(
        self,
        key: K,
        f: impl FnMut(Option<V>) -> Operation<V, T>,
    ) -> Compute<V, T> {
        let key = self.key(key);
        self.compute_at(key, f, |done| done)
    }

    /// As `compute`, and what `end` makes of it.
    #[inline(always)]
    pub(super) fn compute_at<T, X>(
        self,
        key: Key,
        f: impl FnMut(Option<V>) -> Operation<V, T>,
        end: impl FnOnce(Compute<V, T>) -> X,
    ) -> X {
        self.typed
            .compute_at(self.kept, key, true, f, |done| end(done.unwrap_or_else(|e| e.raise())))
    }

    /// A `compute` of a value that is there. The closure's `None` leaves it.
    #[inline(always)]
    fn change_at<X>(
        self,
        key: Key,
        mut f: impl FnMut(V) -> Option<Operation<V, V>>,
        end: impl FnOnce(Compute<V, V>) -> X,
    ) -> X {
        let change = move |current: Option<V>| match current {
            Some(current) => f(current).unwrap_or(Abort(current)),
            None => Remove,
        };
        self.typed.compute_at(self.kept, key, false, change, |done| {
            end(done.unwrap_or_else(|error| error.raise()))
        })
    }

    #[inline(always)]
    pub(super) fn insert_at(self, key: Key, value: V) -> Option<V> {
        self.compute_at(key, move |_| Insert::<V, ()>(value), old)
    }

    /// Puts an entry in where there is none; if there is, its value; and what `end` makes of that.
    #[inline(always)]
    pub(super) fn add<X>(
        self,
        key: K,
        value: V,
        end: impl FnOnce(Result<Option<V>, TryReserveError>) -> X,
    ) -> X {
        let key = self.key(key);
        let offer = move |current: Option<V>| current.map_or(Insert(value), Abort);
        self.typed.compute_at(self.kept, key, true, offer, |done| {
            end(done.map(|done| match done {
                Compute::Aborted(current) => Some(current),
                _ => None,
            }))
        })
    }

    pub(super) fn try_insert(self, key: K, value: V) -> Result<V, TryInsertError<V, K, V>> {
        self.add(key, value, |added| match added {
            Ok(None) => Ok(value),
            Ok(Some(current)) => Err(TryInsertError::Occupied { current, key, value }),
            Err(error) => Err(TryInsertError::Full { error, key, value }),
        })
    }

    #[inline(always)]
    pub(super) fn get_or_insert(self, key: K, value: V) -> V {
        self.add(key, value, move |added| added.unwrap_or_else(|e| e.raise()).unwrap_or(value))
    }

    pub(super) fn get_or_try_insert_with<X>(
        self,
        key: K,
        make: impl FnOnce() -> Result<V, X>,
    ) -> Result<V, X> {
        self.pinned(|view, _| match view.get(key) {
            Some(found) => Ok(found),
            None => make().map(|value| view.get_or_insert(key, value)),
        })
    }

    /// See [`WordMap::try_update`](super::WordMap::try_update); and what `end` makes of it.
    #[inline(always)]
    pub(super) fn try_update_at<X>(
        self,
        key: Key,
        mut f: impl FnMut(V) -> Option<V>,
        end: impl FnOnce(TryUpdate<V>) -> X,
    ) -> X {
        let change = move |current| f(current).map(Insert);
        self.change_at(key, change, |done| {
            end(match done {
                Compute::Updated { old, new } => TryUpdate::Updated { old, new },
                Compute::Aborted(current) => TryUpdate::Kept(current),
                _ => TryUpdate::Absent,
            })
        })
    }

    #[inline(always)]
    pub(super) fn try_update<X>(
        self,
        key: K,
        f: impl FnMut(V) -> Option<V>,
        end: impl FnOnce(TryUpdate<V>) -> X,
    ) -> X {
        let key = self.key(key);
        self.try_update_at(key, f, end)
    }

    #[inline(always)]
    pub(super) fn update(self, key: K, mut f: impl FnMut(V) -> V) -> Option<V> {
        self.try_update(key, move |value| Some(f(value)), TryUpdate::updated)
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
        let key = self.key(key);
        let change = move |current| match current {
            Some(value) => Insert::<V, ()>(f(value)),
            None => {
                made = made.or_else(|| make.take().map(|make| make()));
                Insert(made.expect("it is made by the first run"))
            }
        };
        self.compute_at(key, change, |done| match done {
            Compute::Inserted(new) | Compute::Updated { new, .. } => new,
            _ => unreachable!("it always inserts"),
        })
    }

    /// Replaces a value by `new` if it has the bits of `current`.
    pub(super) fn compare_exchange(
        self,
        key: K,
        current: V,
        new: V,
    ) -> Result<V, CompareExchangeError<V, K, V>> {
        let same = move |found: V| Typed::<K, V, S, R>::same(found, current).then_some(new);
        self.try_update(key, same, |done| match done {
            TryUpdate::Updated { new, .. } => Ok(new),
            TryUpdate::Kept(found) => Err(CompareExchangeError { current: Some(found), key, new }),
            TryUpdate::Absent => Err(CompareExchangeError { current: None, key, new }),
        })
    }

    /// See [`WordMap::try_remove`](super::WordMap::try_remove); and what `end` makes of it.
    #[inline(always)]
    pub(super) fn try_remove_at<X>(
        self,
        key: Key,
        mut condition: impl FnMut(V) -> bool,
        end: impl FnOnce(TryRemove<V>) -> X,
    ) -> X {
        self.change_at(
            key,
            move |current| condition(current).then_some(Remove),
            |done| {
                end(match done {
                    Compute::Removed(old) => TryRemove::Removed(old),
                    Compute::Aborted(current) => TryRemove::Kept(current),
                    _ => TryRemove::Absent,
                })
            },
        )
    }

    #[inline(always)]
    pub(super) fn try_remove<X>(
        self,
        key: K,
        condition: impl FnMut(V) -> bool,
        end: impl FnOnce(TryRemove<V>) -> X,
    ) -> X {
        let key = self.key(key);
        self.try_remove_at(key, condition, end)
    }

    #[inline(always)]
    pub(super) fn remove(self, key: K) -> Option<V> {
        let key = self.key(key);
        self.remove_at(key)
    }

    #[inline(always)]
    pub(super) fn remove_at(self, key: Key) -> Option<V> {
        self.try_remove_at(key, |_| true, TryRemove::removed)
    }

    /// Removes every entry for which `keep` is false.
    pub(super) fn retain(self, mut keep: impl FnMut(K, V) -> bool) {
        self.pinned(|view, pin| {
            let mut entries = view.typed.entries(pin);
            while let Some((at, key)) = entries.next_key() {
                view.try_remove_at(at, |value| !keep(key, value), drop);
            }
        });
    }

    /// As `retain` that keeps nothing, whatever conversions do.
    pub(super) fn clear(self) {
        self.pinned(|view, pin| {
            let mut entries = view.typed.entries(pin);
            while let Some(at) = entries.next_at() {
                view.typed.discard(view.kept, at);
            }
        });
    }

    pub(super) fn reserve(self, additional: usize) -> Result<(), TryReserveError> {
        self.pinned(|view, pin| view.typed.raw().reserve(pin, additional))
    }

    pub(super) fn shrink(self, capacity: usize) {
        let shrunk = self.pinned(|view, pin| view.typed.raw().shrink(pin, capacity));
        shrunk.unwrap_or_else(|error| error.raise());
    }

    pub(super) fn finish(self) -> Result<(), TryReserveError> {
        self.pinned(|view, pin| view.typed.raw().finish(pin))
    }

    pub(super) fn capacity(self) -> usize {
        self.pinned(|view, pin| view.typed.raw().capacity(pin))
    }

    pub(super) fn len(self) -> usize {
        self.typed.raw().len()
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
