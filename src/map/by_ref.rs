//! The verbs that may write a new entry, by a borrowed key.

use super::pinned::{pair, value};
use super::source::{Borrowed, Source};
use super::view::View;
use super::{Compute, HashMap, Operation, Pinned, Ref, TryUpdate};
use crate::reclaim::{Epoch, Guard, Reclaim};
use core::convert::{Infallible, identity};
use core::fmt;
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;

impl<K, V, S, R> HashMap<K, V, S, R>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// The calls that may write a new entry, by a borrowed key: an owned one is made, by
    /// `&Q: Into<K>`, when an entry needs it and not before.
    ///
    /// Unlike [`entry`](Self::entry) it looks nothing up by itself. O(1); touches no memory of the
    /// map.
    ///
    /// ```
    /// let map: dolmen::HashMap<String, u64> = dolmen::HashMap::new();
    /// for word in ["a", "b", "a"] {
    ///     map.entry_ref(word).update_or_insert(|_, n| n + 1, 1);
    /// }
    /// assert_eq!(*map.entry_ref("a").or_insert(0), 2); // makes no `String`
    /// ```
    pub fn entry_ref<'m, 'q, Q>(&'m self, key: &'q Q) -> EntryRef<'m, 'q, Q, K, V, S, R>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        EntryRef { calls: self, key }
    }
}

impl<K, V, S, R, G> Pinned<'_, K, V, S, R, G>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
    G: Guard,
{
    /// See [`HashMap::entry_ref`].
    ///
    /// ```
    /// let map: dolmen::HashMap<String, u64> = dolmen::HashMap::new();
    /// let m = map.pin();
    /// let a: &u64 = m.entry_ref("a").or_insert(1);
    /// assert_eq!(*a, 1);
    /// ```
    pub fn entry_ref<'p, 'q, Q>(&'p self, key: &'q Q) -> PinnedEntryRef<'p, 'q, Q, K, V, S, R>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        PinnedEntryRef { calls: self.verbs(), key }
    }
}

/// What a pinned map answers with, for a key from any source.
impl<'g, K, V, S, R> View<'g, K, V, S, R>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    #[inline(always)]
    pub(super) fn compute_by<T>(
        self,
        key: impl Source<K>,
        f: impl FnMut(Option<(&K, &V)>) -> Operation<V, T>,
    ) -> Compute<(&'g K, &'g V), T> {
        self.compute(key, f).map(pair)
    }

    #[inline(always)]
    pub(super) fn try_update_by(
        self,
        key: impl Source<K>,
        f: impl FnMut(&K, &V) -> Option<V>,
    ) -> TryUpdate<(&'g K, &'g V)> {
        self.try_update(key, f).map(pair)
    }

    pub(super) fn get_or_try_insert_by<X>(
        self,
        key: impl Source<K>,
        make: impl FnOnce() -> Result<V, X>,
    ) -> Result<&'g V, X> {
        self.get_or_try_insert_with(key, make).map(value)
    }
}

