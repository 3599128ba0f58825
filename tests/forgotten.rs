//! Guards that are never dropped. From the first one on nothing is freed in this process until maps
//! drop, so these tests are a process of their own; everything else works as ever.

#[path = "common/churn.rs"]
mod churn;
mod common;

use churn::{Map, churn};
use common::{Identity, Ledger, Reclaimer, Tracked};
use dolmen::HashMap;
use std::mem::forget;
use std::thread;

/// Forgets every kind of guard, in this thread and in one that exits.
fn forget_guards(map: &Map) {
    let all = |map: &Map| {
        forget(map.get(&1));
        forget(map.pin());
        forget(map.pin_owned());
        forget(map.get(&2).map(|entry| entry.map(|v| &v.value)));
        let mut iter = map.iter();
        forget(iter.next());
        forget(iter);
    };
    all(map);
    thread::scope(|scope| scope.spawn(|| all(map)).join().unwrap());
}

/// The map goes on: it reads, writes, resizes, and when it drops, frees all that waited.
#[test]
fn a_map_goes_on_and_frees_in_the_end() {
    let ledger = Ledger::new(100_000);
    let map = Map::default();
    (0..100).for_each(|n| drop(map.insert(ledger.track(n), ledger.track(n))));
    forget_guards(&map);
    let blocked = map.stats().blocked_collections;
    for n in 0..100 {
        map.insert(ledger.track(n), ledger.track(n + 1));
    }
    churn(&map, &ledger);
    assert_eq!(map.len(), 100);
    assert!((0..100).all(|n| map.get(&n).unwrap().read() == n + 1));
    assert_eq!(ledger.alive(), ledger.made(), "a pin for ever keeps all for ever");
    assert!(map.stats().blocked_collections > blocked, "the figures show it");
    assert!(map.stats().retired > 0 && !map.stats().reclamation_stuck);
    drop(map);
    ledger.assert_balanced();
}

/// Other maps, made later, work and free when they drop, too.
#[test]
fn other_maps_free_in_the_end() {
    let first: HashMap<u64, u64> = HashMap::from([(1, 1)]);
    forget(first.pin());
    for _ in 0..10 {
        let ledger = Ledger::new(10_000);
        let map = Map::default();
        churn(&map, &ledger);
        assert!(map.is_empty());
        drop(map);
        ledger.assert_balanced();
    }
}

/// A thread forgets a guard and exits; then an owned guard comes and goes, and later threads read. None
/// of them takes what the forgotten guard has left for a pin of its own.
fn a_forgotten_guard_endangers_nobody<R: Reclaimer>() {
    let ledger = Ledger::new(200_000);
    // Dropped never: what a forgotten guard holds back is not lost to leak checkers.
    static KEPT: std::sync::Mutex<Vec<usize>> = std::sync::Mutex::new(Vec::new());
    let map: &'static HashMap<Tracked, Tracked, Identity, R> = Box::leak(Box::default());
    KEPT.lock().unwrap().push(std::ptr::from_ref(map).addr());
    for round in 0..20 {
        (0..10).for_each(|n| drop(map.insert(ledger.track(n), ledger.track(n))));
        thread::spawn(move || forget(map.get(&1))).join().unwrap();
        drop(map.pin_owned());
        let (held, holds) = std::sync::mpsc::channel();
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let reader = thread::spawn(move || {
            let entry = map.get(&(2 + round % 8)).expect("it was inserted");
            held.send(()).unwrap();
            wait.recv().unwrap();
            assert_eq!(entry.key().read(), entry.read());
        });
        holds.recv().unwrap();
        map.clear();
        for n in 0..500 {
            map.insert(ledger.track(100 + n % 50), ledger.track(n));
            map.remove(&(100 + n % 50));
        }
        map.flush();
        go.send(()).unwrap();
        reader.join().expect("what it holds is alive");
    }
    map.clear();
    ledger.assert_sane();
}

on_each_reclaimer!(a_forgotten_guard_endangers_nobody);
