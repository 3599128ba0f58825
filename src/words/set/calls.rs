//! The calls on one set.

use super::{Pinned, WordSet};
use crate::error::TryReserveError;
use crate::map::{Stats, TryInsertError};
use crate::reclaim::{Guard, Reclaim};
use crate::words::{Mix, WordKey, on_both};

on_both! {
    impl<K: WordKey> WordSet and Pinned {
        /// Whether an element is present: see [`WordMap::get`](crate::WordMap::get).
        ///
        /// ```
        /// let set = dolmen::WordSet::from(['a']);
        /// assert!(set.contains('a') && !set.contains('b'));
        /// ```
        pub fn contains(&self, element: K) -> bool {
            |view| view.get(element).is_some()
        }

        /// Puts an element in; whether it was absent. See
        /// [`WordMap::insert`](crate::WordMap::insert).
        ///
        /// # Panics
        /// As there.
        ///
        /// ```
        /// let set = dolmen::WordSet::new();
        /// assert!(set.insert('a'));
        /// assert!(!set.insert('a'));
        /// ```
        pub fn insert(&self, element: K) -> bool {
            |view| view.add(element, (), |added| added.unwrap_or_else(|e| e.raise()).is_none())
        }

        /// Puts an element in where it is absent.
        ///
        /// # Errors
        /// That it is present, or that memory ran out: see
        /// [`WordMap::try_insert`](crate::WordMap::try_insert).
        ///
        /// ```
        /// let set = dolmen::WordSet::new();
        /// assert!(set.try_insert('a').is_ok());
        /// assert_eq!(set.try_insert('a').unwrap_err().into_key(), 'a');
        /// ```
        pub fn try_insert(&self, element: K) -> Result<(), TryInsertError<(), K, ()>> {
            |view| view.try_insert(element, ())
        }

        /// Takes an element out; whether it was present. See
        /// [`WordMap::remove`](crate::WordMap::remove).
        ///
        /// # Panics
        /// As there.
        ///
        /// ```
        /// let set = dolmen::WordSet::from(['a']);
        /// assert!(set.remove('a'));
        /// assert!(!set.remove('a'));
        /// ```
        pub fn remove(&self, element: K) -> bool {
            |view| view.remove(element).is_some()
        }

        /// Looks many elements up: `f` gets each one's place, and whether it is present, in order. See
        /// [`WordMap::get_many`](crate::WordMap::get_many).
        ///
        /// ```
        /// let set = dolmen::WordSet::from(['a', 'b']);
        /// set.get_many(&['a', 'x'], |i, found| assert_eq!(found, i == 0));
        /// ```
        pub fn get_many(&self, elements: &[K], f: impl FnMut(usize, bool)) {
            |view| {
                let mut f = f;
                view.pinned(|view, _| {
                    let found = |i, _, key| f(i, view.get_at(key).is_some());
                    view.in_batches(elements, |key| key, found);
                });
            }
        }

        /// How many of the elements are present: see
        /// [`WordMap::contains_many`](crate::WordMap::contains_many).
        ///
        /// ```
        /// let set = dolmen::WordSet::from(['a', 'b']);
        /// assert_eq!(set.contains_many(&['a', 'x', 'b']), 2);
        /// ```
        pub fn contains_many(&self, elements: &[K]) -> usize {
            |view| view.pinned(|view, _| {
                view.count(elements, |key| key, |view, _, key| view.get_at(key).is_some())
            })
        }

        /// Removes many elements; how many were present. See
        /// [`WordMap::remove_many`](crate::WordMap::remove_many).
        ///
        /// # Panics
        /// As [`remove`](Self::remove).
        ///
        /// ```
        /// let set = dolmen::WordSet::from(['a', 'b']);
        /// assert_eq!(set.remove_many(&['a', 'x']), 1);
        /// ```
        pub fn remove_many(&self, elements: &[K]) -> usize {
            |view| view.pinned(|view, _| view.remove_many(elements))
        }

        /// The number of elements: see [`WordMap::len`](crate::WordMap::len).
        ///
        /// ```
        /// let set = dolmen::WordSet::from(['a']);
        /// assert_eq!(set.len(), 1);
        /// ```
        pub fn len(&self) -> usize {
            |view| view.len()
        }

        /// Whether [`len`](Self::len) is 0, with its contract and its cost.
        ///
        /// ```
        /// assert!(dolmen::WordSet::<u64>::new().is_empty());
        /// ```
        pub fn is_empty(&self) -> bool {
            |view| view.len() == 0
        }

        /// How many elements the set takes before it grows: see
        /// [`WordMap::capacity`](crate::WordMap::capacity).
        ///
        /// ```
        /// assert_eq!(dolmen::WordSet::<u64>::new().capacity(), 0);
        /// ```
        pub fn capacity(&self) -> usize {
            |view| view.capacity()
        }

        /// Removes the elements for which `keep` is false: see
        /// [`WordMap::retain`](crate::WordMap::retain).
        ///
        /// # Panics
        /// As there.
        ///
        /// ```
        /// let set: dolmen::WordSet<u64> = (0..10).collect();
        /// set.retain(|n| n % 2 == 0);
        /// assert_eq!(set.len(), 5);
        /// ```
        pub fn retain(&self, keep: impl FnMut(K) -> bool) {
            |view| {
                let mut keep = keep;
                view.retain(|key, ()| keep(key));
            }
        }

        /// Removes every element that is there throughout the call: see
        /// [`WordMap::clear`](crate::WordMap::clear).
        ///
        /// ```
        /// let set: dolmen::WordSet<u64> = (0..10).collect();
        /// set.clear();
        /// assert!(set.is_empty());
        /// ```
        pub fn clear(&self) {
            |view| view.clear()
        }

        /// Makes room for `additional` elements more: see
        /// [`WordMap::reserve`](crate::WordMap::reserve).
        ///
        /// # Panics
        /// As there.
        ///
        /// ```
        /// let set: dolmen::WordSet<u64> = dolmen::WordSet::new();
        /// set.reserve(100);
        /// assert!(set.capacity() >= 100);
        /// ```
        pub fn reserve(&self, additional: usize) {
            |view| view.reserve(additional).unwrap_or_else(|error| error.raise()), then flush_large
        }

        /// As [`reserve`](Self::reserve), but returns an error.
        ///
        /// # Errors
        /// If the size overflows or memory runs out. The set is as it was.
        ///
        /// ```
        /// let set: dolmen::WordSet<u64> = dolmen::WordSet::new();
        /// assert!(set.try_reserve(usize::MAX).is_err());
        /// ```
        pub fn try_reserve(&self, additional: usize) -> Result<(), TryReserveError> {
            |view| view.reserve(additional), then flush_large
        }

        /// Moves the elements to the smallest table that holds them: see
        /// [`WordMap::shrink_to_fit`](crate::WordMap::shrink_to_fit).
        ///
        /// # Panics
        /// As there.
        ///
        /// ```
        /// let set: dolmen::WordSet<u64> = dolmen::WordSet::with_capacity(1000);
        /// set.shrink_to_fit();
        /// assert!(set.capacity() < 10);
        /// ```
        pub fn shrink_to_fit(&self) {
            |view| view.shrink(0), then flush_large
        }

        /// As [`shrink_to_fit`](Self::shrink_to_fit), but keeps room for `capacity` elements.
        ///
        /// # Panics
        /// As there.
        ///
        /// ```
        /// let set: dolmen::WordSet<u64> = dolmen::WordSet::with_capacity(1000);
        /// set.shrink_to(100);
        /// assert!((100..1000).contains(&set.capacity()));
        /// ```
        pub fn shrink_to(&self, capacity: usize) {
            |view| view.shrink(capacity), then flush_large
        }

        /// Completes a resize that is under way, if there is one: see
        /// [`WordMap::finish_resize`](crate::WordMap::finish_resize).
        ///
        /// # Panics
        /// As there.
        ///
        /// ```
        /// let set: dolmen::WordSet<u64> = (0..100).collect();
        /// set.finish_resize();
        /// assert_eq!(set.stats().migration, None);
        /// ```
        pub fn finish_resize(&self) {
            |view| view.finish().unwrap_or_else(|error| error.raise()), then flush_large
        }
    }
}

