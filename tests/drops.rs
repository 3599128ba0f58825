//! Every key and value is dropped exactly once: none early, none twice, none leaked.

mod common;

use common::{Ledger, Random, Reclaimer, Tracked, eventually, scaled};
use dolmen::{Compute, HashMap, Operation};
use std::hash::BuildHasher;
use std::sync::{Arc, Barrier};
use std::thread;

type Map<S, R> = HashMap<Tracked, Tracked, S, R>;

/// Fails if either is dead.
fn read((key, value): (&Tracked, &Tracked)) {
    key.read();
    value.read();
}

/// One random call on a key below `keys`; whatever it returns is read.
fn call<S: BuildHasher, R: Reclaimer>(
    map: &Map<S, R>,
    ledger: &Arc<Ledger>,
    random: &mut Random,
    keys: u64,
) {
    let key = random.below(keys);
    let value = random.next();
    let (k, v) = (|| ledger.track(key), || ledger.track(value));
    match random.below(12) {
        0 | 1 => drop(map.insert(k(), v()).map(|old| old.read())),
        2 => match map.try_insert(k(), v()) {
            Ok(new) => assert_eq!(new.read(), value),
            Err(error) => {
                let (k, v) = error.into_entry();
                assert_eq!((k.read(), v.read()), (key, value));
            }
        },
        3 => _ = map.get_or_insert_with(k(), v).read(),
        4 => {
            let new = map.update(k(), |k, old| ledger.track(k.read().wrapping_add(old.read())));
            new.map(|new| new.read());
        }
        5 => {
            let step = random.below(3);
            let did = map.compute(k(), |entry| {
                entry.map(read);
                match step {
                    0 => Operation::Insert(v()),
                    1 => Operation::Remove,
                    _ => Operation::Abort(v()),
                }
            });
            match did {
                Compute::Inserted(e) | Compute::Removed(e) => read(e.pair()),
                Compute::Updated { old, new } => [old, new].iter().for_each(|e| read(e.pair())),
                Compute::Aborted(v) => assert_eq!(v.read(), value),
                Compute::Absent => {}
            }
        }
        6 | 7 => drop(map.remove(&key).map(|old| read(old.pair()))),
        8 => drop(map.remove_if(&key, |_, v| v.read() % 2 == 0)),
        9 => drop(map.get(&key).map(|v| v.read())),
        10 if random.below(20) == 0 => match random.below(5) {
            0 => map.retain(|k, _| k.read() % 3 != 0),
            1 => map.reserve(random.below(3 * keys) as usize),
            2 => map.shrink_to_fit(),
            3 => map.clear(),
            _ => map.iter().for_each(|e| read(e.pair())),
        },
        _ => {
            let m = map.pin();
            let before = m.get(&key);
            m.insert(k(), v());
            m.remove(&key);
            before.map(Tracked::read);
        }
    }
}

/// All that is alive is in the map: what was retired has been freed, by a prompt reclaimer.
fn settles<S: BuildHasher, R: Reclaimer>(map: &Map<S, R>, ledger: &Ledger) {
    eventually(|| {
        map.flush();
        ledger.alive() == 2 * map.len() || !R::PROMPT
    });
    assert!(ledger.alive() >= 2 * map.len());
}

fn random_calls<S: BuildHasher + Default, R: Reclaimer>(keys: u64) {
    let calls = scaled(100_000);
    let ledger = Ledger::new(5 * calls);
    let map = Map::<S, R>::default();
    let mut random = Random::new(keys);
    for i in 0..calls {
        call(&map, &ledger, &mut random, keys);
        if i % (calls / 4) == 0 {
            settles(&map, &ledger);
        }
    }
    settles(&map, &ledger);
    map.iter().for_each(|e| read(e.pair()));
    drop(map);
    ledger.assert_balanced();
}

