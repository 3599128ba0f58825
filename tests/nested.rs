//! Destructors that write to maps, and so free what is ready to be freed, destructors of which write to maps:
//! they run inside each other to a depth that does not grow with what is ready.

mod common;

use common::{Reclaimer, eventually};
use dolmen::{DefaultHashBuilder, HashMap};
use std::cell::Cell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Values that are replaced while a reader stalls.
const REPLACED: u64 = 20_000;
/// How many collections of a map may run inside each other, and a call that flushes around them.
const DEEPEST: usize = 5;

type Map<V, R> = HashMap<u64, V, DefaultHashBuilder, R>;

/// One test at a time: a pin keeps all maps from freeing.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static DEEPEST_SEEN: Cell<usize> = const { Cell::new(0) };
    static DROPS: Cell<u64> = const { Cell::new(0) };
}

/// Replaces a value of a map when it is dropped.
enum Noisy<V, R: Reclaimer> {
    Loud(Weak<Map<V, R>>, fn() -> V),
    Quiet,
}

impl<V, R: Reclaimer> Drop for Noisy<V, R> {
    fn drop(&mut self) {
        let Noisy::Loud(map, value) = self else { return };
        let Some(map) = map.upgrade() else { return };
        DEPTH.set(DEPTH.get() + 1);
        DEEPEST_SEEN.set(DEEPEST_SEEN.get().max(DEPTH.get()));
        DROPS.set(DROPS.get() + 1);
        map.insert(1_000, value());
        DEPTH.set(DEPTH.get() - 1);
    }
}

/// A value of a map that it writes to itself.
struct Own<R: Reclaimer>(#[allow(dead_code)] Noisy<Own<R>, R>);

fn destructors_that_write_to_their_own_map<R: Reclaimer>() {
    let _alone = alone();
    let map = Arc::new(Map::<Own<R>, R>::default());
    let quiet = || Own(Noisy::Quiet);
    let reader = map.pin_owned();
    for n in 0..REPLACED {
        map.insert(n % 10, Own(Noisy::Loud(Arc::downgrade(&map), || Own(Noisy::Quiet))));
    }
    drop(reader);
    DEEPEST_SEEN.set(0);
    eventually(|| {
        (0..1_000).for_each(|n| drop(map.insert(n % 10, quiet())));
        map.flush();
        DROPS.get() >= REPLACED || !R::PROMPT
    });
    assert!(DEEPEST_SEEN.get() <= DEEPEST, "{} inside each other", DEEPEST_SEEN.get());
}

/// Each by a participant of its own, of which a map knows nothing in common: the thread has a limit, too.
fn destructors_that_write_by_guards_of_their_own<R: Reclaimer>() {
    struct Guarded<R: Reclaimer>(Option<Weak<Map<Guarded<R>, R>>>);
    impl<R: Reclaimer> Drop for Guarded<R> {
        fn drop(&mut self) {
            let Some(map) = self.0.take().and_then(|map| map.upgrade()) else { return };
            DEPTH.set(DEPTH.get() + 1);
            DEEPEST_SEEN.set(DEEPEST_SEEN.get().max(DEPTH.get()));
            map.pin_owned().insert(1_000, Guarded(None));
            DEPTH.set(DEPTH.get() - 1);
        }
    }
    // Other collectors free where they see fit, also where such a guard is dropped.
    if !R::PROMPT {
        return;
    }
    let _alone = alone();
    let map = Arc::new(Map::<Guarded<R>, R>::default());
    let reader = map.pin_owned();
    for n in 0..3 * REPLACED {
        map.insert(n % 10, Guarded(Some(Arc::downgrade(&map))));
    }
    drop(reader);
    (0..10_000).for_each(|n| drop(map.insert(n % 10, Guarded(None))));
    map.flush();
    let deepest = DEEPEST_SEEN.get();
    assert!(deepest <= 64 + 1, "{deepest} inside each other");
}

/// The other map frees what it retires, though nobody but destructors writes to it.
fn destructors_that_write_to_another_map<R: Reclaimer>() {
    let _alone = alone();
    let other = Arc::new(Map::<u64, R>::default());
    let map = Map::<Noisy<u64, R>, R>::default();
    let mut most = 0;
    for n in 0..10 * REPLACED {
        map.insert(n % 10, Noisy::Loud(Arc::downgrade(&other), || 7));
        if n % 1_000 == 0 {
            most = most.max(other.stats().retired);
        }
    }
    assert!(!R::PROMPT || most < REPLACED as usize / 2, "{most} wait");
    assert!(DEEPEST_SEEN.get() <= DEEPEST);
}

on_each_reclaimer!(
    destructors_that_write_to_their_own_map,
    destructors_that_write_by_guards_of_their_own,
    destructors_that_write_to_another_map,
);
