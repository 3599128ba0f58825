//! What many threads insert at once: in batches where nobody else sees the map.
#![cfg(feature = "rayon")]

use dolmen::{HashMap, HashSet, WordMap, WordSet};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Around the ends of batches, and beyond a few of them.
const LENGTHS: [u64; 9] = [0, 1, 31, 32, 33, 63, 64, 65, 3000];

fn every_length<M>()
where
    M: ParallelExtend<(u64, u64)> + FromParallelIterator<(u64, u64)>,
    M: IntoIterator<Item = (u64, u64)> + Default + Debug,
{
    for length in LENGTHS {
        let expected: BTreeMap<u64, u64> = (0..length).map(|n| (n, n * n)).collect();
        let entries = || (0..length).into_par_iter().map(|n| (n, n * n));
        let map: M = entries().collect();
        assert_eq!(map.into_iter().collect::<BTreeMap<_, _>>(), expected);
        // Of a length that nobody knows; some keys come twice.
        let mut map = M::default();
        map.par_extend(entries().filter(|(n, _)| n % 3 != 0));
        map.par_extend((0..2 * length).into_par_iter().map(|n| (n / 2, n / 2 * (n / 2))));
        assert_eq!(map.into_iter().collect::<BTreeMap<_, _>>(), expected);
    }
}

#[test]
fn each_entry_is_there_whatever_the_batches() {
    every_length::<HashMap<u64, u64>>();
    every_length::<WordMap<u64, u64>>();
}

fn every_length_of_sets<S>()
where
    S: ParallelExtend<u64> + FromParallelIterator<u64> + IntoIterator<Item = u64> + Default,
{
    for length in LENGTHS {
        let mut set: S = (0..length).into_par_iter().filter(|n| n % 2 == 0).collect();
        set.par_extend((0..length).into_par_iter());
        let mut elements: Vec<u64> = set.into_iter().collect();
        elements.sort_unstable();
        assert!(elements.into_iter().eq(0..length));
    }
}

#[test]
fn each_element_is_there_whatever_the_batches() {
    every_length_of_sets::<HashSet<u64>>();
    every_length_of_sets::<WordSet<u64>>();
}

/// Whoever shares a map may look for what was yielded before.
#[test]
fn a_map_that_is_shared_has_each_entry_before_the_next_is_asked_for() {
    let alone = ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    alone.install(|| {
        let (map, words) = (HashMap::<u64, u64>::new(), WordMap::<u64, u64>::new());
        (&map).par_extend((0..100u64).into_par_iter().map(|n| (map.len() as u64, n)));
        (&words).par_extend((0..100u64).into_par_iter().map(|n| (words.len() as u64, n)));
        assert_eq!((map.len(), words.len()), (100, 100));
        let (set, words) = (HashSet::<u64>::new(), WordSet::<u64>::new());
        (&set).par_extend((0..100u64).into_par_iter().map(|_| set.len() as u64));
        (&words).par_extend((0..100u64).into_par_iter().map(|_| words.len() as u64));
        assert_eq!((set.len(), words.len()), (100, 100));
    });
}

#[test]
fn of_an_iterator_that_panics_nothing_stays_but_what_is_in_the_map() {
    let value = Arc::new(());
    for at in [0, 1, 31, 32, 33, 700] {
        let mut map = HashMap::new();
        let give = |n| {
            assert_ne!(n, at, "as planned");
            (n, value.clone())
        };
        let extend = AssertUnwindSafe(|| map.par_extend((0..1000).into_par_iter().map(give)));
        catch_unwind(extend).expect_err("it panics");
        assert!(!map.contains_key(&at));
        assert_eq!(Arc::strong_count(&value), 1 + map.len());
        map.par_extend((0..1000).into_par_iter().map(|n| (n, value.clone())));
        assert_eq!((map.len(), map.stats().migration), (1000, None));
        drop(map);
        assert_eq!(Arc::strong_count(&value), 1);
    }
}