fn random_calls_of_many_threads<S: BuildHasher + Default + Sync + Send, R: Reclaimer>(keys: u64) {
    let calls = scaled(100_000);
    let ledger = Ledger::new(4 * 10 * calls);
    let map = Map::<S, R>::default();
    thread::scope(|scope| {
        for seed in 0..4 {
            let (map, ledger) = (&map, &ledger);
            scope.spawn(move || {
                let mut random = Random::new(seed + 1);
                (0..calls).for_each(|_| call(map, ledger, &mut random, keys));
            });
        }
    });
    ledger.assert_sane();
    // The threads are gone; what they left in their bags is adopted.
    settles(&map, &ledger);
    drop(map);
    ledger.assert_balanced();
}

/// A reference held over the removal of its entry, and over resizes, stays good.
fn held_over_removal<S: BuildHasher + Default + Sync + Send, R: Reclaimer>(keys: u64) {
    let ledger = Ledger::new(200_000);
    let map = Map::<S, R>::default();
    (0..keys).for_each(|k| drop(map.insert(ledger.track(k), ledger.track(k))));
    let held: Vec<_> = (0..keys).map(|k| map.get(&k).unwrap()).collect();
    let iterated: Vec<_> = map.iter().collect();
    thread::scope(|scope| {
        // Another thread removes, replaces, resizes, and frees what it may.
        scope.spawn(|| {
            for k in 0..keys {
                match k % 3 {
                    0 => drop(map.remove(&k)),
                    1 => drop(map.insert(ledger.track(k), ledger.track(k + 1))),
                    _ => drop(map.update(ledger.track(k), |_, _| ledger.track(k + 2))),
                }
            }
            map.reserve(5 * keys as usize);
            for k in 0..2 * keys {
                map.insert(ledger.track(1_000_000 + k), ledger.track(0));
                map.remove(&(1_000_000 + k));
            }
            map.shrink_to_fit();
            (0..5).for_each(|_| map.flush());
        });
    });
    for (k, entry) in held.iter().enumerate() {
        assert_eq!((entry.key().read(), entry.read()), (k as u64, k as u64));
    }
    assert_eq!(iterated.iter().map(|e| e.key().read()).sum::<u64>(), keys * (keys - 1) / 2);
    let ids: Vec<usize> = held.iter().flat_map(|e| [e.key().id, e.id]).collect();
    assert!(ids.iter().all(|id| !ledger.is_gone(*id)));
    // Any one of them keeps them all: they are pins.
    let last = iterated.into_iter().next().unwrap();
    drop(held);
    (0..5).for_each(|_| map.flush());
    assert!(ids.iter().all(|id| !ledger.is_gone(*id)));
    drop(last);
    eventually(|| {
        map.flush();
        ids.iter().all(|id| ledger.is_gone(*id)) || !R::PROMPT
    });
    drop(map);
    ledger.assert_balanced();
}

/// A map that drops with garbage frees it at once, whoever is pinned elsewhere.
fn map_dropped_with_garbage<S: BuildHasher + Default, R: Reclaimer>(keys: u64) {
    let other: HashMap<u64, u64, S, R> = HashMap::default();
    let pin = other.pin();
    let ledger = Ledger::new(100_000);
    let map = Map::<S, R>::default();
    for round in 0..5 {
        (0..keys).for_each(|k| drop(map.insert(ledger.track(k), ledger.track(round))));
        (0..keys / 2).for_each(|k| drop(map.remove(&k)));
    }
    (0..5).for_each(|_| map.flush());
    // The others have a collector to a map, and need not keep it.
    if R::PROMPT {
        assert_eq!(ledger.alive(), ledger.made(), "the pin keeps what was retired");
        assert!(map.stats().retired > 0);
    }
    drop(map);
    ledger.assert_balanced();
    drop(pin);
}

