//! Random calls against std's map: the same answers, the same contents, on both surfaces.

mod common;
#[path = "common/surface.rs"]
mod surface;

use common::{Constant, Four, Identity, Pairs, Reclaimer, scaled};
use dolmen::{Compute, DefaultHashBuilder, HashMap, Operation, Reclaim};
use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap as Model, HashSet};
use std::hash::BuildHasher;
use surface::{Found, Id, Key, Step, Surface, found};

/// Mark and value by number.
type Sorted = BTreeMap<u64, (u64, u64)>;

/// A call. Keys are taken modulo what the hasher can bear.
#[derive(Clone, Debug)]
enum Call {
    Insert(u64, u64),
    TryInsert(u64, u64),
    Get(u64),
    GetOrInsertWith(u64, u64),
    Update(u64, u64),
    Compute(u64, Operation<u64, u64>, Operation<u64, u64>),
    Remove(u64),
    RemoveEntry(u64),
    RemoveIf(u64, u64),
    /// Inserts so many keys in a row: the only way to meet a resize half-way.
    Fill(u64, u64),
    Extend(u64, u64),
    Take(u64, u64),
    Retain(u64),
    Clear,
    Reserve(usize),
    Shrink,
    FinishResize,
    Flush,
    Iterate,
    Clone,
}

fn operation() -> impl Strategy<Value = Operation<u64, u64>> {
    prop_oneof![
        any::<u64>().prop_map(Operation::Insert),
        Just(Operation::Remove),
        any::<u64>().prop_map(Operation::Abort),
    ]
}

fn call() -> impl Strategy<Value = Call> {
    let key = || 0..1000u64;
    prop_oneof![
        6 => (key(), any::<u64>()).prop_map(|(k, v)| Call::Insert(k, v)),
        4 => (key(), any::<u64>()).prop_map(|(k, v)| Call::TryInsert(k, v)),
        4 => key().prop_map(Call::Get),
        4 => (key(), any::<u64>()).prop_map(|(k, v)| Call::GetOrInsertWith(k, v)),
        4 => (key(), any::<u64>()).prop_map(|(k, v)| Call::Update(k, v)),
        6 => (key(), operation(), operation()).prop_map(|(k, a, b)| Call::Compute(k, a, b)),
        4 => key().prop_map(Call::Remove),
        4 => key().prop_map(Call::RemoveEntry),
        4 => (key(), 0..3u64).prop_map(|(k, m)| Call::RemoveIf(k, m)),
        5 => (key(), 0..600u64).prop_map(|(k, n)| Call::Fill(k, n)),
        2 => (key(), 0..300u64).prop_map(|(k, n)| Call::Extend(k, n)),
        3 => (key(), 0..300u64).prop_map(|(k, n)| Call::Take(k, n)),
        1 => (0..4u64).prop_map(Call::Retain),
        1 => Just(Call::Clear),
        1 => (0..2000usize).prop_map(Call::Reserve),
        1 => Just(Call::Shrink),
        1 => Just(Call::FinishResize),
        1 => Just(Call::Flush),
        2 => Just(Call::Iterate),
        1 => Just(Call::Clone),
    ]
}

/// The model's side of `compute`.
fn model_compute(model: &mut Model<u64, (u64, u64)>, key: Key, step: Step) -> Compute<Found, u64> {
    let entry = |id: u64, (mark, value): (u64, u64)| (id, mark, value);
    match step {
        Operation::Insert(value) => match model.insert(key.id, (key.mark, value)) {
            None => Compute::Inserted((key.id, key.mark, value)),
            Some(old) => {
                Compute::Updated { old: entry(key.id, old), new: (key.id, key.mark, value) }
            }
        },
        Operation::Remove => match model.remove(&key.id) {
            Some(old) => Compute::Removed(entry(key.id, old)),
            None => Compute::Absent,
        },
        Operation::Abort(with) => Compute::Aborted(with),
    }
}

/// The map and what it should be.
struct Pair<S, R: Reclaim> {
    map: HashMap<Key, u64, S, R>,
    /// By number: mark and value.
    model: Model<u64, (u64, u64)>,
    keys: u64,
    marks: u64,
}

impl<S: BuildHasher + Clone + Default, R: Reclaim> Pair<S, R> {
    fn new(keys: u64) -> Self {
        Pair { map: HashMap::default(), model: Model::new(), keys, marks: 0 }
    }

    /// A key, distinguishable from all that came before.
    fn key(&mut self, id: u64) -> Key {
        self.marks += 1;
        Key { id: id % self.keys, mark: self.marks }
    }

