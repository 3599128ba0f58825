//! Random calls on maps of words against std's map: the same answers, the same contents, on both
//! surfaces, for keys of every length and values that fit and that do not.

mod common;

use common::scaled;
use dolmen::words::{FixedMix, Mix, RandomMix, WordInteger, WordKey};
use dolmen::{Compute, Operation, Reclaim, TryInsertError, TryRemove, TryUpdate, WordMap};
use proptest::prelude::*;
use std::collections::{HashMap as Model, HashSet};
use std::fmt::Debug;
use std::hash::Hash;
use std::num::NonZero;

#[derive(Clone, Copy, Debug)]
enum Call {
    Insert(u64, u64),
    TryInsert(u64, u64),
    Get(u64),
    GetOrInsert(u64, u64),
    GetOrInsertWith(u64, u64),
    Swap(u64, u64),
    Update(u64, u64),
    TryUpdate(u64, u64, bool),
    UpdateOrInsert(u64, u64, u64),
    Compute(u64, Operation<u64, u64>, Operation<u64, u64>),
    CompareExchange(u64, u64, u64),
    /// By the value that is there.
    ExchangePresent(u64, u64),
    Remove(u64),
    RemoveIf(u64, bool),
    Fetch(u8, u64, u64),
    FetchOr(u8, u64, u64, u64),
    Fill(u64, u64),
    Take(u64, u64),
    InsertMany(u64, u64),
    RemoveMany(u64, u64),
    AddMany(u64, u64),
    AddManyOr(u64, u64),
    GetMany(u64, u64),
    Extend(u64, u64),
    Retain(u64),
    Drain(usize),
    Clear,
    Reserve(usize),
    Shrink,
    FinishResize,
    Flush,
    Iterate,
    Clone,
}

/// Values that fit into their slot, and that do not.
fn value() -> impl Strategy<Value = u64> {
    prop_oneof![
        3 => 0..1000u64,
        1 => any::<u64>(),
        1 => prop::sample::select(vec![0, 1, (1 << 61) - 1, 1 << 61, (1 << 62) - 1, 1 << 62, u64::MAX]),
    ]
}

fn operation() -> impl Strategy<Value = Operation<u64, u64>> {
    prop_oneof![
        value().prop_map(Operation::Insert),
        Just(Operation::Remove),
        any::<u64>().prop_map(Operation::Abort),
    ]
}

fn call() -> impl Strategy<Value = Call> {
    let key = || 0..1000u64;
    let run = || 0..300u64;
    prop_oneof![
        6 => (key(), value()).prop_map(|(k, v)| Call::Insert(k, v)),
        4 => (key(), value()).prop_map(|(k, v)| Call::TryInsert(k, v)),
        4 => key().prop_map(Call::Get),
        2 => (key(), value()).prop_map(|(k, v)| Call::GetOrInsert(k, v)),
        2 => (key(), value()).prop_map(|(k, v)| Call::GetOrInsertWith(k, v)),
        3 => (key(), value()).prop_map(|(k, v)| Call::Swap(k, v)),
        3 => (key(), value()).prop_map(|(k, v)| Call::Update(k, v)),
        3 => (key(), value(), any::<bool>()).prop_map(|(k, v, b)| Call::TryUpdate(k, v, b)),
        3 => (key(), value(), value()).prop_map(|(k, a, b)| Call::UpdateOrInsert(k, a, b)),
        6 => (key(), operation(), operation()).prop_map(|(k, a, b)| Call::Compute(k, a, b)),
        2 => (key(), value(), value()).prop_map(|(k, a, b)| Call::CompareExchange(k, a, b)),
        3 => (key(), value()).prop_map(|(k, v)| Call::ExchangePresent(k, v)),
        4 => key().prop_map(Call::Remove),
        3 => (key(), any::<bool>()).prop_map(|(k, b)| Call::RemoveIf(k, b)),
        4 => (0..7u8, key(), value()).prop_map(|(op, k, v)| Call::Fetch(op, k, v)),
        4 => (0..7u8, key(), value(), value()).prop_map(|(op, k, v, s)| Call::FetchOr(op, k, v, s)),
        5 => (key(), 0..600u64).prop_map(|(k, n)| Call::Fill(k, n)),
        3 => (key(), run()).prop_map(|(k, n)| Call::Take(k, n)),
        2 => (key(), run()).prop_map(|(k, n)| Call::InsertMany(k, n)),
        2 => (key(), run()).prop_map(|(k, n)| Call::RemoveMany(k, n)),
        2 => (key(), run()).prop_map(|(k, n)| Call::AddMany(k, n)),
        2 => (key(), run()).prop_map(|(k, n)| Call::AddManyOr(k, n)),
        2 => (key(), run()).prop_map(|(k, n)| Call::GetMany(k, n)),
        1 => (key(), run()).prop_map(|(k, n)| Call::Extend(k, n)),
        1 => (1..4u64).prop_map(Call::Retain),
        1 => (0..50usize).prop_map(Call::Drain),
        1 => Just(Call::Clear),
        1 => (0..2000usize).prop_map(Call::Reserve),
        1 => Just(Call::Shrink),
        1 => Just(Call::FinishResize),
        1 => Just(Call::Flush),
        2 => Just(Call::Iterate),
        1 => Just(Call::Clone),
    ]
}