impl<K: WordKey, S: Mix, R: Reclaim> WordSet<K, S, R> {
    /// Inserts many elements; how many were new. See
    /// [`WordMap::insert_many`](crate::WordMap::insert_many).
    ///
    /// # Panics
    /// As [`insert`](Self::insert).
    ///
    /// ```
    /// let set = dolmen::WordSet::from(['a']);
    /// assert_eq!(set.insert_many(['a', 'b', 'b']), 1);
    /// ```
    pub fn insert_many(&self, elements: impl IntoIterator<Item = K>) -> usize {
        self.map.insert_many(elements.into_iter().map(|element| (element, ())))
    }

    /// Frees what waits and may be freed by now: see [`WordMap::flush`](crate::WordMap::flush).
    ///
    /// ```
    /// let set: dolmen::WordSet<u64> = (0..1000).collect();
    /// set.flush();
    /// ```
    pub fn flush(&self) {
        self.map.flush();
    }

    /// Looks at the set: see [`WordMap::stats`](crate::WordMap::stats).
    ///
    /// ```
    /// let set: dolmen::WordSet<u64> = (0..100).collect();
    /// assert_eq!(set.stats().len, 100);
    /// ```
    pub fn stats(&self) -> Stats {
        self.map.stats()
    }
}

impl<K: WordKey, S: Mix, R: Reclaim, G: Guard> Pinned<'_, K, S, R, G> {
    /// See [`WordSet::insert_many`].
    pub fn insert_many(&self, elements: impl IntoIterator<Item = K>) -> usize {
        self.set().insert_many(elements)
    }
}
