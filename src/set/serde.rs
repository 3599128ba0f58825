//! The set in and out of formats, by `serde`.

use super::{HashSet, Pinned};
use crate::map::{HashMap, until_error};
use crate::reclaim::{Guard, Reclaim};
use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::marker::PhantomData;
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl<T, S, R> Serialize for HashSet<T, S, R>
where
    T: Serialize,
    R: Reclaim,
{
    /// Writes the elements that [`iter`](HashSet::iter) yields, as a sequence.
    ///
    /// Others may write meanwhile: the elements are chosen first, by reference, and none is copied,
    /// so that what formats write ahead of them is their true number. Weakly consistent as `iter`.
    /// Holds a pin until the serializer is done.
    ///
    /// ```
    /// let set = dolmen::HashSet::from(["a"]);
    /// assert_eq!(serde_json::to_string(&set).unwrap(), r#"["a"]"#);
    /// ```
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        self.pin().serialize(serializer)
    }
}

#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl<T, S, R, G> Serialize for Pinned<'_, T, S, R, G>
where
    T: Serialize,
    R: Reclaim,
    G: Guard,
{
    /// As the set itself.
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        // Neither `len` nor a second walk need count what this one yields.
        let mut elements = Vec::with_capacity(self.len());
        elements.extend(self.iter());
        serializer.collect_seq(elements)
    }
}

#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl<'de, T, S, R> Deserialize<'de> for HashSet<T, S, R>
where
    T: Deserialize<'de> + Hash + Eq,
    S: BuildHasher + Default,
    R: Reclaim,
{
    /// Reads a sequence; of two equal elements, the earlier stays, as by
    /// [`insert`](HashSet::insert). Not left in the middle of a resize.
    ///
    /// Makes room for as many elements as the input announces, up to a bound: input that announces
    /// more than it brings costs no more than a megabyte.
    ///
    /// ```
    /// let set: dolmen::HashSet<String> = serde_json::from_str(r#"["a", "b", "a"]"#).unwrap();
    /// assert_eq!(set.len(), 2);
    /// ```
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Elements(PhantomData))
    }
}

/// Makes a set of the elements that it is shown.
struct Elements<T, S, R>(PhantomData<(T, S, R)>);

impl<'de, T, S, R> Visitor<'de> for Elements<T, S, R>
where
    T: Deserialize<'de> + Hash + Eq,
    S: BuildHasher + Default,
    R: Reclaim,
{
    type Value = HashSet<T, S, R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut input: A) -> Result<Self::Value, A::Error> {
        let set = HashSet { map: HashMap::for_input(input.size_hint())? };
        until_error(|| input.next_element(), |elements| set.insert_many(elements))?;
        Ok(set)
    }
}
