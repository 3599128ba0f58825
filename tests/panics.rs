//! User code panics at its n-th call, for every n: the map is as if the call had not been made, is
//! usable, and loses nothing.

mod common;
#[path = "common/fuse.rs"]
mod fuse;

use common::{Constant, Four, Identity, Pairs, Reclaimer};
use dolmen::{HashMap, Operation};
use fuse::{Code, Touchy, alive, at_every_call, tick};
use std::collections::BTreeMap;
use std::hash::BuildHasher;

type Map<S, R> = HashMap<Touchy, Touchy, S, R>;
type Model = BTreeMap<u64, u64>;

/// A call on a map, and its effect on the contents.
struct Call<S, R: Reclaimer> {
    name: &'static str,
    run: fn(&Map<S, R>),
    effect: fn(&mut Model),
}

fn key(n: u64) -> Touchy {
    Touchy::new(n)
}

/// The value that a closure makes.
fn made(n: u64) -> Touchy {
    tick(Code::Closure);
    Touchy::new(n)
}

/// A closure's answer.
fn says(yes: bool) -> bool {
    tick(Code::Closure);
    yes
}

/// Single calls: each happens or does not.
fn calls<S: BuildHasher, R: Reclaimer>() -> Vec<Call<S, R>> {
    macro_rules! calls {
        ($($name:literal: |$map:ident| $run:expr, |$model:ident| $effect:expr;)+) => {
            vec![$(Call {
                name: $name,
                run: |$map| {
 let _ = $run;
 },
                effect: |$model| {
 let _ = $effect;
 },
            }),+]
        };
    }
    calls! {
        "get": |map| map.get(&key(3)), |_m| ();
        "get absent": |map| map.get(&key(99)), |_m| ();
        "contains_key": |map| map.contains_key(&key(4)), |_m| ();
        "insert": |map| map.insert(key(99), key(1)), |m| m.insert(99, 1);
        "replace": |map| map.insert(key(3), key(1)), |m| m.insert(3, 1);
        "try_insert": |map| map.try_insert(key(99), key(1)), |m| m.insert(99, 1);
        "try_insert, present": |map| map.try_insert(key(3), key(1)), |_m| ();
        "get_or_insert_with": |map| map.get_or_insert_with(key(99), || made(1)),
            |m| m.insert(99, 1);
        "get_or_insert_with, present": |map| map.get_or_insert_with(key(3), || made(1)), |_m| ();
        "update": |map| map.update(key(3), |_, v| made(v.read() + 1)), |m| m.insert(3, 4);
        "update, absent": |map| map.update(key(99), |_, v| made(v.read())), |_m| ();
        "compute, insert": |map| map.compute::<()>(key(99), |_| Operation::Insert(made(1))),
            |m| m.insert(99, 1);
        "compute, update": |map| map.compute::<()>(key(3), |_| Operation::Insert(made(1))),
            |m| m.insert(3, 1);
        "compute, remove": |map| map.compute::<()>(key(3), |_| {
            says(true);
            Operation::Remove
        }), |m| m.remove(&3);
        "compute, abort": |map| map.compute(key(3), |_| Operation::Abort(made(0))), |_m| ();
        "remove": |map| map.remove(&key(3)), |m| m.remove(&3);
        "remove, absent": |map| map.remove(&key(99)), |_m| ();
        "remove_entry": |map| map.remove_entry(&key(5)), |m| m.remove(&5);
        "remove_if": |map| map.remove_if(&key(3), |_, _| says(true)), |m| m.remove(&3);
        "remove_if, no": |map| map.remove_if(&key(3), |_, _| says(false)), |_m| ();
        "try_update": |map| map.try_update(key(3), |_, v| Some(made(v.read() + 1))),
            |m| m.insert(3, 4);
        "try_update, no": |map| map.try_update(key(3), |_, _| says(false).then(|| key(1))), |_m| ();
        "try_remove, no": |map| map.try_remove(&key(3), |_, _| says(false)), |_m| ();
        "entry_ref, insert": |map| map.entry_ref(&key(99)).or_insert_with(|| made(1)),
            |m| m.insert(99, 1);
        "entry_ref, update": |map| map.entry_ref(&key(3)).update(|_, _| made(1)), |m| m.insert(3, 1);
        "entry_ref, compute": |map| map.entry_ref(&key(99)).compute::<()>(|_| {
            Operation::Insert(made(1))
        }), |m| m.insert(99, 1);
        "pinned entry": |map| map.pin().entry(key(99)).or_insert_with(|| made(1)).read(),
            |m| m.insert(99, 1);
        "pinned insert": |map| map.pin().insert(key(99), key(1)), |m| m.insert(99, 1);
        "pinned update": |map| map.pin().update(key(3), |_, _| made(1)), |m| m.insert(3, 1);
        "pinned remove": |map| map.pin().remove(&key(3)), |m| m.remove(&3);
        "clone": |map| map.pin().iter().for_each(|(k, v)| drop((k.clone(), v.clone()))), |_m| ();
        "reserve": |map| map.reserve(2000), |_m| ();
        "shrink_to_fit": |map| map.shrink_to_fit(), |_m| ();
        "finish_resize": |map| map.finish_resize(), |_m| ();
        "flush": |map| map.flush(), |_m| ();
        "iterate": |map| map.iter().for_each(|e| assert!(e.read() + e.key().read() < 100)), |_m| ();
    }
}

