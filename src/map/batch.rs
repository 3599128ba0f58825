//! Many keys in one call: the memory of all is asked for before any is waited for.
//!
//! A look-up waits for two lines, one after the other: the group and the node. A batch computes all
//! hashes and asks for all groups, then for all nodes that the groups propose, then looks the keys
//! up; so the waits of [`BATCH`] keys overlap.

use super::hash::ident_of;
use super::view::View;
use super::{HashMap, Pinned};
use crate::raw::Ident;
use crate::reclaim::{Guard, Reclaim};
use core::hash::{BuildHasher, Hash};
use core::mem::{self, ManuallyDrop};
use equivalent::Equivalent;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Keys whose memory is under way at once: enough to cover the latency of memory, few enough for
/// their lines to stay in the first-level cache.
pub(super) const BATCH: usize = 32;

/// How much of a batch was asked for, in order: all of it, or what is before the item that panicked, whose turn
/// that is when these are done.
pub(crate) struct Asked {
    pub(crate) count: usize,
    /// Forgotten where another panic comes first, for it may panic when it is dropped.
    panic: ManuallyDrop<std::thread::Result<()>>,
}

impl Asked {
    #[inline(always)]
    pub(crate) fn of<T>(batch: impl Iterator<Item = T>, mut ask: impl FnMut(T)) -> Self {
        let mut count = 0;
        let asked = Asked::once(|| {
            batch.for_each(|item| {
                ask(item);
                count += 1;
            });
        });
        Asked { count, ..asked }
    }

    /// Of one item.
    #[inline(always)]
    pub(crate) fn once(ask: impl FnOnce()) -> Self {
        let panic = catch_unwind(AssertUnwindSafe(ask));
        Asked { count: usize::from(panic.is_ok()), panic: ManuallyDrop::new(panic) }
    }

    /// Goes on with the panic, if there is one: also where the thread unwinds already, for the call must not return
    /// as if it had done all.
    #[inline(always)]
    pub(crate) fn go_on(self) {
        if let Err(panic) = ManuallyDrop::into_inner(self.panic) {
            resume_unwind(panic);
        }
    }
}

