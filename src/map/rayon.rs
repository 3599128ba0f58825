//! Parallel iteration and insertion; feature `rayon`.
//!
//! The slots are split by groups; nothing is collected first. A [`Ref`](crate::Ref) stays on its
//! thread, so shared parallel iteration is that of a pinned map: its one pin, held by the thread that
//! waits for the end, keeps what all threads see.

use super::batch::BATCH;
use super::{HashMap, Pinned};
use crate::raw::{Node, OwnedSplit, Split};
use crate::reclaim::{Epoch, Guard, Pin, Reclaim};
use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::marker::PhantomData;
use rayon::iter::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed};
use rayon::iter::{FromParallelIterator, IntoParallelIterator, ParallelExtend, ParallelIterator};
use std::vec::Drain;

/// A parallel iterator over the entries of a pinned map.
pub struct ParIter<'p, K, V>(Split<'p, (K, V)>);

/// A parallel iterator over the entries of a map, with values by `&mut`.
pub struct ParIterMut<'m, K, V> {
    nodes: Split<'m, (K, V)>,
    _map: PhantomData<&'m mut (K, V)>,
}

/// A parallel iterator over the entries of a map, owned.
pub struct ParIntoIter<K, V, S, R: Reclaim = Epoch>(HashMap<K, V, S, R>);

macro_rules! opaque_debug {
    ($($name:ident<$($p:tt),*>),*) => {$(
        impl<$($p,)*> fmt::Debug for $name<$($p),*> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}
opaque_debug!(ParIter<'p, K, V>, ParIterMut<'m, K, V>);

impl<K, V, S, R: Reclaim> fmt::Debug for ParIntoIter<K, V, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParIntoIter").finish_non_exhaustive()
    }
}

impl<'p, K: Sync, V: Sync, S, R: Reclaim, G: Guard> IntoParallelIterator
    for &'p Pinned<'_, K, V, S, R, G>
{
    type Item = (&'p K, &'p V);
    type Iter = ParIter<'p, K, V>;

    /// Weakly consistent, as [`HashMap::iter`].
    ///
    /// ```
    /// use rayon::prelude::*;
    ///
    /// let map: dolmen::HashMap<u64, u64> = (0..1000).map(|i| (i, i)).collect();
    /// let m = map.pin();
    /// assert_eq!(m.par_iter().map(|(_, v)| v).sum::<u64>(), 499_500);
    /// ```
    fn into_par_iter(self) -> ParIter<'p, K, V> {
        self.verbs().par_iter()
    }
}

impl<'g, K, V, S, R: Reclaim> super::View<'g, K, V, S, R> {
    fn par_iter(self) -> ParIter<'g, K, V> {
        ParIter(self.split())
    }
}

impl<'m, K: Send + Sync, V: Send + Sync, S, R: Reclaim> IntoParallelIterator
    for &'m mut HashMap<K, V, S, R>
{
    type Item = (&'m K, &'m mut V);
    type Iter = ParIterMut<'m, K, V>;

    /// ```
    /// use rayon::prelude::*;
    ///
    /// let mut map: dolmen::HashMap<u64, u64> = (0..1000).map(|i| (i, i)).collect();
    /// map.par_iter_mut().for_each(|(_, v)| *v *= 2);
    /// assert_eq!(*map.get(&7).unwrap(), 14);
    /// ```
    fn into_par_iter(self) -> ParIterMut<'m, K, V> {
        // SAFETY: nothing is retired while the map is borrowed, and iterating does not use the
        // index; the nodes of a `HashMap<K, V>` hold `(K, V)`.
        let nodes = unsafe { self.raw.split(Pin::exclusive()) };
        ParIterMut { nodes, _map: PhantomData }
    }
}

impl<K: Send, V: Send, S: Send, R: Reclaim> IntoParallelIterator for HashMap<K, V, S, R> {
    type Item = (K, V);
    type Iter = ParIntoIter<K, V, S, R>;

    /// ```
    /// use rayon::prelude::*;
    ///
    /// let map: dolmen::HashMap<u64, u64> = (0..1000).map(|i| (i, i)).collect();
    /// let values: Vec<u64> = map.into_par_iter().map(|(_, v)| v).collect();
    /// assert_eq!(values.len(), 1000);
    /// ```
    fn into_par_iter(self) -> ParIntoIter<K, V, S, R> {
        ParIntoIter(self)
    }
}

/// A part that can be halved, and what its nodes become.
struct Part<P, F>(P, F);

trait Halve: Iterator + Send + Sized {
    fn halve(&mut self) -> Option<Self>;
}

impl<E: Sync> Halve for Split<'_, E> {
    fn halve(&mut self) -> Option<Self> {
        Split::halve(self)
    }
}

impl<E: Send> Halve for OwnedSplit<'_, E> {
    fn halve(&mut self) -> Option<Self> {
        OwnedSplit::halve(self)
    }
}

