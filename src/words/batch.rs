//! Many keys in one call: the lines of all are asked for before any is waited for.

use super::primitive::sealed::Arithmetic;
use super::view::View;
use super::{Mix, Pinned, Word, WordInteger, WordKey, WordMap, on_both};
use crate::map::{Asked, TryRemove};
use crate::raw::Key;
use crate::reclaim::{Guard, Reclaim};

/// Keys whose lines are under way at once: enough to cover the latency of memory, few enough for
/// them to stay in the first-level cache.
const BATCH: usize = 32;

impl<K: WordKey, V: Word, S: Mix, R: Reclaim> View<'_, K, V, S, R> {
    /// Runs `f` on each item and its key, in order, once their lines are under way.
    #[inline]
    pub(super) fn in_batches<T: Copy>(
        self,
        items: &[T],
        key: impl Fn(T) -> K,
        mut f: impl FnMut(usize, T, Key),
    ) {
        for (batch, items) in items.chunks(BATCH).enumerate() {
            let mut keys = [Key::new(0); BATCH];
            let asked = Asked::of(items.iter().zip(&mut keys), |(item, mixed)| {
                *mixed = self.key(key(*item));
                self.prefetch(*mixed);
            });
            for (i, (item, key)) in items.iter().zip(keys).take(asked.count).enumerate() {
                f(batch * BATCH + i, *item, key);
            }
            asked.go_on();
        }
    }

    /// How many items `f` says true of.
    #[inline]
    pub(super) fn count<T: Copy>(
        self,
        items: &[T],
        key: impl Fn(T) -> K,
        f: impl Fn(Self, T, Key) -> bool,
    ) -> usize {
        let mut count = 0;
        self.in_batches(items, key, |_, item, key| count += usize::from(f(self, item, key)));
        count
    }

    pub(super) fn remove_many(self, keys: &[K]) -> usize {
        let is_removed = |done: TryRemove<V>| done.removed().is_some();
        let remove = |view: Self, _, key| view.try_remove_at(key, |_| true, is_removed);
        self.count(keys, |key| key, remove)
    }

    fn get_many_into(self, keys: &[K], found: &mut Vec<Option<V>>) {
        found.reserve(keys.len());
        self.in_batches(keys, |key| key, |_, _, key| found.push(self.get_at(key)));
    }
}

// Lock-free, all of them; O(keys). Each key's step linearizes by itself, as that of the single call.
on_both! {
    impl<K: WordKey, V: Word> WordMap and Pinned {
        /// Looks many keys up: `f` gets each one's place and value, in order.
        ///
        /// On large maps several times as fast as one [`get`](Self::get) after the other: the lines of 32
        /// keys are fetched at once. Each look-up linearizes by itself. Lock-free; O(keys). If `f` panics,
        /// the keys behind are not looked up.
        ///
        /// ```
        /// let map = dolmen::WordMap::from([('a', 1), ('b', 2)]);
        /// let mut sum = 0;
        /// map.get_many(&['a', 'x', 'b'], |i, value| sum += value.map_or(0, |v| i * v));
        /// assert_eq!(sum, 4);
        /// ```
        pub fn get_many(&self, keys: &[K], f: impl FnMut(usize, Option<V>)) {
            |view| {
                let mut f = f;
                view.pinned(|view, _| {
                    view.in_batches(keys, |key| key, |i, _, key| f(i, view.get_at(key)));
                });
            }
        }

        /// As [`get_many`](Self::get_many), into a vector.
        ///
        /// ```
        /// let map = dolmen::WordMap::from([('a', 1), ('b', 2)]);
        /// let mut found = Vec::new();
        /// map.get_many_into(&['a', 'x', 'b'], &mut found);
        /// assert_eq!(found, [Some(1), None, Some(2)]);
        /// ```
        pub fn get_many_into(&self, keys: &[K], found: &mut Vec<Option<V>>) {
            |view| view.pinned(|view, _| view.get_many_into(keys, found))
        }

        /// How many of the keys are present; each looked up by itself, as by
        /// [`get_many`](Self::get_many).
        ///
        /// ```
        /// let map = dolmen::WordMap::from([('a', 1), ('b', 2)]);
        /// assert_eq!(map.contains_many(&['a', 'x', 'b']), 2);
        /// ```
        pub fn contains_many(&self, keys: &[K]) -> usize {
            |view| view.pinned(|view, _| {
                view.count(keys, |key| key, |view, _, key| view.get_at(key).is_some())
            })
        }

        /// Removes many keys, in order, their lines fetched together. Returns how many were there. Each
        /// removal linearizes by itself. Lock-free; O(keys).
        ///
        /// # Panics
        /// As [`remove`](Self::remove).
        ///
        /// ```
        /// let map = dolmen::WordMap::from([('a', 1), ('b', 2)]);
        /// assert_eq!(map.remove_many(&['a', 'x']), 1);
        /// ```
        pub fn remove_many(&self, keys: &[K]) -> usize {
            |view| view.pinned(|view, _| view.remove_many(keys))
        }
    }
}