/// A type of keys, by number: not one to one, where there are few of them.
trait Keys: WordKey + Eq + Hash + Debug {
    fn of(n: u64) -> Self;
}

impl Keys for u8 {
    fn of(n: u64) -> u8 {
        n as u8
    }
}

impl Keys for bool {
    fn of(n: u64) -> bool {
        n % 2 == 1
    }
}

impl Keys for i64 {
    /// Both signs, and the ends.
    fn of(n: u64) -> i64 {
        if n.is_multiple_of(3) { i64::MAX - n as i64 } else { i64::MIN / (n as i64 + 1) }
    }
}

impl Keys for u64 {
    /// Those that the map keeps elsewhere, those that differ at the top alone, and some that crowd
    /// into one group and have one upper half, that of an end among them.
    fn of(n: u64) -> u64 {
        match n {
            0 => FIXED.unmix(0),
            1 => FIXED.unmix(u64::MAX),
            2 => FIXED.unmix(1),
            3 => FIXED.unmix(2),
            _ => match n % 8 {
                0 => FIXED.unmix(n << 20),
                2 => FIXED.unmix(7 << 40 | n << 20),
                4 => FIXED.unmix(!0 << 32 | n << 20),
                6 => n << 52 | n,
                _ => u64::MAX - n,
            },
        }
    }
}

impl Keys for char {
    fn of(n: u64) -> char {
        char::from_u32((n * 1111) as u32).unwrap_or(char::MAX)
    }
}

impl Keys for NonZero<u32> {
    fn of(n: u64) -> Self {
        NonZero::new(u32::MAX - n as u32).expect("far from zero")
    }
}

/// A type of values that are counted with, by number.
trait Values: WordInteger + Eq + Ord + Debug {
    fn of(n: u64) -> Self;
    fn compute(op: u8, a: Self, b: Self) -> Self;
}

macro_rules! values {
    ($($T:ident),+) => {$(
        impl Values for $T {
            fn of(n: u64) -> $T {
                n as $T
            }

            fn compute(op: u8, a: $T, b: $T) -> $T {
                match op {
                    0 => a.wrapping_add(b),
                    1 => a.wrapping_sub(b),
                    2 => a.max(b),
                    3 => a.min(b),
                    4 => a & b,
                    5 => a | b,
                    _ => a ^ b,
                }
            }
        }
    )+};
}
values!(u64, i64, u8, i32);

