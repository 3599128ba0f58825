//! Eight threads on one map through many resizes. Keys are of four kinds, neighbours of which share
//! an ident under some hashers, so that each kind suffers from what is done to the next.

mod common;

use common::{Random, Reclaimer, scaled, within};
use dolmen::{Compute, HashMap, Operation};
use std::collections::HashSet;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(240);
const THREADS: u64 = 8;

/// How long each hasher is stressed.
const fn duration() -> Duration {
    Duration::from_millis(if cfg!(debug_assertions) { 500 } else { 2000 })
}

trait Hashing: BuildHasher + Default + Send + Sync + 'static {}
impl<S: BuildHasher + Default + Send + Sync + 'static> Hashing for S {}

/// What is done to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Present throughout, and never written.
    Stable,
    /// Comes and goes; in the end it is gone.
    Volatile,
    /// Counts increments.
    Counter,
    /// Comes once and goes for ever.
    Fleeting,
}

use Kind::{Counter, Fleeting, Stable, Volatile};

impl Kind {
    fn key(self, n: u64) -> u64 {
        n * 4 + self as u64
    }

    fn of(key: u64) -> (Kind, u64) {
        ([Stable, Volatile, Counter, Fleeting][key as usize % 4], key / 4)
    }
}

/// What stable and volatile keys map to.
fn value(key: u64) -> u64 {
    key ^ 0x5555_5555
}

/// A map and what its users know of it.
struct Stage<S, R: Reclaimer> {
    map: HashMap<u64, u64, S, R>,
    /// Of each kind, about so many.
    keys: u64,
    stop: AtomicBool,
    /// Increments done, and those that were taken out again with their counters.
    increments: AtomicU64,
    taken: AtomicU64,
    /// Fleeting keys below this are gone for ever.
    gone: AtomicU64,
    iterations: AtomicU64,
    reads: AtomicU64,
    resizes: AtomicU64,
}

impl<S: Hashing, R: Reclaimer> Stage<S, R> {
    fn new(keys: u64) -> Self {
        let map = HashMap::<u64, u64, S, R>::default();
        (0..keys).map(|n| Stable.key(n)).for_each(|key| drop(map.insert(key, value(key))));
        let zero = || AtomicU64::new(0);
        Stage {
            map,
            keys,
            stop: AtomicBool::new(false),
            increments: zero(),
            taken: zero(),
            gone: zero(),
            iterations: zero(),
            reads: zero(),
            resizes: zero(),
        }
    }

    fn goes_on(&self) -> bool {
        !self.stop.load(SeqCst)
    }

    /// Stable keys are never missed, fleeting ones do not come back.
    fn read(&self, mut random: Random) {
        while self.goes_on() {
            let m = self.map.pin();
            for _ in 0..200 {
                let key = Stable.key(random.below(self.keys));
                assert_eq!(self.map.get(&key).map(|v| *v), Some(value(key)), "missed {key}");
                assert_eq!(m.get_key_value(&key), Some((&key, &value(key))), "missed {key}");
                let gone = self.gone.load(SeqCst);
                if gone > 0 {
                    // The youngest have most to fear from a copier that is late.
                    let age = 1 + random.below(gone.min(8));
                    assert!(!m.contains_key(&Fleeting.key(gone - age)), "it came back");
                }
            }
            self.reads.fetch_add(200, SeqCst);
        }
    }

    /// An iteration yields each stable key once, no key twice, and none that was gone before.
    fn iterate(&self) {
        while self.goes_on() {
            let gone = self.gone.load(SeqCst);
            let (mut seen, mut stable) = (HashSet::new(), 0);
            for entry in &self.map {
                let (key, found) = (*entry.key(), *entry);
                assert!(seen.insert(key), "yielded {key} twice");
                match Kind::of(key) {
                    (Stable, _) => {
                        stable += 1;
                        assert_eq!(found, value(key));
                    }
                    (Volatile, _) => assert_eq!(found, value(key)),
                    (Counter, _) => assert!(found > 0),
                    (Fleeting, n) => assert!(n >= gone, "yielded {n}, gone before {gone}"),
                }
            }
            assert_eq!(stable, self.keys, "an iteration missed stable keys");
            self.iterations.fetch_add(1, SeqCst);
        }
    }

    /// Volatile keys of this thread come in crowds and go.
    fn churn(&self, lane: u64, mut random: Random) {
        let own = |n: u64| Volatile.key(2 * n + lane);
        while self.goes_on() {
            let crowd = 1 + random.below(4 * self.keys);
            for key in (0..crowd).map(own) {
                assert!(self.map.insert(key, value(key)).is_none(), "{key} was there");
            }
            for key in (0..crowd).map(own) {
                assert_eq!(self.map.get(&key).map(|v| *v), Some(value(key)), "{key} got lost");
                assert!(self.map.try_insert(key, 0).is_err(), "{key} got lost");
                let removed = self.map.remove(&key);
                assert_eq!(removed.map(|v| *v), Some(value(key)), "{key} got lost");
                assert!(!self.map.contains_key(&key), "{key} came back");
            }
        }
    }

