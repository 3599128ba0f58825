//! The map in and out of formats, by `serde`.

use super::{HashMap, Pinned};
use crate::reclaim::{Guard, Reclaim};
use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::marker::PhantomData;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// The most entries that room is made for because the input says so: a megabyte of slots. Input
/// that says more has to bring the entries.
const MOST_TRUSTED: usize = 1 << 16;

#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl<K, V, S, R> Serialize for HashMap<K, V, S, R>
where
    K: Serialize,
    V: Serialize,
    R: Reclaim,
{
    /// Writes the entries that [`iter`](HashMap::iter) yields, as a map.
    ///
    /// Others may write meanwhile: the entries are chosen first, by reference, and none is copied,
    /// so that what formats write ahead of them is their true number. Weakly consistent as `iter`.
    /// Holds a pin until the serializer is done.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1)]);
    /// assert_eq!(serde_json::to_string(&map).unwrap(), r#"{"a":1}"#);
    /// ```
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        self.pin().serialize(serializer)
    }
}

#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl<K, V, S, R, G> Serialize for Pinned<'_, K, V, S, R, G>
where
    K: Serialize,
    V: Serialize,
    R: Reclaim,
    G: Guard,
{
    /// As the map itself.
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        // Neither `len` nor a second walk need count what this one yields.
        let mut entries = Vec::with_capacity(self.len());
        entries.extend(self.iter());
        serializer.collect_map(entries)
    }
}

impl<K, V, S, R> HashMap<K, V, S, R>
where
    K: Hash + Eq,
    S: BuildHasher + Default,
    R: Reclaim,
{
    /// An empty map with room for what the input promises, as far as that is to be trusted.
    pub(crate) fn for_input<E: Error>(promised: Option<usize>) -> Result<Self, E> {
        let map = HashMap::with_hasher_and_reclaimer(S::default(), R::default());
        map.try_reserve(promised.unwrap_or(0).min(MOST_TRUSTED)).map_err(E::custom)?;
        Ok(map)
    }
}

#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl<'de, K, V, S, R> Deserialize<'de> for HashMap<K, V, S, R>
where
    K: Deserialize<'de> + Hash + Eq,
    V: Deserialize<'de>,
    S: BuildHasher + Default,
    R: Reclaim,
{
    /// Reads a map; of two entries with one key, the later stays. Not left in the middle of a
    /// resize.
    ///
    /// Makes room for as many entries as the input announces, up to a bound: input that announces
    /// more than it brings costs no more than a megabyte.
    ///
    /// ```
    /// let map: dolmen::HashMap<String, u32> = serde_json::from_str(r#"{"a":1,"a":2}"#).unwrap();
    /// assert_eq!(*map.get("a").unwrap(), 2);
    /// ```
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

/// Makes a map of the entries that it is shown.
struct Entries<K, V, S, R>(PhantomData<(K, V, S, R)>);

impl<'de, K, V, S, R> Visitor<'de> for Entries<K, V, S, R>
where
    K: Deserialize<'de> + Hash + Eq,
    V: Deserialize<'de>,
    S: BuildHasher + Default,
    R: Reclaim,
{
    type Value = HashMap<K, V, S, R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut input: A) -> Result<Self::Value, A::Error> {
        let map = HashMap::for_input(input.size_hint())?;
        until_error(|| input.next_entry(), |entries| map.insert_many(entries))?;
        Ok(map)
    }
}

/// Hands on what input yields, until it ends or fails. It may let us wait: nobody is pinned meanwhile.
pub(crate) fn until_error<T, E>(
    mut next: impl FnMut() -> Result<Option<T>, E>,
    insert: impl FnOnce(&mut dyn Iterator<Item = T>) -> usize,
) -> Result<(), E> {
    let mut failed = Ok(());
    insert(&mut core::iter::from_fn(|| {
        next().unwrap_or_else(|error| {
            failed = Err(error);
            None
        })
    }));
    failed
}
