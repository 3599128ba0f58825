//! Threads that come and go: what they hold when they exit, what they leave behind, and what their
//! thread-local destructors do.

mod common;

use common::{Ledger, Pairs, Reclaimer, Tracked, eventually, scaled};
use dolmen::{HashMap, Ref};
use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, mpsc};
use std::thread;

type Map<R> = HashMap<Tracked, Tracked, Pairs, R>;

/// One test at a time: pins are the process's, and these tests count what is freed.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn ledger() -> &'static Arc<Ledger> {
    static LEDGER: OnceLock<Arc<Ledger>> = OnceLock::new();
    LEDGER.get_or_init(|| Ledger::new(2_000_000))
}

/// A reclaimer with a map for what lives until a thread is gone.
trait Shared: Reclaimer {
    fn map() -> &'static Map<Self>;
}

macro_rules! shared {
    ($reclaimer:ident) => {
        impl Shared for dolmen::$reclaimer {
            fn map() -> &'static Map<Self> {
                static MAP: OnceLock<Map<dolmen::$reclaimer>> = OnceLock::new();
                MAP.get_or_init(HashMap::default)
            }
        }
    };
}

shared!(Epoch);
#[cfg(feature = "crossbeam-epoch")]
shared!(CrossbeamEpoch);
#[cfg(feature = "seize")]
shared!(Seize);

fn key(n: u64) -> Tracked {
    ledger().track(n)
}

/// Frees all that was retired: nobody else is pinned.
#[track_caller]
fn assert_all_freed<R: Reclaimer>(map: &Map<R>) {
    let in_the_map = ledger_ids(map);
    eventually(|| {
        map.flush();
        map.stats().retired == 0
    });
    assert_eq!(ledger_ids(map), in_the_map);
}

/// The numbers of all keys and values in a map.
fn ledger_ids<R: Reclaimer>(map: &Map<R>) -> Vec<usize> {
    let mut ids: Vec<_> = map.pin().iter().flat_map(|(k, v)| [k.id, v.id]).collect();
    ids.sort_unstable();
    ids
}

/// What a thread-local keeps until its thread exits, and what it does then.
struct AtExit {
    held: Option<Box<dyn Held>>,
    last: Option<Box<dyn FnOnce()>>,
}

/// A reference, whatever reclaimer keeps it.
trait Held {
    fn check(&self);
}

impl<R: Reclaimer> Held for Ref<'static, Tracked, Tracked, R> {
    fn check(&self) {
        assert_eq!(self.key().read(), self.read());
    }
}

fn hold<R: Shared>(key: u64) -> Option<Box<dyn Held>> {
    R::map().get(&key).map(|entry| Box::new(entry) as Box<dyn Held>)
}

impl Drop for AtExit {
    fn drop(&mut self) {
        self.held.iter().for_each(|held| held.check());
        self.last.take().into_iter().for_each(|last| last());
        self.held.iter().for_each(|held| held.check());
    }
}

thread_local! {
    static AT_EXIT: RefCell<AtExit> = const { RefCell::new(AtExit { held: None, last: None }) };
}

/// Thread-locals are dropped in the reverse order of first use, so a thread that touches `AT_EXIT`
/// first has it dropped after dolmen's own releaser.
const ORDERS: [bool; 2] = [false, true];

fn touch_first(first: bool) {
    if first {
        AT_EXIT.with_borrow(|_| ());
    }
}

/// A reference that a thread-local holds is dropped when its thread exits, before or after the
/// thread's participant would be released: it is good until then, and no pin stays.
fn references_held_by_thread_locals<R: Shared>() {
    let _alone = alone();
    for round in 0..scaled(200) as u64 {
        for after_releaser in ORDERS {
            R::map().insert(key(round), key(round));
            let id = R::map().get(&round).unwrap().id;
            let (exits, exiting) = mpsc::channel();
            let (may_go, wait) = mpsc::channel::<()>();
            let thread = thread::spawn(move || {
                touch_first(after_releaser);
                let entry = hold::<R>(round);
                AT_EXIT.with_borrow_mut(|at_exit| {
                    at_exit.held = entry;
                    at_exit.last = Some(Box::new(move || {
                        exits.send(()).unwrap();
                        wait.recv().unwrap();
                    }));
                });
            });
            exiting.recv().unwrap();
            R::map().remove(&round).expect("it was inserted");
            (0..5).for_each(|_| R::map().flush());
            assert!(!ledger().is_gone(id), "freed while a thread-local holds it");
            may_go.send(()).unwrap();
            thread.join().expect("the value is good at exit");
            assert_all_freed(R::map());
            assert!(ledger().is_gone(id) || !R::PROMPT);
        }
    }
}

