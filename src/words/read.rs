//! Reading.

use super::{Word, WordKey, WordMap, on_both};

on_both! {
    impl<K: WordKey, V: Word> WordMap and Pinned {
        /// The value of a key.
        ///
        /// Wait-free while the map does not resize, lock-free always; writes no shared memory. O(1)
        /// expected. Linearizes at the load of the deciding word of the slot.
        ///
        /// ```
        /// let map = dolmen::WordMap::from([('a', 1)]);
        /// assert_eq!(map.get('a'), Some(1));
        /// assert_eq!(map.get('b'), None);
        /// ```
        pub fn get(&self, key: K) -> Option<V> {
            |view| view.get(key)
        }

        /// Whether a key is present. Progress and linearization as [`get`](Self::get).
        ///
        /// ```
        /// let map = dolmen::WordMap::from([('a', 1)]);
        /// assert!(map.contains_key('a') && !map.contains_key('b'));
        /// ```
        pub fn contains_key(&self, key: K) -> bool {
            |view| view.get(key).is_some()
        }

        /// The number of entries.
        ///
        /// A sum over the threads' own counts: exact when no write runs, and once its effects are
        /// visible here (after a join, say). While others write it may miss or see any of the writes
        /// that run, and is not linearizable. O(threads that wrote).
        ///
        /// ```
        /// let map = dolmen::WordMap::from([('a', 1)]);
        /// assert_eq!(map.len(), 1);
        /// ```
        pub fn len(&self) -> usize {
            |view| view.len()
        }

        /// Whether [`len`](Self::len) is 0, with its contract and its cost.
        ///
        /// ```
        /// assert!(dolmen::WordMap::<u64, u64>::new().is_empty());
        /// ```
        pub fn is_empty(&self) -> bool {
            |view| view.len() == 0
        }

        /// How many entries the map takes before it grows, never less than [`len`](Self::len).
        /// Fewer while removed keys still own slots. 0 for a map that was never written. Of the new
        /// table, while it resizes. Lock-free. O(threads that wrote).
        ///
        /// ```
        /// assert_eq!(dolmen::WordMap::<u64, u64>::new().capacity(), 0);
        /// ```
        pub fn capacity(&self) -> usize {
            |view| view.capacity()
        }
    }
}