on_both! {
    impl<K: WordKey, V: WordInteger> WordMap and Pinned {
        /// [`fetch_add`](Self::fetch_add) on many keys, in order, their lines fetched together. Returns
        /// how many of them were present. Each addition linearizes by itself. Lock-free; O(keys).
        ///
        /// # Panics
        /// As there.
        ///
        /// ```
        /// let map = dolmen::WordMap::from([('a', 1)]);
        /// assert_eq!(map.fetch_add_many(&[('a', 5), ('x', 5), ('a', 1)]), 2);
        /// assert_eq!(map.get('a'), Some(7));
        /// ```
        pub fn fetch_add_many(&self, entries: &[(K, V)]) -> usize {
            |view| view.pinned(|view, _| {
                view.count(entries, |(key, _)| key, |view, (_, by), key| {
                    view.fetch_at(key, Arithmetic::add, by).is_some()
                })
            })
        }

        /// [`fetch_add_or`](Self::fetch_add_or) on many keys, as
        /// [`fetch_add_many`](Self::fetch_add_many). Returns how many of them were new.
        ///
        /// # Panics
        /// As there.
        ///
        /// ```
        /// let map = dolmen::WordMap::from([('a', 1)]);
        /// assert_eq!(map.fetch_add_many_or(&[('a', 5), ('x', 5), ('x', 1)], 0), 1);
        /// assert_eq!((map.get('a'), map.get('x')), (Some(6), Some(6)));
        /// ```
        pub fn fetch_add_many_or(&self, entries: &[(K, V)], start: V) -> usize {
            |view| view.pinned(|view, _| {
                view.count(entries, |(key, _)| key, |view, (_, by), key| {
                    view.fetch_or_at(key, Arithmetic::add, by, start).is_none()
                })
            })
        }
    }
}

impl<K: WordKey, V: Word, S: Mix, R: Reclaim> WordMap<K, V, S, R> {
    /// Inserts many entries, in order, their lines fetched together, and completes the resize that
    /// this takes. Returns how many keys were new. Each insert linearizes by itself. Lock-free;
    /// O(entries), and of the whole map where it has to resize.
    ///
    /// Takes 32 entries from the iterator, or all that are left, before it inserts them.
    ///
    /// # Panics
    /// As [`insert`](Self::insert). What the iterator has given before it panics is inserted all the same.
    ///
    /// ```
    /// let map = dolmen::WordMap::from([('a', 1)]);
    /// assert_eq!(map.insert_many([('a', 2), ('b', 2)]), 1);
    /// ```
    pub fn insert_many(&self, entries: impl IntoIterator<Item = (K, V)>) -> usize {
        let mut entries = entries.into_iter();
        let mut batch = Vec::with_capacity(entries.size_hint().0.min(BATCH));
        let mut new = 0;
        loop {
            // Not under a pin: the iterator may take its time. If it panics, what it has given is inserted first.
            let taken = Asked::once(|| batch.extend(entries.by_ref().take(BATCH)));
            let insert =
                |view: View<'_, K, V, S, R>, (_, value), key| view.insert_at(key, value).is_none();
            new += self.view().pinned(|view, _| view.count(&batch, |(key, _)| key, insert));
            taken.go_on();
            // It is not asked again after its end.
            if batch.len() < BATCH {
                break;
            }
            batch.clear();
        }
        self.finish_resize();
        new
    }
}

impl<K: WordKey, V: Word, S: Mix, R: Reclaim, G: Guard> Pinned<'_, K, V, S, R, G> {
    /// See [`WordMap::insert_many`].
    pub fn insert_many(&self, entries: impl IntoIterator<Item = (K, V)>) -> usize {
        self.map().insert_many(entries)
    }
}
