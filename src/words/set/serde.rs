//! The set of words in and out of formats, by `serde`.

use super::{Pinned, WordSet};
use crate::map::until_error;
use crate::reclaim::{Guard, Reclaim};
use crate::words::{Mix, WordKey, WordMap};
use core::fmt;
use core::marker::PhantomData;
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl<K: WordKey + Serialize, S: Mix, R: Reclaim> Serialize for WordSet<K, S, R> {
    /// Writes the elements that [`iter`](WordSet::iter) yields, as a sequence; they are copied first,
    /// so that what formats write ahead of them is their true number.
    ///
    /// ```
    /// let set = dolmen::WordSet::from([1]);
    /// assert_eq!(serde_json::to_string(&set).unwrap(), "[1]");
    /// ```
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let elements: Vec<K> = self.pin().iter().collect();
        serializer.collect_seq(elements)
    }
}

#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl<K, S, R, G> Serialize for Pinned<'_, K, S, R, G>
where
    K: WordKey + Serialize,
    S: Mix,
    R: Reclaim,
    G: Guard,
{
    /// As the set itself.
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        self.set().serialize(serializer)
    }
}

#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl<'de, K, S, R> Deserialize<'de> for WordSet<K, S, R>
where
    K: WordKey + Deserialize<'de>,
    S: Mix + Default,
    R: Reclaim,
{
    /// Reads a sequence. Makes room as for a [`WordMap`].
    ///
    /// ```
    /// let set: dolmen::WordSet<u32> = serde_json::from_str("[1, 2, 1]").unwrap();
    /// assert_eq!(set.len(), 2);
    /// ```
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Elements(PhantomData))
    }
}

/// Makes a set of the elements that it is shown.
struct Elements<K, S, R>(PhantomData<(K, S, R)>);

impl<'de, K, S, R> Visitor<'de> for Elements<K, S, R>
where
    K: WordKey + Deserialize<'de>,
    S: Mix + Default,
    R: Reclaim,
{
    type Value = WordSet<K, S, R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut input: A) -> Result<Self::Value, A::Error> {
        let set = WordSet { map: WordMap::for_input(input.size_hint())? };
        until_error(|| input.next_element(), |elements| set.insert_many(elements))?;
        Ok(set)
    }
}
