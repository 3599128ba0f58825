//! The set by itself, and under many threads: what each is told adds up, and relations are right
//! about what stays.

mod common;

use common::{Identity, Random, scaled};
use dolmen::{Epoch, HashSet, set};
use static_assertions::{assert_impl_all, assert_not_impl_any};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, RefUnwindSafe, UnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

#[test]
fn an_element_that_does_not_equal_its_value_is_refused() {
    let set: HashSet<String> = HashSet::new();
    let call = || set.get_or_insert_with("a", |_| "b".to_string()).len();
    assert!(catch_unwind(AssertUnwindSafe(call)).is_err());
    let pinned = || set.pin().get_or_insert_with("a", |_| "b".to_string()).len();
    assert!(catch_unwind(AssertUnwindSafe(pinned)).is_err());
    assert!(set.is_empty());
}

#[test]
fn the_builder_builds_what_it_is_told() {
    let gone = Arc::new(Mutex::new(Vec::new()));
    let log = gone.clone();
    let set = HashSet::builder()
        .capacity(500)
        .hasher(Identity)
        .reclaimer::<Epoch>()
        .on_reclaim(move |element: u64| log.lock().unwrap().push(element))
        .build();
    assert!(set.capacity() >= 500);
    assert!(set.insert(1) && set.insert(2) && set.remove(&1));
    drop(set);
    gone.lock().unwrap().sort_unstable();
    assert_eq!(*gone.lock().unwrap(), [1, 2]);
}

#[test]
fn what_is_printed_is_a_set() {
    let set = HashSet::from([1]);
    assert_eq!(format!("{set:?} {:?}", set.pin()), "{1} {1}");
    assert_eq!(format!("{:?} {:?}", set.iter(), set.union(&set)), "[1] [1]");
}

#[test]
fn a_set_goes_between_threads_exactly_when_its_elements_do() {
    assert_impl_all!(HashSet<String>: Send, Sync, UnwindSafe, RefUnwindSafe);
    assert_impl_all!(HashSet<Cell<u8>>: Send);
    assert_not_impl_any!(HashSet<Cell<u8>>: Sync);
    assert_not_impl_any!(HashSet<Rc<u8>>: Send, Sync);
    assert_impl_all!(set::OwnedPinned<'static, String>: Send);
    assert_not_impl_any!(set::Pinned<'static, String>: Send);
}

const THREADS: u64 = 4;

/// Who is told "inserted" or "removed" did it: an element that stays was inserted once more often
/// than removed, any other as often.
#[test]
fn every_insertion_and_removal_has_one_author() {
    const IDS: u64 = 64;
    let set: HashSet<u64> = HashSet::new();
    let balance: Vec<AtomicI64> = (0..IDS).map(|_| AtomicI64::new(0)).collect();
    thread::scope(|scope| {
        for seed in 0..THREADS {
            let (set, balance) = (&set, &balance);
            scope.spawn(move || {
                let mut random = Random::new(seed + 1);
                for _ in 0..scaled(200_000) {
                    let id = random.below(IDS);
                    let change = match random.below(6) {
                        0..3 => i64::from(set.insert(id)),
                        3 => -i64::from(set.remove(&id)),
                        4 => -i64::from(set.take(&id).is_some_and(|taken| *taken == id)),
                        _ => -i64::from(set.remove_if(&id, |found| *found == id)),
                    };
                    balance[id as usize].fetch_add(change, SeqCst);
                }
            });
        }
    });
    for (id, balance) in balance.iter().enumerate() {
        assert_eq!(balance.load(SeqCst), i64::from(set.contains(&(id as u64))));
    }
}

#[test]
fn all_who_intern_at_once_get_one_element() {
    for round in 0..scaled(500) {
        let (set, start) = (HashSet::new(), Barrier::new(THREADS as usize));
        let name = round.to_string();
        let intern = |thread: u64| {
            start.wait();
            let found = match thread % 2 {
                0 => set.get_or_insert(name.clone()),
                _ => set.get_or_insert_with(&*name, str::to_owned),
            };
            found.as_ptr().addr()
        };
        let addresses: BTreeSet<usize> = thread::scope(|scope| {
            let intern = &intern;
            let threads: Vec<_> =
                (0..THREADS).map(|thread| scope.spawn(move || intern(thread))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(addresses.len(), 1);
    }
}

#[test]
fn concurrent_drains_share_the_elements() {
    let count = scaled(20_000) as u64;
    let set: HashSet<u64> = (0..count).collect();
    let drained: Vec<Vec<u64>> = thread::scope(|scope| {
        let drain = || set.drain().map(|element| *element).collect();
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(drain)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut drained = drained.concat();
    drained.sort_unstable();
    assert!(drained.into_iter().eq(0..count));
    assert!(set.is_empty());
}

/// Ends the writers when dropped: by a failed assertion, too, which would wait for them else.
struct Done<'d>(&'d AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

/// What the docs promise of elements that nobody writes, while others come and go.
#[test]
fn relations_are_right_about_what_stays() {
    // Both have 100..150; `a` alone 0..100, `b` alone 150..250. The rest comes and goes.
    let a: HashSet<u64> = (0..150).collect();
    let b: HashSet<u64> = (100..250).collect();
    let [only_a, both, only_b]: [HashSet<u64>; 3] =
        [(0..100).collect(), (100..150).collect(), (150..250).collect()];
    let steady = |found: Vec<u64>| -> HashSet<u64> {
        let found: Vec<u64> = found.into_iter().filter(|element| *element < 250).collect();
        let set: HashSet<u64> = found.iter().copied().collect();
        assert_eq!(set.len(), found.len(), "an element came twice");
        set
    };
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let _done = Done(&done);
        for seed in 1..3 {
            let (a, b, done) = (&a, &b, &done);
            scope.spawn(move || {
                let mut random = Random::new(seed);
                while !done.load(SeqCst) {
                    let (set, id) = (if random.below(2) == 0 { a } else { b }, random.below(2000));
                    if random.below(2) == 0 {
                        set.insert(250 + id);
                    } else {
                        set.remove(&(250 + id));
                    }
                }
            });
        }
        for _ in 0..scaled(500) {
            assert!(both.is_subset(&a) && b.is_superset(&both));
            assert!(only_a.is_disjoint(&b) && b.is_disjoint(&only_a));
            assert!(!a.is_subset(&b) && !a.is_disjoint(&b));
            assert_eq!(steady(a.intersection(&b).map(|e| *e).collect()), both);
            assert_eq!(steady(a.difference(&b).map(|e| *e).collect()), only_a);
            assert_eq!(steady(b.pin().difference(&a.pin()).copied().collect()), only_b);
            assert_eq!(steady(a.union(&b).map(|e| *e).collect()).len(), 250);
            assert_eq!(steady((&a | &b).into_iter().collect()).len(), 250);
            assert_eq!(steady((&a ^ &b).into_iter().collect()), &only_a | &only_b);
        }
    });
}