/// A destructor of a thread-local may do everything with a map.
fn maps_used_by_thread_locals_destructors<R: Shared>() {
    let _alone = alone();
    fn last<R: Shared>() {
        let before = R::map().len();
        for n in 5000..5100 {
            R::map().insert(key(n), key(n));
            assert_eq!(R::map().get(&n).unwrap().read(), n);
        }
        R::map().reserve(1000);
        let owned = R::map().pin_owned();
        assert_eq!(owned.iter().filter(|(k, _)| k.read() >= 5000).count(), 100);
        drop(owned);
        for n in 5000..5100 {
            assert_eq!(R::map().remove(&n).unwrap().read(), n);
        }
        R::map().shrink_to_fit();
        R::map().flush();
        assert_eq!(R::map().len(), before);
    }
    R::map().insert(key(1), key(1));
    for round in 0..scaled(100) {
        for after_releaser in ORDERS {
            for holds in [false, true] {
                let thread = thread::spawn(move || {
                    touch_first(after_releaser);
                    if round % 2 == 0 {
                        R::map().insert(key(2), key(2));
                    }
                    AT_EXIT.with_borrow_mut(|at_exit| {
                        at_exit.held = if holds { hold::<R>(1) } else { None };
                        at_exit.last = Some(Box::new(last::<R>));
                    });
                });
                thread.join().expect("the destructor may use the map");
                assert_all_freed(R::map());
            }
        }
    }
    R::map().clear();
    assert_all_freed(R::map());
}

/// Ten thousand threads leave neither garbage nor participants: bags of threads that have exited
/// go on with their successors, or with whoever flushes.
fn short_lived_threads<R: Reclaimer>() {
    let _alone = alone();
    let ledger = Ledger::new(2_000_000);
    let map = Map::<R>::default();
    let batch = |seed: u64| {
        thread::scope(|scope| {
            let (map, ledger) = (&map, &ledger);
            let threads: Vec<_> = (0..8)
                .map(|t| {
                    scope.spawn(move || {
                        for n in 0..40 {
                            let n = (seed * 31 + t * 7 + n) % 100;
                            map.insert(ledger.track(n), ledger.track(n));
                            map.remove(&((n * 3) % 100));
                        }
                    })
                })
                .collect();
            // Joined one by one, because a scope does not wait for thread-local destructors.
            threads.into_iter().for_each(|thread| thread.join().expect("no assertion failed"));
        });
    };
    let (mut retired, mut alive) = (0, 0);
    for round in 0..scaled(10_000) as u64 / 8 {
        batch(round);
        retired = retired.max(map.stats().retired);
        alive = alive.max(ledger.alive());
    }
    // Whatever number of threads there were: an open bag of 256 objects for each of 9 participants, and four
    // bags in each of three epochs for those that are in use at the same time.
    let busy = thread::available_parallelism().map_or(8, |cores| cores.get().min(8));
    let most = 256 * (9 + busy * 3 * 4);
    assert!(retired <= most, "{retired} objects waited");
    assert!(alive <= 2 * most || !R::PROMPT, "{alive} keys and values waited");
    assert!(ledger.made() >= 80 * (scaled(10_000) / 8 * 8) && ledger.made() > 2 * most);
    batch(0);
    map.flush();
    if R::PROMPT {
        assert_eq!(map.stats().retired, 0, "one flush adopts all bags, when nobody is pinned");
        assert_eq!(ledger.alive(), 2 * map.len());
    }
    drop(map);
    ledger.assert_balanced();
}

/// Owned guards outlive their threads, go from thread to thread, and are used where they are.
fn owned_guards_travel<R: Reclaimer>() {
    let _alone = alone();
    let ledger = Ledger::new(200_000);
    let map = Map::<R>::default();
    (0..100).for_each(|n| drop(map.insert(ledger.track(n), ledger.track(n))));
    for round in 0..scaled(100) as u64 {
        let before = ledger_ids(&map);
        let guard = thread::scope(|scope| {
            let made = scope.spawn(|| map.pin_owned());
            let guard = made.join().unwrap();
            map.clear();
            (0..100).for_each(|n| drop(map.insert(ledger.track(n), ledger.track(n))));
            let used = scope.spawn(|| {
                for n in 0..50 {
                    assert_eq!(guard.get(&n).unwrap().read(), n);
                    guard.insert(ledger.track(1000 + n), ledger.track(round));
                    assert_eq!(guard.remove(&(1000 + n)).unwrap().read(), round);
                }
                guard
            });
            used.join().unwrap()
        });
        (0..3).for_each(|_| map.flush());
        assert!(before.iter().all(|id| !ledger.is_gone(*id)), "the guard keeps all");
        thread::scope(|scope| drop(scope.spawn(move || drop(guard)).join()));
        eventually(|| {
            map.flush();
            before.iter().all(|id| ledger.is_gone(*id)) || !R::PROMPT
        });
    }
    drop(map);
    ledger.assert_balanced();
}

