//! What sets need of a map beyond its public surface: the keys of its entries, under a pin.

use super::view::{Entry, Rejected, View};
use super::{PinnedIter, PinnedKeys, TryInsertError};
use crate::raw::Ident;
use crate::reclaim::Reclaim;
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;

/// Whether an entry was put in.
fn was_added<K, V>(added: Result<&Entry<K, V>, Rejected<'_, K, V>>) -> bool {
    match added {
        Ok(_) => true,
        Err((Ok(_), _)) => false,
        Err((Err(error), _)) => error.raise(),
    }
}

fn key_of<K, V>(entry: &Entry<K, V>) -> &K {
    &entry.entry().0
}

impl<'g, K, V, S, R: Reclaim> View<'g, K, V, S, R> {
    /// The keys, as [`iter`](super::HashMap::iter) yields them.
    pub(crate) fn keys(self) -> PinnedKeys<'g, K, V> {
        PinnedKeys(PinnedIter(self.iter()))
    }
}

impl<'g, K, V, S, R> View<'g, K, V, S, R>
where
    K: Hash + Eq,
    S: BuildHasher,
    R: Reclaim,
{
    /// A key as the map holds it.
    #[inline]
    pub(crate) fn key<Q>(self, key: &Q) -> Option<&'g K>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.find(key).map(key_of)
    }

    /// Puts an entry in where there is none: true if it was. Allocates nothing otherwise.
    #[inline]
    pub(crate) fn add_key(self, key: K, value: V) -> bool {
        was_added(self.add(key, value))
    }

    /// As `add_key`, of a key whose ident is known.
    #[inline]
    pub(crate) fn add_key_at(self, ident: Ident, entry: (K, V)) -> bool {
        was_added(self.add_at(ident, entry))
    }

    /// As `add_key`, and shows the key that is there.
    pub(crate) fn try_add_key(
        self,
        key: K,
        value: V,
    ) -> Result<&'g K, TryInsertError<&'g K, K, V>> {
        let added = self.add(key, value).map_err(TryInsertError::new);
        added.map(key_of).map_err(|error| error.map(key_of))
    }

    /// The key that is in the map once this one has been offered.
    #[inline]
    pub(crate) fn get_or_add_key(self, key: K, value: V) -> &'g K {
        key_of(self.get_or_insert(key, value))
    }

    /// Puts an entry in, whatever is there; returns the key that it replaced.
    #[inline]
    pub(crate) fn replace_key(self, key: K, value: V) -> Option<&'g K> {
        self.insert(key, value).map(key_of)
    }
}
