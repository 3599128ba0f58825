//! Two keys, each thread writing one and asking for the other: the store buffering of maps. Not both
//! may find the other's key absent.
//!
//! That rests on the total order of SeqCst accesses, which loom does not know (see `litmus`); so the
//! asking is done by a write there, whose exchange reads the newest word under any model. With plain
//! reads it is a matter for shuttle, for real threads, and for the argument in `docs/orderings.md`.
//!
//! And what a writer learns from another by one key, about a second: there Acquire and Release are enough,
//! and loom asks with a plain read.
#![cfg(any(dolmen_loom, dolmen_shuttle, dolmen_real))]

use dolmen::model;
use dolmen_models::checker::{Effort, explore, reaching};
use dolmen_models::history::Saw;
use dolmen_models::maps::{ALL_INLINE, Id, Map, Nodes, Words};
use dolmen_models::plan::Op::{self, *};
use dolmen_models::scenarios::{A, B, NEAR};
use dolmen_models::threads::{side_by_side, unmarked};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

/// The value that a writer writes.
fn value(writer: usize) -> u64 {
    Id { begin: 1, writer, nth: 0 }.pack()
}

/// What a call saw.
fn saw<M: Map>(map: &M, op: Op, writer: usize) -> Option<u64> {
    match map.call(op, op.key().expect("it has one"), &|| value(writer)).0 {
        Saw::Is(value) => value,
        other => panic!("{other:?}"),
    }
}

fn not_both<M: Map>(name: &str, resizing: bool) {
    let effort = Effort::to(if resizing { 2 } else { 3 });
    let body = move || {
        model::begin();
        let map = Arc::new(M::new(2));
        map.step(Resize(2));
        if resizing {
            map.step(Resize(2));
        }
        let (shared, absent) = (map.clone(), Arc::new(AtomicUsize::new(0)));
        let count = absent.clone();
        side_by_side(&[vec![(A, B)], vec![(B, A)]], &unmarked(), move |_, (mine, theirs)| {
            saw(&*shared, Insert(mine), 1);
            let ask = if cfg!(dolmen_loom) { TryInsert(theirs) } else { Get(theirs) };
            count.fetch_add(usize::from(saw(&*shared, ask, 2).is_none()), SeqCst);
        });
        assert!(absent.load(SeqCst) < 2, "each found the other's key absent");
        Arc::into_inner(map).expect("the threads are gone").close();
        model::end();
    };
    reaching(name, &[], || explore(name, effort, body));
}

/// The example of `docs/orderings.md`, section 3: a thread that has seen MOVED writes in the successor
/// and finds the other key absent; who then wrote that key must not find the first one's old value
/// in the slot that is moved.
#[cfg(not(dolmen_loom))]
fn not_absent_and_old_in<M: Map>(name: &str) {
    let body = || {
        model::begin();
        let map = Arc::new(M::new(3));
        saw(&*map, Insert(A), 1);
        map.step(Resize(2));
        let (shared, wrong) = (map.clone(), Arc::new(AtomicUsize::new(0)));
        let count = wrong.clone();
        side_by_side(&[vec![0], vec![1], vec![2]], &unmarked(), move |_, thread| {
            let stale = match thread {
                0 => return shared.step(Move(0, 0)),
                1 => {
                    saw(&*shared, Insert(A), 2);
                    saw(&*shared, Get(B), 0).is_none()
                }
                _ => {
                    saw(&*shared, Insert(B), 1);
                    saw(&*shared, Get(A), 0).is_none_or(|id| Id::of(id).writer == 1)
                }
            };
            count.fetch_add(usize::from(stale), SeqCst);
        });
        assert!(wrong.load(SeqCst) < 2, "one found a key absent, and the other an older value");
        Arc::into_inner(map).expect("the threads are gone").close();
        model::end();
    };
    reaching(name, &[], || explore(name, Effort::to(0), body));
}

#[cfg(not(dolmen_loom))]
#[test]
fn not_absent_and_old() {
    not_absent_and_old_in::<Nodes<dolmen::Epoch>>("two keys, one of them moving");
    let name = "two keys of words, one of them moving";
    not_absent_and_old_in::<Words<dolmen::Epoch, ALL_INLINE>>(name);
}

#[test]
fn not_both_absent() {
    #[cfg(not(dolmen_real))]
    {
        not_both::<Nodes<model::Deferred>>("two keys", false);
        not_both::<Nodes<model::Deferred>>("two keys, resizing", true);
        not_both::<Words<model::Deferred, ALL_INLINE>>("two keys of words", false);
    }
    #[cfg(not(dolmen_loom))]
    {
        not_both::<Nodes<dolmen::Epoch>>("two keys, epochs", false);
        not_both::<Nodes<dolmen::Epoch>>("two keys, resizing, epochs", true);
        not_both::<Words<dolmen::Epoch, ALL_INLINE>>("two keys of words, resizing, epochs", true);
    }
}

/// A tombstone is there, is written over, and comes back, between a writer's load of it and its exchange.
/// That writer comes after the others, by the order of the slot's words, so it finds what they put in
/// before. It has acquired the tombstone that it loaded, and must acquire the one that it exchanged.
fn a_word_comes_back_in<M: Map>(name: &str) {
    let body = || {
        model::begin();
        let map = Arc::new(M::new(2));
        map.step(Resize(8));
        saw(&*map, Insert(A), 1);
        saw(&*map, Remove(A), 1);
        let (shared, absent) = (map.clone(), [(); 3].map(|()| Arc::new(AtomicBool::new(false))));
        let [first, second, other] = absent.clone();
        side_by_side(&[vec![0], vec![1]], &unmarked(), move |_, thread| {
            if thread == 0 {
                saw(&*shared, Insert(NEAR), 1);
                first.store(saw(&*shared, Insert(A), 1).is_none(), SeqCst);
                saw(&*shared, Remove(A), 1);
            } else {
                second.store(saw(&*shared, TryInsert(A), 2).is_none(), SeqCst);
                other.store(saw(&*shared, Get(NEAR), 0).is_none(), SeqCst);
            }
        });
        // Had the second come before the first, the first would have met its value.
        assert!(!absent.iter().all(|absent| absent.load(SeqCst)), "a key put in before was absent");
        Arc::into_inner(map).expect("the threads are gone").close();
        model::end();
    };
    reaching(name, &[], || explore(name, Effort::to(2), body));
}

#[test]
fn a_word_comes_back() {
    #[cfg(not(dolmen_real))]
    {
        a_word_comes_back_in::<Nodes<model::Deferred>>("a word comes back");
        a_word_comes_back_in::<Words<model::Deferred, ALL_INLINE>>("a word comes back, of words");
    }
    #[cfg(not(dolmen_loom))]
    {
        a_word_comes_back_in::<Nodes<dolmen::Epoch>>("a word comes back, epochs");
        let name = "a word comes back, of words, epochs";
        a_word_comes_back_in::<Words<dolmen::Epoch, ALL_INLINE>>(name);
    }
}