/// A map that drops in the middle of a resize, and one whose clone drops first.
fn map_dropped_while_it_moves<S: BuildHasher + Default + Clone, R: Reclaimer>(keys: u64) {
    let ledger = Ledger::new(100_000);
    for removed in [0, 1, 2] {
        let map = Map::<S, R>::default();
        let mut moving = false;
        // Stops where it meets a resize that is part done; with few slots there is none.
        for k in 0..keys {
            map.insert(ledger.track(k), ledger.track(k));
            moving = keys >= 1000 && map.stats().migration.is_some_and(|done| done > 0.0);
            if moving {
                break;
            }
        }
        assert!(moving || keys < 1000, "it never resized");
        (0..removed).for_each(|k| drop(map.remove(&k)));
        let copy = map.clone();
        assert!(copy == map);
        drop(copy);
        map.iter().for_each(|e| read(e.pair()));
        drop(map);
        ledger.assert_balanced();
    }
}

with_each_hasher!(
    random_calls,
    random_calls_of_many_threads,
    held_over_removal,
    map_dropped_with_garbage,
    map_dropped_while_it_moves,
);

/// A guard that went to another thread keeps what it reads there.
fn owned_guards_keep_too<R: Reclaimer>() {
    let ledger = Ledger::new(10_000);
    let map = Map::<common::Pairs, R>::default();
    (0..300).for_each(|k| drop(map.insert(ledger.track(k), ledger.track(k))));
    let step = Barrier::new(2);
    thread::scope(|scope| {
        let m = map.pin_owned();
        scope.spawn({
            let (step, ledger) = (&step, &ledger);
            move || {
                let all: Vec<_> = m.iter().collect();
                step.wait();
                step.wait();
                assert_eq!(all.len(), 300);
                all.iter().for_each(|(k, v)| assert_eq!(k.read(), v.read()));
                assert_eq!((m.len(), ledger.alive()), (0, 600));
            }
        });
        step.wait();
        map.clear();
        (0..5).for_each(|_| map.flush());
        step.wait();
    });
    settles(&map, &ledger);
    assert!(ledger.alive() == 0 || !R::PROMPT);
    drop(map);
    ledger.assert_balanced();
}

/// What a call was given and did not use is dropped by the call, or given back.
fn offers_that_are_not_taken<R: Reclaimer>() {
    let ledger = Ledger::new(100);
    let map = Map::<common::Constant, R>::default();
    map.insert(ledger.track(1), ledger.track(1));
    let refused = map.try_insert(ledger.track(1), ledger.track(2)).err().unwrap();
    assert_eq!(ledger.alive(), 4);
    drop(refused);
    assert_eq!(ledger.alive(), 2);
    drop(map.get_or_insert_with(ledger.track(1), || unreachable!("the key is present")));
    assert!(map.update(ledger.track(2), |_, _| unreachable!("the key is absent")).is_none());
    assert!(matches!(map.compute(ledger.track(1), |_| Operation::Abort(())), Compute::Aborted(())));
    assert!(matches!(map.compute::<()>(ledger.track(2), |_| Operation::Remove), Compute::Absent));
    assert_eq!((map.len(), ledger.alive()), (1, 2));
    drop(map);
    ledger.assert_balanced();
}

/// Of an entry that is inserted under a key that its own closure inserts, each is dropped once.
fn offers_that_come_late<R: Reclaimer>() {
    let ledger = Ledger::new(100);
    let map = Map::<common::Constant, R>::default();
    let got = map.get_or_insert_with(ledger.track(1), || {
        map.insert(ledger.track(1), ledger.track(10));
        ledger.track(20)
    });
    assert_eq!(got.read(), 10);
    drop(got);
    assert_eq!(ledger.alive(), 2);
    let mut runs = 0;
    map.compute::<()>(ledger.track(1), |_| {
        runs += 1;
        if runs == 1 {
            map.insert(ledger.track(1), ledger.track(30));
        }
        Operation::Insert(ledger.track(40 + runs))
    });
    assert_eq!((runs, map.get(&1).unwrap().read()), (2, 42));
    settles(&map, &ledger);
    drop(map);
    ledger.assert_balanced();
}

on_each_reclaimer!(owned_guards_keep_too, offers_that_are_not_taken, offers_that_come_late);
