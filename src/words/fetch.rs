//! Counting: read, compute and write back in one step, as std's atomics do.

use super::primitive::sealed::Arithmetic;
use super::view::{View, old};
use super::{Mix, Word, WordInteger, WordKey, WordMap, on_both};
use crate::map::{Operation, TryUpdate};
use crate::raw::Key;
use crate::reclaim::Reclaim;

impl<K: WordKey, V: WordInteger, S: Mix, R: Reclaim> View<'_, K, V, S, R> {
    /// Computes with the value of a key that is present; what it was.
    #[inline(always)]
    pub(super) fn fetch_at(
        self,
        key: Key,
        f: impl Fn(V::Repr, V::Repr) -> V::Repr,
        by: V,
    ) -> Option<V> {
        self.try_update_at(key, move |value| Some(apply(&f, value, by)), before)
    }

    /// Computes with the value of a key, or with `start` where it is absent; what it was.
    #[inline(always)]
    pub(super) fn fetch_or_at(
        self,
        key: Key,
        f: impl Fn(V::Repr, V::Repr) -> V::Repr,
        by: V,
        start: V,
    ) -> Option<V> {
        let add = move |current: Option<V>| {
            Operation::<V, ()>::Insert(apply(&f, current.unwrap_or(start), by))
        };
        self.compute_at(key, add, old)
    }

    #[inline(always)]
    fn fetch(self, key: K, f: impl Fn(V::Repr, V::Repr) -> V::Repr, by: V) -> Option<V> {
        let key = self.key(key);
        self.fetch_at(key, f, by)
    }

    #[inline(always)]
    fn fetch_or(
        self,
        key: K,
        f: impl Fn(V::Repr, V::Repr) -> V::Repr,
        by: V,
        start: V,
    ) -> Option<V> {
        let key = self.key(key);
        self.fetch_or_at(key, f, by, start)
    }
}

/// What an update found.
#[inline(always)]
pub(super) fn before<V>(done: TryUpdate<V>) -> Option<V> {
    match done {
        TryUpdate::Updated { old, .. } => Some(old),
        _ => None,
    }
}

#[inline(always)]
fn apply<V: Word>(f: impl Fn(V::Repr, V::Repr) -> V::Repr, value: V, by: V) -> V {
    V::from_repr(f(value.into_repr(), by.into_repr()))
}