impl<P: Halve, T, F: Fn(P::Item) -> T + Clone + Send> UnindexedProducer for Part<P, F> {
    type Item = T;

    fn split(mut self) -> (Self, Option<Self>) {
        let right = self.0.halve().map(|right| Part(right, self.1.clone()));
        (self, right)
    }

    fn fold_with<C: Folder<T>>(self, folder: C) -> C {
        folder.consume_iter(self.0.map(self.1))
    }
}

impl<'p, K: Sync, V: Sync> ParallelIterator for ParIter<'p, K, V> {
    type Item = (&'p K, &'p V);

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        let entry = |node: core::ptr::NonNull<super::view::Entry<K, V>>| {
            // SAFETY: a node of the map, which the pin keeps for `'p`.
            let (key, value) = unsafe { &*node.as_ptr() }.entry();
            (key, value)
        };
        bridge_unindexed(Part(self.0, entry), consumer)
    }
}

impl<'m, K: Send + Sync, V: Send + Sync> ParallelIterator for ParIterMut<'m, K, V> {
    type Item = (&'m K, &'m mut V);

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        let entry = |node: core::ptr::NonNull<super::view::Entry<K, V>>| {
            // SAFETY: the map is exclusively borrowed for `'m`, and each node is in one part, once.
            // What other parts read of it is the head, which these references do not cover.
            unsafe {
                let entry = Node::entry_of(node);
                (&(*entry).0, &mut (*entry).1)
            }
        };
        bridge_unindexed(Part(self.nodes, entry), consumer)
    }
}

impl<K: Send, V: Send, S: Send, R: Reclaim> ParallelIterator for ParIntoIter<K, V, S, R> {
    type Item = (K, V);

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(mut self, consumer: C) -> C::Result {
        // SAFETY: the nodes of a `HashMap<K, V>` hold `(K, V)`. What is not taken is dropped with
        // the map, at the end of this function.
        let whole = unsafe { self.0.raw.split_owned() };
        bridge_unindexed(Part(whole, |entry| entry), consumer)
    }
}

impl<K, V, S, R> ParallelExtend<(K, V)> for HashMap<K, V, S, R>
where
    K: Hash + Eq + Send + Sync,
    V: Send + Sync,
    S: BuildHasher + Sync,
    R: Reclaim,
{
    /// Inserts the entries from all threads, in batches, and completes the resize that this takes. Of
    /// two entries with one key, either may stay. If an iterator or a key's code panics, some of what
    /// was given may be missing.
    fn par_extend<I: IntoParallelIterator<Item = (K, V)>>(&mut self, entries: I) {
        let (map, entries) = (&*self, entries.into_par_iter());
        map.reserve(entries.opt_len().unwrap_or(0));
        in_batches(entries, |batch| {
            map.insert_many(batch);
        });
        map.finish_resize();
    }
}

/// Hands on what is yielded, in batches: for a map that nobody else sees, who might look for what was yielded
/// before.
pub(crate) fn in_batches<T: Send>(
    entries: impl ParallelIterator<Item = T>,
    insert: impl Fn(Drain<'_, T>) + Sync,
) {
    let begin = || Vec::with_capacity(BATCH);
    let add = |mut batch: Vec<T>, entry| {
        batch.push(entry);
        if batch.len() == BATCH {
            insert(batch.drain(..));
        }
        batch
    };
    entries.fold(begin, add).for_each(|mut rest| insert(rest.drain(..)));
}

impl<K, V, S, R> ParallelExtend<(K, V)> for &HashMap<K, V, S, R>
where
    K: Hash + Eq + Send + Sync,
    V: Send + Sync,
    S: BuildHasher + Sync,
    R: Reclaim,
{
    /// As for the map itself, but other threads may use it meanwhile, and see each entry that was asked for.
    fn par_extend<I: IntoParallelIterator<Item = (K, V)>>(&mut self, entries: I) {
        let map: &HashMap<K, V, S, R> = self;
        let entries = entries.into_par_iter();
        map.reserve(entries.opt_len().unwrap_or(0));
        entries.for_each(|(key, value)| {
            map.insert(key, value);
        });
        map.finish_resize();
    }
}

impl<K, V, S, R> FromParallelIterator<(K, V)> for HashMap<K, V, S, R>
where
    K: Hash + Eq + Send + Sync,
    V: Send + Sync,
    S: BuildHasher + Default + Sync,
    R: Reclaim,
{
    /// ```
    /// use rayon::prelude::*;
    ///
    /// let map: dolmen::HashMap<u64, u64> = (0..1000u64).into_par_iter().map(|i| (i, i)).collect();
    /// assert_eq!(map.len(), 1000);
    /// ```
    fn from_par_iter<I: IntoParallelIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::default();
        map.par_extend(entries);
        map
    }
}
