//! Compare and exchange: replace a value if it is the one that was seen.

use super::view::{Rejected, View};
use super::{HashMap, Pinned, Ref};
use crate::reclaim::{Guard, Reclaim};
use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::ptr::{self, NonNull};

/// Why [`compare_exchange`](HashMap::compare_exchange) changed nothing. Key and new value come back.
pub struct CompareExchangeError<C, K, V> {
    /// What is there instead: a [`Ref`], or a reference to the value; `None` where the key is absent.
    pub current: Option<C>,
    /// The key.
    pub key: K,
    /// The value that was not put in.
    pub new: V,
}

/// What the calls below answer.
type Exchange<'m, K, V, R> = Result<Ref<'m, K, V, R>, CompareExchangeError<Ref<'m, K, V, R>, K, V>>;

// By hand, so that neither keys nor values need `Debug` for `unwrap`.
impl<C, K, V> fmt::Debug for CompareExchangeError<C, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = if self.current.is_some() { "another value" } else { "no value" };
        f.debug_tuple("CompareExchangeError").field(&found).finish()
    }
}

impl<C, K, V> fmt::Display for CompareExchangeError<C, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.current {
            Some(_) => "the key has another value",
            None => "the key is absent",
        })
    }
}

impl<C, K, V> std::error::Error for CompareExchangeError<C, K, V> {}

impl<C, K, V> CompareExchangeError<C, K, V> {
    fn new<'g, E>(rejected: Rejected<'g, K, V>, found: E) -> Self
    where
        E: FnOnce(&'g super::view::Entry<K, V>) -> C,
    {
        let (current, (key, new)) = rejected;
        let current = current.unwrap_or_else(|error| error.raise());
        CompareExchangeError { current: current.map(found), key, new }
    }
}

impl<K, V, S, R> HashMap<K, V, S, R>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// Replaces the value of `key` by `new` if it equals `current`; returns the new entry.
    ///
    /// Lock-free; linearizes at the compare-exchange, or at the load of the entry that differed.
    /// Allocates nothing where it differs.
    ///
    /// # Errors
    /// What is there instead, and key and new value. Nothing has changed.
    ///
    /// # Panics
    /// As [`insert`](Self::insert).
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert_eq!(*map.compare_exchange("a", &1, 2).unwrap(), 2);
    /// let error = map.compare_exchange("a", &1, 3).unwrap_err();
    /// assert_eq!(*error.current.unwrap(), 2);
    /// assert!(map.compare_exchange("b", &1, 3).unwrap_err().current.is_none());
    /// ```
    pub fn compare_exchange(&self, key: K, current: &V, new: V) -> Exchange<'_, K, V, R>
    where
        V: PartialEq,
    {
        self.exchange_if(key, new, |found| found.1 == *current)
    }

    /// Replaces the entry `current` by one with the value `new`, if it is still the key's: this very
    /// entry, not one that looks the same. Needs no `PartialEq`, and cannot be fooled by a value
    /// that went and came back.
    ///
    /// Progress, linearization, errors and panics as
    /// [`compare_exchange`](Self::compare_exchange). If `key` is not the key of `current`, nothing
    /// changes.
    ///
    /// # Errors
    /// As there.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// let seen = map.get("a").unwrap();
    /// map.insert("a", 1); // equal, but another entry
    /// assert!(map.compare_exchange_entry("a", &seen, 2).is_err());
    /// let seen = map.get("a").unwrap();
    /// assert!(map.compare_exchange_entry("a", &seen, 2).is_ok());
    /// ```
    pub fn compare_exchange_entry(
        &self,
        key: K,
        current: &Ref<'_, K, V, R>,
        new: V,
    ) -> Exchange<'_, K, V, R> {
        self.exchange_if(key, new, |found| ptr::eq(found, current.entry()))
    }

    fn exchange_if(
        &self,
        key: K,
        new: V,
        is_current: impl Fn(&(K, V)) -> bool,
    ) -> Exchange<'_, K, V, R> {
        let guard = self.raw.reclaim.pin();
        // SAFETY: the node is found under the guard that is cloned.
        let entry = |node| unsafe { Ref::new(NonNull::from(node), guard.clone()) };
        View::new(self, guard.as_pin())
            .offer(key, new, |found| found.is_some_and(&is_current))
            .map(entry)
            .map_err(|rejected| CompareExchangeError::new(rejected, entry))
    }
}

impl<K, V, S, R, G> Pinned<'_, K, V, S, R, G>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
    G: Guard,
{
    /// See [`HashMap::compare_exchange`].
    ///
    /// # Errors
    /// As there.
    pub fn compare_exchange(
        &self,
        key: K,
        current: &V,
        new: V,
    ) -> Result<&V, CompareExchangeError<&V, K, V>>
    where
        V: PartialEq,
    {
        self.exchange_if(key, new, |found| found == current)
    }

    /// See [`HashMap::compare_exchange_entry`]. `current` is a reference that this pin returned; it
    /// is compared by address, so values of no size are not told apart.
    ///
    /// # Errors
    /// As there.
    pub fn compare_exchange_entry(
        &self,
        key: K,
        current: &V,
        new: V,
    ) -> Result<&V, CompareExchangeError<&V, K, V>> {
        self.exchange_if(key, new, |found| ptr::eq(found, current))
    }

    fn exchange_if(
        &self,
        key: K,
        new: V,
        is_current: impl Fn(&V) -> bool,
    ) -> Result<&V, CompareExchangeError<&V, K, V>> {
        self.verbs()
            .offer(key, new, |found| found.is_some_and(|(_, value)| is_current(value)))
            .map(|node| &node.entry().1)
            .map_err(|rejected| CompareExchangeError::new(rejected, |node| &node.entry().1))
    }
}