// Lock-free, all of them; they linearize at the compare-exchange, or at the load that found the key
// absent.
on_both! {
    impl<K: WordKey, V: WordInteger> WordMap and Pinned {
        /// Adds `by` to the value of a key that is present, wrapping around; returns what it was.
        ///
        /// No count is lost. [`fetch_add_or`](Self::fetch_add_or) inserts where the key is absent.
        ///
        /// # Panics
        /// As [`insert`](WordMap::insert).
        ///
        /// ```
        /// let map = dolmen::WordMap::new();
        /// map.insert('a', 255u8);
        /// assert_eq!(map.fetch_add('a', 2), Some(255));
        /// assert_eq!(map.get('a'), Some(1));
        /// assert_eq!(map.fetch_add('b', 2), None);
        /// ```
        pub fn fetch_add(&self, key: K, by: V) -> Option<V> {
            |view| view.fetch(key, Arithmetic::add, by)
        }

        /// Adds `by` to the value of a key, wrapping around, or to `start` where the key is absent, which
        /// inserts it; returns what it was, `None` for absent.
        ///
        /// # Panics
        /// As [`insert`](WordMap::insert).
        ///
        /// ```
        /// let counts = dolmen::WordMap::new();
        /// for word in ["a", "b", "a"] {
        ///     counts.fetch_add_or(word.as_bytes()[0], 1, 0);
        /// }
        /// assert_eq!((counts.get(b'a'), counts.get(b'b')), (Some(2), Some(1)));
        /// ```
        pub fn fetch_add_or(&self, key: K, by: V, start: V) -> Option<V> {
            |view| view.fetch_or(key, Arithmetic::add, by, start)
        }

        /// Subtracts `by` from the value of a key that is present, wrapping around; returns what it was.
        ///
        /// Panics as [`fetch_add`](Self::fetch_add).
        ///
        /// ```
        /// let map = dolmen::WordMap::new();
        /// map.insert('a', 7);
        /// assert_eq!(map.fetch_sub('a', 2), Some(7));
        /// assert_eq!(map.get('a'), Some(5));
        /// ```
        pub fn fetch_sub(&self, key: K, by: V) -> Option<V> {
            |view| view.fetch(key, Arithmetic::sub, by)
        }

        /// [`fetch_sub`](Self::fetch_sub) which starts from `start` where the key is absent, and inserts what
        /// comes of it; returns what was there. Panics as [`fetch_add_or`](Self::fetch_add_or).
        ///
        /// ```
        /// let credit = dolmen::WordMap::new();
        /// assert_eq!(credit.fetch_sub_or('a', 3, 10), None);
        /// assert_eq!(credit.fetch_sub_or('a', 3, 10), Some(7));
        /// ```
        pub fn fetch_sub_or(&self, key: K, by: V, start: V) -> Option<V> {
            |view| view.fetch_or(key, Arithmetic::sub, by, start)
        }

        /// Raises the value of a key that is present to `by`, if it is less; returns what it was.
        ///
        /// Panics as [`fetch_add`](Self::fetch_add).
        ///
        /// ```
        /// let map = dolmen::WordMap::new();
        /// map.insert('a', 7);
        /// assert_eq!(map.fetch_max('a', 9), Some(7));
        /// assert_eq!(map.get('a'), Some(9));
        /// ```
        pub fn fetch_max(&self, key: K, by: V) -> Option<V> {
            |view| view.fetch(key, Ord::max, by)
        }

        /// [`fetch_max`](Self::fetch_max) which starts from `start` where the key is absent, and inserts what
        /// comes of it; returns what was there. Panics as [`fetch_add_or`](Self::fetch_add_or).
        ///
        /// ```
        /// let highest = dolmen::WordMap::new();
        /// assert_eq!(highest.fetch_max_or('a', 3, 0), None);
        /// assert_eq!(highest.fetch_max_or('a', 2, 0), Some(3));
        /// assert_eq!(highest.get('a'), Some(3));
        /// ```
        pub fn fetch_max_or(&self, key: K, by: V, start: V) -> Option<V> {
            |view| view.fetch_or(key, Ord::max, by, start)
        }

        /// Lowers the value of a key that is present to `by`, if it is more; returns what it was.
        ///
        /// Panics as [`fetch_add`](Self::fetch_add).
        ///
        /// ```
        /// let map = dolmen::WordMap::new();
        /// map.insert('a', 7);
        /// assert_eq!(map.fetch_min('a', 5), Some(7));
        /// assert_eq!(map.get('a'), Some(5));
        /// ```
        pub fn fetch_min(&self, key: K, by: V) -> Option<V> {
            |view| view.fetch(key, Ord::min, by)
        }

        /// [`fetch_min`](Self::fetch_min) which starts from `start` where the key is absent, and inserts what
        /// comes of it; returns what was there. Panics as [`fetch_add_or`](Self::fetch_add_or).
        ///
        /// ```
        /// let lowest = dolmen::WordMap::new();
        /// assert_eq!(lowest.fetch_min_or('a', 3, i64::MAX), None);
        /// assert_eq!(lowest.fetch_min_or('a', 2, i64::MAX), Some(3));
        /// assert_eq!(lowest.get('a'), Some(2));
        /// ```
        pub fn fetch_min_or(&self, key: K, by: V, start: V) -> Option<V> {
            |view| view.fetch_or(key, Ord::min, by, start)
        }

        /// Keeps of the value of a key that is present the bits that `by` has; returns what it was.
        ///
        /// Panics as [`fetch_add`](Self::fetch_add).
        ///
        /// ```
        /// let map = dolmen::WordMap::new();
        /// map.insert('a', 0b110);
        /// assert_eq!(map.fetch_and('a', 0b011), Some(0b110));
        /// assert_eq!(map.get('a'), Some(0b010));
        /// ```
        pub fn fetch_and(&self, key: K, by: V) -> Option<V> {
            |view| view.fetch(key, Arithmetic::and, by)
        }

        /// [`fetch_and`](Self::fetch_and) which starts from `start` where the key is absent, and inserts what
        /// comes of it; returns what was there. Panics as [`fetch_add_or`](Self::fetch_add_or).
        ///
        /// ```
        /// let common = dolmen::WordMap::new();
        /// assert_eq!(common.fetch_and_or('a', 0b110, u32::MAX), None);
        /// assert_eq!(common.fetch_and_or('a', 0b011, u32::MAX), Some(0b110));
        /// assert_eq!(common.get('a'), Some(0b010));
        /// ```
        pub fn fetch_and_or(&self, key: K, by: V, start: V) -> Option<V> {
            |view| view.fetch_or(key, Arithmetic::and, by, start)
        }

        /// Adds the bits that `by` has to the value of a key that is present; returns what it was.
        ///
        /// Panics as [`fetch_add`](Self::fetch_add).
        ///
        /// ```
        /// let map = dolmen::WordMap::new();
        /// map.insert('a', 0b110);
        /// assert_eq!(map.fetch_or('a', 0b001), Some(0b110));
        /// assert_eq!(map.get('a'), Some(0b111));
        /// ```
        pub fn fetch_or(&self, key: K, by: V) -> Option<V> {
            |view| view.fetch(key, Arithmetic::or, by)
        }

        /// [`fetch_or`](Self::fetch_or) which starts from `start` where the key is absent, and inserts what
        /// comes of it; returns what was there. Panics as [`fetch_add_or`](Self::fetch_add_or).
        ///
        /// ```
        /// let seen = dolmen::WordMap::new();
        /// assert_eq!(seen.fetch_or_or('a', 0b110, 0), None);
        /// assert_eq!(seen.fetch_or_or('a', 0b001, 0), Some(0b110));
        /// assert_eq!(seen.get('a'), Some(0b111));
        /// ```
        pub fn fetch_or_or(&self, key: K, by: V, start: V) -> Option<V> {
            |view| view.fetch_or(key, Arithmetic::or, by, start)
        }

        /// Flips the bits that `by` has in the value of a key that is present; returns what it was.
        ///
        /// Panics as [`fetch_add`](Self::fetch_add).
        ///
        /// ```
        /// let map = dolmen::WordMap::new();
        /// map.insert('a', 0b110);
        /// assert_eq!(map.fetch_xor('a', 0b011), Some(0b110));
        /// assert_eq!(map.get('a'), Some(0b101));
        /// ```
        pub fn fetch_xor(&self, key: K, by: V) -> Option<V> {
            |view| view.fetch(key, Arithmetic::xor, by)
        }

        /// [`fetch_xor`](Self::fetch_xor) which starts from `start` where the key is absent, and inserts what
        /// comes of it; returns what was there. Panics as [`fetch_add_or`](Self::fetch_add_or).
        ///
        /// ```
        /// let parity = dolmen::WordMap::new();
        /// assert_eq!(parity.fetch_xor_or('a', 1, 0), None);
        /// assert_eq!(parity.fetch_xor_or('a', 1, 0), Some(1));
        /// assert_eq!(parity.get('a'), Some(0));
        /// ```
        pub fn fetch_xor_or(&self, key: K, by: V, start: V) -> Option<V> {
            |view| view.fetch_or(key, Arithmetic::xor, by, start)
        }
    }
}
