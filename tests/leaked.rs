//! A reference that is leaked. Alone in its process: any other pin that stays would keep what this one
//! should.

#[path = "common/churn.rs"]
mod churn;
mod common;

use churn::{Map, churn};
use common::{Ledger, Tracked};
use std::sync::{Mutex, OnceLock};
use std::thread;

/// A leaked reference stays good after its thread has exited, and no later thread unpins it: its
/// participant is never used again.
#[test]
fn a_leaked_reference_stays_good() {
    static MAP: OnceLock<Map> = OnceLock::new();
    /// Keeps what is leaked on purpose reachable, for leak checkers.
    static LEAKED: Mutex<Vec<usize>> = Mutex::new(Vec::new());
    let ledger = Ledger::new(100_000);
    let map = MAP.get_or_init(Map::default);
    for round in 0..20 {
        map.insert(ledger.track(round), ledger.track(round));
        let leak = move || -> &'static Tracked {
            let leaked = Box::leak(Box::new(map.get(&round).expect("it was inserted")));
            LEAKED.lock().unwrap().push(std::ptr::from_ref(leaked).addr());
            leaked.value()
        };
        let value = thread::spawn(leak).join().unwrap();
        map.remove(&round);
        churn(map, &ledger);
        assert_eq!(value.read(), round);
    }
    assert!(map.is_empty());
    ledger.assert_sane();
}
