//! The protocol on the second kind of slot: key and value inline. The scenarios of `protocol`, and those
//! that only this kind has; values that fit their slots and values that do not.
#![cfg(any(dolmen_loom, dolmen_shuttle, dolmen_real))]

use dolmen::Epoch;
#[cfg(not(dolmen_real))]
use dolmen::model::Deferred;
use dolmen::{Reclaim, model};
use dolmen_models::checker::{Effort, explore, explore_all, reaching};
#[cfg(not(dolmen_real))]
use dolmen_models::maps::ALL_INLINE;
use dolmen_models::maps::{INLINE_FIRST, WIDE_FIRST, Words};
use dolmen_models::scenarios::{self, Scenario};
use dolmen_models::threads::{side_by_side, unmarked};
use dolmen_models::words;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// Values that fit, in full; with the real reclaimer, values that do not fit among them.
fn explore_kinds(scenarios: Vec<Scenario>) {
    #[cfg(not(dolmen_real))]
    explore_all::<Words<Deferred, ALL_INLINE>>(scenarios.clone());
    #[cfg(not(dolmen_loom))]
    explore_all::<Words<Epoch, WIDE_FIRST>>(scenarios);
}

#[test]
fn one_table() {
    explore_kinds(scenarios::one_table());
}

#[test]
fn verbs_against_a_move() {
    explore_kinds(scenarios::verbs_against_a_move());
}

#[test]
fn copiers() {
    explore_kinds(scenarios::copiers());
}

#[test]
fn ends() {
    explore_kinds(scenarios::ends());
}

#[test]
fn iteration() {
    explore_kinds(scenarios::iteration());
}

#[test]
fn claimed_keys() {
    explore_kinds(words::claimed_keys());
}

#[test]
fn full_homes() {
    explore_kinds(words::full_homes());
}

#[test]
fn overflows() {
    explore_kinds(words::overflows());
}

#[test]
fn keys_on_the_side() {
    explore_kinds(words::keys_on_the_side());
}

#[test]
fn widths() {
    #[cfg(not(dolmen_real))]
    explore_all::<Words<Deferred, WIDE_FIRST>>(words::widths());
    #[cfg(not(dolmen_real))]
    explore_all::<Words<Deferred, INLINE_FIRST>>(words::widths());
    #[cfg(not(dolmen_loom))]
    explore_all::<Words<Epoch, INLINE_FIRST>>(words::widths());
}

/// The boxes of values that do not fit, with the real reclaimer: freed, and not under a reader.
#[test]
fn retirement() {
    let boxed = |scenario: &Scenario| scenario.name.starts_with("a replaced node");
    explore_all::<Words<Epoch, WIDE_FIRST>>(
        scenarios::retirement().into_iter().filter(boxed).collect(),
    );
}

/// Threads that add to one value while it is moved: each sees another sum, and nothing is lost. `start` is
/// what is there before, `after` what each thread does when it has added.
fn sums<R: Reclaim + 'static>(
    name: &str,
    preemptions: usize,
    start: u64,
    threads: usize,
    after: fn(&model::Words<R>, usize),
) where
    model::Words<R>: Send + Sync,
{
    const KEY: u64 = 7;
    let body = move || {
        model::begin();
        let map = Arc::new(model::Words::<R>::new(threads));
        map.write(false, KEY, true, |_| Some(Some(start)));
        map.start_resize(2);
        let (shared, seen) = (map.clone(), Arc::new(Mutex::new(BTreeSet::new())));
        let all = seen.clone();
        let plan: Vec<Vec<usize>> = (0..threads).map(|thread| vec![thread]).collect();
        side_by_side(&plan, &unmarked(), move |_, thread| {
            for by in [1, 2] {
                let old = shared.fetch_add(KEY, by).expect("nobody removes it");
                assert!(all.lock().unwrap().insert(old), "two added to one sum");
                after(&shared, thread);
            }
        });
        let sum = start.wrapping_add(3 * threads as u64);
        assert_eq!(map.get(KEY), Some(sum), "an addition was lost");
        map.finish_resize();
        assert_eq!(map.get(KEY), Some(sum), "an addition was lost");
        assert_eq!((map.len(), map.chain().len()), (1, 1));
        drop(Arc::into_inner(map).expect("the threads are gone"));
        model::end();
    };
    let effort = Effort { preemptions, ..Effort::to(0) };
    reaching(name, &[], || explore(name, effort, body));
}

/// The largest value that fits, less one: sums do not fit any more, and fit again when they wrap.
const EDGES: [u64; 3] = [100, (1 << 62) - 2, u64::MAX - 1];

#[test]
fn additions() {
    for start in EDGES {
        #[cfg(not(dolmen_real))]
        sums::<Deferred>(&format!("sums from {start:#x}"), 1, start, 2, |map, thread| {
            if thread == 1 {
                map.move_slot(0, 0);
            }
        });
        #[cfg(not(dolmen_loom))]
        sums::<Epoch>(&format!("sums from {start:#x}, resizing"), 1, start, 4, |map, thread| {
            match thread {
                0 => map.start_resize(2),
                1 => map.help_resize(),
                2 => map.finish_resize(),
                _ => map.move_slot(0, 0),
            }
        });
    }
}