/// One surface, and the map for what only it has.
macro_rules! apply {
    ($map:expr, $model:expr, $call:expr) => {{
        let (map, model) = ($map, $model);
        let keys = |from: u64, n: u64| (from..from + n).map(K::of).collect::<Vec<K>>();
        match *$call {
            Call::Insert(k, v) => {
                assert_eq!(map.insert(K::of(k), V::of(v)), model.insert(K::of(k), V::of(v)))
            }
            Call::TryInsert(k, v) => {
                let (k, v) = (K::of(k), V::of(v));
                match (map.try_insert(k, v), model.get(&k)) {
                    (Ok(new), None) => {
                        assert_eq!(new, v);
                        model.insert(k, v);
                    }
                    (Err(TryInsertError::Occupied { current, key, value }), Some(old)) => {
                        assert_eq!((current, key, value), (*old, k, v));
                    }
                    other => panic!("{other:?}"),
                }
            }
            Call::Get(k) => {
                assert_eq!(map.get(K::of(k)), model.get(&K::of(k)).copied());
                assert_eq!(map.contains_key(K::of(k)), model.contains_key(&K::of(k)));
            }
            Call::GetOrInsert(k, v) => {
                assert_eq!(
                    map.get_or_insert(K::of(k), V::of(v)),
                    *model.entry(K::of(k)).or_insert(V::of(v))
                );
            }
            Call::GetOrInsertWith(k, v) => {
                let made = map.get_or_insert_with(K::of(k), || V::of(v));
                assert_eq!(made, *model.entry(K::of(k)).or_insert(V::of(v)));
            }
            Call::Swap(k, v) => {
                let old = model.get_mut(&K::of(k)).map(|old| std::mem::replace(old, V::of(v)));
                assert_eq!(map.swap(K::of(k), V::of(v)), old);
            }
            Call::Update(k, v) => {
                let new = model.get_mut(&K::of(k)).map(|old| {
                    *old = V::compute(6, *old, V::of(v));
                    *old
                });
                assert_eq!(map.update(K::of(k), |old| V::compute(6, old, V::of(v))), new);
            }
            Call::TryUpdate(k, v, does) => {
                let (k, v) = (K::of(k), V::of(v));
                let expected = match model.get_mut(&k) {
                    None => TryUpdate::Absent,
                    Some(old) if !does => TryUpdate::Kept(*old),
                    Some(old) => TryUpdate::Updated { old: std::mem::replace(old, v), new: v },
                };
                assert_eq!(map.try_update(k, |_| does.then_some(v)), expected);
            }
            Call::UpdateOrInsert(k, a, b) => {
                let (k, a, b) = (K::of(k), V::of(a), V::of(b));
                let new = model.get(&k).map_or(b, |old| V::compute(0, *old, a));
                model.insert(k, new);
                assert_eq!(map.update_or_insert(k, |old| V::compute(0, old, a), b), new);
            }
            Call::Compute(k, present, absent) => {
                let k = K::of(k);
                let step = |operation: Operation<u64, u64>| match operation {
                    Operation::Insert(v) => Operation::Insert(V::of(v)),
                    Operation::Remove => Operation::Remove,
                    Operation::Abort(with) => Operation::Abort(with),
                };
                let expected = match (
                    step(if model.contains_key(&k) { present } else { absent }),
                    model.get(&k).copied(),
                ) {
                    (Operation::Insert(new), None) => Compute::Inserted(new),
                    (Operation::Insert(new), Some(old)) => Compute::Updated { old, new },
                    (Operation::Remove, Some(old)) => Compute::Removed(old),
                    (Operation::Remove, None) => Compute::Absent,
                    (Operation::Abort(with), _) => Compute::Aborted(with),
                };
                match expected {
                    Compute::Inserted(new) | Compute::Updated { new, .. } => {
                        _ = model.insert(k, new)
                    }
                    Compute::Removed(_) => _ = model.remove(&k),
                    _ => {}
                }
                assert_eq!(
                    map.compute(k, |old| step(if old.is_some() { present } else { absent })),
                    expected
                );
            }
            Call::CompareExchange(k, a, b) => {
                let (k, a, b) = (K::of(k), V::of(a), V::of(b));
                let found = model.get(&k).copied();
                match map.compare_exchange(k, a, b) {
                    Ok(new) => {
                        assert_eq!((new, found), (b, Some(a)));
                        model.insert(k, b);
                    }
                    Err(error) => {
                        assert_ne!(found, Some(a));
                        assert_eq!((error.current, error.key, error.new), (found, k, b));
                    }
                }
            }
            Call::ExchangePresent(k, v) => {
                let (k, v) = (K::of(k), V::of(v));
                if let Some(current) = model.get(&k).copied() {
                    assert_eq!(map.compare_exchange(k, current, v).unwrap(), v);
                    model.insert(k, v);
                }
            }
            Call::Remove(k) => assert_eq!(map.remove(K::of(k)), model.remove(&K::of(k))),
            Call::RemoveIf(k, does) => {
                let k = K::of(k);
                let found = model.get(&k).copied();
                let expected = match found {
                    None => TryRemove::Absent,
                    Some(value) if !does => TryRemove::Kept(value),
                    Some(value) => TryRemove::Removed(value),
                };
                assert_eq!(map.try_remove(k, |_| does), expected);
                if does {
                    model.remove(&k);
                }
                assert_eq!(map.remove_if(k, |_| false), None);
            }
            Call::Fetch(op, k, v) => {
                let (k, v) = (K::of(k), V::of(v));
                let old = match op {
                    0 => map.fetch_add(k, v),
                    1 => map.fetch_sub(k, v),
                    2 => map.fetch_max(k, v),
                    3 => map.fetch_min(k, v),
                    4 => map.fetch_and(k, v),
                    5 => map.fetch_or(k, v),
                    _ => map.fetch_xor(k, v),
                };
                assert_eq!(old, model.get(&k).copied());
                if let Some(value) = model.get_mut(&k) {
                    *value = V::compute(op, *value, v);
                }
            }
            Call::FetchOr(op, k, v, start) => {
                let (k, v, start) = (K::of(k), V::of(v), V::of(start));
                let old = match op {
                    0 => map.fetch_add_or(k, v, start),
                    1 => map.fetch_sub_or(k, v, start),
                    2 => map.fetch_max_or(k, v, start),
                    3 => map.fetch_min_or(k, v, start),
                    4 => map.fetch_and_or(k, v, start),
                    5 => map.fetch_or_or(k, v, start),
                    _ => map.fetch_xor_or(k, v, start),
                };
                assert_eq!(old, model.get(&k).copied());
                model.insert(k, V::compute(op, old.unwrap_or(start), v));
            }
            Call::Fill(from, n) => (from..from + n).for_each(|k| {
                assert_eq!(map.insert(K::of(k), V::of(k)), model.insert(K::of(k), V::of(k)));
            }),
            Call::Take(from, n) => (from..from + n).for_each(|k| {
                assert_eq!(map.remove(K::of(k)), model.remove(&K::of(k)));
            }),
            Call::InsertMany(from, n) => {
                let new =
                    keys(from, n).into_iter().filter(|k| model.insert(*k, V::of(n)).is_none());
                let new = new.count();
                assert_eq!(map.insert_many(keys(from, n).into_iter().map(|k| (k, V::of(n)))), new);
            }
            Call::RemoveMany(from, n) => {
                let found = keys(from, n).into_iter().filter(|k| model.remove(k).is_some()).count();
                assert_eq!(map.remove_many(&keys(from, n)), found);
            }
            Call::AddMany(from, n) => {
                let entries: Vec<_> = keys(from, n).into_iter().map(|k| (k, V::of(n))).collect();
                let mut found = 0;
                for (k, by) in &entries {
                    if let Some(value) = model.get_mut(k) {
                        *value = V::compute(0, *value, *by);
                        found += 1;
                    }
                }
                assert_eq!(map.fetch_add_many(&entries), found);
            }
            Call::AddManyOr(from, n) => {
                let entries: Vec<_> = keys(from, n).into_iter().map(|k| (k, V::of(n))).collect();
                let mut new = 0;
                for (k, by) in &entries {
                    new += usize::from(!model.contains_key(k));
                    let value = model.entry(*k).or_insert(V::of(7));
                    *value = V::compute(0, *value, *by);
                }
                assert_eq!(map.fetch_add_many_or(&entries, V::of(7)), new);
            }
            Call::GetMany(from, n) => {
                let keys = keys(from, n);
                let expected: Vec<_> = keys.iter().map(|k| model.get(k).copied()).collect();
                let mut found = Vec::new();
                map.get_many(&keys, |i, value| {
                    assert_eq!(i, found.len());
                    found.push(value);
                });
                assert_eq!(found, expected);
                found.clear();
                map.get_many_into(&keys, &mut found);
                assert_eq!(found, expected);
                assert_eq!(map.contains_many(&keys), expected.iter().flatten().count());
            }
            Call::Retain(n) => {
                let keep = |value: V| value < V::of(1 << (10 * n));
                map.retain(|_, value| keep(value));
                model.retain(|_, value| keep(*value));
            }
            Call::Drain(n) => {
                for (key, value) in map.drain().take(n) {
                    assert_eq!(model.remove(&key), Some(value));
                }
            }
            Call::Clear => {
                map.clear();
                model.clear();
            }
            Call::Reserve(n) => {
                map.reserve(n);
                assert!(map.capacity() >= map.len() + n);
            }
            Call::Shrink => map.shrink_to_fit(),
            Call::FinishResize => {
                map.finish_resize();
                assert_eq!(map.stats().migration, None);
            }
            Call::Flush => map.flush(),
            Call::Iterate | Call::Extend(..) | Call::Clone => {
                let entries: Vec<(K, V)> = map.iter().collect();
                assert_eq!(entries.len(), model.len(), "none twice");
                assert!(entries.iter().all(|(k, v)| model.get(k) == Some(v)));
                assert_eq!(map.keys().collect::<HashSet<K>>(), model.keys().copied().collect());
                let sorted = |values: Vec<V>| {
                    let mut values = values;
                    values.sort();
                    values
                };
                assert_eq!(
                    sorted(map.values().collect()),
                    sorted(model.values().copied().collect())
                );
            }
        }
        assert_eq!(map.len(), model.len());
        assert_eq!(map.is_empty(), model.is_empty());
        assert!(map.capacity() >= map.len());
    }};
}

