//! Iterators over a map of words, each holding a pin, and those that take out what they yield.

use super::typed::TypedEntries;
use super::view::View;
use super::{Mix, Pinned, RandomMix, Word, WordKey, WordMap};
use crate::reclaim::{Epoch, Guard, Reclaim};
use core::fmt;
use core::iter::FusedIterator;

/// An iterator over the entries of a map of words. See [`WordMap::iter`].
pub struct Iter<'m, K, V, S = RandomMix, R: Reclaim + 'm = Epoch> {
    entries: TypedEntries<'m, K, V, S>,
    guard: R::Guard<'m>,
}

/// An iterator over the entries of a pinned map of words. See [`WordMap::iter`].
pub struct PinnedIter<'p, K, V, S = RandomMix>(TypedEntries<'p, K, V, S>);

impl<K: WordKey, V: Word, S: Mix, R: Reclaim> WordMap<K, V, S, R> {
    /// Iterates over the entries, in no particular order.
    ///
    /// Weakly consistent: a key that is present throughout is yielded exactly once, with a value that
    /// it had meanwhile; no key is yielded twice, and what others insert or remove meanwhile is yielded
    /// or not. Neither waits for a resize nor finishes one. Lock-free; O(capacity) in all. Holds a
    /// pin.
    ///
    /// ```
    /// let map = dolmen::WordMap::from([('a', 1), ('b', 2)]);
    /// assert_eq!(map.iter().map(|(_, value)| value).sum::<i32>(), 3);
    /// ```
    pub fn iter(&self) -> Iter<'_, K, V, S, R> {
        let guard = self.typed.raw().reclaim.pin();
        // SAFETY: the pin is used by `entries` only, which lives beside the guard; words leave it by
        // value.
        let pin = unsafe { guard.as_pin().with_lifetime() };
        Iter { entries: self.typed.entries(pin), guard }
    }

    /// Iterates over the keys; see [`iter`](Self::iter).
    ///
    /// ```
    /// let map = dolmen::WordMap::from([('a', 1), ('b', 2)]);
    /// let mut keys: Vec<char> = map.keys().collect();
    /// keys.sort();
    /// assert_eq!(keys, ['a', 'b']);
    /// ```
    pub fn keys(&self) -> Keys<'_, K, V, S, R> {
        Keys(self.iter())
    }

    /// Iterates over the values; see [`iter`](Self::iter).
    ///
    /// ```
    /// let map = dolmen::WordMap::from([('a', 1), ('b', 2)]);
    /// assert_eq!(map.values().max(), Some(2));
    /// ```
    pub fn values(&self) -> Values<'_, K, V, S, R> {
        Values(self.iter())
    }

    /// Removes entries one by one, and hands them out.
    ///
    /// Each entry is handed out exactly once among concurrent drains and removals. An entry that is
    /// present throughout is handed out by one of the drains that run to their end; what is inserted
    /// meanwhile may stay. A drain that is dropped early leaves the rest in the map. Lock-free; each
    /// removal linearizes as [`remove`](Self::remove).
    ///
    /// ```
    /// let map: dolmen::WordMap<u64, u64> = (0..10).map(|i| (i, i)).collect();
    /// assert_eq!(map.drain().take(3).count(), 3);
    /// assert_eq!(map.len(), 7);
    /// assert_eq!(map.drain().count(), 7);
    /// assert!(map.is_empty());
    /// ```
    pub fn drain(&self) -> Drain<'_, K, V, S, R> {
        Drain { map: self, entries: self.iter() }
    }
}

impl<K: WordKey, V: Word, S: Mix, R: Reclaim, G: Guard> Pinned<'_, K, V, S, R, G> {
    /// See [`WordMap::iter`].
    pub fn iter(&self) -> PinnedIter<'_, K, V, S> {
        PinnedIter(self.typed().entries(self.as_pin()))
    }

    /// See [`WordMap::keys`].
    pub fn keys(&self) -> PinnedKeys<'_, K, V, S> {
        PinnedKeys(self.iter())
    }

    /// See [`WordMap::values`].
    pub fn values(&self) -> PinnedValues<'_, K, V, S> {
        PinnedValues(self.iter())
    }

    /// See [`WordMap::drain`].
    pub fn drain(&self) -> PinnedDrain<'_, K, V, S, R> {
        PinnedDrain { view: self.view(), entries: self.iter() }
    }
}

impl<K, V, S, R: Reclaim> Clone for Iter<'_, K, V, S, R> {
    fn clone(&self) -> Self {
        Iter { entries: self.entries.clone(), guard: self.guard.clone() }
    }
}

impl<K, V, S> Clone for PinnedIter<'_, K, V, S> {
    fn clone(&self) -> Self {
        PinnedIter(self.0.clone())
    }
}

/// An iterator that removes what it yields: see [`WordMap::drain`].
pub struct Drain<'m, K, V, S = RandomMix, R: Reclaim + 'm = Epoch> {
    map: &'m WordMap<K, V, S, R>,
    entries: Iter<'m, K, V, S, R>,
}

