//! Destructors that panic, wherever a map runs them: in the calls of many threads, of which each frees
//! what others removed; in drains, guards, iterators of all kinds, in the drop of the map. Nothing is
//! lost but the panic: everything is dropped once, and the map goes on.

mod common;

use common::{Ledger, Pairs, Random, Reclaimer, Tracked, eventually, scaled};
use dolmen::{HashMap, Operation};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

/// What the planned panics carry.
struct Bang;

static BANGS: AtomicUsize = AtomicUsize::new(0);

/// A value of which every third panics in its destructor: but for one that is dropped because of a
/// panic, where a second one would end the process, as with any collection.
struct Bomb(Tracked);

impl Drop for Bomb {
    fn drop(&mut self) {
        self.0.read();
        if self.0.id.is_multiple_of(3) && !thread::panicking() {
            BANGS.fetch_add(1, SeqCst);
            // Not `panic!`, which would print.
            resume_unwind(Box::new(Bang));
        }
    }
}

/// Runs `f`; says whether a bomb went off.
fn goes_off(f: impl FnOnce()) -> bool {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(()) => false,
        Err(panic) if panic.is::<Bang>() => true,
        Err(panic) => resume_unwind(panic),
    }
}

/// Runs `f`, whether a bomb goes off or not.
fn survive(f: impl FnOnce()) {
    goes_off(f);
}

type Map<R> = HashMap<Tracked, Bomb, Pairs, R>;

fn map_of<R: Reclaimer>(ledger: &Arc<Ledger>, keys: u64) -> Map<R> {
    let map = Map::<R>::default();
    (0..keys).for_each(|n| drop(map.insert(ledger.track(n), Bomb(ledger.track(n)))));
    map
}

/// One call of any kind, by one of many threads.
fn call<R: Reclaimer>(map: &Map<R>, ledger: &Arc<Ledger>, random: &mut Random) {
    let n = random.below(200);
    let (key, value) = (|| ledger.track(n), || Bomb(ledger.track(n)));
    match random.below(60) {
        0..20 => drop(map.insert(key(), value())),
        20..36 => drop(map.remove(&n)),
        36..40 => drop(map.update(key(), |_, v| Bomb(ledger.track(v.0.read())))),
        40..44 => drop(map.compute::<()>(key(), |_| Operation::Insert(value()))),
        // Dropped by the error.
        44..48 => drop(map.try_insert(key(), value())),
        48 => map.retain(|k, _| k.read() % 4 != 0),
        49 => drop(map.drain().take(10).count()),
        50 => drop(map.get_or_insert(key(), value())),
        51 => map.flush(),
        52 => map.reserve(600),
        53 => map.shrink_to_fit(),
        54 => drop(map.remove_if(&n, |_, v| v.0.read() % 2 == 0)),
        55 => map.clear(),
        56 => drop(map.pin_owned().remove(&n).map(|v| v.0.read())),
        _ => assert!(map.iter().take(20).all(|e| e.key().read() == e.value().0.read())),
    }
}

/// Each thread frees what others removed, and gets their panics; all go on.
fn in_calls_of_many_threads<R: Reclaimer>() {
    let each = scaled(50_000);
    let ledger = Ledger::new(60 * each);
    let map = Map::<R>::default();
    let caught: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|t| {
                let (map, ledger) = (&map, &ledger);
                scope.spawn(move || {
                    let mut random = Random::new(t);
                    (0..each).filter(|_| goes_off(|| call(map, ledger, &mut random))).count()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("only bombs go off")).sum()
    });
    println!("{caught} panics came out of {} calls, {} bombs", 4 * each, BANGS.load(SeqCst));
    assert!(caught > each / 100, "only {caught} went off");
    // All that is in the map is good, and what it says of itself is true.
    let entries: HashSet<u64> = map.pin().iter().map(|(k, v)| k.read().min(v.0.read())).collect();
    assert_eq!((entries.len(), map.iter().count()), (map.len(), map.len()));
    assert!(entries.iter().all(|n| map.get(n).is_some_and(|v| v.0.read() == *n)));
    survive(|| drop(map));
    ledger.assert_balanced();
}