    /// Counters are counted up, and now and then taken out with what they hold.
    fn increment(&self, mut random: Random) {
        while self.goes_on() {
            let key = Counter.key(random.below(1 + self.keys / 8));
            let up = |v: u64| Operation::<u64>::Insert(v + 1);
            let done = match random.below(20) {
                0..10 => u64::from(self.map.update(key, |_, v| v + 1).is_some()),
                10..19 => {
                    self.map.compute(key, |entry| up(entry.map_or(0, |(_, v)| *v)));
                    1
                }
                _ => {
                    let taken = self.map.compute::<()>(key, |_| Operation::Remove);
                    if let Compute::Removed(count) = taken {
                        self.taken.fetch_add(*count, SeqCst);
                    }
                    0
                }
            };
            self.increments.fetch_add(done, SeqCst);
        }
    }

    /// Each fleeting key comes and goes; the watermark says so when it is gone.
    fn pass(&self) {
        for n in 0.. {
            if !self.goes_on() {
                return;
            }
            let key = Fleeting.key(n);
            assert!(self.map.insert(key, n).is_none());
            assert_eq!(self.map.remove(&key).map(|v| *v), Some(n));
            self.gone.store(n + 1, SeqCst);
        }
    }

    /// The table is made larger and smaller under all the others.
    fn resize(&self, mut random: Random) {
        while self.goes_on() {
            let before = self.map.capacity();
            match random.below(8) {
                0..3 => self.map.reserve(random.below(30 * self.keys) as usize),
                3..6 => self.map.shrink_to_fit(),
                6 => self.map.finish_resize(),
                _ => self.map.flush(),
            }
            if self.map.capacity() != before {
                self.resizes.fetch_add(1, SeqCst);
            }
            thread::sleep(Duration::from_micros(random.below(500)));
        }
    }

    /// What is left when all is quiet: the stable keys, and counters that add up.
    fn finish(&self) {
        self.map.finish_resize();
        let (mut stable, mut counted) = (0, self.taken.load(SeqCst));
        for entry in &self.map {
            match Kind::of(*entry.key()) {
                (Stable, _) => stable += 1,
                (Counter, _) => counted += *entry,
                other => panic!("{other:?} is still there"),
            }
        }
        assert_eq!(stable, self.keys);
        assert_eq!(counted, self.increments.load(SeqCst), "an increment was lost");
        assert_eq!(self.map.len(), self.map.iter().count());
        assert_eq!(self.map.stats().migration, None);
        println!("reads, iterations, increments, fleeting keys, resizes: {:?}", self.counts());
        assert!(self.has_happened());
    }

    fn counts(&self) -> [u64; 5] {
        [&self.reads, &self.iterations, &self.increments, &self.gone, &self.resizes]
            .map(|n| n.load(SeqCst))
    }

    /// None of it means anything if it hardly happened.
    fn has_happened(&self) -> bool {
        self.counts().iter().zip([200, 2, 100, 100, 5]).all(|(n, least)| *n >= least)
    }
}

fn all_at_once<S: Hashing, R: Reclaimer>(keys: u64) {
    within(LIMIT, move || {
        let stage = Stage::<S, R>::new(keys);
        let start = Instant::now();
        thread::scope(|scope| {
            // A thread whose assertion fails stops the others.
            let run = |f: fn(&Stage<S, R>, u64), n: u64| {
                let stage = &stage;
                scope.spawn(move || {
                    let _stop = Stop(&stage.stop);
                    f(stage, n);
                });
            };
            run(|stage, n| stage.read(Random::new(n)), 1);
            run(|stage, _| stage.iterate(), 2);
            run(|stage, n| stage.churn(0, Random::new(n)), 3);
            run(|stage, n| stage.churn(1, Random::new(n)), 4);
            run(|stage, n| stage.increment(Random::new(n)), 5);
            run(|stage, n| stage.increment(Random::new(n)), 6);
            run(|stage, _| stage.pass(), 7);
            run(|stage, n| stage.resize(Random::new(n)), 8);
            // Longer where the machine has more to do.
            while (start.elapsed() < duration() || !stage.has_happened()) && stage.goes_on() {
                thread::sleep(Duration::from_millis(5));
            }
            stage.stop.store(true, SeqCst);
        });
        stage.finish();
    });
}

/// Tells all threads to stop when one ends.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