    fn step(&mut self, call: &Call, pinned: bool) {
        match *call {
            Call::Flush => self.map.flush(),
            Call::Clone => self.clone_and_compare(),
            Call::Extend(from, n) => {
                let keys: Vec<Key> = (from..from + n).map(|id| self.key(id)).collect();
                self.model.extend(keys.iter().map(|k| (k.id, (k.mark, k.mark))));
                (&self.map).extend(keys.into_iter().map(|k| (k, k.mark)));
                assert_eq!(self.map.stats().migration, None, "`extend` ends its resizes");
            }
            _ if pinned => self.call_pinned(call),
            _ => self.call_map(call),
        }
        assert_eq!(self.map.len(), self.model.len());
        assert_eq!(self.map.is_empty(), self.model.is_empty());
    }

    fn call_map(&mut self, call: &Call) {
        let Pair { map, model, keys, marks } = self;
        apply(&&*map, map.hasher(), model, call, *keys, marks);
    }

    fn call_pinned(&mut self, call: &Call) {
        let Pair { map, model, keys, marks } = self;
        apply(&&map.pin(), map.hasher(), model, call, *keys, marks);
    }

    fn clone_and_compare(&mut self) {
        let copy = self.map.clone();
        assert!(copy == self.map);
        assert!(self.map == copy);
        assert_eq!(sorted(&(&copy).entries()), sorted(&(&self.map).entries()));
        let key = self.key(0);
        match copy.remove(&Id(key.id)).map(|_| ()) {
            Some(()) => {}
            None => assert!(copy.insert(key, 0).is_none()),
        }
        assert!(copy != self.map);
        assert!(self.map != copy);
        // The clone goes on in the place of the original.
        self.map = self.map.clone();
    }

    /// Every key of the domain is there or not as it should be, and the iterators agree.
    fn check(&self) {
        let expected: Sorted = self.model.iter().map(|(id, e)| (*id, *e)).collect();
        assert_eq!(sorted(&(&self.map).entries()), expected);
        for id in 0..self.keys {
            assert_eq!(self.map.get(&Id(id)).map(|v| *v), self.model.get(&id).map(|e| e.1));
        }
    }
}

/// Entries by key; no key comes twice.
fn sorted(entries: &[Found]) -> Sorted {
    let sorted: Sorted = entries.iter().map(|&(id, mark, value)| (id, (mark, value))).collect();
    assert_eq!(sorted.len(), entries.len(), "a key came twice");
    sorted
}

