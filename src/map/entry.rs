//! The entry interface, for those who know it from std; on a map, and on a map under a pin.

use super::pinned::value;
use super::source::Given;
use super::view::{Entry as Node, View};
use super::write::TryInsert;
use super::{HashMap, Pinned, Ref, TryInsertError};
use crate::reclaim::{Epoch, Guard, Reclaim};
use core::convert::identity;
use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::ptr;

impl<K, V, S, R> HashMap<K, V, S, R>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// Looks a key up, to decide what to do with it.
    ///
    /// Optimistic: nothing is held, and what is done later is done by a compare-exchange of its
    /// own. Lock-free; linearizes as [`get`](Self::get). By a borrowed key,
    /// [`entry_ref`](Self::entry_ref).
    ///
    /// ```
    /// let map = dolmen::HashMap::new();
    /// *map.entry("a").or_insert(1);
    /// map.entry("a").and_modify(|n| n + 1).or_insert(1);
    /// assert_eq!(*map.get("a").unwrap(), 2);
    /// ```
    pub fn entry(&self, key: K) -> Entry<'_, K, V, S, R> {
        match self.get(&key) {
            Some(current) => Entry::Occupied(OccupiedEntry { calls: self, key, current }),
            None => Entry::Vacant(VacantEntry { calls: self, key }),
        }
    }
}

impl<K, V, S, R, G> Pinned<'_, K, V, S, R, G>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
    G: Guard,
{
    /// See [`HashMap::entry`].
    ///
    /// ```
    /// let map = dolmen::HashMap::new();
    /// let m = map.pin();
    /// let a: &i32 = m.entry("a").and_modify(|n| n + 1).or_insert(1);
    /// assert_eq!(*a, 1);
    /// ```
    pub fn entry(&self, key: K) -> PinnedEntry<'_, K, V, S, R> {
        let calls = self.verbs();
        match calls.find(&key) {
            Some(current) => PinnedEntry::Occupied(PinnedOccupiedEntry { calls, key, current }),
            None => PinnedEntry::Vacant(PinnedVacantEntry { calls, key }),
        }
    }
}

