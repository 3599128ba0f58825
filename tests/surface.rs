//! The calls beyond the ordinary verbs: upserts, exchange, entries, drain, batches, the exclusive
//! family, the builder and what is reclaimed.

mod common;

use common::{Reclaimer, eventually};
use dolmen::{CompareExchangeError, DefaultHashBuilder, Entry, HashMap, Operation, TryInsertError};
use std::collections::{BTreeMap, BTreeSet, HashMap as StdMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// All keys share one ident: every call goes through the list.
#[derive(Clone, Default)]
struct Constant;

impl Hasher for Constant {
    fn write(&mut self, _: &[u8]) {}

    fn finish(&self) -> u64 {
        7
    }
}

type Map<K, V, R> = HashMap<K, V, DefaultHashBuilder, R>;
type Colliding<K, V, R> = HashMap<K, V, BuildHasherDefault<Constant>, R>;

fn upserts_insert_once_and_update_what_is_there<R: Reclaimer>() {
    let map = Map::<_, _, R>::default();
    assert_eq!(*map.update_or_insert("a", |_, n| n + 1, 1), 1);
    assert_eq!(*map.update_or_insert("a", |_, n| n + 1, 1), 2);
    assert_eq!(*map.update_or_insert_with("a", |_, n| n + 1, || unreachable!()), 3);
    assert_eq!(*map.get_or_insert("a", 9), 3);
    assert_eq!(*map.get_or_insert("b", 9), 9);
    assert_eq!(map.get_or_try_insert_with("c", || Err::<i32, _>("no")).unwrap_err(), "no");
    assert!(map.get("c").is_none());
    assert_eq!(map.get_cloned("a"), Some(3));
    assert_eq!(map.view("a", |k, v| format!("{k}{v}")), Some("a3".to_string()));
    assert_eq!(map.view("z", |_, _| ()), None);
}

fn a_value_that_was_made_for_an_absent_key_is_made_once<R: Reclaimer>() {
    let made = AtomicUsize::new(0);
    let map = Map::<u64, u64, R>::default();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for key in 0..2_000 {
                    map.update_or_insert_with(
                        key,
                        |_, n| n + 1,
                        || {
                            made.fetch_add(1, Ordering::Relaxed);
                            1
                        },
                    );
                }
            });
        }
    });
    assert!(map.iter().all(|entry| *entry == 4));
    // Each of the four calls for a key makes at most one.
    assert!((2_000..=8_000).contains(&made.load(Ordering::Relaxed)));
}

fn exchange_by_value_and_by_identity<R: Reclaimer>() {
    let map = Map::<_, _, R>::from_iter([("a", 1)]);
    assert_eq!(*map.compare_exchange("a", &1, 2).unwrap(), 2);
    let CompareExchangeError { current, key, new } = map.compare_exchange("a", &1, 3).unwrap_err();
    assert_eq!((current.map(|c| *c), key, new), (Some(2), "a", 3));
    assert!(map.compare_exchange("b", &1, 3).unwrap_err().current.is_none());

    let seen = map.get("a").unwrap();
    map.insert("a", 2);
    assert!(map.compare_exchange_entry("a", &seen, 3).is_err());
    let seen = map.get("a").unwrap();
    assert_eq!(*map.compare_exchange_entry("a", &seen, 3).unwrap(), 3);

    let m = map.pin();
    let seen = m.get("a").unwrap();
    assert_eq!(m.compare_exchange_entry("a", seen, 4).unwrap(), &4);
    assert!(m.compare_exchange_entry("a", seen, 5).is_err());
    assert_eq!(m.compare_exchange("a", &4, 5).unwrap(), &5);
    assert_eq!(m["a"], 5);
}

