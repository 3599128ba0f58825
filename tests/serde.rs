//! Maps and sets through formats: there and back, under writers, and with input that lies.
#![cfg(feature = "serde")]

use dolmen::{Epoch, HashMap, HashSet};
use serde::de::value::Error as ValueError;
use serde::de::{Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde::ser::{Serialize, Serializer};
use std::collections::{BTreeMap, HashMap as Model, HashSet as ModelSet};
use std::hash::{Hash, Hasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread;

/// Deeper than one map: maps of maps of sets.
type Nested = HashMap<String, HashMap<u32, HashSet<(i8, char)>>>;

fn nested() -> Nested {
    let inner = |n: u32| (0..n).map(|i| (i, (0..i).map(|j| (j as i8, 'x')).collect())).collect();
    HashMap::from([("a".into(), inner(3)), ("b".into(), inner(0)), ("c".into(), inner(10))])
}

#[test]
fn maps_go_there_and_back() {
    for count in [0, 1, 7, 1000] {
        let map: HashMap<u64, String> = (0..count).map(|i| (i, i.to_string())).collect();
        let json = serde_json::to_string(&map).unwrap();
        assert_eq!(json, serde_json::to_string(&map.pin()).unwrap());
        assert_eq!(serde_json::from_str::<HashMap<u64, String>>(&json).unwrap(), map);
        let bytes = postcard::to_stdvec(&map).unwrap();
        let back: HashMap<u64, String> = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(back, map);
        assert_eq!(back.stats().migration, None);
        // What std writes and reads.
        let model: Model<u64, String> = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(model.len(), map.len());
        let bytes = postcard::to_stdvec(&model).unwrap();
        assert_eq!(postcard::from_bytes::<HashMap<u64, String>>(&bytes).unwrap(), map);
    }
}

#[test]
fn sets_go_there_and_back() {
    for count in [0, 1, 7, 1000] {
        let set: HashSet<u64> = (0..count).collect();
        let json = serde_json::to_string(&set).unwrap();
        assert_eq!(json, serde_json::to_string(&set.pin()).unwrap());
        assert_eq!(serde_json::from_str::<HashSet<u64>>(&json).unwrap(), set);
        let bytes = postcard::to_stdvec(&set).unwrap();
        let back: HashSet<u64> = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(back, set);
        assert_eq!(back.stats().migration, None);
        let model: ModelSet<u64> = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(model.len(), set.len());
    }
}

#[test]
fn nested_ones_go_there_and_back() {
    let map = nested();
    let json = serde_json::to_string(&map).unwrap();
    assert_eq!(serde_json::from_str::<Nested>(&json).unwrap(), map);
    let json = serde_json::to_string_pretty(&map).unwrap();
    assert_eq!(serde_json::from_str::<Nested>(&json).unwrap(), map);
    let bytes = postcard::to_stdvec(&map).unwrap();
    assert_eq!(postcard::from_bytes::<Nested>(&bytes).unwrap(), map);
}

#[test]
fn hasher_and_reclaimer_are_those_of_the_type() {
    let map: HashMap<u8, u8, RandomState, Epoch> = serde_json::from_str(r#"{"1": 2}"#).unwrap();
    assert_eq!(*map.get(&1).unwrap(), 2);
    let set: HashSet<u8, RandomState, Epoch> = serde_json::from_str("[1]").unwrap();
    assert!(set.contains(&1));
}

/// An element of which two that are equal can be told apart.
#[derive(Debug, Eq)]
struct Caseless(String);

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

impl<'de> serde::Deserialize<'de> for Caseless {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Caseless)
    }
}

#[test]
fn what_comes_twice_is_there_once() {
    let map: HashMap<Caseless, u8> = serde_json::from_str(r#"{"a":1,"b":2,"A":3}"#).unwrap();
    assert_eq!(map.len(), 2);
    assert_eq!(*map.get(&Caseless("a".into())).unwrap(), 3, "the later value");
    // Sets keep the earlier, ours and std's.
    let input = r#"["a", "b", "A"]"#;
    let set: HashSet<Caseless> = serde_json::from_str(input).unwrap();
    let model: ModelSet<Caseless> = serde_json::from_str(input).unwrap();
    assert_eq!((set.len(), model.len()), (2, 2));
    let a = Caseless("a".into());
    assert_eq!((&*set.get(&a).unwrap().0, &*model.get(&a).unwrap().0), ("a", "a"));
}

#[test]
fn input_that_is_not_one_is_refused() {
    let map = |input: &str| serde_json::from_str::<HashMap<String, u8>>(input);
    for input in ["[1]", "1", "null", "", "{", r#"{"a":1"#, r#"{"a":"x"}"#, r#"{"a":256}"#] {
        assert!(map(input).is_err(), "{input}");
    }
    assert!(map("[1]").unwrap_err().to_string().contains("expected a map"));
    let set = |input: &str| serde_json::from_str::<HashSet<u8>>(input);
    for input in ["{}", "1", "null", "", "[", "[1", "[1,]", r#"["a"]"#, "[256]"] {
        assert!(set(input).is_err(), "{input}");
    }
    assert!(set("{}").unwrap_err().to_string().contains("expected a sequence"));
}

/// Input that says that it brings `says` entries, and brings `brings`: `n` and `n`.
struct Boaster {
    says: Option<usize>,
    brings: u32,
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

impl Boaster {
    fn next(&mut self) -> Option<u32> {
        self.brings = self.brings.checked_sub(1)?;
        Some(self.brings)
    }
}

impl<'de> SeqAccess<'de> for Boaster {
    type Error = ValueError;

    fn next_element_seed<T: serde::de::DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ValueError> {
        self.next().map(|n| seed.deserialize(n.into_deserializer())).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        self.says
    }
}

impl<'de> MapAccess<'de> for Boaster {
    type Error = ValueError;

    fn next_key_seed<T: serde::de::DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ValueError> {
        self.next_element_seed(seed)
    }

    fn next_value_seed<T: serde::de::DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<T::Value, ValueError> {
        seed.deserialize(self.brings.into_deserializer())
    }

    fn size_hint(&self) -> Option<usize> {
        self.says
    }
}

#[test]
fn a_size_hint_is_not_trusted() {
    use serde::Deserialize;
    for says in [None, Some(0), Some(3), Some(1 << 40), Some(usize::MAX)] {
        for brings in [0, 3, 5000] {
            let map = HashMap::<u32, u32>::deserialize(Boaster { says, brings }).unwrap();
            assert_eq!(map.len(), brings as usize);
            assert!(map.iter().all(|entry| entry.key() == entry.value()));
            assert!(map.capacity() <= 1 << 18, "{} for {says:?}", map.capacity());
            let set = HashSet::<u32>::deserialize(Boaster { says, brings }).unwrap();
            assert_eq!(set.len(), brings as usize);
            assert!(set.capacity() <= 1 << 18, "{} for {says:?}", set.capacity());
        }
    }
}

#[test]
fn a_hint_that_is_true_saves_the_resizes() {
    use serde::Deserialize;
    let brings = 10_000;
    let boaster = || Boaster { says: Some(brings as usize), brings };
    let reserved: HashMap<u32, u32> = HashMap::with_capacity(brings as usize);
    let map = HashMap::<u32, u32>::deserialize(boaster()).unwrap();
    assert_eq!(map.capacity(), reserved.capacity());
    assert_eq!(HashSet::<u32>::deserialize(boaster()).unwrap().capacity(), reserved.capacity());
}

#[test]
fn a_length_that_the_bytes_do_not_hold_is_an_error() {
    // A varint of 2^63, and one entry.
    let mut bytes = vec![0x80; 9];
    bytes.extend([1, 7, 7]);
    assert!(postcard::from_bytes::<HashMap<u8, u8>>(&bytes).is_err());
    assert!(postcard::from_bytes::<HashSet<u8>>(&bytes).is_err());
}

/// Writes the map and the set below whenever it is serialized: the worst of other threads, always.
#[derive(PartialEq, Eq, Hash)]
struct Meddler(u64);

static MAP: HashMap<u64, Meddler, Seedless> = HashMap::with_hasher(Seedless);
static SET: HashSet<Meddler, Seedless> = HashSet::with_hasher(Seedless);
static NEXT: AtomicU64 = AtomicU64::new(100);

#[derive(Default)]
struct Seedless;

impl std::hash::BuildHasher for Seedless {
    type Hasher = std::hash::DefaultHasher;

    fn build_hasher(&self) -> Self::Hasher {
        Self::Hasher::new()
    }
}

impl Serialize for Meddler {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        for _ in 0..10 {
            let new = NEXT.fetch_add(1, SeqCst);
            MAP.insert(new, Meddler(new));
            SET.insert(Meddler(new));
        }
        if self.0.is_multiple_of(2) {
            MAP.clear();
            SET.clear();
        }
        serializer.serialize_u64(self.0)
    }
}

#[test]
fn a_length_that_is_written_ahead_is_the_true_one() {
    for i in 0..50 {
        MAP.insert(i, Meddler(i));
        SET.insert(Meddler(i));
    }
    let bytes = postcard::to_stdvec(&MAP).unwrap();
    let (read, rest) = postcard::take_from_bytes::<BTreeMap<u64, u64>>(&bytes).unwrap();
    assert!(rest.is_empty());
    assert!(read.into_iter().eq((0..50).map(|i| (i, i))));

    SET.clear();
    (0..50).for_each(|i| assert!(SET.insert(Meddler(i))));
    let bytes = postcard::to_stdvec(&SET).unwrap();
    let (mut read, rest) = postcard::take_from_bytes::<Vec<u64>>(&bytes).unwrap();
    assert!(rest.is_empty());
    read.sort_unstable();
    assert!(read.into_iter().eq(0..50));
}

/// Ends the writers when dropped: by a failed assertion, too, which would wait for them else.
struct Done<'d>(&'d AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

#[test]
fn a_map_that_others_write_is_written_whole() {
    let map: HashMap<u64, u64> = (0..100).map(|i| (i, i)).collect();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let _done = Done(&done);
        for from in [100u64, 2000] {
            let (map, done) = (&map, &done);
            scope.spawn(move || {
                while !done.load(SeqCst) {
                    (from..from + 1500).for_each(|i| drop(map.insert(i, i)));
                    (from..from + 1500).for_each(|i| drop(map.remove(&i)));
                }
            });
        }
        for _ in 0..if cfg!(miri) { 2 } else { 200 } {
            let bytes = postcard::to_stdvec(&map).unwrap();
            let (read, rest) = postcard::take_from_bytes::<Vec<(u64, u64)>>(&bytes).unwrap();
            assert!(rest.is_empty());
            let unique: BTreeMap<u64, u64> = read.iter().copied().collect();
            assert_eq!(unique.len(), read.len(), "a key came twice");
            assert!((0..100).all(|i| unique.get(&i) == Some(&i)), "an entry that stays is missing");
            let json = serde_json::to_string(&map).unwrap();
            let read: BTreeMap<u64, u64> = serde_json::from_str(&json).unwrap();
            assert!((0..100).all(|i| read.get(&i) == Some(&i)));
        }
    });
}
