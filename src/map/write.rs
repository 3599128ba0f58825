//! Writing one key.

use super::{HashMap, Ref, TryInsertError, TryRemove};
use crate::reclaim::{Guard, Reclaim};
use core::hash::{BuildHasher, Hash};
use core::ptr::NonNull;
use equivalent::Equivalent;

/// What [`HashMap::try_insert`] answers.
pub(super) type TryInsert<'m, K, V, R> =
    Result<Ref<'m, K, V, R>, TryInsertError<Ref<'m, K, V, R>, K, V>>;

/// Lock-free, all of them: a write that has to try again does so because another write or a move
/// has succeeded. O(1) expected.
impl<K, V, S, R> HashMap<K, V, S, R>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// Makes `value` the key's; returns the entry that was there.
    ///
    /// Unlike std, it replaces the key as well as the value. Lock-free; linearizes at the
    /// compare-exchange that publishes the entry.
    ///
    /// # Panics
    /// If the table cannot grow because its size would overflow; if memory runs out, it calls
    /// [`handle_alloc_error`](std::alloc::handle_alloc_error).
    ///
    /// ```
    /// let map = dolmen::HashMap::new();
    /// assert!(map.insert("a", 1).is_none());
    /// assert_eq!(*map.insert("a", 2).unwrap(), 1);
    /// ```
    #[inline]
    pub fn insert(&self, key: K, value: V) -> Option<Ref<'_, K, V, R>> {
        self.with_entry(|view| view.insert(key, value))
    }

    /// Inserts where the key is absent. Makes no entry where it is present.
    ///
    /// Lock-free; linearizes at the compare-exchange, or at the load that found the key.
    ///
    /// # Errors
    /// [`TryInsertError::Occupied`] with what is there, [`TryInsertError::Full`] if memory ran out;
    /// both give key and value back, and the map is as it was.
    ///
    /// What still ends in [`handle_alloc_error`](std::alloc::handle_alloc_error): the registration
    /// of a thread at its first pin, once in its life, and whatever reclaimers other than
    /// [`Epoch`](crate::Epoch) allocate.
    ///
    /// ```
    /// let map = dolmen::HashMap::new();
    /// assert_eq!(*map.try_insert("a", 1).unwrap(), 1);
    /// assert_eq!(map.try_insert("a", 2).unwrap_err().into_entry(), ("a", 2));
    /// ```
    pub fn try_insert(&self, key: K, value: V) -> TryInsert<'_, K, V, R> {
        let guard = self.raw.reclaim.pin();
        // SAFETY: the node is found under the guard that is cloned.
        let entry = |node| unsafe { Ref::new(NonNull::from(node), guard.clone()) };
        let added = super::View::new(self, guard.as_pin()).add(key, value);
        added.map(entry).map_err(|rejected| TryInsertError::new(rejected).map(entry))
    }

    /// Removes a key; returns its entry.
    ///
    /// The value is dropped when the last reader that may hold it is gone, by some later write or
    /// [`flush`](Self::flush). Lock-free; linearizes at the compare-exchange, or at the load that
    /// found the key absent.
    ///
    /// # Panics
    /// If memory runs out (for the list of what waits to be freed, or for a resize that is under
    /// way), it calls [`handle_alloc_error`](std::alloc::handle_alloc_error).
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert_eq!(*map.remove("a").unwrap(), 1);
    /// assert!(map.remove("a").is_none());
    /// ```
    #[inline]
    pub fn remove<Q>(&self, key: &Q) -> Option<Ref<'_, K, V, R>>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.remove_if(key, |_, _| true)
    }

    /// The same as [`remove`](Self::remove): a [`Ref`] has the key as well. Here for those who look
    /// for std's name.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert_eq!(map.remove_entry("a").unwrap().pair(), (&"a", &1));
    /// ```
    #[inline]
    pub fn remove_entry<Q>(&self, key: &Q) -> Option<Ref<'_, K, V, R>>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.remove(key)
    }

    /// Removes a key if `condition` holds of its entry; returns the entry that was removed.
    ///
    /// `condition` may run more than once; it held of the very entry that was removed. If it writes
    /// its own key, or has the map resize, each time it runs, the call never ends. `None` says that
    /// the key is absent, or that `condition` did not hold; [`try_remove`](Self::try_remove) says
    /// which. Progress and linearization as [`remove`](Self::remove).
    ///
    /// # Panics
    /// As [`remove`](Self::remove), and if `condition` does: then nothing has changed.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert!(map.remove_if("a", |_, v| *v > 1).is_none());
    /// assert!(map.remove_if("a", |_, v| *v == 1).is_some());
    /// ```
    #[inline]
    pub fn remove_if<Q>(
        &self,
        key: &Q,
        condition: impl FnMut(&K, &V) -> bool,
    ) -> Option<Ref<'_, K, V, R>>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.with_entry(|view| view.remove_if(key, condition))
    }

    /// As [`remove_if`](Self::remove_if), and says why nothing was removed: the key was absent, or
    /// this entry was kept.
    ///
    /// Where the entry is kept, linearizes at the load by which `condition` saw it.
    ///
    /// # Panics
    /// As there.
    ///
    /// ```
    /// use dolmen::{HashMap, TryRemove};
    ///
    /// let map = HashMap::from([("a", 1)]);
    /// assert!(matches!(map.try_remove("a", |_, v| *v > 1), TryRemove::Kept(entry) if *entry == 1));
    /// assert!(matches!(map.try_remove("b", |_, _| true), TryRemove::Absent));
    /// assert!(map.try_remove("a", |_, v| *v == 1).removed().is_some());
    /// ```
    #[inline]
    pub fn try_remove<Q>(
        &self,
        key: &Q,
        condition: impl FnMut(&K, &V) -> bool,
    ) -> TryRemove<Ref<'_, K, V, R>>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let guard = self.raw.reclaim.pin();
        let outcome = super::View::new(self, guard.as_pin()).try_remove(key, condition);
        // SAFETY: the node is found under the guard.
        outcome.map(|node| unsafe { Ref::new(NonNull::from(node), guard.clone()) })
    }
}
