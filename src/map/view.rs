//! Every verb, once: the map and a pin. The public surfaces are veneers over it.

use super::hash::ident_of;
use super::source::Source;
use super::verb::{Ask, Insert, Offer, Take};
use super::{Compute, HashMap, Operation, TryInsertError, TryRemove, TryUpdate, pinned};
use crate::error::{AllocError, TryReserveError};
use crate::raw::{Done, Ident, Node, Outcome, RawIter, Verb};
use crate::reclaim::{Pin, Reclaim};
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;

/// A node of a map.
pub(super) type Entry<K, V> = Node<(K, V)>;

/// A map and a pin on it.
pub(crate) struct View<'g, K, V, S, R: Reclaim> {
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

    #[cfg(feature = "rayon")]
    pub(super) fn split(self) -> crate::raw::Split<'g, (K, V)> {
        // SAFETY: as in `iter`.
        unsafe { self.map.raw.split(self.pin) }
    }

    /// Runs a verb on an ident that is known.
    #[inline(always)]
    pub(super) fn write_at<W: Verb<(K, V)>>(self, ident: Ident, verb: W) -> (Done<'g, (K, V)>, W) {
        match self.map.raw.writer(self.pin, ident) {
            // SAFETY: as in `iter`.
            Ok(writer) => unsafe { writer.run(verb) },
            Err(error) => (Err(error.into()), verb),
        }
    }

    pub(super) fn map(self) -> &'g HashMap<K, V, S, R> {
        self.map
    }

    /// As [`HashMap::with_entry`], under the pin that there is.
    pub(super) fn with_entry(
        self,
        f: impl FnOnce(Self) -> Option<&'g Entry<K, V>>,
    ) -> Option<&'g Entry<K, V>> {
        f(self)
    }

    /// Asks for the group that a walk for `ident` begins with.
    pub(super) fn prefetch_group(self, ident: Ident) {
        self.map.raw.prefetch_group(self.pin, ident);
    }

    /// Asks for the node that this group proposes for `ident`.
    pub(super) fn prefetch_node(self, ident: Ident) {
        self.map.raw.prefetch_node(self.pin, ident);
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
            let verb = Take { key, condition: |k: &K, v: &V| !keep(k, v) };
            let (done, _) = self.write_at(node.ident(), verb);
            done.unwrap_or_else(|error| error.raise());
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
        self.find_at(ident_of(&self.map.hasher, key), key)
    }

    /// The entry of a key whose ident is known.
    #[inline(always)]
    pub(super) fn find_at<Q>(self, ident: Ident, key: &Q) -> Option<&'g Entry<K, V>>
    where
        Q: Equivalent<K> + ?Sized,
    {
        // SAFETY: as in `iter`.
        unsafe {
            let same = |(k, _): &(K, V)| key.equivalent(k);
            self.map.raw.find(self.pin, ident, same).map(|node| &*node.as_ptr())
        }
    }

    /// The entry of a key that is given in any form.
    fn find_by(self, key: &impl Source<K>) -> Option<&'g Entry<K, V>> {
        let same = |(k, _): &(K, V)| key.same(k);
        // SAFETY: as in `iter`.
        unsafe { self.map.raw.find(self.pin, key.ident(&self.map.hasher), same) }
            // SAFETY: found under the pin.
            .map(|node| unsafe { &*node.as_ptr() })
    }

    /// Puts an entry in; returns what it replaced.
    #[inline(always)]
    pub(super) fn insert(self, key: K, value: V) -> Option<&'g Entry<K, V>> {
        self.insert_at(ident_of(&self.map.hasher, &key), (key, value))
    }

    /// As `insert`, of a key whose ident is known.
    #[inline(always)]
    pub(super) fn insert_at(self, ident: Ident, entry: (K, V)) -> Option<&'g Entry<K, V>> {
        let writer = self.map.raw.writer(self.pin, ident).unwrap_or_else(raise);
        let fresh = writer.nursery().make(entry).unwrap_or_else(|(error, _)| raise(error));
        // SAFETY: as in `iter`.
        match unsafe { writer.run(Insert::new(fresh)) }.0 {
            Ok(Outcome::Put { old, .. }) => old,
            Ok(_) => unreachable!("an insert puts its node in"),
            Err(error) => error.raise(),
        }
    }

    /// Puts an entry in if `accepts` holds of what is there: the entry, or what was there and the
    /// offer.
    #[inline(always)]
    pub(super) fn offer(
        self,
        key: K,
        value: V,
        accepts: impl FnMut(Option<&(K, V)>) -> bool,
    ) -> Result<&'g Entry<K, V>, Rejected<'g, K, V>> {
        self.offer_at(ident_of(&self.map.hasher, &key), (key, value), accepts)
    }

    /// As `offer`, of a key whose ident is known.
    #[inline(always)]
    fn offer_at(
        self,
        ident: Ident,
        (key, value): (K, V),
        accepts: impl FnMut(Option<&(K, V)>) -> bool,
    ) -> Result<&'g Entry<K, V>, Rejected<'g, K, V>> {
        let (done, offer) = self.write_at(ident, Offer::new(key, value, accepts));
        let rejection = match done {
            Ok(Outcome::Put { new, .. }) => return Ok(new),
            Ok(Outcome::Kept(current)) => Ok(current),
            Ok(Outcome::Removed(_)) => unreachable!("an offer removes nothing"),
            Err(error) => Err(error),
        };
        Err((rejection, offer.into_entry().expect("it was not put in")))
    }

    /// Puts an entry in where there is none.
    #[inline(always)]
    pub(super) fn add(self, key: K, value: V) -> Result<&'g Entry<K, V>, Rejected<'g, K, V>> {
        self.add_at(ident_of(&self.map.hasher, &key), (key, value))
    }

    /// As `add`, of a key whose ident is known.
    #[inline(always)]
    pub(super) fn add_at(
        self,
        ident: Ident,
        entry: (K, V),
    ) -> Result<&'g Entry<K, V>, Rejected<'g, K, V>> {
        self.offer_at(ident, entry, |current| current.is_none())
    }

    /// See [`Pinned::try_insert`](super::Pinned::try_insert).
    pub(super) fn try_insert(self, key: K, value: V) -> Result<&'g V, TryInsertError<&'g V, K, V>> {
        let added = self.add(key, value).map_err(TryInsertError::new);
        added.map(pinned::value).map_err(|error| error.map(pinned::value))
    }

    /// The entry of a key, or the one that is offered for it.
    pub(super) fn get_or_insert(self, key: K, value: V) -> &'g Entry<K, V> {
        match self.add(key, value) {
            Ok(node) | Err((Ok(Some(node)), _)) => node,
            Err((Ok(None), _)) => unreachable!("an offer is refused for what is there"),
            Err((Err(error), _)) => error.raise(),
        }
    }

    /// The entry of a key, made by `make` if there is none.
    pub(super) fn get_or_try_insert_with<X>(
        self,
        mut key: impl Source<K>,
        make: impl FnOnce() -> Result<V, X>,
    ) -> Result<&'g Entry<K, V>, X> {
        match self.find_by(&key) {
            Some(found) => Ok(found),
            None => make().map(|value| self.get_or_insert(key.take(), value)),
        }
    }

    #[inline(always)]
    fn ask<T>(
        self,
        key: impl Source<K>,
        f: impl FnMut(Option<(&K, &V)>, &mut Option<V>) -> Operation<V, T>,
    ) -> Asked<'g, K, V, T> {
        let ident = key.ident(&self.map.hasher);
        let (done, mut verb) = self.write_at(ident, Ask::new(key, f));
        let outcome = done.unwrap_or_else(|error| error.raise());
        let aborted = verb.aborted.take();
        // By hand: the verb's key may panic when it is dropped, and the compiler leaks what is
        // returned already when a local's end does.
        drop(verb);
        (outcome, aborted)
    }

    /// See [`HashMap::compute`].
    #[inline(always)]
    pub(super) fn compute<T>(
        self,
        key: impl Source<K>,
        mut f: impl FnMut(Option<(&K, &V)>) -> Operation<V, T>,
    ) -> Compute<&'g Entry<K, V>, T> {
        match self.ask(key, |current, _| f(current)) {
            (Outcome::Put { new, old: None }, _) => Compute::Inserted(new),
            (Outcome::Put { new, old: Some(old) }, _) => Compute::Updated { old, new },
            (Outcome::Removed(old), _) => Compute::Removed(old),
            (Outcome::Kept(_), aborted) => aborted.map_or(Compute::Absent, Compute::Aborted),
        }
    }

    /// Replaces the value of a key that is present, if the closure has one for it.
    #[inline(always)]
    pub(super) fn try_update(
        self,
        key: impl Source<K>,
        mut f: impl FnMut(&K, &V) -> Option<V>,
    ) -> TryUpdate<&'g Entry<K, V>> {
        let (outcome, _) = self.ask(key, |current, _| {
            let value = current.and_then(|(key, value)| f(key, value));
            value.map_or(Operation::Abort(()), Operation::Insert)
        });
        match outcome {
            Outcome::Put { new, old: Some(old) } => TryUpdate::Updated { old, new },
            Outcome::Kept(current) => current.map_or(TryUpdate::Absent, TryUpdate::Kept),
            _ => unreachable!("an update neither removes, nor inserts where nothing is"),
        }
    }

    /// Replaces the value of a key that is present; returns the new entry.
    #[inline(always)]
    pub(super) fn update(
        self,
        key: impl Source<K>,
        mut f: impl FnMut(&K, &V) -> V,
    ) -> Option<&'g Entry<K, V>> {
        self.try_update(key, |key, value| Some(f(key, value))).updated()
    }

    /// Replaces the value of a key that is present, or inserts what `make` makes, once.
    #[inline(always)]
    pub(super) fn update_or_insert_with(
        self,
        key: impl Source<K>,
        mut f: impl FnMut(&K, &V) -> V,
        make: impl FnOnce() -> V,
    ) -> &'g Entry<K, V> {
        let mut make = Some(make);
        let (outcome, _) = self.ask(key, |current, spare| match current {
            Some((key, value)) => Operation::<V, ()>::Insert(f(key, value)),
            None => Operation::Insert(match (spare.take(), make.take()) {
                (Some(value), _) => value,
                (None, Some(make)) => make(),
                (None, None) => unreachable!("what was made and not put in is the spare"),
            }),
        });
        match outcome {
            Outcome::Put { new, .. } => new,
            _ => unreachable!("it always inserts"),
        }
    }

    /// Removes a key if a condition holds of its entry.
    #[inline(always)]
    pub(super) fn try_remove<Q>(
        self,
        key: &Q,
        condition: impl FnMut(&K, &V) -> bool,
    ) -> TryRemove<&'g Entry<K, V>>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.try_remove_at(ident_of(&self.map.hasher, key), key, condition)
    }

    /// As `try_remove`, of a key whose ident is known.
    #[inline(always)]
    pub(super) fn try_remove_at<Q>(
        self,
        ident: Ident,
        key: &Q,
        condition: impl FnMut(&K, &V) -> bool,
    ) -> TryRemove<&'g Entry<K, V>>
    where
        Q: Equivalent<K> + ?Sized,
    {
        match self.write_at(ident, Take { key, condition }).0 {
            Ok(Outcome::Removed(old)) => TryRemove::Removed(old),
            Ok(Outcome::Kept(current)) => current.map_or(TryRemove::Absent, TryRemove::Kept),
            Ok(Outcome::Put { .. }) => unreachable!("a removal puts nothing in"),
            Err(error) => error.raise(),
        }
    }

    /// As `try_remove`, for callers who do not ask why not.
    #[inline(always)]
    pub(super) fn remove_if<Q>(
        self,
        key: &Q,
        condition: impl FnMut(&K, &V) -> bool,
    ) -> Option<&'g Entry<K, V>>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.try_remove(key, condition).removed()
    }
}

/// What became of a closure's wish, and what it gave up with.
type Asked<'g, K, V, T> = (Outcome<'g, (K, V)>, Option<T>);

/// Why an entry was not put in (what is there, or no room), and the entry.
pub(super) type Rejected<'g, K, V> = (Result<Option<&'g Entry<K, V>>, TryReserveError>, (K, V));

#[cold]
fn raise<T>(error: AllocError) -> T {
    TryReserveError::from(error).raise()
}