/// Many guards at once, of all kinds, dropped in another order than taken.
fn many_guards<R: Reclaimer>() {
    let _alone = alone();
    let ledger = Ledger::new(100_000);
    let map = Map::<R>::default();
    (0..200).for_each(|n| drop(map.insert(ledger.track(n), ledger.track(n))));
    let mut owned: Vec<_> = (0..300).map(|_| map.pin_owned()).collect();
    let mut held: Vec<_> = (0..300).map(|n| map.get(&(n % 200)).unwrap()).collect();
    held.extend(held.clone());
    map.clear();
    (0..5).for_each(|_| map.flush());
    for round in 0..299 {
        owned.swap_remove(round * 7 % owned.len());
        held.swap_remove(round * 5 % held.len());
    }
    (0..5).for_each(|_| map.flush());
    assert_eq!(ledger.alive(), 400);
    held.iter().for_each(|entry| assert_eq!(entry.key().read(), entry.read()));
    drop(held);
    (0..5).for_each(|_| map.flush());
    assert_eq!(ledger.alive(), 400, "one owned guard keeps all");
    drop(owned);
    map.flush();
    if R::PROMPT {
        ledger.assert_balanced();
    }
    drop(map);
    ledger.assert_balanced();
}

/// Maps share threads and epochs, and nothing else.
fn many_maps<R: Reclaimer>() {
    let _alone = alone();
    let ledger = Ledger::new(500_000);
    let maps: Vec<Map<R>> = (0..scaled(1000)).map(|_| Map::<R>::default()).collect();
    thread::scope(|scope| {
        for t in 0..4 {
            let (maps, ledger) = (&maps, &ledger);
            scope.spawn(move || {
                for (i, map) in maps.iter().enumerate() {
                    for n in 0..20 {
                        map.insert(ledger.track(n), ledger.track(i as u64));
                        map.remove(&((n + t) % 20));
                    }
                    let other = &maps[i * 7 % maps.len()];
                    let entries = (map.get(&1), other.get(&2));
                    let sum = entries.0.map_or(i as u64, |v| v.read());
                    assert_eq!(sum, i as u64);
                    assert!(entries.1.is_none_or(|v| v.read() < maps.len() as u64));
                }
            });
        }
    });
    for (i, map) in maps.into_iter().enumerate() {
        assert!(map.pin().values().all(|v| v.read() == i as u64));
        // Every other one drops in another thread.
        if i % 2 == 0 {
            thread::scope(|scope| drop(scope.spawn(|| drop(map))));
        }
    }
    ledger.assert_balanced();
}

on_each_reclaimer!(short_lived_threads, owned_guards_travel, many_guards, many_maps);

/// As above, and busy when the thread-local is dropped: pins come and go, on a thread that is ending
/// and on a later one at once. Whatever the reclaimer keeps by thread is each thread's own.
fn thread_locals_busy_at_exit<R: Shared>() {
    let _alone = alone();
    for round in 0..scaled(100).max(20) as u64 {
        for n in 0..4 {
            R::map().insert(key(9000 + n), key(9000 + n));
        }
        let (exits, exiting) = mpsc::channel();
        let ending = thread::spawn(move || {
            // Dropped after all that reclaimers may keep for the thread.
            touch_first(true);
            let entry = R::map().get(&9000).expect("it was inserted");
            AT_EXIT.with_borrow_mut(|at_exit| {
                let held = entry.clone();
                at_exit.held = Some(Box::new(held));
                at_exit.last = Some(Box::new(move || {
                    exits.send(()).unwrap();
                    for _ in 0..3000 {
                        let again = entry.clone();
                        assert_eq!((again.key().read(), again.read()), (9000, 9000));
                        drop(again);
                        assert!(R::map().get(&9001).is_none_or(|v| v.read() == 9001));
                    }
                }));
            });
        });
        exiting.recv().unwrap();
        let later: Vec<_> = (0..2)
            .map(|t| {
                thread::spawn(move || {
                    for n in 0..3000 {
                        let key_of = 9001 + (n + t) % 3;
                        let entry = R::map().get(&key_of);
                        if n % 4 == round % 4 {
                            R::map().insert(key(key_of), key(key_of));
                        }
                        assert!(entry.is_none_or(|v| v.read() == key_of));
                    }
                })
            })
            .collect();
        R::map().remove(&9000);
        later.into_iter().for_each(|thread| thread.join().expect("what it reads is alive"));
        ending.join().expect("what it holds is alive");
    }
    R::map().clear();
    ledger().assert_sane();
}

macro_rules! at_exit {
    ($($test:ident)+) => {
        mod at_exit {
            $crate::with_each_reclaimer! { $(#[test] fn $test() { super::super::$test::<R>(); })+ }
        }
    };
}

at_exit! {
    references_held_by_thread_locals
    maps_used_by_thread_locals_destructors
    thread_locals_busy_at_exit
}