fn model(entries: u64) -> Model {
    (0..entries).map(|n| (n, n)).collect()
}

/// A map with entries, and with retired ones that wait to be freed.
fn map_of<S: BuildHasher + Default, R: Reclaimer>(entries: u64) -> Map<S, R> {
    let map = Map::<S, R>::default();
    for n in (0..entries).chain(0..entries) {
        map.insert(key(n), key(n));
    }
    for n in 500..520 {
        map.insert(key(n), key(n));
        map.remove(&key(n));
    }
    map
}

#[track_caller]
fn assert_contents<S: BuildHasher, R: Reclaimer>(map: &Map<S, R>, model: &Model, context: &str) {
    let contents: Model = map.iter().map(|e| (e.key().read(), e.read())).collect();
    assert_eq!((&contents, map.len()), (model, model.len()), "{context}");
    assert!(model.keys().all(|n| map.get(&key(*n)).is_some()), "{context}");
}

/// Every verb still works; then the map drops, and nothing is left.
fn use_and_drop<S: BuildHasher, R: Reclaimer>(map: Map<S, R>, mut model: Model, context: &str) {
    for n in 600..650 {
        map.insert(key(n), key(n));
        model.insert(n, n);
    }
    for n in (0..8).chain(600..640) {
        map.remove(&key(n));
        model.remove(&n);
    }
    map.update(key(640), |_, _| key(1)).expect("it is there");
    model.insert(640, 1);
    map.shrink_to_fit();
    map.flush();
    assert_contents(&map, &model, context);
    drop(map);
    assert_eq!(alive(), 0, "{context}");
}

fn every_call<S: BuildHasher + Default, R: Reclaimer>(entries: u64) {
    let mut panics = [0; 5];
    for call in calls::<S, R>() {
        for code in [Code::Hash, Code::Eq, Code::Clone, Code::Drop, Code::Closure] {
            // Elsewhere it comes out of some later call: see `destructors`.
            if code == Code::Drop && !R::PROMPT {
                panics[code as usize] = 6;
                continue;
            }
            let run = |map: &mut Map<S, R>| (call.run)(map);
            let check = |map: Map<S, R>, panicked: bool, context: &str| {
                let context = format!("{}: {context}", call.name);
                let (before, mut after) = (model(entries), model(entries));
                (call.effect)(&mut after);
                // A destructor runs when the write has happened; all else before it.
                let happened = !panicked || code == Code::Drop;
                let expected = if happened { after } else { before };
                assert_contents(&map, &expected, &context);
                use_and_drop(map, expected, &context);
            };
            panics[code as usize] += at_every_call(code, || map_of::<S, R>(entries), run, check);
        }
    }
    assert!(panics.iter().all(|n| *n > 5), "some code hardly ran: {panics:?}");
}

/// Calls on an empty map, whose first table is made by the way.
fn every_call_on_nothing<S: BuildHasher + Default, R: Reclaimer>(_: u64) {
    for call in calls::<S, R>() {
        for code in [Code::Hash, Code::Closure] {
            let run = |map: &mut Map<S, R>| (call.run)(map);
            at_every_call(code, Map::<S, R>::default, run, |map, panicked, context| {
                assert!(!panicked || map.is_empty(), "{}: {context}", call.name);
                let contents = map.iter().map(|e| (e.key().read(), e.read())).collect();
                use_and_drop(map, contents, context);
            });
        }
    }
}

/// A growing map: what was inserted before the panic is there, the rest is not.
fn inserts_through_resizes<S: BuildHasher + Default, R: Reclaimer>(entries: u64) {
    for code in [Code::Hash, Code::Eq] {
        let mut done = 0;
        let panics = at_every_call(
            code,
            || (Map::<S, R>::default(), 0),
            |(map, inserted)| {
                for n in 0..entries {
                    map.insert(key(n), key(n));
                    *inserted = n + 1;
                }
            },
            |(map, inserted), _, context| {
                done = inserted;
                assert_contents(&map, &model(inserted), context);
                use_and_drop(map, model(inserted), context);
            },
        );
        assert!(done == entries && (code == Code::Eq || panics == entries as usize));
    }
}