fn apply(
    map: &impl Surface,
    hasher: &impl BuildHasher,
    model: &mut Model<u64, (u64, u64)>,
    call: &Call,
    keys: u64,
    marks: &mut u64,
) {
    let mut key = |id: u64| {
        *marks += 1;
        Key { id: id % keys, mark: *marks }
    };
    // Keys with one hash share a slot.
    let slots = |model: &Model<u64, _>| {
        model.keys().map(|id| hasher.hash_one(Id(*id))).collect::<HashSet<_>>().len()
    };
    match *call {
        Call::Insert(id, value) => {
            let key = key(id);
            let old = model.insert(key.id, (key.mark, value));
            assert_eq!(map.insert(key, value), old.map(|e| e.1));
            assert_eq!(map.get_key_value(key.id), Some(found(&key, &value)));
        }
        Call::TryInsert(id, value) => {
            let key = key(id);
            let expected = match model.get(&key.id) {
                Some(current) => Err((current.1, found(&key, &value))),
                None => Ok(value),
            };
            assert_eq!(map.try_insert(key, value), expected);
            model.entry(key.id).or_insert((key.mark, value));
        }
        Call::Get(id) => {
            let id = id % keys;
            let entry = model.get(&id).map(|&(mark, value)| (id, mark, value));
            assert_eq!(map.get(id), entry.map(|e| e.2));
            assert_eq!(map.get_key_value(id), entry);
            assert_eq!(map.contains(id), entry.is_some());
        }
        Call::GetOrInsertWith(id, value) => {
            let key = key(id);
            let (was, mut runs) = (model.contains_key(&key.id), 0);
            let entry = *model.entry(key.id).or_insert((key.mark, value));
            let got = map.get_or_insert_with(key, &mut || {
                runs += 1;
                value
            });
            assert_eq!((got, runs), (entry.1, usize::from(!was)));
        }
        Call::Update(id, add) => {
            let key = key(id);
            let expected = model.get_mut(&key.id).map(|entry| {
                *entry = (key.mark, entry.1.wrapping_add(add));
                entry.1
            });
            assert_eq!(map.update(key, &mut |v| v.wrapping_add(add)), expected);
        }
        Call::Compute(id, present, absent) => {
            let key = key(id);
            let was = model.get(&key.id).map(|&(mark, value)| (key.id, mark, value));
            let step = if was.is_some() { present } else { absent };
            let answer = map.compute(key, &mut |entry| {
                assert_eq!(entry, was);
                step
            });
            assert_eq!(answer, model_compute(model, key, step));
        }
        Call::Remove(id) => {
            assert_eq!(map.remove(id % keys), model.remove(&(id % keys)).map(|e| e.1));
        }
        Call::RemoveEntry(id) => {
            let id = id % keys;
            assert_eq!(map.remove_entry(id), model.remove(&id).map(|e| (id, e.0, e.1)));
        }
        Call::RemoveIf(id, modulus) => {
            let id = id % keys;
            let holds = |value: u64| value % 3 == modulus;
            let entry = model.get(&id).copied().filter(|e| holds(e.1));
            assert_eq!(map.remove_if(id, &mut |e| holds(e.2)), entry.map(|e| (id, e.0, e.1)));
            if entry.is_some() {
                model.remove(&id);
            }
        }
        Call::Fill(from, n) => {
            for id in from..from + n.min(2 * keys) {
                let key = key(id);
                let old = model.insert(key.id, (key.mark, key.mark));
                assert_eq!(map.insert(key, key.mark), old.map(|e| e.1));
            }
        }
        Call::Take(from, n) => {
            for id in from..from + n.min(2 * keys) {
                let id = id % keys;
                assert_eq!(map.remove(id), model.remove(&id).map(|e| e.1));
            }
        }
        Call::Retain(modulus) => {
            map.retain(&mut |(id, _, value)| (id ^ value) % 4 != modulus);
            model.retain(|id, e| (id ^ e.1) % 4 != modulus);
        }
        Call::Clear => {
            let (capacity, len) = (map.capacity(), map.len());
            map.clear();
            model.clear();
            assert_eq!((map.len(), map.is_empty()), (0, true));
            // Keys that shared slots were room for themselves as long as they were there.
            let shared = capacity == len && map.capacity() < len;
            assert!(map.capacity() == capacity || shared);
        }
        Call::Reserve(additional) => {
            map.reserve(additional);
            assert!(map.capacity() >= slots(model) + additional);
        }
        Call::Shrink => {
            let capacity = map.capacity();
            map.shrink_to_fit();
            assert!(map.capacity() <= capacity && map.capacity() >= slots(model));
        }
        Call::FinishResize => map.finish_resize(),
        Call::Iterate => {
            let expected: Sorted = model.iter().map(|(id, e)| (*id, *e)).collect();
            assert_eq!(sorted(&map.entries()), expected);
            let marks: Sorted = expected.iter().map(|(id, e)| (*id, (e.0, 0))).collect();
            assert_eq!(sorted(&map.keys()), marks);
            let mut values: Vec<u64> = expected.values().map(|e| e.1).collect();
            values.sort_unstable();
            let mut got = map.values();
            got.sort_unstable();
            assert_eq!(got, values);
        }
        Call::Flush | Call::Clone | Call::Extend(..) => unreachable!("not on a surface"),
    }
}

fn run<S: BuildHasher + Clone + Default, R: Reclaimer>(
    keys: u64,
    held: bool,
    calls: &[(Call, bool)],
) {
    let mut pair = Pair::<S, R>::new(keys);
    // A pin elsewhere in the process keeps everything that this map retires.
    let other: HashMap<u64, u64, S, R> = HashMap::default();
    let _held = held.then(|| other.pin());
    for (call, pinned) in calls {
        pair.step(call, *pinned);
    }
    pair.check();
}

/// A map is what std's is after every call of a random sequence.
macro_rules! differential {
    ($($name:ident: $hasher:ty, $keys:expr;)+) => {
        proptest! {
            #![proptest_config(ProptestConfig {
                cases: scaled(if <R as Reclaimer>::PROMPT { 1500 } else { 400 }) as u32,
                failure_persistence: None,
                ..ProptestConfig::default()
            })]
            $(
                #[test]
                fn $name(
                    held in any::<bool>(),
                    calls in prop::collection::vec((call(), any::<bool>()), 1..80),
                ) {
                    run::<$hasher, R>($keys, held, &calls);
                }
            )+
        }
    };
}

with_each_reclaimer! { differential! {
    by_default: DefaultHashBuilder, 1000;
    by_identity: Identity, 1000;
    by_constant: Constant, 40;
    by_four: Four, 120;
    by_pairs: Pairs, 1000;
} }
