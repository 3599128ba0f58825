//! What the closures of `compute` say, and what calls answer.

use crate::error::TryReserveError;
use core::fmt;

/// What the closure of [`compute`](crate::HashMap::compute) wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation<V, T = ()> {
    /// Insert this value, or replace the current one by it.
    Insert(V),
    /// Remove the entry, if there is one.
    Remove,
    /// Leave the map as it is, and return this.
    Abort(T),
}

/// What [`compute`](crate::HashMap::compute) did. `E` is an entry: a [`Ref`](crate::Ref), or a
/// pair of references under a pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compute<E, T = ()> {
    /// There was no entry; this is the new one.
    Inserted(E),
    /// The old entry was replaced by the new one.
    Updated {
        /// What was there.
        old: E,
        /// What is there now.
        new: E,
    },
    /// This entry was removed.
    Removed(E),
    /// There was nothing to remove.
    Absent,
    /// The closure gave up with this.
    Aborted(T),
}

impl<E, T> Compute<E, T> {
    /// The same outcome with other entries.
    pub(super) fn map<F>(self, mut f: impl FnMut(E) -> F) -> Compute<F, T> {
        match self {
            Compute::Inserted(new) => Compute::Inserted(f(new)),
            Compute::Updated { old, new } => Compute::Updated { old: f(old), new: f(new) },
            Compute::Removed(old) => Compute::Removed(f(old)),
            Compute::Absent => Compute::Absent,
            Compute::Aborted(with) => Compute::Aborted(with),
        }
    }
}

/// What [`try_update`](crate::HashMap::try_update) did. `E` is an entry: a [`Ref`](crate::Ref), or a
/// pair of references under a pin.
///
/// ```
/// use dolmen::{HashMap, TryUpdate};
///
/// let map = HashMap::from([("a", 1_u32)]);
/// match map.try_update("a", |_, n| n.checked_sub(1)) {
///     TryUpdate::Updated { old, new } => assert_eq!((*old, *new), (1, 0)),
///     TryUpdate::Kept(_) | TryUpdate::Absent => unreachable!(),
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryUpdate<E> {
    /// The old entry was replaced by the new one.
    Updated {
        /// What was there.
        old: E,
        /// What is there now.
        new: E,
    },
    /// The closure had no value to put in the place of this entry.
    Kept(E),
    /// There was no entry.
    Absent,
}

impl<E> TryUpdate<E> {
    /// The new entry, if there is one.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert_eq!(*map.try_update("a", |_, n| Some(n + 1)).updated().unwrap(), 2);
    /// assert!(map.try_update("a", |_, _| None).updated().is_none());
    /// ```
    pub fn updated(self) -> Option<E> {
        match self {
            TryUpdate::Updated { new, .. } => Some(new),
            _ => None,
        }
    }

    /// The same outcome with other entries.
    pub(super) fn map<F>(self, mut f: impl FnMut(E) -> F) -> TryUpdate<F> {
        match self {
            TryUpdate::Updated { old, new } => TryUpdate::Updated { old: f(old), new: f(new) },
            TryUpdate::Kept(current) => TryUpdate::Kept(f(current)),
            TryUpdate::Absent => TryUpdate::Absent,
        }
    }
}

/// What [`try_remove`](crate::HashMap::try_remove) did. `E` is an entry: a [`Ref`](crate::Ref), or a
/// pair of references under a pin; of a set, an element.
///
/// ```
/// use dolmen::{HashMap, TryRemove};
///
/// let map = HashMap::from([("a", 1)]);
/// assert!(matches!(map.try_remove("a", |_, n| *n > 1), TryRemove::Kept(entry) if *entry == 1));
/// assert!(matches!(map.try_remove("a", |_, n| *n == 1), TryRemove::Removed(_)));
/// assert!(matches!(map.try_remove("a", |_, _| true), TryRemove::Absent));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryRemove<E> {
    /// This entry was removed.
    Removed(E),
    /// The condition did not hold of this entry, which is still there.
    Kept(E),
    /// There was no entry.
    Absent,
}

