//! The n-th allocation of a fallible call fails, for every n until none does: the call says so and
//! gives back what it was given, the map is as it was and goes on, and nothing is leaked.

mod common;
#[path = "common/refusing.rs"]
mod refusing;

use common::{Constant, Four, Identity, Pairs};
use dolmen::{HashMap, TryInsertError};
use refusing::{Plan, alone, blocks, under};
use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::thread;

#[global_allocator]
static ALLOCATOR: refusing::Failing = refusing::Failing;

type Map<S> = HashMap<Box<u64>, Box<u64>, S>;

fn contents<S>(map: &Map<S>) -> BTreeMap<u64, u64> {
    map.iter().map(|e| (**e.key(), **e)).collect()
}

fn filled<S: BuildHasher + Default>(keys: u64) -> Map<S> {
    let map = Map::default();
    (0..keys).for_each(|n| drop(map.insert(Box::new(n), Box::new(n))));
    map
}

/// The maps to call on. Tables of 64 slots and more are moved in steps.
fn states<S: BuildHasher + Default>() -> Vec<fn() -> Map<S>> {
    fn with_garbage<S: BuildHasher + Default>() -> Map<S> {
        let map = filled::<S>(40);
        (0..30).for_each(|n| drop(map.remove(&n)));
        map
    }
    /// The next insert finds a resize under way; where all keys share a few slots, there is none.
    fn moving<S: BuildHasher + Default>() -> Map<S> {
        let map = Map::default();
        for n in 0..2000 {
            map.insert(Box::new(n), Box::new(n));
            if map.stats().migration.is_some_and(|done| done > 0.0)
                || map.capacity() < n as usize / 8
            {
                break;
            }
        }
        map
    }
    /// The next insert has to begin one.
    fn full<S: BuildHasher + Default>() -> Map<S> {
        let map = filled::<S>(1);
        for n in 1..100 {
            if map.len() == map.capacity() {
                break;
            }
            map.insert(Box::new(n), Box::new(n));
        }
        map
    }
    vec![Map::default, || filled(1), || filled(3), || filled(40), with_garbage, moving, full]
}

/// How many runs of `call` had an allocation refused, on the map in each state.
fn every_failure<S: BuildHasher + Default>(
    name: &str,
    call: impl Fn(&Map<S>, Plan) -> (bool, bool),
    after: impl Fn(&Map<S>),
) {
    let mut refusals = 0;
    for (state, make) in states::<S>().into_iter().enumerate() {
        for plan in [Plan::One, Plan::From] {
            for n in 0.. {
                let held = blocks();
                let map = make();
                let before = contents(&map);
                let (succeeded, refused) = call(&map, plan(n));
                let context = format!("{name} in state {state}, allocation {n}");
                assert!(succeeded || refused, "{context}: an error without a cause");
                if !succeeded {
                    assert_eq!(contents(&map), before, "{context}: the map has changed");
                    assert_eq!(map.len(), before.len(), "{context}");
                    assert!(before.keys().all(|k| map.contains_key(k)), "{context}");
                    let (succeeded, _) = call(&map, Plan::None);
                    assert!(succeeded, "{context}: it does not go on");
                }
                after(&map);
                (5000..5100).for_each(|n| drop(map.insert(Box::new(n), Box::new(n))));
                assert!((5000..5100).all(|n| map.remove(&n).is_some()), "{context}");
                assert!(before.keys().all(|k| map.contains_key(k)), "{context}");
                map.flush();
                drop((map, before, context));
                assert_eq!(blocks(), held, "{name} in state {state}, {n}: leaked");
                if !refused {
                    break;
                }
                refusals += 1;
            }
        }
    }
    assert!(refusals > 10, "{name}: only {refusals} refusals");
}

const KEY: u64 = 4000;