/// An iterator that removes what it yields, under a pin: see [`WordMap::drain`].
pub struct PinnedDrain<'p, K, V, S = RandomMix, R: Reclaim = Epoch> {
    view: View<'p, K, V, S, R>,
    entries: PinnedIter<'p, K, V, S>,
}

impl<'m, K: WordKey, V: Word, S: Mix, R: Reclaim> Drain<'m, K, V, S, R> {
    /// What it has not come to yet.
    pub(super) fn rest(&self) -> Iter<'m, K, V, S, R> {
        self.entries.clone()
    }
}

impl<'p, K: WordKey, V: Word, S: Mix, R: Reclaim> PinnedDrain<'p, K, V, S, R> {
    /// What it has not come to yet.
    pub(super) fn rest(&self) -> PinnedIter<'p, K, V, S> {
        self.entries.clone()
    }
}

/// What the iterators have that end for good, and show what is left to them.
macro_rules! iterators {
    ($(
        $Iter:ident<$life:lifetime $(, $R:ident)?>: $item:ty,
        |$this:ident| $next:expr, |$shown:ident| $rest:expr, $($Shown:ident),+;
    )+) => {$(
        impl<$life, K: WordKey, V: Word, S: Mix $(, $R: Reclaim)?> Iterator
            for $Iter<$life, K, V, S $(, $R)?>
        {
            type Item = $item;

            #[inline]
            fn next(&mut self) -> Option<Self::Item> {
                let $this = self;
                $next
            }
        }

        impl<K: WordKey, V: Word, S: Mix $(, $R: Reclaim)?> FusedIterator
            for $Iter<'_, K, V, S $(, $R)?>
        {
        }

        impl<K: WordKey, V: Word, S: Mix $(, $R: Reclaim)?> fmt::Debug
            for $Iter<'_, K, V, S $(, $R)?>
        where
            $($Shown: fmt::Debug,)+
        {
            /// What is left to be yielded, as it is now.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let $shown = self;
                f.debug_list().entries($rest).finish()
            }
        }
    )+};
}

iterators! {
    Iter<'m, R>: (K, V), |iter| iter.entries.next(), |iter| iter.clone(), K, V;
    PinnedIter<'p>: (K, V), |iter| iter.0.next(), |iter| iter.clone(), K, V;
    Keys<'m, R>: K, |keys| keys.0.next().map(first), |keys| keys.clone(), K;
    Values<'m, R>: V, |values| values.0.next().map(second), |values| values.clone(), V;
    PinnedKeys<'p>: K, |keys| keys.0.next().map(first), |keys| keys.clone(), K;
    PinnedValues<'p>: V, |values| values.0.next().map(second), |values| values.clone(), V;
    Drain<'m, R>: (K, V),
        |drain| take_next(&mut drain.entries.entries, drain.map.view()),
        |drain| drain.rest(), K, V;
    PinnedDrain<'p, R>: (K, V),
        |drain| take_next(&mut drain.entries.0, drain.view),
        |drain| drain.rest(), K, V;
}

/// The next entry that is still there, taken out: by its key as the map has it.
fn take_next<K: WordKey, V: Word, S: Mix, R: Reclaim>(
    entries: &mut TypedEntries<'_, K, V, S>,
    view: View<'_, K, V, S, R>,
) -> Option<(K, V)> {
    loop {
        let (at, key) = entries.next_key()?;
        if let Some(value) = view.remove_at(at) {
            return Some((key, value));
        }
    }
}

fn first<K, V>((key, _): (K, V)) -> K {
    key
}

fn second<K, V>((_, value): (K, V)) -> V {
    value
}

/// Iterators over a part of each entry.
macro_rules! parts {
    ($($(#[$doc:meta])* $Part:ident<$life:lifetime $(, $R:ident)?>: $of:ty;)+) => {$(
        $(#[$doc])*
        pub struct $Part<$life, K, V, S = RandomMix $(, $R: Reclaim + $life = Epoch)?>($of);

        impl<K, V, S $(, $R: Reclaim)?> Clone for $Part<'_, K, V, S $(, $R)?> {
            fn clone(&self) -> Self {
                $Part(self.0.clone())
            }
        }
    )+};
}

parts! {
    /// An iterator over the keys of a map of words. See [`WordMap::keys`].
    Keys<'m, R>: Iter<'m, K, V, S, R>;
    /// An iterator over the values of a map of words. See [`WordMap::values`].
    Values<'m, R>: Iter<'m, K, V, S, R>;
    /// An iterator over the keys of a pinned map of words. See [`WordMap::keys`].
    PinnedKeys<'p>: PinnedIter<'p, K, V, S>;
    /// An iterator over the values of a pinned map of words. See [`WordMap::values`].
    PinnedValues<'p>: PinnedIter<'p, K, V, S>;
}
