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
    /// The entry that was offered.
    pub fn into_entry(self) -> (K, V) {
        match self {
            TryInsertError::Occupied { key, value, .. }
            | TryInsertError::Full { key, value, .. } => (key, value),
        }
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