fn of_many_exchanges_of_one_value_one_wins<R: Reclaimer>() {
    let map = Map::<_, _, R>::from_iter([(0u64, 0u64)]);
    let won = AtomicUsize::new(0);
    for round in 0..500 {
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    if map.compare_exchange(0, &round, round + 1).is_ok() {
                        won.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
    }
    assert_eq!(won.load(Ordering::Relaxed), 500);
}

fn entries<R: Reclaimer>() {
    let map = Map::<String, u64, R>::default();
    assert_eq!(*map.entry("a".into()).or_insert(1), 1);
    assert_eq!(*map.entry("a".into()).or_insert(2), 1);
    assert_eq!(*map.entry("a".into()).and_modify(|n| n + 1).or_insert(7), 2);
    assert_eq!(*map.entry("b".into()).and_modify(|n| n + 1).or_default(), 0);
    assert_eq!(*map.entry("cc".into()).or_insert_with_key(|key| key.len() as u64), 2);

    let Entry::Occupied(entry) = map.entry("a".into()) else { panic!("a is there") };
    assert_eq!((entry.key().as_str(), entry.get()), ("a", &2));
    map.insert("a".into(), 2); // equal, and another entry
    assert!(entry.remove().is_none(), "it was not the entry that was seen");
    let Entry::Occupied(entry) = map.entry("a".into()) else { panic!("a is there") };
    assert_eq!(*entry.remove().unwrap(), 2);

    let Entry::Vacant(entry) = map.entry("a".into()) else { panic!("a is gone") };
    map.insert("a".into(), 5);
    let Err(TryInsertError::Occupied { current, .. }) = entry.insert(6) else {
        panic!("somebody was first")
    };
    assert_eq!(*current, 5);
    let Entry::Occupied(entry) = map.entry("a".into()) else { panic!("a is there") };
    assert_eq!(*entry.insert(6).unwrap(), 5);
}

fn drains_hand_out_each_entry_once<R: Reclaimer>() {
    for colliding in [false, true] {
        let entries = if colliding { 200 } else { 20_000 };
        let map = Map::<u64, u64, R>::default();
        let list: Colliding<u64, u64, R> = Colliding::default();
        for i in 0..entries {
            if colliding { drop(list.insert(i, i)) } else { drop(map.insert(i, i)) }
        }
        let handed = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mine: Vec<u64> = if colliding {
                        list.drain().map(|entry| *entry).collect()
                    } else {
                        map.drain().map(|entry| *entry).collect()
                    };
                    handed.lock().unwrap().extend(mine);
                });
            }
        });
        let mut handed = handed.into_inner().unwrap();
        handed.sort();
        assert!(handed.iter().copied().eq(0..entries), "{} of {entries}", handed.len());
        assert!(map.is_empty() && list.is_empty());
    }
}

fn a_drain_that_ends_early_leaves_the_rest<R: Reclaimer>() {
    let map: Map<u64, u64, R> = (0..100).map(|i| (i, i)).collect();
    let taken: BTreeSet<u64> = map.drain().take(30).map(|entry| *entry).collect();
    assert_eq!((taken.len(), map.len()), (30, 70));
    assert!(taken.iter().all(|key| !map.contains_key(key)));
}

fn batches_answer_in_order_and_as_single_calls_do<R: Reclaimer>() {
    let map = Map::<u64, u64, R>::default();
    let list: Colliding<u64, u64, R> = Colliding::default();
    assert_eq!(map.insert_many((0..1_000).map(|i| (i * 2, i))), 1_000);
    assert_eq!(map.insert_many((0..1_000).map(|i| (i * 2, i + 1))), 0);
    assert_eq!(list.insert_many((0..50).map(|i| (i * 2, i + 1))), 50);
    for n in [0, 1, 31, 32, 33, 100, 1_000] {
        let keys: Vec<u64> = (0..n).rev().collect();
        let mut places = Vec::new();
        map.get_many(&keys, |i, value| {
            assert_eq!(value.copied(), map.get(&keys[i]).map(|v| *v));
            places.push(i);
        });
        assert!(places.into_iter().eq(0..keys.len()));
        let mut found = Vec::new();
        list.get_many_into(&keys, &mut found);
        assert!(found.iter().zip(&keys).all(|(v, k)| *v == list.get_cloned(k)));
        assert_eq!(map.contains_many(&keys), keys.iter().filter(|k| *k % 2 == 0).count());
    }
    let keys: Vec<u64> = (0..100).collect();
    assert_eq!(map.remove_many(&keys), 50);
    assert_eq!((map.len(), map.contains_many(&keys)), (950, 0));
}

/// Others may look at a map that is extended through a shared reference, and its iterator may let them wait.
fn what_a_shared_map_is_extended_by_is_there_at_once<R: Reclaimer>() {
    let map = Map::<u64, u64, R>::default();
    (&map).extend((0..100).map(|i| (map.len() as u64, i)));
    assert_eq!((map.len(), *map.get(&99).unwrap()), (100, 99));
    // Alone with the map, it goes by batches: no fewer entries, and the last of equal keys stays.
    let mut map = map;
    map.extend((0..1_000).map(|i| (i % 500, i)));
    assert_eq!((map.len(), *map.get(&0).unwrap()), (500, 500));
}

fn exclusive_calls_give_values_to_change_and_to_keep<R: Reclaimer>() {
    let mut map: Map<u64, String, R> = (0..500).map(|i| (i, i.to_string())).collect();
    map.get_mut(&7).unwrap().push('!');
    assert!(map.get_mut(&500).is_none());
    assert_eq!(*map.get(&7).unwrap(), "7!");
    map.iter_mut().for_each(|(key, value)| *value = format!("{key}:{value}"));
    map.values_mut().for_each(|value| value.push(';'));
    let expected: BTreeMap<u64, String> =
        (0..500).map(|i| (i, if i == 7 { "7:7!;".into() } else { format!("{i}:{i};") })).collect();
    let copy = map.clone();
    assert_eq!(copy.len(), 500);
    assert_eq!(copy.into_keys().collect::<BTreeSet<_>>().len(), 500);
    let mut entries = map.into_iter();
    assert_eq!(entries.len(), 500);
    let first = entries.next().unwrap();
    assert_eq!(entries.len(), 499);
    let all: BTreeMap<u64, String> = std::iter::once(first).chain(entries).collect();
    assert_eq!(all, expected);
}

