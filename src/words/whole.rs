//! Calls on the whole map: removal of many, size, memory.

use super::{Mix, Word, WordKey, WordMap, on_both};
use crate::error::TryReserveError;
use crate::map::Stats;
use crate::raw::Node;
use crate::reclaim::Reclaim;

on_both! {
    impl<K: WordKey, V: Word> WordMap and Pinned {
        /// Removes the entries for which `keep` is false.
        ///
        /// An entry that is present throughout is asked about at least once; each removal is atomic, and
        /// removes the value that `keep` refused; the whole is not one atomic step. `keep` may run more
        /// than once on a key, and may use the map; but if it writes the key that it is asked about each
        /// time, the call never ends. Lock-free. O(capacity).
        ///
        /// # Panics
        /// If `keep` does: what was removed before stays removed. If memory runs out, as
        /// [`remove`](Self::remove).
        ///
        /// ```
        /// let map: dolmen::WordMap<u64, u64> = (0..10).map(|i| (i, i)).collect();
        /// map.retain(|_, v| v % 2 == 0);
        /// assert_eq!(map.len(), 5);
        /// ```
        pub fn retain(&self, keep: impl FnMut(K, V) -> bool) {
            |view| view.retain(keep)
        }

        /// Removes every entry that is there throughout the call: [`retain`](Self::retain) with `false`.
        ///
        /// An entry that another thread inserts meanwhile may stay. Keeps the table. No key and no value is
        /// converted. Panics and progress as there. O(capacity).
        ///
        /// ```
        /// let map: dolmen::WordMap<u64, u64> = (0..10).map(|i| (i, i)).collect();
        /// map.clear();
        /// assert!(map.is_empty());
        /// ```
        pub fn clear(&self) {
            |view| view.clear()
        }

        /// Makes room for `additional` entries more, so that inserting them does not resize, and
        /// completes the resize that this takes. The [`capacity`](Self::capacity) is then `len` and
        /// `additional` at least, and no smaller than before.
        ///
        /// O(capacity) where it has to resize. Where that leaves a large table, the call ends with a
        /// [`flush`](Self::flush); what a pin may still see, or another thread holds back, is freed later. Not so
        /// under a pin of one's own (`pin`). Others may read and write meanwhile; what they insert
        /// takes of the same room. A table that comes to hold few live entries among many removed keys
        /// may give the room up again.
        ///
        /// # Panics
        /// If the size overflows; if memory runs out, it calls
        /// [`handle_alloc_error`](std::alloc::handle_alloc_error).
        ///
        /// ```
        /// let map: dolmen::WordMap<u64, u64> = dolmen::WordMap::new();
        /// map.reserve(100);
        /// assert!(map.capacity() >= 100);
        /// ```
        pub fn reserve(&self, additional: usize) {
            |view| view.reserve(additional).unwrap_or_else(|error| error.raise()), then flush_large
        }

        /// As [`reserve`](Self::reserve), but returns an error.
        ///
        /// # Errors
        /// If the size overflows or memory runs out. The map is as it was.
        ///
        /// ```
        /// let map: dolmen::WordMap<u64, u64> = dolmen::WordMap::new();
        /// assert!(map.try_reserve(usize::MAX).is_err());
        /// assert!(map.try_reserve(100).is_ok());
        /// ```
        pub fn try_reserve(&self, additional: usize) -> Result<(), TryReserveError> {
            |view| view.reserve(additional), then flush_large
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
        /// let map: dolmen::WordMap<u64, u64> = dolmen::WordMap::with_capacity(1000);
        /// map.insert(1, 1);
        /// map.shrink_to_fit();
        /// assert!(map.capacity() < 10);
        /// ```
        pub fn shrink_to_fit(&self) {
            |view| view.shrink(0), then flush_large
        }

        /// As [`shrink_to_fit`](Self::shrink_to_fit), but keeps room for `capacity` entries.
        ///
        /// # Panics
        /// As there.
        ///
        /// ```
        /// let map: dolmen::WordMap<u64, u64> = dolmen::WordMap::with_capacity(1000);
        /// map.shrink_to(100);
        /// assert!((100..1000).contains(&map.capacity()));
        /// ```
        pub fn shrink_to(&self, capacity: usize) {
            |view| view.shrink(capacity), then flush_large
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
        /// let map: dolmen::WordMap<u64, u64> = (0..100).map(|i| (i, i)).collect();
        /// map.insert(100, 100);
        /// map.finish_resize();
        /// assert_eq!(map.stats().migration, None);
        /// ```
        pub fn finish_resize(&self) {
            |view| view.finish().unwrap_or_else(|error| error.raise()), then flush_large
        }
    }
}

impl<K: WordKey, V: Word, S: Mix, R: Reclaim> WordMap<K, V, S, R> {
    /// Frees what waits and may be freed by now, as [`HashMap::flush`](crate::HashMap::flush): tables
    /// that the map grew out of, and the memory of values that did not fit.
    ///
    /// Lock-free.
    ///
    /// ```
    /// let map = dolmen::WordMap::from([(1, u64::MAX)]);
    /// map.remove(1);
    /// map.flush();
    /// assert_eq!(map.stats().retired, 0);
    /// ```
    pub fn flush(&self) {
        self.typed.raw().flush();
    }

    /// Looks at the map: entries, removed keys, walk lengths, resize, memory that waits.
    ///
    /// Goes over the whole root table. Lock-free; weakly consistent while others write.
    ///
    /// ```
    /// let map: dolmen::WordMap<u64, u64> = (0..100).map(|i| (i, i)).collect();
    /// map.remove(1);
    /// let stats = map.stats();
    /// assert_eq!((stats.len, stats.tombstones, stats.migration), (99, 1, None));
    /// println!("{stats}");
    /// ```
    pub fn stats(&self) -> Stats {
        // What a value that does not fit its slot is kept in.
        Stats::of(self.typed.raw(), Node::<u64>::size())
    }
}
