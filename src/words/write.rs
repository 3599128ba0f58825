//! Writing one key.

use super::fetch::before;
use super::{Word, WordKey, WordMap, on_both};
use crate::map::{CompareExchangeError, Compute, Operation, TryInsertError, TryRemove, TryUpdate};
use core::convert::Infallible;

// Lock-free, all of them, but for the closures they are given: a write that has to try again does so
// because another write or a move has succeeded.
on_both! {
    impl<K: WordKey, V: Word> WordMap and Pinned {
        /// Makes `value` the key's; returns the one that was there.
        ///
        /// Lock-free; O(1) expected. Linearizes at the compare-exchange of the slot's value. Allocates
        /// nothing, unless the table has to grow or the value does not fit into its slot
        /// ([`Primitive`](crate::words::Primitive) says which do).
        ///
        /// # Panics
        /// If the table cannot grow because its size would overflow; if memory runs out, it calls
        /// [`handle_alloc_error`](std::alloc::handle_alloc_error).
        ///
        /// ```
        /// let map = dolmen::WordMap::new();
        /// assert_eq!(map.insert('a', 1), None);
        /// assert_eq!(map.insert('a', 2), Some(1));
        /// ```
        pub fn insert(&self, key: K, value: V) -> Option<V> {
            |view| {
                let key = view.key(key);
                view.insert_at(key, value)
            }
        }

        /// Inserts where the key is absent; returns the value.
        ///
        /// Lock-free; linearizes at the compare-exchange, or at the load that found the key.
        ///
        /// # Errors
        /// [`TryInsertError::Occupied`] with the value that is there, [`TryInsertError::Full`] if memory
        /// ran out; the map is as it was. What still ends in
        /// [`handle_alloc_error`](std::alloc::handle_alloc_error) is said at
        /// [`HashMap::try_insert`](crate::HashMap::try_insert).
        ///
        /// ```
        /// use dolmen::{TryInsertError, WordMap};
        ///
        /// let map = WordMap::new();
        /// assert_eq!(map.try_insert('a', 1).unwrap(), 1);
        /// let error = map.try_insert('a', 2).unwrap_err();
        /// assert!(matches!(error, TryInsertError::Occupied { current: 1, .. }));
        /// ```
        pub fn try_insert(&self, key: K, value: V) -> Result<V, TryInsertError<V, K, V>> {
            |view| view.try_insert(key, value)
        }

        /// The value of a key, which is `value` from now on if there is none.
        ///
        /// Linearizes as [`try_insert`](Self::try_insert).
        ///
        /// # Panics
        /// As [`insert`](Self::insert).
        ///
        /// ```
        /// let map = dolmen::WordMap::new();
        /// assert_eq!(map.get_or_insert('a', 1), 1);
        /// assert_eq!(map.get_or_insert('a', 2), 1);
        /// ```
        pub fn get_or_insert(&self, key: K, value: V) -> V {
            |view| view.get_or_insert(key, value)
        }

        /// The value of a key, made by `make` if there is none.
        ///
        /// `make` runs at most once, and may use the map. If another thread inserts the key meanwhile,
        /// its value is returned. Lock-free but for `make`; linearizes as [`get`](Self::get) or
        /// [`try_insert`](Self::try_insert).
        ///
        /// # Panics
        /// As [`insert`](Self::insert), and if `make` does: then nothing is inserted.
        ///
        /// ```
        /// let map = dolmen::WordMap::new();
        /// assert_eq!(map.get_or_insert_with('a', || 1), 1);
        /// assert_eq!(map.get_or_insert_with('a', || unreachable!()), 1);
        /// ```
        pub fn get_or_insert_with(&self, key: K, make: impl FnOnce() -> V) -> V {
            |view| match view.get_or_try_insert_with(key, || Ok::<V, Infallible>(make())) {
                Ok(value) => value,
                Err(never) => match never {},
            }
        }

        /// As [`get_or_insert_with`](Self::get_or_insert_with), where making a value can fail.
        ///
        /// # Errors
        /// What `make` returns: then nothing is inserted.
        ///
        /// ```
        /// let ids = dolmen::WordMap::new();
        /// let parse = |key: char, s: &str| ids.get_or_try_insert_with(key, || s.parse::<u32>());
        /// assert!(parse('a', "x").is_err());
        /// assert_eq!(parse('a', "7"), Ok(7));
        /// ```
        pub fn get_or_try_insert_with<X>(
            &self,
            key: K,
            make: impl FnOnce() -> Result<V, X>,
        ) -> Result<V, X> {
            |view| view.get_or_try_insert_with(key, make)
        }

        /// Replaces the value of a key that is present; returns the one that was there. Inserts
        /// nothing.
        ///
        /// Lock-free; linearizes at the compare-exchange, or at the load that found the key absent.
        ///
        /// # Panics
        /// As [`insert`](Self::insert).
        ///
        /// ```
        /// let map = dolmen::WordMap::from([('a', 1)]);
        /// assert_eq!(map.swap('a', 2), Some(1));
        /// assert_eq!(map.swap('b', 2), None);
        /// assert!(!map.contains_key('b'));
        /// ```
        pub fn swap(&self, key: K, value: V) -> Option<V> {
            |view| view.try_update(key, move |_| Some(value), before)
        }

        /// Replaces the value of a key that is present by what `f` makes of it; returns the new one.
        ///
        /// `f` may run more than once: again when another thread, or a resize, changes the key's slot
        /// meanwhile; so if `f` itself writes the key, or has the map resize, each time it runs, the call
        /// never ends. No update is lost. Lock-free; linearizes at the compare-exchange, or at the load
        /// that found the key absent.
        ///
        /// # Panics
        /// As [`insert`](Self::insert), and if `f` does: then nothing has changed.
        ///
        /// ```
        /// let map = dolmen::WordMap::from([('a', 1)]);
        /// assert_eq!(map.update('a', |v| v * 2), Some(2));
        /// assert_eq!(map.update('b', |v| v * 2), None);
        /// ```
        pub fn update(&self, key: K, f: impl FnMut(V) -> V) -> Option<V> {
            |view| view.update(key, f)
        }

        /// As [`update`](Self::update), by an `f` that may decline with `None`; says which it was.
        ///
        /// Where `f` declines, the call linearizes at the load of the value that `f` saw.
        ///
        /// # Panics
        /// As there.
        ///
        /// ```
        /// use dolmen::{TryUpdate, WordMap};
        ///
        /// let stock: WordMap<u32, u64> = WordMap::from([(7, 1)]);
        /// let take = || stock.try_update(7, |n| n.checked_sub(1));
        /// assert_eq!(take(), TryUpdate::Updated { old: 1, new: 0 });
        /// assert_eq!(take(), TryUpdate::Kept(0));
        /// assert_eq!(stock.try_update(8, Some), TryUpdate::Absent);
        /// ```
        pub fn try_update(&self, key: K, f: impl FnMut(V) -> Option<V>) -> TryUpdate<V> {
            |view| view.try_update(key, f, |done| done)
        }

        /// Replaces the value of a key by what `f` makes of it, or inserts `value` where the key is
        /// absent; returns the new value.
        ///
        /// As [`update`](Self::update) otherwise.
        ///
        /// # Panics
        /// As there.
        ///
        /// ```
        /// let longest = dolmen::WordMap::new();
        /// for word in ["ab", "c", "add"] {
        ///     let (first, length) = (word.as_bytes()[0], word.len());
        ///     longest.update_or_insert(first, |seen: usize| seen.max(length), length);
        /// }
        /// assert_eq!(longest.get(b'a'), Some(3));
        /// ```
        pub fn update_or_insert(&self, key: K, f: impl FnMut(V) -> V, value: V) -> V {
            |view| view.update_or_insert_with(key, f, || value)
        }

        /// As [`update_or_insert`](Self::update_or_insert), with a value that is made only if it is
        /// needed, and at most once.
        ///
        /// # Panics
        /// As there, and if `make` does.
        ///
        /// ```
        /// let map = dolmen::WordMap::from([('a', 1)]);
        /// assert_eq!(map.update_or_insert_with('a', |n| n + 1, || unreachable!()), 2);
        /// ```
        pub fn update_or_insert_with(
            &self,
            key: K,
            f: impl FnMut(V) -> V,
            make: impl FnOnce() -> V,
        ) -> V {
            |view| view.update_or_insert_with(key, f, make)
        }

        /// Inserts, updates, removes, or leaves alone: what `f` says of the current value.
        ///
        /// `f` may run more than once, as in [`update`](Self::update). Only its last answer counts, and
        /// nothing comes between the value it saw and what it wanted done; a value that went and came
        /// back meanwhile is the same to it. Lock-free; linearizes at the compare-exchange, or at the
        /// load of the value that `f` last saw if it changes nothing.
        ///
        /// # Panics
        /// As [`insert`](Self::insert), and if `f` does: then nothing has changed.
        ///
        /// ```
        /// use dolmen::{Compute, Operation, WordMap};
        ///
        /// // Counts references down, and removes at zero.
        /// let references = WordMap::from([(7, 2)]);
        /// let release = || {
        ///     references.compute(7, |count| match count {
        ///         Some(1) => Operation::Remove,
        ///         Some(n) => Operation::Insert(n - 1),
        ///         None => Operation::Abort("gone"),
        ///     })
        /// };
        /// assert_eq!(release(), Compute::Updated { old: 2, new: 1 });
        /// assert_eq!(release(), Compute::Removed(1));
        /// assert_eq!(release(), Compute::Aborted("gone"));
        /// ```
        pub fn compute<T>(
            &self,
            key: K,
            f: impl FnMut(Option<V>) -> Operation<V, T>,
        ) -> Compute<V, T> {
            |view| view.compute(key, f)
        }

        /// Replaces the value of `key` by `new` if it is `current`; returns `new`.
        ///
        /// Values are compared by their bits, as std's atomics do: a NaN is itself, and `0.0` is not
        /// `-0.0`. A value that went and came back is not noticed. Lock-free; linearizes at the
        /// compare-exchange, or at the load of the value that differed.
        ///
        /// # Errors
        /// What is there instead. Nothing has changed.
        ///
        /// # Panics
        /// As [`insert`](Self::insert).
        ///
        /// ```
        /// let map = dolmen::WordMap::from([('a', 1)]);
        /// assert_eq!(map.compare_exchange('a', 1, 2).unwrap(), 2);
        /// assert_eq!(map.compare_exchange('a', 1, 3).unwrap_err().current, Some(2));
        /// assert_eq!(map.compare_exchange('b', 1, 3).unwrap_err().current, None);
        /// ```
        pub fn compare_exchange(
            &self,
            key: K,
            current: V,
            new: V,
        ) -> Result<V, CompareExchangeError<V, K, V>> {
            |view| view.compare_exchange(key, current, new)
        }

        /// Removes a key; returns its value.
        ///
        /// Lock-free; linearizes at the compare-exchange, or at the load that found the key absent.
        /// The key keeps its slot until the next resize, for the case that it comes back.
        ///
        /// # Panics
        /// If memory runs out (for a resize that is under way, or for the list of what waits to be
        /// freed), it calls [`handle_alloc_error`](std::alloc::handle_alloc_error).
        ///
        /// ```
        /// let map = dolmen::WordMap::from([('a', 1)]);
        /// assert_eq!(map.remove('a'), Some(1));
        /// assert_eq!(map.remove('a'), None);
        /// ```
        pub fn remove(&self, key: K) -> Option<V> {
            |view| view.remove(key)
        }

        /// Removes a key if `condition` holds of its value; returns the value that was removed.
        ///
        /// `condition` may run more than once; it held of the value that was removed. If it writes its
        /// own key, or has the map resize, each time it runs, the call never ends. `None` says that the
        /// key is absent, or that `condition` did not hold; [`try_remove`](Self::try_remove) says which.
        /// Progress and linearization as [`remove`](Self::remove).
        ///
        /// # Panics
        /// As there, and if `condition` does: then nothing has changed.
        ///
        /// ```
        /// let map = dolmen::WordMap::from([('a', 1)]);
        /// assert_eq!(map.remove_if('a', |v| v > 1), None);
        /// assert_eq!(map.remove_if('a', |v| v == 1), Some(1));
        /// ```
        pub fn remove_if(&self, key: K, condition: impl FnMut(V) -> bool) -> Option<V> {
            |view| view.try_remove(key, condition, TryRemove::removed)
        }

        /// As [`remove_if`](Self::remove_if), and says why nothing was removed: the key was absent, or
        /// this value was kept.
        ///
        /// Where it is kept, linearizes at the load by which `condition` saw it.
        ///
        /// # Panics
        /// As there.
        ///
        /// ```
        /// use dolmen::{TryRemove, WordMap};
        ///
        /// let map = WordMap::from([('a', 1)]);
        /// assert_eq!(map.try_remove('a', |v| v > 1), TryRemove::Kept(1));
        /// assert_eq!(map.try_remove('b', |_| true), TryRemove::Absent);
        /// assert_eq!(map.try_remove('a', |v| v == 1), TryRemove::Removed(1));
        /// ```
        pub fn try_remove(&self, key: K, condition: impl FnMut(V) -> bool) -> TryRemove<V> {
            |view| view.try_remove(key, condition, |done| done)
        }
    }
}
