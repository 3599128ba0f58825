//! The overflow bits of a table, against the keys that are in it: where one thread writes, a group has the bit if
//! keys have left it, and only then. Among several a key may lose the slot for which it has set the bit, and
//! go into the next table: so the bit may be set of a group that no key has left.

use super::super::super::kind::SlotKind;
use super::super::{Inline, Key, PAIRS};
use super::{Draws, Map};
use crate::reclaim::{Collect, Guard};
use std::collections::HashSet;
use std::thread;

/// What is so of the root: groups that are full; those that keys have left; those that have the bit.
fn groups(map: &Map) -> (usize, HashSet<usize>, HashSet<usize>) {
    let guard = map.0.reclaim.pin();
    let table = map.0.root(guard.as_pin()).expect("a table");
    let (mut full, mut left, mut told) = (0, HashSet::new(), HashSet::new());
    for group in 0..table.slots() / PAIRS {
        let keys = (0..PAIRS)
            .filter_map(|i| Inline::ident(Inline::load(table, table.slot(group * PAIRS + i))));
        let keys: Vec<Key> = keys.collect();
        full += usize::from(keys.len() == PAIRS);
        for key in keys {
            let (home, _) = table.home(key);
            if home != group {
                left.insert(home);
            }
            if table.is_overflown(key) {
                told.insert(home);
            }
        }
    }
    (full, left, told)
}

#[test]
fn a_group_has_the_bit_if_keys_have_left_it() {
    let (map, mut draws) = (Map::new(), Draws(3));
    let mut met = (0, 0);
    for step in 0..30_000 {
        // Keys on the side come and go among them.
        let key = if step % 100 == 0 { [0, u64::MAX][step / 100 % 2] } else { draws.next() };
        map.insert(key, key);
        if step % 7 == 0 {
            map.remove(key);
        }
        if step % 1_000 == 0 {
            let guard = map.0.reclaim.pin();
            map.0.finish(guard.as_pin()).expect("memory");
            let (full, left, told) = groups(&map);
            // Whoever has left a group has left it full.
            assert!(full >= left.len());
            assert_eq!(left, told, "at {step}");
            met = (met.0 + full, met.1 + left.len());
        }
    }
    let (full, left) = met;
    assert!(left > 100 && full > left + 100, "{full} full, {left} left");
}

#[test]
fn keys_of_many_threads_have_told_of_it() {
    let map = Map::new();
    thread::scope(|scope| {
        for thread in 1..=4 {
            let map = &map;
            scope.spawn(move || {
                let mut draws = Draws(thread);
                for step in 0..20_000 {
                    let key = draws.next();
                    map.insert(key, step);
                    assert_eq!(map.get(key), Some(step));
                }
            });
        }
    });
    let guard = map.0.reclaim.pin();
    map.0.finish(guard.as_pin()).expect("memory");
    let (_, left, told) = groups(&map);
    assert!(!left.is_empty() && left.is_subset(&told));
}
