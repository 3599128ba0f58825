//! Random calls on sets of words against std's set: the same answers, the same contents, on both
//! surfaces; and what two sets make together.

mod common;

use common::{Reclaimer, scaled};
use dolmen::WordSet;
use dolmen::words::{FixedMix, Mix};
use proptest::prelude::*;
use std::collections::BTreeSet;

const FIXED: FixedMix = FixedMix::new(7);

/// An element, by number: the two that a map keeps elsewhere, and others.
fn key(n: u64) -> u64 {
    match n {
        0 => FIXED.unmix(0),
        1 => FIXED.unmix(u64::MAX),
        _ => n,
    }
}

#[derive(Clone, Copy, Debug)]
enum SetCall {
    Insert(u64),
    Remove(u64),
    InsertMany(u64, u64),
    RemoveMany(u64, u64),
    Retain(u64),
    Drain(usize),
    Clear,
    Shrink,
    Look(u64, u64),
}

fn set_call() -> impl Strategy<Value = SetCall> {
    let (key, run) = (|| 0..1000u64, || 0..300u64);
    prop_oneof![
        6 => key().prop_map(SetCall::Insert),
        6 => key().prop_map(SetCall::Remove),
        4 => (key(), run()).prop_map(|(k, n)| SetCall::InsertMany(k, n)),
        3 => (key(), run()).prop_map(|(k, n)| SetCall::RemoveMany(k, n)),
        1 => (2..5u64).prop_map(SetCall::Retain),
        1 => (0..50usize).prop_map(SetCall::Drain),
        1 => Just(SetCall::Clear),
        1 => Just(SetCall::Shrink),
        3 => (key(), run()).prop_map(|(k, n)| SetCall::Look(k, n)),
    ]
}

macro_rules! apply_to_set {
    ($set:expr, $model:expr, $call:expr) => {{
        let (set, model) = ($set, $model);
        let keys = |from: u64, n: u64| (from..from + n).map(key).collect::<Vec<_>>();
        match *$call {
            SetCall::Insert(k) => {
                assert_eq!(set.try_insert(key(k)).is_ok(), model.insert(key(k)));
                assert!(!set.insert(key(k)));
            }
            SetCall::Remove(k) => {
                assert_eq!(set.remove(key(k)), model.remove(&key(k)))
            }
            SetCall::InsertMany(from, n) => {
                let new = keys(from, n).into_iter().filter(|key| model.insert(*key)).count();
                assert_eq!(set.insert_many(keys(from, n)), new);
            }
            SetCall::RemoveMany(from, n) => {
                let found = keys(from, n).into_iter().filter(|key| model.remove(key)).count();
                assert_eq!(set.remove_many(&keys(from, n)), found);
            }
            SetCall::Retain(n) => {
                set.retain(|key| key % n == 0);
                model.retain(|key| key % n == 0);
            }
            SetCall::Drain(n) => set.drain().take(n).for_each(|key| assert!(model.remove(&key))),
            SetCall::Clear => {
                set.clear();
                model.clear();
            }
            SetCall::Shrink => set.shrink_to_fit(),
            SetCall::Look(from, n) => {
                let keys = keys(from, n);
                set.get_many(&keys, |i, found| assert_eq!(found, model.contains(&keys[i])));
                assert_eq!(
                    set.contains_many(&keys),
                    keys.iter().filter(|key| model.contains(key)).count()
                );
                assert!(keys.iter().all(|key| set.contains(*key) == model.contains(key)));
            }
        }
        assert_eq!(set.len(), model.len());
        assert_eq!(set.iter().count(), model.len());
        assert_eq!(set.iter().collect::<BTreeSet<u64>>(), *model);
    }};
}

fn run_set<R: Reclaimer>(calls: &[(SetCall, bool)]) {
    let set = WordSet::<u64>::builder().mix(FIXED).reclaimer::<R>().build();
    let mut model: BTreeSet<u64> = BTreeSet::new();
    for (call, pinned) in calls {
        if *pinned {
            apply_to_set!(&set.pin(), &mut model, call);
        } else {
            apply_to_set!(&set, &mut model, call);
        }
    }
    let other: WordSet<u64, FixedMix, R> = (0..500).map(key).collect();
    let model_of_other: BTreeSet<u64> = other.iter().collect();
    let same = |set: WordSet<u64, FixedMix, R>, model: BTreeSet<u64>| {
        assert_eq!(set.into_iter().collect::<BTreeSet<u64>>(), model);
    };
    same(&set | &other, &model | &model_of_other);
    same(&set & &other, &model & &model_of_other);
    same(&set ^ &other, &model ^ &model_of_other);
    same(&set - &other, &model - &model_of_other);
    assert_eq!(set.is_subset(&other), model.is_subset(&model_of_other));
    assert_eq!(set.is_superset(&other), model.is_superset(&model_of_other));
    assert_eq!(set.is_disjoint(&other), model.is_disjoint(&model_of_other));
    assert!(set.is_subset(&set.clone()) && set == set.clone());
}

with_each_reclaimer! {
    proptest! {
        #![proptest_config(ProptestConfig { cases: scaled(200).max(8) as u32, ..ProptestConfig::default() })]
        #[test]
        fn of_a_set(calls in prop::collection::vec((set_call(), any::<bool>()), 1..60)) {
            run_set::<R>(&calls);
        }
    }
}