impl<'g, K, V, S, R> View<'g, K, V, S, R>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// Runs `f` on each key and its ident, in order, once their memory is under way.
    fn in_batches<'q, Q, T>(
        self,
        items: &'q [T],
        key: impl Fn(&'q T) -> &'q Q,
        mut f: impl FnMut(usize, &'q T, Ident),
    ) where
        Q: Hash + ?Sized + 'q,
    {
        for (start, batch) in items.chunks(BATCH).enumerate() {
            let (idents, asked) = self.ask_for(batch, &key);
            for (i, (item, ident)) in batch.iter().zip(idents).take(asked.count).enumerate() {
                f(start * BATCH + i, item, ident);
            }
            asked.go_on();
        }
    }

    /// The idents of a batch, one for each item; their memory is under way from here on.
    #[inline(always)]
    fn ask_for<'q, Q, T>(
        self,
        batch: &'q [T],
        key: impl Fn(&'q T) -> &'q Q,
    ) -> ([Ident; BATCH], Asked)
    where
        Q: Hash + ?Sized + 'q,
    {
        let mut idents = [Ident::new(0); BATCH];
        let asked = Asked::of(batch.iter().zip(&mut idents), |(item, ident)| {
            *ident = ident_of(self.map().hasher(), key(item));
            self.prefetch_group(*ident);
        });
        for ident in &idents[..asked.count] {
            self.prefetch_node(*ident);
        }
        (idents, asked)
    }

    pub(crate) fn get_many<Q>(self, keys: &[Q], mut f: impl FnMut(usize, Option<&'g (K, V)>))
    where
        Q: Hash + Equivalent<K>,
    {
        self.in_batches(
            keys,
            |key| key,
            |i, key, ident| f(i, self.find_at(ident, key).map(|node| node.entry())),
        );
    }

    /// Runs `put` on each entry of a batch, from the last on, once their memory is under way; how often it
    /// says true.
    fn put_batch(
        self,
        batch: &mut Vec<(K, V)>,
        put: impl Fn(Self, Ident, (K, V)) -> bool,
    ) -> usize {
        let (idents, asked) = self.ask_for(batch, |(key, _)| key);
        // Those that were hashed are at the wrong end; and all are inserted, one by one, where one panics.
        asked.go_on();
        let mut new = 0;
        for ident in idents[..batch.len()].iter().rev() {
            // Out of the batch before user code runs on it.
            let Some(entry) = batch.pop() else { break };
            new += usize::from(put(self, *ident, entry));
        }
        new
    }
}

/// Entries that an iterator has given. If it panics, or the code of one of them, the others are inserted all the same,
/// one by one: whoever catches the panic finds nothing lost but that.
struct Taken<'m, K, V, S, R, P>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
    P: Fn(View<'_, K, V, S, R>, Ident, (K, V)) -> bool,
{
    map: &'m HashMap<K, V, S, R>,
    put: P,
    batch: Vec<(K, V)>,
    /// Whether the first is at the end, to be popped.
    is_reversed: bool,
}

impl<K, V, S, R, P> Drop for Taken<'_, K, V, S, R, P>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
    P: Fn(View<'_, K, V, S, R>, Ident, (K, V)) -> bool,
{
    fn drop(&mut self) {
        if !self.is_reversed {
            self.batch.reverse();
        }
        while let Some(entry) = self.batch.pop() {
            let (map, put) = (self.map, &self.put);
            let insert = move || {
                let ident = ident_of(map.hasher(), &entry.0);
                map.with_view(|view| put(view, ident, entry))
            };
            // The first panic goes on; what others carry may panic when it is dropped.
            mem::forget(catch_unwind(AssertUnwindSafe(insert)));
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
    /// Looks many keys up: `f` gets each one's place and value, in order.
    ///
    /// On large maps about twice as fast as one [`get`](Self::get) after the other: the memory of
    /// 32 keys is fetched at once. Each look-up linearizes by itself. Lock-free; O(keys). If `f`
    /// panics, the keys behind are not looked up.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1), ("b", 2)]);
    /// let mut sum = 0;
    /// map.pin().get_many(&["a", "x", "b"], |i, value| sum += value.map_or(0, |v| i as i32 * v));
    /// assert_eq!(sum, 4);
    /// ```
    pub fn get_many<Q>(&self, keys: &[Q], mut f: impl FnMut(usize, Option<&V>))
    where
        Q: Hash + Equivalent<K>,
    {
        self.verbs().get_many(keys, |i, entry| f(i, entry.map(|(_, value)| value)));
    }

    /// As [`get_many`](Self::get_many), into a vector of references.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1), ("b", 2)]);
    /// let m = map.pin();
    /// let mut found = Vec::new();
    /// m.get_many_into(&["a", "x", "b"], &mut found);
    /// assert_eq!(found, [Some(&1), None, Some(&2)]);
    /// ```
    pub fn get_many_into<'p, Q>(&'p self, keys: &[Q], found: &mut Vec<Option<&'p V>>)
    where
        Q: Hash + Equivalent<K>,
    {
        found.reserve(keys.len());
        self.verbs().get_many(keys, |_, entry| found.push(entry.map(|(_, value)| value)));
    }

    /// See [`HashMap::contains_many`].
    pub fn contains_many<Q>(&self, keys: &[Q]) -> usize
    where
        Q: Hash + Equivalent<K>,
    {
        let mut count = 0;
        self.verbs().get_many(keys, |_, entry| count += usize::from(entry.is_some()));
        count
    }

    /// See [`HashMap::insert_many`].
    pub fn insert_many(&self, entries: impl IntoIterator<Item = (K, V)>) -> usize {
        self.map().insert_many(entries)
    }

    /// See [`HashMap::remove_many`].
    pub fn remove_many<Q>(&self, keys: &[Q]) -> usize
    where
        Q: Hash + Equivalent<K>,
    {
        let (mut count, view) = (0, self.verbs());
        let remove = |key, ident| view.try_remove_at(ident, key, |_, _| true).removed();
        view.in_batches(
            keys,
            |key| key,
            |_, key, ident| count += usize::from(remove(key, ident).is_some()),
        );
        count
    }
}

impl<K, V, S, R> HashMap<K, V, S, R>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// See [`Pinned::get_many`].
    ///
    /// ```
    /// let map = dolmen::HashMap::from([(1, "one"), (2, "two")]);
    /// map.get_many(&[2, 3], |i, value| assert_eq!(value.is_some(), i == 0));
    /// ```
    pub fn get_many<Q>(&self, keys: &[Q], f: impl FnMut(usize, Option<&V>))
    where
        Q: Hash + Equivalent<K>,
    {
        self.pin().get_many(keys, f);
    }

    /// As [`get_many`](Self::get_many), into a vector of clones. Under a pin,
    /// [`Pinned::get_many_into`] gives references.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([(1, "one"), (2, "two")]);
    /// let mut found = Vec::new();
    /// map.get_many_into(&[2, 3], &mut found);
    /// assert_eq!(found, [Some("two"), None]);
    /// ```
    pub fn get_many_into<Q>(&self, keys: &[Q], found: &mut Vec<Option<V>>)
    where
        Q: Hash + Equivalent<K>,
        V: Clone,
    {
        found.reserve(keys.len());
        self.get_many(keys, |_, value| found.push(value.cloned()));
    }

    /// How many of the keys are present; each looked up by itself, their memory fetched together.
    /// Lock-free; O(keys).
    ///
    /// ```
    /// let map = dolmen::HashMap::from([(1, "one"), (2, "two")]);
    /// assert_eq!(map.contains_many(&[1, 2, 3]), 2);
    /// ```
    pub fn contains_many<Q>(&self, keys: &[Q]) -> usize
    where
        Q: Hash + Equivalent<K>,
    {
        self.pin().contains_many(keys)
    }

    /// Inserts many entries, in order, their memory fetched together, and completes the resize that
    /// this takes. Returns how many keys were new. Each insert linearizes by itself. Lock-free;
    /// O(entries), and of the whole map where it has to resize.
    ///
    /// Takes 32 entries from the iterator, or all that are left, before it inserts them.
    ///
    /// # Panics
    /// As [`insert`](Self::insert). What the iterator has given before is inserted all the same.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([(1, "one")]);
    /// assert_eq!(map.insert_many([(1, "uno"), (2, "dos")]), 1);
    /// ```
    pub fn insert_many(&self, entries: impl IntoIterator<Item = (K, V)>) -> usize {
        self.put_many(entries, |view, ident, entry| view.insert_at(ident, entry).is_none())
    }

    /// Runs `put` on many entries; how often it says true.
    pub(crate) fn put_many(
        &self,
        entries: impl IntoIterator<Item = (K, V)>,
        put: impl Fn(View<'_, K, V, S, R>, Ident, (K, V)) -> bool,
    ) -> usize {
        let mut entries = entries.into_iter();
        let batch = Vec::with_capacity(entries.size_hint().0.min(BATCH));
        let mut taken = Taken { map: self, put, batch, is_reversed: false };
        let mut new = 0;
        loop {
            // Not under a pin: the iterator may take its time.
            taken.batch.extend(entries.by_ref().take(BATCH));
            // It is not asked again after its end.
            let is_last = taken.batch.len() < BATCH;
            taken.batch.reverse();
            taken.is_reversed = true;
            new += self.with_view(|view| view.put_batch(&mut taken.batch, &taken.put));
            if is_last {
                break;
            }
            taken.is_reversed = false;
        }
        self.finish_resize();
        new
    }

    /// Removes many keys, in order, their memory fetched together. Returns how many were there. Each
    /// removal linearizes by itself. Lock-free; O(keys).
    ///
    /// # Panics
    /// As [`remove`](Self::remove).
    ///
    /// ```
    /// let map = dolmen::HashMap::from([(1, "one"), (2, "two")]);
    /// assert_eq!(map.remove_many(&[2, 3]), 1);
    /// ```
    pub fn remove_many<Q>(&self, keys: &[Q]) -> usize
    where
        Q: Hash + Equivalent<K>,
    {
        self.pin().remove_many(keys)
    }
}