/// `clear`, `retain` and `extend` stop where the panic was.
fn calls_on_many<S: BuildHasher + Default, R: Reclaimer>(entries: u64) {
    for code in [Code::Hash, Code::Eq, Code::Closure, Code::Drop] {
        if code == Code::Drop && !R::PROMPT {
            continue;
        }
        let subset = |map: Map<S, R>, _: bool, context: &str| {
            let contents: Model = map.iter().map(|e| (e.key().read(), e.read())).collect();
            assert!(contents.iter().all(|(k, v)| k == v && *k < entries), "{context}");
            assert_contents(&map, &contents, context);
            use_and_drop(map, contents, context);
        };
        let kept = |map: Map<S, R>, panicked: bool, context: &str| {
            let odd = map.keys().filter(|k| k.read() % 2 == 1).count();
            assert!((1..entries).step_by(2).all(|k| map.get(&key(k)).is_some()), "{context}");
            assert!(panicked || map.len() == odd, "{context}");
            subset(map, panicked, context);
        };
        let prepare = || map_of::<S, R>(entries);
        at_every_call(code, prepare, |map| map.retain(|k, _| says(k.read() % 2 == 1)), kept);
        at_every_call(code, prepare, |map| map.clear(), subset);
        let extend = |map: &mut Map<S, R>| map.extend((0..entries).map(|n| (key(n), made(n))));
        at_every_call(code, Map::<S, R>::default, extend, subset);
    }
}

/// The source of a clone does not notice.
fn clone_of_a_map<S: BuildHasher + Default + Clone, R: Reclaimer>(entries: u64) {
    for code in [Code::Hash, Code::Eq, Code::Clone] {
        let run = |map: &mut Map<S, R>| drop(map.clone());
        let panics = at_every_call(
            code,
            || map_of::<S, R>(entries),
            run,
            |map, _, context| {
                use_and_drop(map, model(entries), context);
            },
        );
        assert!(code != Code::Clone || panics == 2 * entries as usize);
    }
}

/// A panicking destructor loses its own value and no other, whenever it runs: in a later write, in
/// a flush, or when the map drops.
fn destructors<S: BuildHasher + Default, R: Reclaimer>(entries: u64) {
    let churn = |map: &mut Map<S, R>| {
        for n in 0..entries {
            map.insert(key(n), key(n));
            map.flush();
        }
    };
    if R::PROMPT {
        at_every_call(
            Code::Drop,
            || map_of::<S, R>(entries),
            churn,
            |map, _, context| {
                use_and_drop(map, model(entries), context);
            },
        );
    }
    // At the latest, it comes out of the drop of the map.
    let life = |map: &mut Option<Map<S, R>>| {
        map.iter_mut().for_each(churn);
        drop(map.take());
    };
    let prepare = || Some(map_of::<S, R>(entries));
    at_every_call(Code::Drop, prepare, life, |map, _, context| {
        drop(map);
        assert_eq!(alive(), 0, "{context}");
    });
    let dropped = |map: &mut Option<Map<S, R>>| drop(map.take());
    let prepare = || Some(map_of::<S, R>(entries));
    let panics = at_every_call(Code::Drop, prepare, dropped, |map, _, context| {
        assert!(map.is_none());
        assert_eq!(alive(), 0, "{context}");
    });
    assert!(panics > 2 * entries as usize);
}

/// A guard whose scope is left by a panic does not stay.
fn pins_are_released<S: BuildHasher + Default, R: Reclaimer>(entries: u64) {
    let run = |map: &mut Map<S, R>| {
        let _held = map.get(&key(0));
        let _pinned = map.pin();
        map.insert(key(1), key(1));
        map.update(key(1), |_, _| made(2));
    };
    for code in [Code::Hash, Code::Eq, Code::Closure] {
        at_every_call(
            code,
            || map_of::<S, R>(entries),
            run,
            |map, _, context| {
                common::eventually(|| {
                    map.flush();
                    alive() == 2 * map.len() as isize || !R::PROMPT
                });
                let contents = map.iter().map(|e| (e.key().read(), e.read())).collect();
                use_and_drop(map, contents, context);
            },
        );
    }
}

macro_rules! by_hasher {
    ($($module:ident: $hasher:ty;)+) => { $(
        mod $module {
            use super::*;
            #[test] fn at_every_call() { every_call::<$hasher, R>(12); }
            #[test] fn on_an_empty_map() { every_call_on_nothing::<$hasher, R>(0); }
            #[test] fn through_resizes() { inserts_through_resizes::<$hasher, R>(40); }
            #[test] fn over_many_entries() { calls_on_many::<$hasher, R>(20); }
            #[test] fn of_a_clone() { clone_of_a_map::<$hasher, R>(20); }
            #[test] fn of_destructors() { destructors::<$hasher, R>(20); }
            #[test] fn under_pins() { pins_are_released::<$hasher, R>(12); }
        }
    )+ };
}

with_each_reclaimer! { by_hasher! {
    identity: Identity;
    constant: Constant;
    four: Four;
    pairs: Pairs;
} }