fn insert<S: BuildHasher>(map: &Map<S>, plan: Plan) -> (bool, bool) {
    let (key, value) = (Box::new(KEY), Box::new(1));
    let (answer, refused) = under(plan, || map.try_insert(key, value));
    let succeeded = match answer {
        Ok(new) => **new == 1,
        Err(TryInsertError::Full { error, key, value }) => {
            assert_eq!((*key, *value), (KEY, 1), "given back");
            assert!(error.to_string().starts_with("memory allocation of"), "{error}");
            false
        }
        Err(TryInsertError::Occupied { .. }) => panic!("nobody inserted it"),
    };
    (succeeded, refused)
}

fn insert_pinned<S: BuildHasher>(map: &Map<S>, plan: Plan) -> (bool, bool) {
    let m = map.pin();
    let (key, value) = (Box::new(KEY), Box::new(1));
    let (answer, refused) = under(plan, || m.try_insert(key, value));
    let succeeded = match answer {
        Ok(new) => **new == 1,
        Err(TryInsertError::Full { key, value, .. }) => {
            assert_eq!((*key, *value), (KEY, 1), "given back");
            false
        }
        Err(TryInsertError::Occupied { .. }) => panic!("nobody inserted it"),
    };
    (succeeded, refused)
}

fn was_inserted<S: BuildHasher>(map: &Map<S>) {
    let again = map.try_insert(Box::new(KEY), Box::new(2));
    let Err(TryInsertError::Occupied { current, value, .. }) = again else { panic!("it is there") };
    assert_eq!((**current, *value), (1, 2));
}

fn with<S: BuildHasher + Default>() {
    let _alone = alone();
    // What the thread pays once.
    insert(&filled::<S>(100), Plan::None);
    every_failure::<S>("try_insert", insert, was_inserted);
    every_failure::<S>("Pinned::try_insert", insert_pinned, was_inserted);
    let reserve = |map: &Map<S>, plan| {
        let (answer, refused) = under(plan, || map.try_reserve(300));
        (answer.is_ok(), refused)
    };
    let reserved = |map: &Map<S>| assert!(map.capacity() >= 300);
    every_failure::<S>("try_reserve", reserve, reserved);
    let reserve = |map: &Map<S>, plan| {
        let (answer, refused) = under(plan, || map.pin().try_reserve(300));
        (answer.is_ok(), refused)
    };
    every_failure::<S>("Pinned::try_reserve", reserve, reserved);
}

#[test]
fn by_identity() {
    with::<Identity>();
}

#[test]
fn by_pairs() {
    with::<Pairs>();
}

#[test]
fn by_four() {
    with::<Four>();
}

#[test]
fn by_constant() {
    with::<Constant>();
}

/// Reads and the refusal of a key that is there need no memory at all.
#[test]
fn without_any_memory() {
    let _alone = alone();
    let map = filled::<Pairs>(50);
    map.remove(&7);
    let offer = (Box::new(3), Box::new(9));
    let ((), refused) = under(Plan::From(0), || {
        assert!(map.get(&3).is_some() && map.get(&7).is_none());
        assert_eq!(map.iter().count(), 49);
        let (key, value) = map.try_insert(offer.0, offer.1).expect_err("it is there").into_entry();
        assert_eq!((*key, *value), (3, 9));
    });
    assert!(!refused);
}

/// Other threads write while this one starves.
#[test]
fn while_others_write() {
    let _alone = alone();
    let map: HashMap<u64, u64, Pairs> = HashMap::default();
    // A thread's first pin may need memory that it cannot do without.
    drop(map.pin());
    thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..2000 {
                map.insert(n, n);
                map.remove(&(n / 2));
            }
        });
        for n in 0..2000u64 {
            let key = 1_000_000 + n;
            let (answer, _) = under(Plan::One(n as usize % 5), || map.try_insert(key, n).is_ok());
            assert_eq!(map.get(&key).map(|v| *v), answer.then_some(n));
        }
    });
    assert!(map.iter().all(|e| *e.key() == *e || *e.key() == 1_000_000 + *e));
}
