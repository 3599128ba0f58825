//! Two keys, each thread writing one and asking for the other: the store buffering of maps. That
//! two threads cannot both find the other's key absent rests on the total order of SeqCst accesses,
//! which loom does not know (see `loom_litmus`); so the asking is done by a write here, whose
//! exchange reads the newest word under any model. With plain reads it is a matter for shuttle
//! (`shuttle_two_keys`) and for the argument in `docs/orderings.md`.
#![cfg(dolmen_loom)]

use dolmen::HashMap;
use dolmen::model::{self, Deferred};
use dolmen_models::checker::explore;
use dolmen_models::keys::Placed;
use dolmen_models::scenarios::{A, B};
use std::sync::Arc;

fn not_both(name: &str, resize: bool) {
    explore(name, if resize { 2 } else { 3 }, move || {
        model::begin();
        let map: Arc<HashMap<u64, u64, Placed, Deferred>> = Arc::new(model::new_map(Placed, 2));
        map.start_resize(2);
        if resize {
            map.start_resize(2);
        }
        // Both succeed in one order only of each pair of writes, and the two orders exclude each
        // other.
        let writes = |map: &HashMap<u64, u64, Placed, Deferred>, mine, theirs| {
            map.insert(mine, 1);
            map.try_insert(theirs, 2).is_ok()
        };
        let shared = map.clone();
        let other = loom::thread::spawn(move || writes(&shared, B, A));
        let first = writes(&map, A, B);
        let second = other.join().unwrap();
        assert!(!(first && second), "both found the other's key absent");
    });
}

#[test]
fn not_both_absent() {
    not_both("two keys", false);
    not_both("two keys, resizing", true);
}