/// The handle of a surface: `$found` is what it answers with for one entry, `$entry` where it has to
/// show several.
macro_rules! by_ref {
    ($(#[$doc:meta])* $EntryRef:ident; $calls:ty, $found:ty, $entry:ty, $show:expr;) => {
        $(#[$doc])*
        ///
        /// Every method is one atomic step on the key, and has the progress, the linearization
        /// point and the panics of the map's method that its docs name; besides, it panics if the
        /// conversion does, or makes a key that does not equal what it was made of: then nothing has
        /// changed. The conversion runs at most once.
        pub struct $EntryRef<'m, 'q, Q: ?Sized, K, V, S, R: Reclaim = Epoch> {
            calls: $calls,
            key: &'q Q,
        }

        impl<'m, 'q, Q, K, V, S, R> $EntryRef<'m, 'q, Q, K, V, S, R>
        where
            Q: Hash + Equivalent<K> + ?Sized,
            &'q Q: Into<K>,
            K: Hash + Eq,
            S: BuildHasher,
            R: Reclaim,
        {
            /// The key, as it was given.
            ///
            /// ```
            /// let map: dolmen::HashMap<String, u64> = dolmen::HashMap::new();
            /// assert_eq!(map.entry_ref("a").key(), "a");
            /// ```
            pub fn key(&self) -> &'q Q {
                self.key
            }

            /// The entry of the key, with `value` if there is none: [`HashMap::get_or_insert`].
            /// Where there is one, nothing is allocated.
            ///
            /// ```
            /// let map: dolmen::HashMap<String, u64> = dolmen::HashMap::new();
            /// assert_eq!(*map.entry_ref("a").or_insert(1), 1);
            /// assert_eq!(*map.entry_ref("a").or_insert(2), 1);
            /// ```
            pub fn or_insert(self, value: V) -> $found {
                self.or_insert_with(|| value)
            }

            /// As [`or_insert`](Self::or_insert), with a value that is made only if the key is
            /// absent: [`HashMap::get_or_insert_with`].
            ///
            /// ```
            /// let map: dolmen::HashMap<String, u64> = dolmen::HashMap::new();
            /// assert_eq!(*map.entry_ref("a").or_insert_with(|| 1), 1);
            /// assert_eq!(*map.entry_ref("a").or_insert_with(|| unreachable!()), 1);
            /// ```
            pub fn or_insert_with(self, make: impl FnOnce() -> V) -> $found {
                match self.or_try_insert_with(|| Ok::<V, Infallible>(make())) {
                    Ok(found) => found,
                    Err(never) => match never {},
                }
            }

            /// As [`or_insert_with`](Self::or_insert_with), where making a value can fail:
            /// [`HashMap::get_or_try_insert_with`].
            ///
            /// # Errors
            /// What `make` returns: then nothing is inserted.
            ///
            /// ```
            /// let map: dolmen::HashMap<String, u64> = dolmen::HashMap::new();
            /// assert!(map.entry_ref("x").or_try_insert_with(|| "x".parse()).is_err());
            /// assert_eq!(*map.entry_ref("7").or_try_insert_with(|| "7".parse()).unwrap(), 7);
            /// ```
            pub fn or_try_insert_with<X>(
                self,
                make: impl FnOnce() -> Result<V, X>,
            ) -> Result<$found, X> {
                self.calls.get_or_try_insert_by(Borrowed::new(self.key), make)
            }

            /// As [`or_insert`](Self::or_insert), with the default value.
            ///
            /// ```
            /// let map: dolmen::HashMap<String, u64> = dolmen::HashMap::new();
            /// assert_eq!(*map.entry_ref("a").or_default(), 0);
            /// ```
            pub fn or_default(self) -> $found
            where
                V: Default,
            {
                self.or_insert_with(V::default)
            }

            /// Replaces the value if the key is present, by [`HashMap::update`], and goes on: for
            /// an insertion to follow, which is a step of its own.
            /// [`update_or_insert`](Self::update_or_insert) is one step.
            ///
            /// ```
            /// let map: dolmen::HashMap<String, u64> = dolmen::HashMap::new();
            /// assert_eq!(*map.entry_ref("a").and_modify(|n| n + 1).or_insert(1), 1);
            /// assert_eq!(*map.entry_ref("a").and_modify(|n| n + 1).or_insert(1), 2);
            /// ```
            pub fn and_modify(self, mut f: impl FnMut(&V) -> V) -> Self {
                let key = Borrowed::new(self.key);
                self.calls.with_entry(|view| view.update(key, |_, value| f(value)));
                self
            }

            /// Replaces the value if the key is present; returns the new entry:
            /// [`HashMap::update`].
            ///
            /// ```
            /// let map: dolmen::HashMap<String, u64> = dolmen::HashMap::new();
            /// assert!(map.entry_ref("a").update(|_, n| n + 1).is_none());
            /// map.insert("a".into(), 1);
            /// assert_eq!(*map.entry_ref("a").update(|_, n| n + 1).unwrap(), 2);
            /// ```
            pub fn update(self, f: impl FnMut(&K, &V) -> V) -> Option<$found> {
                let key = Borrowed::new(self.key);
                self.calls.with_entry(|view| view.update(key, f)).map($show)
            }

            /// As [`update`](Self::update), by an `f` that may decline: [`HashMap::try_update`].
            ///
            /// ```
            /// let map: dolmen::HashMap<String, u64> = dolmen::HashMap::from([("a".into(), 0)]);
            /// let update = map.entry_ref("a").try_update(|_, n| n.checked_sub(1));
            /// assert!(update.updated().is_none());
            /// ```
            pub fn try_update(self, f: impl FnMut(&K, &V) -> Option<V>) -> TryUpdate<$entry> {
                self.calls.try_update_by(Borrowed::new(self.key), f)
            }

            /// Replaces the value, or inserts `value` where the key is absent; returns the new
            /// entry: [`HashMap::update_or_insert`].
            ///
            /// ```
            /// let counts: dolmen::HashMap<String, u64> = dolmen::HashMap::new();
            /// for word in ["a", "b", "a"] {
            ///     counts.entry_ref(word).update_or_insert(|_, n| n + 1, 1);
            /// }
            /// assert_eq!(*counts.get("a").unwrap(), 2);
            /// ```
            pub fn update_or_insert(self, f: impl FnMut(&K, &V) -> V, value: V) -> $found {
                self.update_or_insert_with(f, || value)
            }

            /// As [`update_or_insert`](Self::update_or_insert), with a value that is made only if
            /// it is needed: [`HashMap::update_or_insert_with`].
            ///
            /// ```
            /// let map: dolmen::HashMap<String, u64> = dolmen::HashMap::new();
            /// assert_eq!(*map.entry_ref("a").update_or_insert_with(|_, n| n + 1, || 1), 1);
            /// ```
            pub fn update_or_insert_with(
                self,
                f: impl FnMut(&K, &V) -> V,
                make: impl FnOnce() -> V,
            ) -> $found {
                let key = Borrowed::new(self.key);
                let found = self
                    .calls
                    .with_entry(|view| Some(view.update_or_insert_with(key, f, make)));
                $show(found.expect("always an entry"))
            }

            /// Inserts, updates, removes, or leaves alone: [`HashMap::compute`].
            ///
            /// ```
            /// use dolmen::{Compute, HashMap, Operation};
            ///
            /// let map: HashMap<String, u64> = HashMap::new();
            /// let done = map.entry_ref("a").compute(|entry| match entry {
            ///     Some((_, n)) => Operation::Insert(n + 1),
            ///     None => Operation::Abort("no a"), // makes no `String`
            /// });
            /// assert!(matches!(done, Compute::Aborted("no a")));
            /// ```
            pub fn compute<T>(
                self,
                f: impl FnMut(Option<(&K, &V)>) -> Operation<V, T>,
            ) -> Compute<$entry, T> {
                self.calls.compute_by(Borrowed::new(self.key), f)
            }
        }

        impl<Q: ?Sized + fmt::Debug, K, V, S, R: Reclaim> fmt::Debug
            for $EntryRef<'_, '_, Q, K, V, S, R>
        {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($EntryRef)).field(&self.key).finish()
            }
        }
    };
}

by_ref! {
    /// A map and a borrowed key: see [`HashMap::entry_ref`].
    EntryRef; &'m HashMap<K, V, S, R>, Ref<'m, K, V, R>, Ref<'m, K, V, R>, identity;
}

by_ref! {
    /// A pinned map and a borrowed key: see [`Pinned::entry_ref`]. As [`EntryRef`], with plain
    /// references.
    PinnedEntryRef; View<'m, K, V, S, R>, &'m V, (&'m K, &'m V), value;
}
