//! Calls on the whole map: removal of many, size, memory.

use super::HashMap;
use crate::error::TryReserveError;
use crate::reclaim::Reclaim;

impl<K: Eq, V, S, R: Reclaim> HashMap<K, V, S, R> {
    /// Removes the entries for which `keep` is false.
    ///
    /// An entry that is present throughout is asked about at least once; each removal is atomic, and
    /// removes the very entry that `keep` refused; the whole is not one atomic step. `keep` may run
    /// more than once on a key, and may use the map; but if it writes the key that it is asked about
    /// each time, the call never ends. Lock-free. O(capacity).
    ///
    /// An entry is found again by the ident of its key and `Eq`; no `Hash` runs. So an entry whose
    /// key does not equal itself is never removed, here and in [`clear`](Self::clear) and
    /// [`drain`](Self::drain).
    ///
    /// # Panics
    /// If `keep` does: what was removed before stays removed. If memory runs out, as
    /// [`remove`](Self::remove).
    ///
    /// ```
    /// let map: dolmen::HashMap<u64, u64> = (0..10).map(|i| (i, i)).collect();
    /// map.retain(|_, v| v % 2 == 0);
    /// assert_eq!(map.len(), 5);
    /// ```
    pub fn retain(&self, keep: impl FnMut(&K, &V) -> bool) {
        self.with_view(|view| view.retain(keep));
    }

    /// Removes every entry that is there throughout the call: [`retain`](Self::retain) with `false`.
    ///
    /// An entry that another thread inserts meanwhile may stay; so does one whose key does not equal
    /// itself. Keeps the table. Panics and progress as there. O(capacity).
    ///
    /// ```
    /// let map: dolmen::HashMap<u64, u64> = (0..10).map(|i| (i, i)).collect();
    /// map.clear();
    /// assert!(map.is_empty());
    /// ```
    pub fn clear(&self) {
        self.retain(|_, _| false);
    }
}

impl<K, V, S, R: Reclaim> HashMap<K, V, S, R> {
    /// Makes room for `additional` entries more, so that inserting them does not resize, and
    /// completes the resize that this takes. The [`capacity`](Self::capacity) is then `len` and
    /// `additional` at least, and no smaller than before.
    ///
    /// O(capacity) where it has to resize. Where that leaves a large table, the call ends with a
    /// [`flush`](Self::flush); what a pin may still see, or another thread holds back, is freed later. Not so
    /// under a pin of one's own (`pin`). Others may read and write meanwhile; what they insert
    /// takes of the same room. A table that comes to hold few live entries among many tombstones may
    /// give the room up again.
    ///
    /// # Panics
    /// If the size overflows; if memory runs out, it calls
    /// [`handle_alloc_error`](std::alloc::handle_alloc_error).
    ///
    /// ```
    /// let map: dolmen::HashMap<u64, u64> = dolmen::HashMap::new();
    /// map.reserve(100);
    /// assert!(map.capacity() >= 100);
    /// ```
    pub fn reserve(&self, additional: usize) {
        self.try_reserve(additional).unwrap_or_else(|error| error.raise());
    }

    /// As [`reserve`](Self::reserve), but returns an error.
    ///
    /// # Errors
    /// If the size overflows or memory runs out. The map is as it was.
    ///
    /// ```
    /// let map: dolmen::HashMap<u64, u64> = dolmen::HashMap::new();
    /// assert!(map.try_reserve(usize::MAX).is_err());
    /// assert!(map.try_reserve(100).is_ok());
    /// ```
    pub fn try_reserve(&self, additional: usize) -> Result<(), TryReserveError> {
        self.with_all(|view| view.reserve(additional))
    }

    /// Moves the entries to the smallest table that holds them, and completes that.
    ///
    /// O(capacity). Others may read and write meanwhile. A large table that this leaves is freed
    /// as by [`reserve`](Self::reserve).
    ///
    /// # Panics
    /// If memory runs out, it calls [`handle_alloc_error`](std::alloc::handle_alloc_error).
    ///
    /// ```
    /// let map: dolmen::HashMap<u64, u64> = dolmen::HashMap::with_capacity(1000);
    /// map.insert(1, 1);
    /// map.shrink_to_fit();
    /// assert!(map.capacity() < 10);
    /// ```
    pub fn shrink_to_fit(&self) {
        self.shrink_to(0);
    }

    /// As [`shrink_to_fit`](Self::shrink_to_fit), but keeps room for `capacity` entries.
    ///
    /// # Panics
    /// As there.
    ///
    /// ```
    /// let map: dolmen::HashMap<u64, u64> = dolmen::HashMap::with_capacity(1000);
    /// map.shrink_to(100);
    /// assert!((100..1000).contains(&map.capacity()));
    /// ```
    pub fn shrink_to(&self, capacity: usize) {
        self.with_all(|view| view.shrink(capacity)).unwrap_or_else(|error| error.raise());
    }

    /// Completes a resize that is under way, if there is one: for a map that was loaded and will
    /// only be read. Ordinary inserts do no more than their chunk.
    ///
    /// Lock-free: moves what others have begun and not finished, and waits for nobody. O(capacity). A large
    /// table that this leaves is freed as by [`reserve`](Self::reserve).
    ///
    /// # Panics
    /// If memory runs out, it calls [`handle_alloc_error`](std::alloc::handle_alloc_error).
    ///
    /// ```
    /// let map: dolmen::HashMap<u64, u64> = (0..100).map(|i| (i, i)).collect();
    /// map.insert(100, 100);
    /// map.finish_resize();
    /// assert_eq!(map.stats().migration, None);
    /// ```
    pub fn finish_resize(&self) {
        self.with_all(|view| view.finish()).unwrap_or_else(|error| error.raise());
    }

    /// Frees what was removed or replaced and may be freed by now, including what threads that have
    /// exited left behind. What some pin may still read stays; so does what other threads hold back
    /// to free in one go, until they write again.
    ///
    /// Lock-free. Runs destructors.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let value = Arc::new(1);
    /// let map = dolmen::HashMap::from([("a", value.clone())]);
    /// map.remove("a");
    /// map.flush();
    /// assert_eq!(Arc::strong_count(&value), 1);
    /// ```
    pub fn flush(&self) {
        self.raw.flush();
    }
}