const FIXED: FixedMix = FixedMix::new(7);

fn run<K: Keys, V: Values, S: Mix + Default, R: Reclaim>(mix: S, calls: &[(Call, bool)]) {
    let map = WordMap::<K, V>::builder().mix(mix).reclaimer::<R>().build();
    let mut model: Model<K, V> = Model::new();
    for (call, pinned) in calls {
        match call {
            Call::Extend(from, n) => {
                let entries = (*from..from + n).map(|k| (K::of(k), V::of(k)));
                model.extend(entries.clone());
                (&map).extend(entries);
                assert_eq!(map.stats().migration, None, "`extend` ends its resizes");
            }
            Call::Clone => {
                let copy = map.clone();
                assert!(copy == map);
                let owned: Model<K, V> = copy.into_iter().collect();
                assert_eq!(owned, model);
            }
            _ => {}
        }
        if *pinned && !matches!(call, Call::Flush) {
            apply!(&map.pin(), &mut model, call);
        } else {
            apply!(&map, &mut model, call);
        }
    }
    let left = map.into_iter();
    assert_eq!(left.len(), model.len());
    assert_eq!(left.collect::<Model<K, V>>(), model);
}

/// A test for each, on all reclaimers.
macro_rules! differential {
    ($($test:ident: $K:ty, $V:ty, $mix:expr;)+) => {
        with_each_reclaimer! {
            proptest! {
                #![proptest_config(ProptestConfig { cases: scaled(200).max(8) as u32, ..ProptestConfig::default() })]
                $(#[test]
                fn $test(calls in prop::collection::vec((call(), any::<bool>()), 1..60)) {
                    run::<$K, $V, _, R>($mix, &calls);
                })+
            }
        }
    };
}

differential! {
    of_u64_to_u64: u64, u64, FIXED;
    of_u8_to_i64: u8, i64, RandomMix::default();
    of_i64_to_i32: i64, i32, RandomMix::default();
    of_char_to_u64: char, u64, RandomMix::default();
    of_non_zero_to_u8: NonZero<u32>, u8, RandomMix::default();
    of_bool_to_i64: bool, i64, RandomMix::default();
}