/// A thread that only removes, and one that only collects: panics come out where values are freed.
fn in_collections_by_others<R: Reclaimer>() {
    let ledger = Ledger::new(200_000);
    let map = Map::<R>::default();
    for _ in 0..20 {
        thread::scope(|scope| {
            let (map, ledger) = (&map, &ledger);
            scope.spawn(move || {
                for n in 0..500 {
                    survive(|| drop(map.insert(ledger.track(n), Bomb(ledger.track(n)))));
                    survive(|| drop(map.remove(&n)));
                }
            });
            scope.spawn(move || (0..50).for_each(|_| survive(|| map.flush())));
        });
        assert!(map.is_empty());
    }
    // Other tests of the process may pin meanwhile.
    eventually(|| {
        survive(|| map.flush());
        ledger.alive() == 0 || !R::PROMPT
    });
    survive(|| drop(map));
    ledger.assert_balanced();
}

/// Every way to end a map, or to take it to pieces, whole or by half.
fn in_all_ends_of_a_map<R: Reclaimer>() {
    type End<R> = fn(Map<R>);
    let ends: [(&str, End<R>); 12] = [
        ("drop", |map| drop(map)),
        ("drop of a map that moves", |map| {
            map.reserve(1);
            (0..map.capacity() as u64).for_each(|n| drop(map.remove(&n)));
            drop(map);
        }),
        ("into_iter", |map| drop(map.into_iter())),
        ("into_iter, some", |map| {
            // Kept until the rest is gone.
            let mut entries = map.into_iter();
            let some: Vec<_> = entries.by_ref().take(30).collect();
            let result = catch_unwind(AssertUnwindSafe(|| drop(entries)));
            assert!(some.iter().all(|(k, v)| k.read() == v.0.read()));
            some.into_iter().for_each(|entry| survive(|| drop(entry)));
            result.unwrap_or_else(|panic| resume_unwind(panic));
        }),
        ("into_iter, each", |map| {
            map.into_iter().for_each(|entry| survive(|| drop(entry)));
        }),
        ("into_keys", |map| map.into_keys().for_each(drop)),
        ("into_values", |map| {
            map.into_values().for_each(|value| survive(|| drop(value)));
        }),
        ("drain", |map| map.drain().for_each(drop)),
        ("drain, held", |map| drop(map.drain().collect::<Vec<_>>())),
        ("clear and flush", |map| {
            map.clear();
            (0..50).for_each(|_| survive(|| map.flush()));
            assert!(map.is_empty());
        }),
        ("values replaced in place", |mut map| {
            let ledger = map.iter().next().map(|e| e.key().clone());
            map.iter_mut().for_each(|(k, v)| {
                let new = Bomb(k.clone());
                survive(|| *v = new);
            });
            drop((map, ledger));
        }),
        ("retain", |map| map.retain(|k, _| k.read() % 2 == 0)),
    ];
    for (name, end) in ends {
        for keys in [1, 8, 100, 700] {
            let ledger = Ledger::new(40_000);
            let before = BANGS.load(SeqCst);
            let map = map_of::<R>(&ledger, keys);
            // Some wait to be freed.
            for n in (0..keys).step_by(3) {
                survive(|| drop(map.update(ledger.track(n), |_, _| Bomb(ledger.track(n)))));
            }
            survive(|| end(map));
            assert!(keys < 8 || BANGS.load(SeqCst) > before, "{name}: no bomb went off");
            ledger.assert_sane();
            assert_eq!(ledger.alive(), 0, "{name}, {keys} keys: leaked");
        }
    }
}

/// A hook that panics, in the calls of many threads.
fn in_hooks<R: Reclaimer>() {
    let each = scaled(50_000) as u64;
    let ledger = Ledger::new(20 * each as usize);
    let map: HashMap<Tracked, Tracked, Pairs, R> = HashMap::builder()
        .hasher(Pairs)
        .reclaimer::<R>()
        .on_reclaim(|key: Tracked, value: Tracked| {
            assert_eq!(key.read() % 200, value.read() % 200);
            if value.id.is_multiple_of(5) && !thread::panicking() {
                BANGS.fetch_add(1, SeqCst);
                resume_unwind(Box::new(Bang));
            }
        })
        .build();
    thread::scope(|scope| {
        for t in 0..4 {
            let (map, ledger) = (&map, &ledger);
            scope.spawn(move || {
                let mut random = Random::new(t);
                for _ in 0..each {
                    let (n, other) = (random.below(200), random.below(200));
                    survive(|| drop(map.insert(ledger.track(n), ledger.track(n))));
                    survive(|| drop(map.remove(&other)));
                }
            });
        }
    });
    assert!(map.iter().all(|e| e.key().read() == e.value().read()));
    survive(|| drop(map));
    ledger.assert_balanced();
}

on_each_reclaimer!(
    in_calls_of_many_threads,
    in_collections_by_others,
    in_all_ends_of_a_map,
    in_hooks,
);
