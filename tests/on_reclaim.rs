//! Who asked for reclaimed pairs gets each exactly once, owned, and not before its last reader is
//! gone; on every reclaimer.

mod common;

use common::{Pairs, Random, Reclaimer, scaled};
use dolmen::{HashMap, Operation};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

/// By number of the pair: how often it came.
type Record = Arc<Vec<AtomicU32>>;
type Map<R> = HashMap<u64, Box<usize>, Pairs, R>;

fn record(room: usize) -> Record {
    Arc::new((0..room).map(|_| AtomicU32::new(0)).collect())
}

fn map_with<R: Reclaimer>(record: &Record) -> Map<R> {
    let record = record.clone();
    HashMap::builder()
        .hasher(Pairs)
        .reclaimer::<R>()
        .on_reclaim(move |_: u64, number: Box<usize>| {
            record[*number].fetch_add(1, SeqCst);
        })
        .build()
}

fn every_pair_comes_once<R: Reclaimer>() {
    const THREADS: usize = 4;
    let each = scaled(60_000);
    let record = record(THREADS * each);
    let map = map_with::<R>(&record);
    thread::scope(|scope| {
        for t in 0..THREADS {
            let map = &map;
            scope.spawn(move || {
                let mut random = Random::new(t as u64);
                for n in 0..each {
                    let key = random.below(500);
                    // Every number goes in exactly once.
                    let value = Box::new(t * each + n);
                    match random.below(4) {
                        0 => {
                            map.insert(key, value);
                        }
                        1 => {
                            let mut value = Some(value);
                            map.compute::<()>(key, |_| {
                                // Asked again, it has nothing to offer.
                                match value.take() {
                                    Some(value) => Operation::Insert(value),
                                    None => Operation::Abort(()),
                                }
                            });
                        }
                        2 => {
                            map.pin().insert(key, value);
                            map.remove(&key);
                        }
                        _ => {
                            map.insert(key, value);
                            map.remove_if(&random.below(500), |_, v| **v % 2 == 0);
                        }
                    }
                    match random.below(2000) {
                        0 => map.retain(|k, _| k % 3 != 0),
                        1 => drop(map.drain().take(20).count()),
                        2 => map.reserve(2000),
                        3 => map.shrink_to_fit(),
                        4 => map.flush(),
                        _ => {}
                    }
                }
            });
        }
    });
    map.flush();
    let early = record.iter().map(|n| n.load(SeqCst)).collect::<Vec<_>>();
    assert!(early.iter().all(|n| *n <= 1), "a pair came twice");
    for entry in &map {
        assert_eq!(early[**entry], 0, "a pair came that is in the map");
    }
    drop(map);
    // What a closure made and the map did not take was dropped, and is no pair of the map's.
    let never = record.iter().filter(|n| n.load(SeqCst) == 0).count();
    assert!(record.iter().all(|n| n.load(SeqCst) <= 1), "a pair came twice");
    assert!(never <= THREADS * each / 4, "{never} pairs never came");
}

/// Where only `insert` and `remove` run, none is missing.
fn none_is_missing<R: Reclaimer>() {
    const THREADS: usize = 4;
    let each = scaled(60_000);
    let record = record(THREADS * each);
    let map = map_with::<R>(&record);
    thread::scope(|scope| {
        for t in 0..THREADS {
            let map = &map;
            scope.spawn(move || {
                let mut random = Random::new(t as u64);
                for n in 0..each {
                    map.insert(random.below(300), Box::new(t * each + n));
                    map.remove(&random.below(300));
                }
            });
        }
    });
    drop(map);
    assert!(record.iter().all(|n| n.load(SeqCst) == 1), "some pair did not come once");
}

fn not_before_the_last_reader_is_gone<R: Reclaimer>() {
    let record = record(10_000);
    let map = map_with::<R>(&record);
    (0..100).for_each(|n| drop(map.insert(n, Box::new(n as usize))));
    let held: Vec<_> = (0..100).map(|n| map.get(&n).unwrap()).collect();
    thread::scope(|scope| {
        scope.spawn(|| {
            map.clear();
            for n in 100..5000 {
                map.insert(n as u64 % 50, Box::new(n));
            }
            (0..5).for_each(|_| map.flush());
        });
    });
    assert!((0..100).all(|n| record[n].load(SeqCst) == 0 && **held[n] == n));
    drop(held);
    drop(map);
    assert!(record[..5000].iter().all(|n| n.load(SeqCst) == 1));
    assert!(record[5000..].iter().all(|n| n.load(SeqCst) == 0));
}

/// The hook may use other maps of its kind, and hand pairs on to them.
fn into_another_map<R: Reclaimer>() {
    let record = record(2000);
    let second = Arc::new(map_with::<R>(&record));
    let first: Map<R> = HashMap::builder()
        .hasher(Pairs)
        .reclaimer::<R>()
        .on_reclaim({
            let second = second.clone();
            move |key, value| drop(second.insert(key, value))
        })
        .build();
    (0..2000).for_each(|n| drop(first.insert(n as u64 % 100, Box::new(n))));
    first.clear();
    drop(first);
    assert_eq!(second.len(), 100);
    drop(second);
    assert!(record.iter().all(|n| n.load(SeqCst) == 1));
}

/// An owned iterator that is dropped in the middle leaves the hook what it has not handed out: also
/// of keys that share a slot, which it takes out of the slot together.
fn what_an_owned_iterator_leaves_comes<R: Reclaimer>() {
    const ENTRIES: usize = 100;
    for taken in 0..=ENTRIES {
        let record = record(ENTRIES);
        let map = map_with::<R>(&record);
        (0..ENTRIES).for_each(|n| drop(map.insert(n as u64, Box::new(n))));
        let handed: Vec<usize> = map.into_iter().take(taken).map(|(_, n)| *n).collect();
        assert_eq!(handed.len(), taken);
        for (n, came) in record.iter().enumerate() {
            assert_eq!(came.load(SeqCst), u32::from(!handed.contains(&n)), "{n} after {taken}");
        }
    }
}

on_each_reclaimer!(
    every_pair_comes_once,
    what_an_owned_iterator_leaves_comes,
    none_is_missing,
    not_before_the_last_reader_is_gone,
    into_another_map,
);
