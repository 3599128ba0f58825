//! Taking everything out.

use super::verb::Take;
use super::view::View;
use super::{HashMap, Iter, Ref};
use crate::raw::Outcome;
use crate::reclaim::{Epoch, Guard, Reclaim};
use core::fmt;
use core::ptr::NonNull;

/// An iterator that removes what it yields: see [`HashMap::drain`].
pub struct Drain<'m, K, V, S, R: Reclaim + 'm = Epoch> {
    map: &'m HashMap<K, V, S, R>,
    entries: Iter<'m, K, V, R>,
}

impl<K: Eq, V, S, R: Reclaim> HashMap<K, V, S, R> {
    /// Removes entries one by one, and hands them out.
    ///
    /// Each entry is handed out exactly once among concurrent drains, removals and replacements. An
    /// entry that is present throughout is handed out by one of the drains that run to their end;
    /// what is inserted meanwhile may stay. A drain that is dropped early leaves the rest in the
    /// map. Lock-free; each removal linearizes as [`remove`](HashMap::remove).
    ///
    /// ```
    /// let map: dolmen::HashMap<u64, u64> = (0..10).map(|i| (i, i)).collect();
    /// assert_eq!(map.drain().take(3).count(), 3);
    /// assert_eq!(map.len(), 7);
    /// assert_eq!(map.drain().count(), 7);
    /// assert!(map.is_empty());
    /// ```
    pub fn drain(&self) -> Drain<'_, K, V, S, R> {
        Drain { map: self, entries: self.iter() }
    }
}

impl<'m, K: Eq, V, S, R: Reclaim> Iterator for Drain<'m, K, V, S, R> {
    type Item = Ref<'m, K, V, R>;

    fn next(&mut self) -> Option<Ref<'m, K, V, R>> {
        loop {
            let seen = self.entries.next()?;
            let guard = self.map.raw.reclaim.pin();
            let mut verb = Take { key: seen.key(), condition: |_: &K, _: &V| true };
            let result = View::new(self.map, guard.as_pin()).write_at(seen.ident(), &mut verb);
            match result.unwrap_or_else(|error| error.raise()) {
                // SAFETY: found under the guard.
                Outcome::Removed(node) => unsafe {
                    return Some(Ref::new(NonNull::from(node), guard));
                },
                // Somebody else has it.
                _ => continue,
            }
        }
    }
}

impl<K, V, S, R: Reclaim> fmt::Debug for Drain<'_, K, V, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drain").finish_non_exhaustive()
    }
}
