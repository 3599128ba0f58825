//! Two keys, each thread writing one and asking for the other: the store buffering of maps. Not both
//! may find the other's key absent.
//!
//! That rests on the total order of SeqCst accesses, which loom does not know (see `litmus`); so the
//! asking is done by a write there, whose exchange reads the newest word under any model. With plain
//! reads it is a matter for shuttle, for real threads, and for the argument in `docs/orderings.md`.
#![cfg(any(dolmen_loom, dolmen_shuttle, dolmen_real))]

use dolmen::{HashMap, Reclaim, model};
use dolmen_models::checker::{Effort, explore, reaching};
use dolmen_models::keys::Placed;
use dolmen_models::scenarios::{A, B};
use dolmen_models::threads::{side_by_side, unmarked};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

fn not_both<R: Reclaim + 'static>(name: &str, resizing: bool) {
    let effort = Effort::to(if resizing { 2 } else { 3 });
    let body = move || {
        model::begin();
        let map: Arc<HashMap<u64, u64, Placed, R>> = Arc::new(model::new_map(Placed, 2));
        map.start_resize(2);
        if resizing {
            map.start_resize(2);
        }
        let (shared, absent) = (map.clone(), Arc::new(AtomicUsize::new(0)));
        let count = absent.clone();
        side_by_side(&[vec![(A, B)], vec![(B, A)]], &unmarked(), move |_, (mine, theirs)| {
            shared.insert(mine, 1);
            let found = if cfg!(dolmen_loom) {
                shared.try_insert(theirs, 2).is_err()
            } else {
                shared.contains_key(&theirs)
            };
            count.fetch_add(usize::from(!found), SeqCst);
        });
        assert!(absent.load(SeqCst) < 2, "each found the other's key absent");
        drop(map);
        model::end();
    };
    reaching(name, &[], || explore(name, effort, body));
}

/// The example of `docs/orderings.md`, section 3: a thread that has seen MOVED writes in the successor
/// and finds the other key absent; who then wrote that key must not find the first one's old value
/// in the slot that is moved.
#[cfg(not(dolmen_loom))]
#[test]
fn not_absent_and_old() {
    let body = || {
        model::begin();
        let map: Arc<HashMap<u64, u64, Placed, dolmen::Epoch>> =
            Arc::new(model::new_map(Placed, 3));
        map.insert(A, 1);
        map.start_resize(2);
        let (shared, wrong) = (map.clone(), Arc::new(AtomicUsize::new(0)));
        let count = wrong.clone();
        side_by_side(&[vec![0], vec![1], vec![2]], &unmarked(), move |_, thread| {
            let stale = match thread {
                0 => return shared.move_slot(0, 0),
                1 => {
                    shared.insert(A, 2);
                    !shared.contains_key(&B)
                }
                _ => {
                    shared.insert(B, 1);
                    shared.get(&A).is_none_or(|value| *value == 1)
                }
            };
            count.fetch_add(usize::from(stale), SeqCst);
        });
        assert!(wrong.load(SeqCst) < 2, "one found a key absent, and the other an older value");
        drop(map);
        model::end();
    };
    let name = "two keys, one of them moving";
    reaching(name, &[], || explore(name, Effort::to(0), body));
}

#[test]
fn not_both_absent() {
    #[cfg(not(dolmen_real))]
    {
        not_both::<model::Deferred>("two keys", false);
        not_both::<model::Deferred>("two keys, resizing", true);
    }
    #[cfg(not(dolmen_loom))]
    {
        not_both::<dolmen::Epoch>("two keys, epochs", false);
        not_both::<dolmen::Epoch>("two keys, resizing, epochs", true);
    }
}