impl<E> TryRemove<E> {
    /// The entry that was removed, if one was.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert!(map.try_remove("a", |_, _| false).removed().is_none());
    /// assert_eq!(*map.try_remove("a", |_, _| true).removed().unwrap(), 1);
    /// ```
    pub fn removed(self) -> Option<E> {
        match self {
            TryRemove::Removed(old) => Some(old),
            _ => None,
        }
    }

    /// The same outcome with other entries.
    pub(crate) fn map<F>(self, f: impl FnOnce(E) -> F) -> TryRemove<F> {
        match self {
            TryRemove::Removed(old) => TryRemove::Removed(f(old)),
            TryRemove::Kept(current) => TryRemove::Kept(f(current)),
            TryRemove::Absent => TryRemove::Absent,
        }
    }
}

/// Why [`try_insert`](crate::HashMap::try_insert) did not insert. The key and the value come back.
///
/// ```
/// use dolmen::{HashMap, TryInsertError};
///
/// let map = HashMap::from([("a", 1)]);
/// let error = map.try_insert("a", 2).unwrap_err();
/// if let TryInsertError::Occupied { current, .. } = &error {
///     assert_eq!(**current, 1);
/// }
/// assert_eq!(error.into_entry(), ("a", 2));
/// ```
pub enum TryInsertError<C, K, V> {
    /// The key is present.
    Occupied {
        /// The entry that is there: a [`Ref`](crate::Ref), or a reference to the value.
        current: C,
        /// The key that was offered.
        key: K,
        /// The value that was offered.
        value: V,
    },
    /// There was no room and none could be made. The map is as it was.
    Full {
        /// Why.
        error: TryReserveError,
        /// The key that was offered.
        key: K,
        /// The value that was offered.
        value: V,
    },
}

impl<C, K, V> TryInsertError<C, K, V> {
    /// What became of an offer to put an entry in where there is none.
    pub(super) fn new(rejected: (Result<Option<C>, TryReserveError>, (K, V))) -> Self {
        let (found, (key, value)) = rejected;
        match found {
            Ok(found) => {
                let current = found.expect("refused for what is there");
                TryInsertError::Occupied { current, key, value }
            }
            Err(error) => TryInsertError::Full { error, key, value },
        }
    }

    /// The same with another form of the entry that is there.
    pub(crate) fn map<D>(self, f: impl FnOnce(C) -> D) -> TryInsertError<D, K, V> {
        match self {
            TryInsertError::Occupied { current, key, value } => {
                TryInsertError::Occupied { current: f(current), key, value }
            }
            TryInsertError::Full { error, key, value } => {
                TryInsertError::Full { error, key, value }
            }
        }
    }

    /// The entry that was offered.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert_eq!(map.try_insert("a", 2).unwrap_err().into_entry(), ("a", 2));
    /// ```
    pub fn into_entry(self) -> (K, V) {
        match self {
            TryInsertError::Occupied { key, value, .. }
            | TryInsertError::Full { key, value, .. } => (key, value),
        }
    }
}

impl<C, T> TryInsertError<C, T, ()> {
    /// The element that was offered to a set.
    ///
    /// ```
    /// let set = dolmen::HashSet::from(["a"]);
    /// assert_eq!(set.try_insert("a").unwrap_err().into_key(), "a");
    /// ```
    pub fn into_key(self) -> T {
        self.into_entry().0
    }
}

// By hand, so that neither keys nor values need `Debug` for `unwrap`.
impl<C, K, V> fmt::Debug for TryInsertError<C, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TryInsertError::Occupied { .. } => f.write_str("Occupied"),
            TryInsertError::Full { error, .. } => f.debug_tuple("Full").field(error).finish(),
        }
    }
}

impl<C, K, V> fmt::Display for TryInsertError<C, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TryInsertError::Occupied { .. } => f.write_str("the key is present"),
            TryInsertError::Full { error, .. } => error.fmt(f),
        }
    }
}

impl<C, K, V> std::error::Error for TryInsertError<C, K, V> {}