/// The three types of a surface. `$calls` runs verbs, `$seen` is an entry that was found, and
/// `$show` makes of it what the surface answers with, a `$found`.
macro_rules! entries {
    (
        $(#[$doc:meta])* $Entry:ident, $OccupiedEntry:ident, $VacantEntry:ident;
        $calls:ty, $seen:ty, $found:ty, $show:expr, $tried:ty;
    ) => {
        $(#[$doc])*
        ///
        /// Accessors are wait-free and O(1); the others have the cost of the map's call that they
        /// name. It holds nothing but what it saw. Other threads may write the key meanwhile, so each
        /// method below says what it does then. The calls that take a closure instead
        /// ([`compute`](HashMap::compute), [`update_or_insert`](HashMap::update_or_insert) ..) do
        /// the same in one look-up less.
        pub enum $Entry<'m, K, V, S, R: Reclaim + 'm = Epoch> {
            /// The key was present.
            Occupied($OccupiedEntry<'m, K, V, S, R>),
            /// The key was absent.
            Vacant($VacantEntry<'m, K, V, S, R>),
        }

        /// A key that was present.
        pub struct $OccupiedEntry<'m, K, V, S, R: Reclaim + 'm = Epoch> {
            calls: $calls,
            key: K,
            current: $seen,
        }

        /// A key that was absent.
        pub struct $VacantEntry<'m, K, V, S, R: Reclaim = Epoch> {
            calls: $calls,
            key: K,
        }

        impl<'m, K, V, S, R> $Entry<'m, K, V, S, R>
        where
            K: Hash + Eq,
            S: BuildHasher,
            R: Reclaim,
        {
            /// The key that was given.
            ///
            /// ```
            /// let map = dolmen::HashMap::from([("a", 1)]);
            /// assert_eq!(*map.entry("a").key(), "a");
            /// ```
            pub fn key(&self) -> &K {
                match self {
                    $Entry::Occupied(entry) => entry.key(),
                    $Entry::Vacant(entry) => entry.key(),
                }
            }

            /// What was seen, or else the key's entry with `value`; if another thread was first,
            /// that one's.
            ///
            /// Progress, linearization and panics as [`HashMap::get_or_insert`].
            ///
            /// ```
            /// let map = dolmen::HashMap::from([("a", 1)]);
            /// assert_eq!(*map.entry("a").or_insert(2), 1);
            /// assert_eq!(*map.entry("b").or_insert(2), 2);
            /// ```
            pub fn or_insert(self, value: V) -> $found {
                self.or_insert_with(|| value)
            }

            /// As [`or_insert`](Self::or_insert), with a value that is made only if nothing was
            /// seen, and dropped if another thread was first.
            ///
            /// # Panics
            /// As there, and if `make` does: then nothing is inserted.
            ///
            /// ```
            /// let map = dolmen::HashMap::from([("a", 1)]);
            /// assert_eq!(*map.entry("a").or_insert_with(|| unreachable!()), 1);
            /// ```
            pub fn or_insert_with(self, make: impl FnOnce() -> V) -> $found {
                self.or_insert_with_key(|_| make())
            }

            /// As [`or_insert_with`](Self::or_insert_with), made from the key.
            ///
            /// ```
            /// let map = dolmen::HashMap::new();
            /// assert_eq!(*map.entry("abc").or_insert_with_key(|key| key.len()), 3);
            /// ```
            pub fn or_insert_with_key(self, make: impl FnOnce(&K) -> V) -> $found {
                let $VacantEntry { calls, key } = match self {
                    $Entry::Occupied($OccupiedEntry { key, current, .. }) => {
                        // By hand: what is returned already leaks if a destructor panics after.
                        drop((key, make));
                        return $show(current);
                    }
                    $Entry::Vacant(entry) => entry,
                };
                let value = make(&key);
                let found = calls.with_entry(|view| Some(view.get_or_insert(key, value)));
                $show(found.expect("always an entry"))
            }

            /// As [`or_insert`](Self::or_insert), with the default value.
            ///
            /// ```
            /// let map: dolmen::HashMap<&str, u64> = dolmen::HashMap::new();
            /// assert_eq!(*map.entry("a").or_default(), 0);
            /// ```
            pub fn or_default(self) -> $found
            where
                V: Default,
            {
                self.or_insert_with(V::default)
            }

            /// Replaces the value of a key that was present by what `f` makes of it, as
            /// [`update`](HashMap::update) does; if it has been removed since, the entry becomes
            /// vacant.
            ///
            /// `K: Clone`, because the new entry takes one key, and what this returns may insert
            /// another. [`update_or_insert`](HashMap::update_or_insert) says the same in one
            /// atomic step, and clones nothing.
            ///
            /// ```
            /// let map = dolmen::HashMap::from([("a", 1)]);
            /// assert_eq!(*map.entry("a").and_modify(|n| n + 1).or_insert(0), 2);
            /// ```
            pub fn and_modify(self, mut f: impl FnMut(&V) -> V) -> Self
            where
                K: Clone,
            {
                let $OccupiedEntry { calls, key, .. } = match self {
                    $Entry::Occupied(entry) => entry,
                    vacant => {
                        // By hand, as above.
                        drop(f);
                        return vacant;
                    }
                };
                let again = Given::new(key.clone());
                let updated = calls.with_entry(|view| view.update(again, |_, value| f(value)));
                // By hand, as above.
                drop(f);
                match updated {
                    Some(current) => $Entry::Occupied($OccupiedEntry { calls, key, current }),
                    None => $Entry::Vacant($VacantEntry { calls, key }),
                }
            }
        }

        impl<'m, K, V, S, R> $OccupiedEntry<'m, K, V, S, R>
        where
            K: Hash + Eq,
            S: BuildHasher,
            R: Reclaim,
        {
            /// The key that was given.
            ///
            /// ```
            /// # let map = dolmen::HashMap::from([("a", 1)]);
            /// if let dolmen::Entry::Occupied(entry) = map.entry("a") {
            ///     assert_eq!(*entry.key(), "a");
            /// }
            /// ```
            pub fn key(&self) -> &K {
                &self.key
            }

            /// The value that was seen.
            ///
            /// ```
            /// # let map = dolmen::HashMap::from([("a", 1)]);
            /// if let dolmen::Entry::Occupied(entry) = map.entry("a") {
            ///     assert_eq!(*entry.get(), 1);
            /// }
            /// ```
            pub fn get(&self) -> &V {
                &self.current.entry().1
            }

            /// What was seen, for as long as it is held.
            ///
            /// ```
            /// # let map = dolmen::HashMap::from([("a", 1)]);
            /// if let dolmen::Entry::Occupied(entry) = map.entry("a") {
            ///     assert_eq!(*entry.into_ref(), 1);
            /// }
            /// ```
            pub fn into_ref(self) -> $found {
                let $OccupiedEntry { key, current, .. } = self;
                // By hand, as above.
                drop(key);
                $show(current)
            }

            /// Makes `value` the key's, whatever is there by now; returns what it replaced.
            ///
            /// Progress, linearization and panics as [`HashMap::insert`].
            ///
            /// ```
            /// use dolmen::{Entry, HashMap};
            ///
            /// let map = HashMap::from([("a", 1)]);
            /// let Entry::Occupied(entry) = map.entry("a") else { unreachable!() };
            /// assert_eq!(*entry.insert(2).unwrap(), 1);
            /// ```
            pub fn insert(self, value: V) -> Option<$found> {
                let $OccupiedEntry { calls, key, .. } = self;
                calls.with_entry(|view| view.insert(key, value)).map($show)
            }

            /// Removes the entry that was seen; `None` if another has taken its place, or none.
            ///
            /// Progress, linearization and panics as [`HashMap::remove`].
            ///
            /// ```
            /// use dolmen::{Entry, HashMap};
            ///
            /// let map = HashMap::from([("a", 1)]);
            /// let Entry::Occupied(entry) = map.entry("a") else { unreachable!() };
            /// map.insert("a", 2);
            /// assert!(entry.remove().is_none());
            /// ```
            pub fn remove(self) -> Option<$found> {
                let $OccupiedEntry { calls, key, current } = self;
                let (seen_key, seen) = current.entry();
                // Both addresses, because either may have no size; while `current` lives, no other
                // entry can have its address.
                let is_seen = |key: &K, value: &V| ptr::eq(key, seen_key) && ptr::eq(value, seen);
                let removed = calls.with_entry(|view| view.remove_if(&key, is_seen));
                // By hand, as above.
                drop(key);
                removed.map($show)
            }
        }

        impl<'m, K, V, S, R> $VacantEntry<'m, K, V, S, R>
        where
            K: Hash + Eq,
            S: BuildHasher,
            R: Reclaim,
        {
            /// The key.
            ///
            /// ```
            /// # let map: dolmen::HashMap<&str, u64> = dolmen::HashMap::new();
            /// if let dolmen::Entry::Vacant(entry) = map.entry("a") {
            ///     assert_eq!(*entry.key(), "a");
            /// }
            /// ```
            pub fn key(&self) -> &K {
                &self.key
            }

            /// The key, back.
            ///
            /// ```
            /// # let map: dolmen::HashMap<&str, u64> = dolmen::HashMap::new();
            /// if let dolmen::Entry::Vacant(entry) = map.entry("a") {
            ///     assert_eq!(entry.into_key(), "a");
            /// }
            /// ```
            pub fn into_key(self) -> K {
                self.key
            }

            /// Inserts the value, if the key is still absent.
            ///
            /// Progress and linearization as [`HashMap::try_insert`].
            ///
            /// # Errors
            /// As there.
            ///
            /// ```
            /// use dolmen::{Entry, HashMap};
            ///
            /// let map = HashMap::new();
            /// let Entry::Vacant(entry) = map.entry("a") else { unreachable!() };
            /// map.insert("a", 1);
            /// assert_eq!(entry.insert(2).unwrap_err().into_entry(), ("a", 2));
            /// ```
            pub fn insert(self, value: V) -> $tried {
                self.calls.try_insert(self.key, value)
            }
        }

        impl<K: fmt::Debug, V: fmt::Debug, S, R: Reclaim> fmt::Debug for $Entry<'_, K, V, S, R> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $Entry::Occupied(entry) => f.debug_tuple("Occupied").field(entry).finish(),
                    $Entry::Vacant(entry) => f.debug_tuple("Vacant").field(entry).finish(),
                }
            }
        }

        impl<K: fmt::Debug, V: fmt::Debug, S, R: Reclaim> fmt::Debug
            for $OccupiedEntry<'_, K, V, S, R>
        {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let (key, value) = self.current.entry();
                let mut entry = f.debug_struct(stringify!($OccupiedEntry));
                entry.field("key", key).field("value", value).finish_non_exhaustive()
            }
        }

        impl<K: fmt::Debug, V, S, R: Reclaim> fmt::Debug for $VacantEntry<'_, K, V, S, R> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($VacantEntry)).field(&self.key).finish()
            }
        }
    };
}

entries! {
    /// A key and what the map had for it: see [`HashMap::entry`].
    Entry, OccupiedEntry, VacantEntry;
    &'m HashMap<K, V, S, R>, Ref<'m, K, V, R>, Ref<'m, K, V, R>, identity, TryInsert<'m, K, V, R>;
}

entries! {
    /// A key and what the map had for it: see [`Pinned::entry`]. As [`Entry`], with plain references.
    PinnedEntry, PinnedOccupiedEntry, PinnedVacantEntry;
    View<'m, K, V, S, R>, &'m Node<K, V>, &'m V, value, Result<&'m V, TryInsertError<&'m V, K, V>>;
}
