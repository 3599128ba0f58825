//! Keys and values for two threads: each was dropped once in the end, and none was read after.

use crate::fuse::{Code, tick};
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering::SeqCst};

/// Who was made and who was dropped, by number.
pub struct Ledger {
    next: AtomicUsize,
    drops: Vec<AtomicU8>,
    late: AtomicBool,
}

/// More than any run makes.
const ROOM: usize = 6000;

impl Ledger {
    pub fn new() -> Arc<Self> {
        let drops = (0..ROOM).map(|_| AtomicU8::new(0)).collect();
        Arc::new(Ledger { next: AtomicUsize::new(0), drops, late: AtomicBool::new(false) })
    }

    fn make(self: &Arc<Self>) -> Life {
        let number = self.next.fetch_add(1, SeqCst);
        assert!(number < ROOM, "the ledger is too small");
        Life { number: Box::new(number as u32), ledger: self.clone() }
    }

    pub fn key(self: &Arc<Self>, id: u16) -> Key {
        Key { id, life: self.make() }
    }

    /// A value, with a number of its own.
    pub fn value(self: &Arc<Self>) -> Value {
        Value { life: self.make(), equals: None }
    }

    /// A value that equals the one with this number.
    pub fn equal_to(self: &Arc<Self>, number: u32) -> Value {
        Value { life: self.make(), equals: Some(number) }
    }

    /// All were dropped, once.
    pub fn check(&self) {
        assert!(!self.late.load(SeqCst), "something was read after its drop");
        for (number, drops) in self.drops[..self.next.load(SeqCst)].iter().enumerate() {
            assert_eq!(drops.load(SeqCst), 1, "drops of {number}");
        }
    }
}

/// On the heap, where AddressSanitizer watches it.
struct Life {
    number: Box<u32>,
    ledger: Arc<Ledger>,
}

impl Life {
    fn number(&self) -> u32 {
        if self.ledger.drops[*self.number as usize].load(SeqCst) != 0 {
            self.ledger.late.store(true, SeqCst);
        }
        *self.number
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.ledger.drops[*self.number as usize].fetch_add(1, SeqCst);
        tick(Code::Drop);
    }
}

pub struct Key {
    id: u16,
    life: Life,
}

impl Key {
    pub fn id(&self) -> u16 {
        self.life.number();
        self.id
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        tick(Code::Eq);
        self.id() == other.id()
    }
}

impl Eq for Key {}

pub struct Value {
    life: Life,
    equals: Option<u32>,
}

impl Value {
    pub fn number(&self) -> u32 {
        self.life.number()
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        tick(Code::Eq);
        let number = |value: &Value| value.equals.unwrap_or(value.number());
        number(self) == number(other)
    }
}

/// Looks a [`Key`] up by its number.
#[derive(Clone, Copy, Hash)]
pub struct Id(pub u16);

impl dolmen::Equivalent<Key> for Id {
    fn equivalent(&self, key: &Key) -> bool {
        tick(Code::Eq);
        self.0 == key.id()
    }
}
