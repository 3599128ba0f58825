//! Every verb, once: the map and a pin. The public surfaces are veneers over it.

use super::hash::ident_of;
use super::verb::{Ask, Insert, Offer, Take};
use super::{Compute, HashMap, Operation};
use crate::error::{AllocError, TryReserveError};
use crate::raw::{Ident, Node, Outcome, RawIter, Verb};
use crate::reclaim::{Pin, Reclaim};
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;

/// A node of a map.
pub(super) type Entry<K, V> = Node<(K, V)>;

/// A map and a pin on it.
pub(super) struct View<'g, K, V, S, R: Reclaim> {
    map: &'g HashMap<K, V, S, R>,
    pin: Pin<'g>,
}

impl<K, V, S, R: Reclaim> Clone for View<'_, K, V, S, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V, S, R: Reclaim> Copy for View<'_, K, V, S, R> {}

impl<'g, K, V, S, R: Reclaim> View<'g, K, V, S, R> {
    /// `pin` is from the map's own reclaimer: callers take both from one place.
    #[inline(always)]
    pub(super) fn new(map: &'g HashMap<K, V, S, R>, pin: Pin<'g>) -> Self {
        View { map, pin }
    }

    #[inline(always)]
    pub(super) fn iter(self) -> RawIter<'g, (K, V)> {
        // SAFETY: the nodes of a `HashMap<K, V>` hold `(K, V)`: `HashMap` is invariant in both, and
        // writes only through `write` below.
        unsafe { self.map.raw.iter(self.pin) }
    }

    pub(super) fn flush(self) {
        self.map.raw.flush(self.pin);
    }

    pub(super) fn finish(self) -> Result<(), TryReserveError> {
        self.map.raw.finish(self.pin)
    }

    pub(super) fn reserve(self, additional: usize) -> Result<(), TryReserveError> {
        self.map.raw.reserve(self.pin, additional)
    }

    pub(super) fn shrink(self, capacity: usize) -> Result<(), TryReserveError> {
        self.map.raw.shrink(self.pin, capacity)
    }

    pub(super) fn capacity(self) -> usize {
        self.map.raw.capacity(self.pin)
    }
}

impl<'g, K: Eq, V, S, R: Reclaim> View<'g, K, V, S, R> {
    /// Removes every entry for which `keep` is false. Runs no `Hash`: the ident is in the node.
    pub(super) fn retain(self, mut keep: impl FnMut(&K, &V) -> bool) {
        let mut nodes = self.iter();
        while let Some(node) = nodes.next_ref() {
            let key = &node.entry().0;
            let mut verb = Take { key, condition: |k: &K, v: &V| !keep(k, v) };
            let writer = self.map.raw.writer(self.pin, node.ident()).unwrap_or_else(raise);
            // SAFETY: as in `iter`.
            let result = unsafe { writer.run(&mut verb) };
            result.unwrap_or_else(|error| error.raise());
        }
    }
}

