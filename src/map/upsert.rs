//! Writing one key, depending on what is there.

use super::source::{Given, Source};
use super::view::View;
use super::{Compute, HashMap, Operation, Ref, TryUpdate};
use crate::reclaim::{Guard, Reclaim};
use core::convert::Infallible;
use core::hash::{BuildHasher, Hash};
use core::ptr::NonNull;

/// Lock-free, all of them, but for the closures they are given.
impl<K, V, S, R> HashMap<K, V, S, R>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// The entry of a key, with `value` if there is none. Allocates nothing where it is present.
    ///
    /// Linearizes at the compare-exchange that inserts, or at the load that found the key.
    ///
    /// # Panics
    /// As [`insert`](Self::insert).
    ///
    /// ```
    /// let map = dolmen::HashMap::new();
    /// assert_eq!(*map.get_or_insert("a", 1), 1);
    /// assert_eq!(*map.get_or_insert("a", 2), 1);
    /// ```
    pub fn get_or_insert(&self, key: K, value: V) -> Ref<'_, K, V, R> {
        self.with_entry(|view| Some(view.get_or_insert(key, value))).expect("always an entry")
    }

    /// The entry of a key, with the value that `make` returns if there is none.
    ///
    /// The key is taken by value; by a borrowed one, [`entry_ref`](Self::entry_ref). `make` runs at
    /// most once, and may use the map. If another thread inserts the key meanwhile, what `make`
    /// made is dropped and the other entry returned; to have an initialiser run once only, keep a
    /// [`OnceLock`](std::sync::OnceLock) as value. Lock-free but for `make`; linearizes as
    /// [`get`](Self::get) or [`try_insert`](Self::try_insert).
    ///
    /// # Panics
    /// As [`insert`](Self::insert), and if `make` does: then nothing is inserted.
    ///
    /// ```
    /// let map = dolmen::HashMap::new();
    /// assert_eq!(*map.get_or_insert_with("a", || 1), 1);
    /// assert_eq!(*map.get_or_insert_with("a", || 2), 1);
    /// ```
    pub fn get_or_insert_with(&self, key: K, make: impl FnOnce() -> V) -> Ref<'_, K, V, R> {
        match self.get_or_try_insert_with(key, || Ok::<V, Infallible>(make())) {
            Ok(entry) => entry,
            Err(never) => match never {},
        }
    }

    /// As [`get_or_insert_with`](Self::get_or_insert_with), where making a value can fail.
    ///
    /// # Errors
    /// What `make` returns: then nothing is inserted.
    ///
    /// ```
    /// let map = dolmen::HashMap::new();
    /// let parse = |s: &'static str| map.get_or_try_insert_with(s, || s.parse::<u32>()).map(|v| *v);
    /// assert!(parse("x").is_err());
    /// assert_eq!(parse("7"), Ok(7));
    /// assert_eq!(map.len(), 1);
    /// ```
    pub fn get_or_try_insert_with<X>(
        &self,
        key: K,
        make: impl FnOnce() -> Result<V, X>,
    ) -> Result<Ref<'_, K, V, R>, X> {
        self.get_or_try_insert_by(Given::new(key), make)
    }

    /// Replaces the value of a key that is present by what `f` makes of it; returns the new entry.
    ///
    /// The key is taken by value, because what replaces an entry is a new one; by a borrowed key,
    /// [`entry_ref`](Self::entry_ref). `f` may run more than once: again when another thread, or a
    /// resize, changes the key's slot meanwhile; so if `f` itself writes the key, or has the map
    /// resize, each time it runs, the call never ends. No update is lost. Lock-free; linearizes at
    /// the compare-exchange, or at the load that found the key absent.
    ///
    /// # Panics
    /// As [`insert`](Self::insert), and if `f` does: then nothing has changed.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert_eq!(*map.update("a", |_, v| v + 1).unwrap(), 2);
    /// assert!(map.update("b", |_, v| v + 1).is_none());
    /// ```
    #[inline]
    pub fn update(&self, key: K, f: impl FnMut(&K, &V) -> V) -> Option<Ref<'_, K, V, R>> {
        self.with_entry(|view| view.update(Given::new(key), f))
    }

    /// As [`update`](Self::update), by an `f` that may decline with `None`; says which it was.
    ///
    /// Where `f` declines, nothing is allocated, and the call linearizes at the load of the entry
    /// that `f` saw.
    ///
    /// # Panics
    /// As there.
    ///
    /// ```
    /// use dolmen::{HashMap, TryUpdate};
    ///
    /// let stock = HashMap::from([("apples", 1)]);
    /// let take = || stock.try_update("apples", |_, n: &u32| n.checked_sub(1));
    /// assert!(matches!(take(), TryUpdate::Updated { new, .. } if *new == 0));
    /// assert!(matches!(take(), TryUpdate::Kept(_)));
    /// assert!(matches!(stock.try_update("pears", |_, n| Some(*n)), TryUpdate::Absent));
    /// ```
    #[inline]
    pub fn try_update(
        &self,
        key: K,
        f: impl FnMut(&K, &V) -> Option<V>,
    ) -> TryUpdate<Ref<'_, K, V, R>> {
        self.try_update_by(Given::new(key), f)
    }

    /// Replaces the value of a key by what `f` makes of it, or inserts `value` where the key is
    /// absent; returns the new entry.
    ///
    /// As [`update`](Self::update) otherwise.
    ///
    /// # Panics
    /// As [`insert`](Self::insert), and if `f` does: then nothing has changed.
    ///
    /// ```
    /// let counts = dolmen::HashMap::new();
    /// for word in ["a", "b", "a"] {
    ///     counts.update_or_insert(word, |_, n| n + 1, 1);
    /// }
    /// assert_eq!(*counts.get("a").unwrap(), 2);
    /// ```
    #[inline]
    pub fn update_or_insert(
        &self,
        key: K,
        f: impl FnMut(&K, &V) -> V,
        value: V,
    ) -> Ref<'_, K, V, R> {
        self.update_or_insert_with(key, f, || value)
    }

    /// As [`update_or_insert`](Self::update_or_insert), with a value that is made only if it is
    /// needed, and at most once.
    ///
    /// # Panics
    /// As there, and if `make` does.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert_eq!(*map.update_or_insert_with("a", |_, n| n + 1, || unreachable!()), 2);
    /// ```
    #[inline]
    pub fn update_or_insert_with(
        &self,
        key: K,
        f: impl FnMut(&K, &V) -> V,
        make: impl FnOnce() -> V,
    ) -> Ref<'_, K, V, R> {
        self.with_entry(|view| Some(view.update_or_insert_with(Given::new(key), f, make)))
            .expect("always an entry")
    }

    /// Inserts, updates, removes, or leaves alone: what `f` says of the current entry.
    ///
    /// `f` may run more than once: again when another thread, or a resize, changes the key's slot
    /// meanwhile, and when there was no room to insert. Only its last answer counts, and nothing
    /// comes between the entry it saw and what it wanted done. It may use the map; but if it writes
    /// its own key, or has the map resize, each time it runs, the call never ends. Lock-free;
    /// linearizes at the compare-exchange, or at the load of the entry that `f` last saw if it
    /// changes nothing.
    ///
    /// # Panics
    /// As [`insert`](Self::insert), and if `f` does: then nothing has changed.
    ///
    /// ```
    /// use dolmen::{Compute, HashMap, Operation};
    ///
    /// // Counts down, and removes at zero.
    /// let map = HashMap::from([("a", 2)]);
    /// let step = || {
    ///     map.compute("a", |entry| match entry {
    ///         Some((_, 1)) => Operation::Remove,
    ///         Some((_, n)) => Operation::Insert(n - 1),
    ///         None => Operation::Abort("gone"),
    ///     })
    /// };
    /// assert!(matches!(step(), Compute::Updated { new, .. } if *new == 1));
    /// assert!(matches!(step(), Compute::Removed(_)));
    /// assert!(matches!(step(), Compute::Aborted("gone")));
    /// ```
    #[inline]
    pub fn compute<T>(
        &self,
        key: K,
        f: impl FnMut(Option<(&K, &V)>) -> Operation<V, T>,
    ) -> Compute<Ref<'_, K, V, R>, T> {
        self.compute_by(Given::new(key), f)
    }

    #[inline(always)]
    pub(super) fn compute_by<T>(
        &self,
        key: impl Source<K>,
        f: impl FnMut(Option<(&K, &V)>) -> Operation<V, T>,
    ) -> Compute<Ref<'_, K, V, R>, T> {
        let guard = self.raw.reclaim.pin();
        let view = View::new(self, guard.as_pin());
        // SAFETY: the nodes are found under the guard that is cloned.
        view.compute(key, f).map(|node| unsafe { Ref::new(NonNull::from(node), guard.clone()) })
    }

    #[inline(always)]
    pub(super) fn try_update_by(
        &self,
        key: impl Source<K>,
        f: impl FnMut(&K, &V) -> Option<V>,
    ) -> TryUpdate<Ref<'_, K, V, R>> {
        let guard = self.raw.reclaim.pin();
        let view = View::new(self, guard.as_pin());
        // SAFETY: as in `compute_by`.
        view.try_update(key, f).map(|node| unsafe { Ref::new(NonNull::from(node), guard.clone()) })
    }

    pub(super) fn get_or_try_insert_by<X>(
        &self,
        key: impl Source<K>,
        make: impl FnOnce() -> Result<V, X>,
    ) -> Result<Ref<'_, K, V, R>, X> {
        let guard = self.raw.reclaim.pin();
        let node = View::new(self, guard.as_pin()).get_or_try_insert_with(key, make)?;
        let node = NonNull::from(node);
        // SAFETY: found under the guard.
        Ok(unsafe { Ref::new(node, guard) })
    }
}
