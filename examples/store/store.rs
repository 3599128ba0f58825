//! The store: words to credits.

use dolmen::{HashMap, Operation, Stats};

/// A credit, sealed to its word: what was torn, freed or stored under another key does not fit.
#[derive(Clone, Copy)]
pub struct Value {
    credit: u64,
    seal: u64,
}

impl Value {
    pub fn new(word: u32, credit: u64) -> Self {
        Value { credit, seal: seal(word, credit) }
    }

    /// The credit, if this is a value of the word's.
    pub fn open(self, word: u32) -> Option<u64> {
        (self.seal == seal(word, self.credit)).then_some(self.credit)
    }

    /// One more. A broken seal stays broken.
    fn plus_one(self, word: u32) -> Self {
        let reseal = seal(word, self.credit) ^ seal(word, self.credit + 1);
        Value { credit: self.credit + 1, seal: self.seal ^ reseal }
    }
}

fn seal(word: u32, credit: u64) -> u64 {
    (credit ^ u64::from(word) << 40 ^ 0x5ea1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// A word: how it is written, and its number, to which values are sealed.
#[derive(Clone, Copy)]
pub struct Word<'w> {
    pub name: &'w str,
    pub number: u32,
}

/// The map as the load uses it.
#[derive(Default)]
pub struct Store {
    map: HashMap<String, Value>,
}

impl Store {
    /// Stores a credit; returns what it replaced.
    pub fn put(&self, word: Word, credit: u64) -> Option<Value> {
        self.map.insert(word.name.to_string(), Value::new(word.number, credit)).map(|old| *old)
    }

    pub fn get(&self, word: &str) -> Option<Value> {
        self.map.get(word).map(|value| *value)
    }

    /// Adds one to a word that is present; returns the new value.
    pub fn update(&self, word: Word) -> Option<Value> {
        self.map
            .update(word.name.to_string(), |_, value| value.plus_one(word.number))
            .map(|new| *new)
    }

    /// Removes a word; returns what it had.
    pub fn delete(&self, word: &str) -> Option<Value> {
        self.map.remove(word).map(|old| *old)
    }

    /// Counts one occurrence.
    pub fn count(&self, word: Word) {
        self.map.compute(word.name.to_string(), |entry| match entry {
            Some((_, value)) => Operation::<_>::Insert(value.plus_one(word.number)),
            None => Operation::Insert(Value::new(word.number, 1)),
        });
    }

    /// Calls `f` on every entry.
    pub fn for_each(&self, mut f: impl FnMut(&str, Value)) {
        let pinned = self.map.pin();
        for (word, value) in &pinned {
            f(word, *value);
        }
    }

    pub fn len(&self) -> usize {
        self.map.len()
    }

    pub fn stats(&self) -> Stats {
        self.map.stats()
    }
}
