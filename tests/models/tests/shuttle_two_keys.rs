//! Two keys, each thread writing one and reading the other: not both may be absent. Here every
//! access is sequentially consistent, as the library's are; that it is not weaker is argued in
//! `docs/orderings.md`.
#![cfg(dolmen_shuttle)]

use dolmen::HashMap;
use dolmen::model::{self, Deferred};
use dolmen_models::checker::{explore, spawn};
use dolmen_models::keys::Placed;
use dolmen_models::scenarios::{A, B};
use std::sync::Arc;

#[test]
fn not_both_absent() {
    for resizing in [false, true] {
        explore(&format!("two keys, resizing: {resizing}"), 2000, move || {
            model::begin();
            let map: Arc<HashMap<u64, u64, Placed, Deferred>> = Arc::new(model::new_map(Placed, 3));
            map.start_resize(2);
            if resizing {
                map.start_resize(2);
            }
            let write_then_read = |mine, theirs| {
                let map = map.clone();
                spawn(move || {
                    map.insert(mine, 1);
                    map.contains_key(&theirs)
                })
            };
            let (one, other) = (write_then_read(A, B), write_then_read(B, A));
            let (one, other) = (one.join().unwrap(), other.join().unwrap());
            assert!(one || other, "each found the other's key absent");
        });
    }
}