fn exclusive_calls_work_in_the_middle_of_a_resize_and_in_lists<R: Reclaimer>() {
    for entries in [1, 7, 8, 9, 29, 30, 100, 500, 3_600] {
        // Inserted one by one, so that a resize is often under way at the end.
        let mut map = Map::<u64, u64, R>::default();
        let mut list: Colliding<u64, u64, R> = Colliding::default();
        for i in 0..entries {
            map.insert(i, i);
            if i < 50 {
                list.insert(i, i);
            }
        }
        assert_eq!(map.iter_mut().count(), entries as usize);
        map.values_mut().for_each(|value| *value += 1);
        list.values_mut().for_each(|value| *value += 1);
        assert!((0..entries).all(|i| map.get_mut(&i).copied() == Some(i + 1)));
        let owned: StdMap<u64, u64> = map.into_iter().collect();
        assert!((0..entries).all(|i| owned[&i] == i + 1));
        let some: Vec<_> = list.into_iter().take(10).collect();
        assert_eq!(some.len(), 10.min(entries as usize));
    }
}

fn reclaimed_pairs_come_back_once_each<R: Reclaimer>() {
    let gone = Arc::new(Mutex::new(Vec::new()));
    let log = gone.clone();
    let map: Map<u64, u64, R> = HashMap::builder()
        .reclaimer::<R>()
        .capacity(16)
        .on_reclaim(move |key, value| log.lock().unwrap().push((key, value)))
        .build();
    let mut expected = Vec::new();
    for round in 0..50 {
        for key in 0..200 {
            map.insert(key, round);
            expected.push((key, round));
        }
    }
    for key in 0..100 {
        map.remove(&key);
    }
    // Other tests of this process hold pins; none for long.
    eventually(|| {
        map.flush();
        gone.lock().unwrap().len() > 9_000 || !R::PROMPT
    });
    drop(map);
    let mut gone = std::mem::take(&mut *gone.lock().unwrap());
    gone.sort();
    expected.sort();
    assert_eq!(gone, expected);
}

fn a_hook_that_panics_loses_no_other_pair<R: Reclaimer>() {
    let gone = Arc::new(Mutex::new(BTreeSet::new()));
    let log = gone.clone();
    let map: Map<u64, u64, R> = HashMap::builder()
        .reclaimer::<R>()
        .on_reclaim(move |key, _| {
            log.lock().unwrap().insert(key);
            assert!(key != 13, "thirteen");
        })
        .build();
    (0..50).for_each(|key| drop(map.insert(key, key)));
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(map)));
    assert!(result.is_err());
    assert_eq!(gone.lock().unwrap().len(), 50);
}

fn what_into_iter_hands_out_is_not_reclaimed<R: Reclaimer>() {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    let map: Map<u64, u64, R> = HashMap::builder()
        .reclaimer::<R>()
        .on_reclaim(move |_, _| {
            counter.fetch_add(1, Ordering::Relaxed);
        })
        .build();
    (0..50).for_each(|key| drop(map.insert(key, key)));
    let mut entries = map.into_iter();
    entries.by_ref().take(20).for_each(drop);
    drop(entries);
    assert_eq!(count.load(Ordering::Relaxed), 30);
}

fn what_waits_shows_in_the_statistics<R: Reclaimer>() {
    let map: Map<u64, u64, R> = HashMap::builder().capacity(100).reclaimer::<R>().build();
    let pin = map.pin();
    for i in 0..1_000 {
        map.insert(1, i);
    }
    let stats = map.stats();
    if R::PROMPT {
        assert_eq!((stats.retired, stats.retired_bytes), (999, 999 * 24));
        assert!(stats.to_string().contains("999"));
    }
    drop(pin);
    map.flush();
    assert_eq!((map.stats().retired, map.stats().retired_bytes), (0, 0));
}

fn compute_may_be_told_nothing_to_remove<R: Reclaimer>() {
    let map = Map::<u64, u64, R>::default();
    let outcome = map.compute(1, |_| Operation::<u64, ()>::Remove);
    assert!(matches!(outcome, dolmen::Compute::Absent));
    assert!(map.is_empty());
}

on_each_reclaimer!(
    upserts_insert_once_and_update_what_is_there,
    a_value_that_was_made_for_an_absent_key_is_made_once,
    exchange_by_value_and_by_identity,
    of_many_exchanges_of_one_value_one_wins,
    entries,
    drains_hand_out_each_entry_once,
    a_drain_that_ends_early_leaves_the_rest,
    batches_answer_in_order_and_as_single_calls_do,
    what_a_shared_map_is_extended_by_is_there_at_once,
    exclusive_calls_give_values_to_change_and_to_keep,
    exclusive_calls_work_in_the_middle_of_a_resize_and_in_lists,
    reclaimed_pairs_come_back_once_each,
    a_hook_that_panics_loses_no_other_pair,
    what_into_iter_hands_out_is_not_reclaimed,
    what_waits_shows_in_the_statistics,
    compute_may_be_told_nothing_to_remove,
);
