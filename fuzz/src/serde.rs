//! Arbitrary input through formats, into maps and sets: what std's read is read, what they refuse is
//! refused, and what was read comes back from what is written. Input that announces more than it
//! brings costs no more than is promised.

use crate::hashers::Hashing;
use crate::input::Input;
use ::serde::de::value::Error as ValueError;
use ::serde::de::{
    DeserializeOwned, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use ::serde::{Deserialize, Serialize, forward_to_deserialize_any};
use dolmen::{CrossbeamEpoch, Epoch, HashMap, HashSet, Reclaim, Seize};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

pub fn run(input: &[u8]) {
    let _alone = crate::alone();
    let mut input = Input::new(input);
    match input.byte() % 3 {
        0 => read::<Epoch>(input),
        1 => read::<CrossbeamEpoch>(input),
        _ => read::<Seize>(input),
    }
}

fn read<R: Reclaim>(mut input: Input) {
    match input.byte() % 10 {
        0 => maps::<String, u32, R>(&Json, input.rest()),
        1 => maps::<u8, Option<String>, R>(&Json, input.rest()),
        2 => maps::<u16, Vec<i8>, R>(&Postcard, input.rest()),
        3 => maps::<String, (bool, u64), R>(&Postcard, input.rest()),
        4 => sets::<String, R>(&Json, input.rest()),
        5 => sets::<Caseless, R>(&Json, input.rest()),
        6 => sets::<u32, R>(&Postcard, input.rest()),
        7 => nested::<R>(&Json, input.rest()),
        8 => nested::<R>(&Postcard, input.rest()),
        _ => boast::<R>(&mut input),
    }
}

/// A format.
trait Format {
    fn read<T: DeserializeOwned>(&self, input: &[u8]) -> Option<T>;
    fn write(&self, value: &impl Serialize) -> Vec<u8>;
}

struct Json;

impl Format for Json {
    fn read<T: DeserializeOwned>(&self, input: &[u8]) -> Option<T> {
        serde_json::from_slice(input).ok()
    }

    fn write(&self, value: &impl Serialize) -> Vec<u8> {
        serde_json::to_vec(value).expect("it can be written")
    }
}

/// Says how many entries there are before it brings them.
struct Postcard;

impl Format for Postcard {
    fn read<T: DeserializeOwned>(&self, input: &[u8]) -> Option<T> {
        postcard::from_bytes(input).ok()
    }

    fn write(&self, value: &impl Serialize) -> Vec<u8> {
        postcard::to_stdvec(value).expect("it can be written")
    }
}

type Map<K, V, R> = HashMap<K, V, Hashing, R>;
type Set<T, R> = HashSet<T, Hashing, R>;
type StdMap<K, V> = std::collections::HashMap<K, V, Hashing>;
type StdSet<T> = std::collections::HashSet<T, Hashing>;

fn maps<K, V, R>(format: &impl Format, input: &[u8])
where
    K: Serialize + DeserializeOwned + Hash + Ord + std::fmt::Debug + Clone,
    V: Serialize + DeserializeOwned + Ord + std::fmt::Debug + Clone,
    R: Reclaim,
{
    let (ours, std) = (format.read::<Map<K, V, R>>(input), format.read::<StdMap<K, V>>(input));
    assert_eq!(ours.is_some(), std.is_some());
    let (Some(ours), Some(std)) = (ours, std) else { return };
    let expected: BTreeMap<&K, &V> = std.iter().collect();
    let sorted = |map: &Map<K, V, R>| {
        let entries: BTreeMap<K, V> =
            map.pin().iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        assert_eq!(entries.len(), map.len());
        assert!(entries.iter().eq(expected.clone()), "{entries:?}, {expected:?}");
    };
    sorted(&ours);
    assert_eq!(ours.stats().migration, None);
    // There and back, and what std writes and reads.
    let bytes = format.write(&ours);
    assert_eq!(bytes, format.write(&ours.pin()));
    sorted(&format.read(&bytes).expect("it was written"));
    sorted(&format.read(&format.write(&std)).expect("it was written"));
    assert_eq!(format.read::<StdMap<K, V>>(&bytes).expect("it was written"), std);
}

fn sets<T, R>(format: &impl Format, input: &[u8])
where
    T: Serialize + DeserializeOwned + Hash + Ord + Exact,
    R: Reclaim,
{
    let (ours, std) = (format.read::<Set<T, R>>(input), format.read::<StdSet<T>>(input));
    assert_eq!(ours.is_some(), std.is_some());
    let (Some(ours), Some(std)) = (ours, std) else { return };
    let expected: BTreeSet<String> = std.iter().map(Exact::exact).collect();
    let check = |set: &Set<T, R>| {
        assert_eq!(set.iter().map(|e| e.exact()).collect::<BTreeSet<_>>(), expected);
        assert_eq!((set.len(), set.stats().migration), (std.len(), None));
    };
    check(&ours);
    let bytes = format.write(&ours);
    assert_eq!(bytes, format.write(&ours.pin()));
    check(&format.read(&bytes).expect("it was written"));
    check(&format.read(&format.write(&std)).expect("it was written"));
}

/// Maps of maps of sets.
fn nested<R: Reclaim>(format: &impl Format, input: &[u8]) {
    type Nested<R> = Map<String, Map<u8, Set<(i8, char), R>, R>, R>;
    type Std = StdMap<String, StdMap<u8, StdSet<(i8, char)>>>;
    let (ours, std) = (format.read::<Nested<R>>(input), format.read::<Std>(input));
    assert_eq!(ours.is_some(), std.is_some());
    let (Some(ours), Some(std)) = (ours, std) else { return };
    let read = format.read::<Std>(&format.write(&ours)).expect("it was written");
    assert_eq!(read, std);
    let read = format.read::<Nested<R>>(&format.write(&std)).expect("it was written");
    assert!(read == ours);
}

/// What an element is to the last letter, whatever it equals.
trait Exact {
    fn exact(&self) -> String;
}

impl Exact for String {
    fn exact(&self) -> String {
        self.clone()
    }
}

impl Exact for u32 {
    fn exact(&self) -> String {
        self.to_string()
    }
}

/// An element of which two that are equal can be told apart.
#[derive(Clone, Debug, Eq, Serialize, Deserialize)]
struct Caseless(String);

impl Exact for Caseless {
    fn exact(&self) -> String {
        self.0.clone()
    }
}

impl PartialEq for Caseless {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Hash for Caseless {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_ascii_lowercase().hash(state);
    }
}

impl PartialOrd for Caseless {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Caseless {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.to_ascii_lowercase().cmp(&other.0.to_ascii_lowercase())
    }
}

/// Input that says how many entries it brings, each time anew, brings others, and may break off.
#[derive(Clone)]
struct Boaster {
    says: Vec<Option<usize>>,
    brings: Vec<(u16, u8)>,
    /// Ends in an error.
    breaks: bool,
    at: usize,
}

impl Boaster {
    fn says(&self) -> Option<usize> {
        self.says[self.at % self.says.len()]
    }

    fn next(&mut self) -> Result<Option<(u16, u8)>, ValueError> {
        let next = self.brings.get(self.at).copied();
        self.at += 1;
        match next {
            None if self.breaks => Err(ValueError::custom("broken off")),
            next => Ok(next),
        }
    }
}

impl<'de> Deserializer<'de> for Boaster {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_map(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_seq(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Boaster {
    type Error = ValueError;

    fn next_key_seed<K: ::serde::de::DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ValueError> {
        let Some((key, _)) = self.next()? else { return Ok(None) };
        seed.deserialize(key.into_deserializer()).map(Some)
    }

    fn next_value_seed<V: ::serde::de::DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, ValueError> {
        seed.deserialize(self.brings[self.at - 1].1.into_deserializer())
    }

    fn size_hint(&self) -> Option<usize> {
        self.says()
    }
}

impl<'de> SeqAccess<'de> for Boaster {
    type Error = ValueError;

    fn next_element_seed<T: ::serde::de::DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ValueError> {
        let Some((key, _)) = self.next()? else { return Ok(None) };
        seed.deserialize(key.into_deserializer()).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        self.says()
    }
}

fn boast<R: Reclaim>(input: &mut Input) {
    let says = (0..=input.byte() % 3).map(|_| input.flag().then(|| input.magnitude())).collect();
    let (breaks, wide, many) = (input.flag(), input.flag(), input.word() % 700);
    let (first, step) = (input.word(), input.word());
    let key = |i: u16| first.wrapping_add(i.wrapping_mul(step));
    let key = |i: u16| if wide { key(i) } else { key(i) % 50 };
    let brings: Vec<(u16, u8)> = (0..many).map(|i| (key(i), i as u8)).collect();
    let boaster = Boaster { says, brings: brings.clone(), breaks, at: 0 };
    let map = Map::<u16, u8, R>::deserialize(boaster.clone());
    let set = Set::<u16, R>::deserialize(boaster);
    assert_eq!((map.is_err(), set.is_err()), (breaks, breaks));
    let (Ok(map), Ok(set)) = (map, set) else { return };
    // The later value stays.
    let expected: BTreeMap<u16, u8> = brings.into_iter().collect();
    let entries: BTreeMap<u16, u8> = map.pin().iter().map(|(k, v)| (*k, *v)).collect();
    assert_eq!((&entries, map.len()), (&expected, expected.len()));
    assert!(set.len() == expected.len() && expected.keys().all(|key| set.contains(key)));
    // A megabyte of slots.
    assert!(map.capacity() <= 1 << 17 && set.capacity() <= 1 << 17);
    assert_eq!((map.stats().migration, set.stats().migration), (None, None));
}
