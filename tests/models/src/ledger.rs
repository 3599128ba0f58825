//! Values that are counted in and out.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

/// Knows every value that was made.
#[derive(Debug, Default)]
pub struct Ledger {
    /// By serial number: the value's id, and how often it was dropped.
    entries: Mutex<Vec<(u64, usize)>>,
}

/// A value of a map under test.
#[derive(Debug)]
pub struct Value {
    id: u64,
    serial: usize,
    alive: AtomicBool,
    ledger: Arc<Ledger>,
}

impl Ledger {
    pub fn make(self: &Arc<Self>, id: u64) -> Value {
        let mut entries = self.entries.lock().unwrap();
        entries.push((id, 0));
        let serial = entries.len() - 1;
        Value { id, serial, alive: AtomicBool::new(true), ledger: self.clone() }
    }

    /// Panics unless every value was dropped exactly once.
    pub fn balance(&self) {
        for (serial, (id, drops)) in self.entries.lock().unwrap().iter().enumerate() {
            assert_eq!(*drops, 1, "value {id} (no. {serial}) was dropped {drops} times");
        }
    }
}

impl Value {
    /// The id; panics if the value has been dropped (its memory is quarantined).
    pub fn id(&self) -> u64 {
        assert!(self.alive.load(SeqCst), "read after drop");
        self.id
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        self.alive.store(false, SeqCst);
        let drops = {
            let mut entries = self.ledger.entries.lock().unwrap();
            entries[self.serial].1 += 1;
            entries[self.serial].1
        };
        assert_eq!(drops, 1, "value {} was dropped twice", self.id);
    }
}
