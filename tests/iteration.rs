//! Iterators taken one by one, and by `fold`, which does not go through `next`.

mod common;

use common::{Constant, Four, Pairs, scaled};
use dolmen::{HashMap, HashSet};
use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

/// A map with tombstones, resizing where `keys` left it.
fn map<S: BuildHasher + Default>(keys: u64) -> HashMap<u64, u64, S> {
    let map = HashMap::default();
    for key in 0..keys {
        map.insert(key, key + 1);
        if key % 3 == 0 {
            map.remove(&(key / 2));
        }
    }
    map
}

/// Whatever was taken one by one before, the rest is folded in the same order.
fn folds_as_it_goes<S: BuildHasher + Default>(keys: u64) {
    let map = map::<S>(keys);
    let pinned = map.pin();
    let all: Vec<_> = pinned.iter().map(|(key, value)| (*key, *value)).collect();
    assert_eq!(all.len(), map.len());
    for taken in 0..=all.len() {
        let (mut pairs, mut of_keys) = (pinned.iter(), pinned.keys());
        let (mut of_values, mut owned) = (pinned.values(), map.iter());
        for (key, value) in &all[..taken] {
            assert_eq!(pairs.next(), Some((key, value)));
            assert_eq!(of_keys.next(), Some(key));
            assert_eq!(of_values.next(), Some(value));
            assert_eq!(owned.next().unwrap().pair(), (key, value));
        }
        let mut rest = Vec::new();
        pairs.for_each(|(key, value)| rest.push((*key, *value)));
        assert_eq!(rest, all[taken..]);
        assert_eq!(owned.fold(0, |sum, entry| sum + *entry), of_values.sum());
        assert_eq!(of_keys.sum::<u64>(), rest.iter().map(|pair| pair.0).sum());
    }
}

#[test]
fn fold_goes_on_where_next_has_stopped() {
    for keys in [0, 1, 7, 8, 9, 40, 300, 700] {
        folds_as_it_goes::<dolmen::DefaultHashBuilder>(keys);
        folds_as_it_goes::<Pairs>(keys);
        folds_as_it_goes::<Four>(keys.min(60));
        folds_as_it_goes::<Constant>(keys.min(60));
    }
    let set: HashSet<u64> = (0..100).collect();
    assert_eq!(set.pin().iter().sum::<u64>(), 4950);
}

/// What stays is met once, what comes and goes at most once, by either way, while the map resizes.
#[test]
fn each_key_is_met_once_by_either_way_while_others_write() {
    const STAY: u64 = 1000;
    let map: HashMap<u64, u64> = (0..STAY).map(|key| (key, key)).collect();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut round = 1;
            while !done.load(SeqCst) {
                (0..4 * STAY).for_each(|key| _ = map.insert(round * 10 * STAY + key, key));
                (0..4 * STAY).for_each(|key| _ = map.remove(&(round * 10 * STAY + key)));
                map.shrink_to_fit();
                round += 1;
            }
        });
        for way in 0..scaled(400) {
            let mut met = BTreeMap::new();
            let mut meet = |key: u64| *met.entry(key).or_insert(0) += 1;
            if way % 2 == 0 {
                map.pin().keys().for_each(|key| meet(*key));
            } else {
                for key in map.pin().keys() {
                    meet(*key);
                }
            }
            let twice = met.iter().find(|(_, times)| **times > 1);
            assert_eq!((twice, met.range(..STAY).count()), (None, STAY as usize));
        }
        done.store(true, SeqCst);
    });
}
