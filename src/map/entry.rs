//! The entry interface, for those who know it from std.

use super::write::TryInsert;
use super::{HashMap, Ref};
use crate::reclaim::{Epoch, Reclaim};
use core::fmt;
use core::hash::{BuildHasher, Hash};

/// A key and what the map had for it: see [`HashMap::entry`].
///
/// It holds nothing but what it saw. Other threads may write the key meanwhile, so each method
/// below says what it does then. The calls that take a closure instead
/// ([`compute`](HashMap::compute), [`update_or_insert`](HashMap::update_or_insert) ..) do the same
/// in one look-up less.
pub enum Entry<'m, K, V, S, R: Reclaim + 'm = Epoch> {
    /// The key was present.
    Occupied(OccupiedEntry<'m, K, V, S, R>),
    /// The key was absent.
    Vacant(VacantEntry<'m, K, V, S, R>),
}

/// A key that was present.
pub struct OccupiedEntry<'m, K, V, S, R: Reclaim + 'm = Epoch> {
    map: &'m HashMap<K, V, S, R>,
    key: K,
    current: Ref<'m, K, V, R>,
}

/// A key that was absent.
pub struct VacantEntry<'m, K, V, S, R: Reclaim = Epoch> {
    map: &'m HashMap<K, V, S, R>,
    key: K,
}

impl<K, V, S, R> HashMap<K, V, S, R>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// Looks a key up, to decide what to do with it.
    ///
    /// Optimistic: nothing is held, and what is done later is done by a compare-exchange of its own.
    /// Lock-free; linearizes as [`get`](Self::get).
    ///
    /// ```
    /// let map = dolmen::HashMap::new();
    /// *map.entry("a").or_insert(1);
    /// map.entry("a").and_modify(|n| n + 1).or_insert(1);
    /// assert_eq!(*map.get("a").unwrap(), 2);
    /// ```
    pub fn entry(&self, key: K) -> Entry<'_, K, V, S, R> {
        match self.get(&key) {
            Some(current) => Entry::Occupied(OccupiedEntry { map: self, key, current }),
            None => Entry::Vacant(VacantEntry { map: self, key }),
        }
    }
}

impl<'m, K, V, S, R> Entry<'m, K, V, S, R>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// The key.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert_eq!(*map.entry("a").key(), "a");
    /// ```
    pub fn key(&self) -> &K {
        match self {
            Entry::Occupied(entry) => entry.key(),
            Entry::Vacant(entry) => entry.key(),
        }
    }

    /// What was seen, or else the key's entry with `value`; if another thread was first, that one's.
    ///
    /// Progress, linearization and panics as [`HashMap::get_or_insert`].
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert_eq!(*map.entry("a").or_insert(2), 1);
    /// assert_eq!(*map.entry("b").or_insert(2), 2);
    /// ```
    pub fn or_insert(self, value: V) -> Ref<'m, K, V, R> {
        self.or_insert_with(|| value)
    }

    /// As [`or_insert`](Self::or_insert), with a value that is made only if nothing was seen,
    /// and dropped if another thread was first.
    ///
    /// # Panics
    /// As there, and if `make` does: then nothing is inserted.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert_eq!(*map.entry("a").or_insert_with(|| unreachable!()), 1);
    /// ```
    pub fn or_insert_with(self, make: impl FnOnce() -> V) -> Ref<'m, K, V, R> {
        match self {
            Entry::Occupied(entry) => entry.current,
            Entry::Vacant(entry) => entry.map.get_or_insert(entry.key, make()),
        }
    }

    /// As [`or_insert_with`](Self::or_insert_with), made from the key.
    ///
    /// ```
    /// let map = dolmen::HashMap::new();
    /// assert_eq!(*map.entry("abc").or_insert_with_key(|key| key.len()), 3);
    /// ```
    pub fn or_insert_with_key(self, make: impl FnOnce(&K) -> V) -> Ref<'m, K, V, R> {
        match self {
            Entry::Occupied(entry) => entry.current,
            Entry::Vacant(entry) => {
                let value = make(&entry.key);
                entry.map.get_or_insert(entry.key, value)
            }
        }
    }

    /// As [`or_insert`](Self::or_insert), with the default value.
    ///
    /// ```
    /// let map: dolmen::HashMap<&str, u64> = dolmen::HashMap::new();
    /// assert_eq!(*map.entry("a").or_default(), 0);
    /// ```
    pub fn or_default(self) -> Ref<'m, K, V, R>
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }

    /// Replaces the value of a key that was present by what `f` makes of it, as
    /// [`update`](HashMap::update) does; if it has been removed since, the entry becomes vacant.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert_eq!(*map.entry("a").and_modify(|n| n + 1).or_insert(0), 2);
    /// ```
    pub fn and_modify(self, f: impl FnMut(&V) -> V) -> Self
    where
        K: Clone,
    {
        let mut f = f;
        match self {
            Entry::Occupied(OccupiedEntry { map, key, .. }) => {
                match map.update(key.clone(), |_, value| f(value)) {
                    Some(current) => Entry::Occupied(OccupiedEntry { map, key, current }),
                    None => Entry::Vacant(VacantEntry { map, key }),
                }
            }
            vacant => vacant,
        }
    }
}

impl<'m, K, V, S, R> OccupiedEntry<'m, K, V, S, R>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// The key.
    pub fn key(&self) -> &K {
        &self.key
    }

    /// The value that was seen.
    pub fn get(&self) -> &V {
        self.current.value()
    }

    /// The entry that was seen.
    pub fn into_ref(self) -> Ref<'m, K, V, R> {
        self.current
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
    pub fn insert(self, value: V) -> Option<Ref<'m, K, V, R>> {
        self.map.insert(self.key, value)
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
    pub fn remove(self) -> Option<Ref<'m, K, V, R>> {
        let seen: *const V = self.current.value();
        let key: *const K = self.current.key();
        // Both addresses, because either may have no size; while `current` lives, no other entry
        // can have its address.
        self.map.remove_if(&self.key, |k, v| core::ptr::eq(v, seen) && core::ptr::eq(k, key))
    }
}

impl<'m, K, V, S, R> VacantEntry<'m, K, V, S, R>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// The key.
    pub fn key(&self) -> &K {
        &self.key
    }

    /// The key, back.
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
    pub fn insert(self, value: V) -> TryInsert<'m, K, V, R> {
        self.map.try_insert(self.key, value)
    }
}

impl<K: fmt::Debug, V: fmt::Debug, S, R: Reclaim> fmt::Debug for Entry<'_, K, V, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Entry::Occupied(entry) => f.debug_tuple("Occupied").field(&entry.current).finish(),
            Entry::Vacant(entry) => f.debug_tuple("Vacant").field(&entry.key).finish(),
        }
    }
}