/// An empty map grows under eight threads that insert: nothing is lost, nothing is there twice.
fn growth<S: Hashing, R: Reclaimer>(keys: u64) {
    let each = if keys < 1000 { keys / 2 } else { scaled(60_000) as u64 };
    within(LIMIT, move || {
        for _ in 0..3 {
            let map = Arc::new(HashMap::<u64, u64, S, R>::default());
            let threads: Vec<_> = (0..THREADS)
                .map(|t| {
                    let map = map.clone();
                    thread::spawn(move || {
                        let (mut random, own) = (Random::new(t), |n: u64| n * THREADS + t);
                        for n in 0..each {
                            assert!(map.insert(own(n), value(own(n))).is_none());
                            let past = own(random.below(n + 1));
                            assert_eq!(map.get(&past).map(|v| *v), Some(value(past)));
                        }
                    })
                })
                .collect();
            threads.into_iter().for_each(|thread| thread.join().expect("it lost nothing"));
            assert_eq!(map.len() as u64, each * THREADS);
            let seen: HashSet<u64> = map.keys().map(|key| *key).collect();
            assert!(seen.len() == map.len() && map.iter().count() == map.len());
            assert!((0..each * THREADS).all(|key| *map.get(&key).unwrap() == value(key)));
        }
    });
}

/// Of eight threads that want the same thing of a key, one gets it.
fn one_winner<S: Hashing, R: Reclaimer>(keys: u64) {
    within(LIMIT, move || {
        let map = HashMap::<u64, u64, S, R>::default();
        let rounds = scaled(30_000) as u64 / keys + 1;
        for _ in 0..rounds {
            let count = || (0..keys).map(|_| AtomicU32::new(0)).collect::<Vec<_>>();
            let (inserted, replaced, removed) = (count(), count(), count());
            let race = |f: &(dyn Fn(u64, u64) -> bool + Sync), wins: &[AtomicU32]| {
                thread::scope(|scope| {
                    for t in 0..THREADS {
                        scope.spawn(move || {
                            for n in 0..keys {
                                let key = (n * 7 + t) % keys;
                                wins[key as usize].fetch_add(u32::from(f(key, t)), SeqCst);
                            }
                        });
                    }
                });
                assert!(wins.iter().all(|n| n.load(SeqCst) == 1), "not one winner");
            };
            race(&|key, t| map.try_insert(key, t).is_ok(), &inserted);
            assert_eq!(map.len() as u64, keys);
            let mark = |key, t| {
                let did = map.compute(key, |entry| match entry {
                    Some((_, v)) if *v < 100 => Operation::Insert(100 + t),
                    _ => Operation::Abort(()),
                });
                matches!(did, Compute::Updated { old, new } if *old < 8 && *new == 100 + t)
            };
            race(&mark, &replaced);
            race(&|key, _| map.remove(&key).is_some(), &removed);
            assert!(map.is_empty() && map.iter().next().is_none());
            map.shrink_to_fit();
        }
    });
}

/// Closures that take long, in a table of one chunk that moves all the time: many a write is decided
/// before a move begins and tried in the midst of it. None may succeed on a slot that is copied.
fn slow_updates<S: Hashing, R: Reclaimer>(_: u64) {
    within(LIMIT, || {
        let map = HashMap::<u64, u64, S, R>::default();
        (0..10).for_each(|key| drop(map.insert(key, 0)));
        let (stop, done) = (AtomicBool::new(false), AtomicU64::new(0));
        let start = Instant::now();
        thread::scope(|scope| {
            let (map, stop, done) = (&map, &stop, &done);
            for t in 0..3 {
                scope.spawn(move || {
                    let (_stop, mut random) = (Stop(stop), Random::new(t));
                    while !stop.load(SeqCst) {
                        let key = random.below(10);
                        let new = map.update(key, |_, v| {
                            (0..random.below(2000)).for_each(|_| std::hint::spin_loop());
                            v + 1
                        });
                        assert!(new.is_some_and(|new| *new > 0), "{key} was missed");
                        done.fetch_add(1, SeqCst);
                    }
                });
            }
            scope.spawn(move || {
                let _stop = Stop(stop);
                while !stop.load(SeqCst) {
                    map.reserve(50);
                    map.shrink_to_fit();
                }
            });
            let enough = || start.elapsed() > duration() / 4 && done.load(SeqCst) > 100;
            while !enough() && !stop.load(SeqCst) {
                thread::sleep(Duration::from_millis(5));
            }
            stop.store(true, SeqCst);
        });
        assert!(done.load(SeqCst) > 100);
        assert_eq!(map.values().map(|v| *v).sum::<u64>(), done.load(SeqCst), "one was lost");
    });
}

with_each_hasher!(all_at_once, growth, one_winner, slow_updates);
