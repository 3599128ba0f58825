//! Everything that may free what a forgotten guard keeps.

use crate::common::{Identity, Ledger, Tracked};
use dolmen::HashMap;
use std::sync::Arc;
use std::thread;

pub type Map = HashMap<Tracked, Tracked, Identity>;

/// Writes, resizes and frees in several new threads, which take whatever participant they find. Keys
/// below 1000 are left alone.
pub fn churn(map: &Map, ledger: &Arc<Ledger>) {
    thread::scope(|scope| {
        for t in 0..4 {
            scope.spawn(move || {
                for n in 0..300 {
                    let n = 1000 + (n + 50 * t) % 400;
                    map.insert(ledger.track(n), ledger.track(n));
                    assert!(map.get(&n).is_none_or(|v| v.read() == n));
                    map.remove(&(n + 7));
                    if n % 100 == 0 {
                        // Not by what there is: threads that see each other's room would double it
                        // again and again, and then none of them ends for a minute.
                        map.reserve(1_000);
                        map.flush();
                        map.shrink_to_fit();
                    }
                }
            });
        }
    });
    map.retain(|k, _| k.read() < 1000);
    map.flush();
}
