//! What thread-locals hold when their thread exits, in good order or by a panic: guards of every kind,
//! iterators, whole maps, in any order with dolmen's own thread-local.

mod common;

use common::{Identity, Ledger, Tracked, eventually, scaled};
use dolmen::{HashMap, OwnedPinned, Pinned, Ref};
use std::any::Any;
use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

type Map = HashMap<Tracked, Tracked, Identity>;

fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn ledger() -> &'static Arc<Ledger> {
    static LEDGER: OnceLock<Arc<Ledger>> = OnceLock::new();
    LEDGER.get_or_init(|| Ledger::new(2_000_000))
}

/// What lives until all threads are gone.
fn map() -> &'static Map {
    static MAP: OnceLock<Map> = OnceLock::new();
    MAP.get_or_init(Map::default)
}

fn fill() {
    (0..50).for_each(|n| drop(map().insert(ledger().track(n), ledger().track(n))));
}

/// All but what `fill` put in has gone, and that goes now: leak checkers do not find what a word with
/// a tag names.
#[track_caller]
fn empty() {
    let is_settled = || {
        map().flush();
        map().stats().retired == 0
    };
    eventually(is_settled);
    assert_eq!((map().len(), ledger().alive()), (50, 100), "all else is gone");
    map().clear();
    eventually(is_settled);
    ledger().assert_balanced();
}

/// What a thread-local holds, and checks and uses when it is dropped.
trait Held {
    fn check(&mut self);
}

impl Held for Ref<'static, Tracked, Tracked> {
    fn check(&mut self) {
        assert_eq!(self.key().read(), self.read());
    }
}

impl Held for Pinned<'static, Tracked, Tracked, Identity> {
    fn check(&mut self) {
        assert!(self.iter().all(|(k, v)| k.read() == v.read()));
        self.insert(ledger().track(70), ledger().track(70));
    }
}

struct Owned(OwnedPinned<'static, Tracked, Tracked, Identity>);

impl Held for Owned {
    fn check(&mut self) {
        self.0.insert(ledger().track(80), ledger().track(80));
        assert!(self.0.get(&80).is_none_or(|v| v.read() == 80));
        self.0.remove(&80);
    }
}

impl Held for dolmen::Iter<'static, Tracked, Tracked> {
    fn check(&mut self) {
        assert!(self.take(10).all(|e| e.key().read() == e.value().read()));
    }
}

impl Held for Map {
    fn check(&mut self) {
        self.insert(ledger().track(1), ledger().track(1));
        self.clear();
        self.flush();
    }
}

/// Drops what it holds, having used it; so it runs in a thread-local's destructor.
#[derive(Default)]
struct Locker(RefCell<Vec<Box<dyn Held>>>);

impl Drop for Locker {
    fn drop(&mut self) {
        let held = self.0.get_mut();
        held.iter_mut().for_each(|held| held.check());
        // In the order that they were taken in, so that pins nest in no order.
        held.drain(..).for_each(drop);
        assert!(map().get(&3).is_some_and(|v| v.read() == 3));
    }
}

thread_local! {
    /// Dropped after dolmen's own where this is used first, and before it where it is used last.
    static LOCKER: Locker = Locker::default();
}

fn keep(held: impl Held + 'static) {
    LOCKER.with(|locker| locker.0.borrow_mut().push(Box::new(held)));
}

/// Takes guards of the kinds that the bits of `kinds` say.
fn take(kinds: u32) {
    let is_in = |bit: u32| kinds & 1 << bit != 0;
    if is_in(0) {
        keep(map().get(&7).expect("it stays"));
    }
    if is_in(1) {
        keep(map().pin());
    }
    if is_in(2) {
        keep(Owned(map().pin_owned()));
    }
    if is_in(3) {
        keep(map().iter());
    }
    if is_in(4) {
        let own = Map::default();
        (0..20).for_each(|n| drop(own.insert(ledger().track(n), ledger().track(n))));
        (0..10).for_each(|n| drop(own.remove(&n)));
        keep(own);
    }
}

/// Every set of guards, in both orders, with a panic and without: the thread exits in order, its pins
/// go, its participants are used again, and nothing is leaked.
#[test]
fn thread_locals_hold_guards() {
    let _alone = alone();
    fill();
    for round in 0..scaled(20) as u64 {
        for case in 0..1 << 7 {
            let (kinds, locker_first, panics) = (case & 31, case & 32 != 0, case & 64 != 0);
            let thread = thread::spawn(move || {
                if locker_first {
                    LOCKER.with(|_| ());
                }
                if round % 2 == 0 {
                    drop(map().pin());
                }
                take(kinds);
                if panics {
                    // Not `panic!`, which would print.
                    std::panic::resume_unwind(Box::new("planned") as Box<dyn Any + Send>);
                }
            });
            assert_eq!(thread.join().is_err(), panics, "case {case}");
            map().remove(&70);
        }
    }
    empty();
}

/// Destructors of thread-locals that start threads which use the map, and wait for them.
#[test]
fn thread_locals_start_threads() {
    let _alone = alone();
    struct Starter;
    impl Drop for Starter {
        fn drop(&mut self) {
            let held = map().get(&5);
            let other = thread::spawn(|| {
                take(0b11111);
                map().insert(ledger().track(90), ledger().track(90));
                map().remove(&90);
                map().remove(&70);
            });
            other.join().expect("nothing is in its way");
            assert!(held.is_some_and(|v| v.read() == 5));
        }
    }
    thread_local! {
        static STARTER: Starter = const { Starter };
    }
    fill();
    for _ in 0..scaled(100) {
        let thread = thread::spawn(|| {
            STARTER.with(|_| ());
            take(0b00011);
        });
        thread.join().expect("its destructors may start threads");
        map().remove(&70);
    }
    empty();
}