impl<'g, K, V, S, R> View<'g, K, V, S, R>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    #[inline(always)]
    pub(super) fn find<Q>(self, key: &Q) -> Option<&'g Entry<K, V>>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let ident = ident_of(&self.map.hasher, key);
        // SAFETY: as in `iter`.
        unsafe { self.map.raw.find(self.pin, ident, |(k, _): &(K, V)| key.equivalent(k)) }
    }

    #[inline(always)]
    fn write(
        self,
        ident: Ident,
        verb: &mut impl Verb<(K, V)>,
    ) -> Result<Outcome<'g, (K, V)>, TryReserveError> {
        // SAFETY: as in `iter`.
        unsafe { self.map.raw.writer(self.pin, ident)?.run(verb) }
    }

    /// Puts an entry in; returns what it replaced.
    #[inline(always)]
    pub(super) fn insert(self, key: K, value: V) -> Option<&'g Entry<K, V>> {
        let ident = ident_of(&self.map.hasher, &key);
        let writer = self.map.raw.writer(self.pin, ident).unwrap_or_else(raise);
        let fresh = writer.nursery().make((key, value)).unwrap_or_else(|(error, _)| raise(error));
        // SAFETY: as in `iter`.
        match unsafe { writer.run(&mut Insert::new(fresh)) } {
            Ok(Outcome::Put { old, .. }) => old,
            Ok(_) => unreachable!("an insert puts its node in"),
            Err(error) => error.raise(),
        }
    }

    /// Puts an entry in where there is none: the entry, or what was there and the offer.
    #[inline(always)]
    pub(super) fn try_insert(
        self,
        key: K,
        value: V,
    ) -> Result<&'g Entry<K, V>, Rejected<'g, K, V>> {
        let ident = ident_of(&self.map.hasher, &key);
        let mut offer = Offer::Entry(key, value);
        let rejection = match self.write(ident, &mut offer) {
            Ok(Outcome::Put { new, .. }) => return Ok(new),
            Ok(Outcome::Kept(Some(current))) => Ok(current),
            Ok(_) => unreachable!("an offer is put in or finds something"),
            Err(error) => Err(error),
        };
        Err((rejection, offer.into_entry().expect("it was not put in")))
    }

    /// The entry of a key, made by `make` if there is none.
    pub(super) fn get_or_insert_with(self, key: K, make: impl FnOnce() -> V) -> &'g Entry<K, V> {
        if let Some(found) = self.find(&key) {
            return found;
        }
        let value = make();
        match self.try_insert(key, value) {
            Ok(node) | Err((Ok(node), _)) => node,
            Err((Err(error), _)) => error.raise(),
        }
    }

    /// See [`HashMap::compute`].
    #[inline(always)]
    pub(super) fn compute<T>(
        self,
        key: K,
        f: impl FnMut(Option<(&K, &V)>) -> Operation<V, T>,
    ) -> Compute<&'g Entry<K, V>, T> {
        let ident = ident_of(&self.map.hasher, &key);
        let mut verb = Ask::new(key, f);
        match self.write(ident, &mut verb) {
            Ok(Outcome::Put { new, old: None }) => Compute::Inserted(new),
            Ok(Outcome::Put { new, old: Some(old) }) => Compute::Updated { old, new },
            Ok(Outcome::Removed(old)) => Compute::Removed(old),
            Ok(Outcome::Kept(_)) => {
                let aborted = verb.aborted.take();
                // The key goes before there is an answer: one that is being returned is leaked when
                // a destructor panics.
                drop(verb);
                aborted.map_or(Compute::Absent, Compute::Aborted)
            }
            Err(error) => error.raise(),
        }
    }

    /// Replaces the value of a key that is present; returns the new entry.
    #[inline(always)]
    pub(super) fn update(self, key: K, mut f: impl FnMut(&K, &V) -> V) -> Option<&'g Entry<K, V>> {
        let updated = self.compute(key, |current| match current {
            Some((key, value)) => Operation::Insert(f(key, value)),
            None => Operation::Abort(()),
        });
        match updated {
            Compute::Updated { new, .. } => Some(new),
            _ => None,
        }
    }

    /// Removes a key if a condition holds of its entry.
    #[inline(always)]
    pub(super) fn remove_if<Q>(
        self,
        key: &Q,
        condition: impl FnMut(&K, &V) -> bool,
    ) -> Option<&'g Entry<K, V>>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let ident = ident_of(&self.map.hasher, key);
        match self.write(ident, &mut Take { key, condition }) {
            Ok(Outcome::Removed(old)) => Some(old),
            Ok(_) => None,
            Err(error) => error.raise(),
        }
    }
}

/// Why an entry was not put in (what is there, or no room), and the entry.
pub(super) type Rejected<'g, K, V> = (Result<&'g Entry<K, V>, TryReserveError>, (K, V));

#[cold]
fn raise<T>(error: AllocError) -> T {
    TryReserveError::from(error).raise()
}
