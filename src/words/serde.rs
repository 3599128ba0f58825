//! The map of words in and out of formats, by `serde`.

use super::{Mix, Pinned, Word, WordKey, WordMap};
use crate::map::until_error;
use crate::reclaim::{Guard, Reclaim};
use core::fmt;
use core::marker::PhantomData;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// The most entries that room is made for because the input says so: a megabyte of slots. Input
/// that says more has to bring the entries.
const MOST_TRUSTED: usize = 1 << 15;

#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl<K, V, S, R> Serialize for WordMap<K, V, S, R>
where
    K: WordKey + Serialize,
    V: Word + Serialize,
    S: Mix,
    R: Reclaim,
{
    /// Writes the entries that [`iter`](WordMap::iter) yields, as a map.
    ///
    /// Others may write meanwhile: the entries are copied first, so that what formats write ahead of
    /// them is their true number. Weakly consistent as `iter`.
    ///
    /// ```
    /// let map = dolmen::WordMap::from([('a', 1)]);
    /// assert_eq!(serde_json::to_string(&map).unwrap(), r#"{"a":1}"#);
    /// ```
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let entries: Vec<(K, V)> = self.pin().iter().collect();
        serializer.collect_map(entries)
    }
}

#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl<K, V, S, R, G> Serialize for Pinned<'_, K, V, S, R, G>
where
    K: WordKey + Serialize,
    V: Word + Serialize,
    S: Mix,
    R: Reclaim,
    G: Guard,
{
    /// As the map itself.
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        self.map().serialize(serializer)
    }
}

impl<K: WordKey, V: Word, S: Mix + Default, R: Reclaim> WordMap<K, V, S, R> {
    /// An empty map with room for what the input promises, as far as that is to be trusted.
    pub(super) fn for_input<E: Error>(promised: Option<usize>) -> Result<Self, E> {
        let map = Self::default();
        map.try_reserve(promised.unwrap_or(0).min(MOST_TRUSTED)).map_err(E::custom)?;
        Ok(map)
    }
}

#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl<'de, K, V, S, R> Deserialize<'de> for WordMap<K, V, S, R>
where
    K: WordKey + Deserialize<'de>,
    V: Word + Deserialize<'de>,
    S: Mix + Default,
    R: Reclaim,
{
    /// Reads a map; of two entries with one key, the later stays. Not left in the middle of a
    /// resize.
    ///
    /// Makes room for as many entries as the input announces, up to a bound: input that announces
    /// more than it brings costs no more than a megabyte.
    ///
    /// ```
    /// let map: dolmen::WordMap<char, u32> = serde_json::from_str(r#"{"a":1,"a":2}"#).unwrap();
    /// assert_eq!(map.get('a'), Some(2));
    /// ```
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

/// Makes a map of the entries that it is shown.
struct Entries<K, V, S, R>(PhantomData<(K, V, S, R)>);

impl<'de, K, V, S, R> Visitor<'de> for Entries<K, V, S, R>
where
    K: WordKey + Deserialize<'de>,
    V: Word + Deserialize<'de>,
    S: Mix + Default,
    R: Reclaim,
{
    type Value = WordMap<K, V, S, R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut input: A) -> Result<Self::Value, A::Error> {
        let map = WordMap::for_input(input.size_hint())?;
        until_error(|| input.next_entry(), |entries| map.insert_many(entries))?;
        Ok(map)
    }
}
