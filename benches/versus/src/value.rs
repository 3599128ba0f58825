//! Values, by their size; and counters.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A value of some words, or a counter.
pub trait Value: Clone + Send + Sync + 'static {
    const BYTES: usize;

    fn of(number: u64) -> Self;

    /// Reads all of it.
    fn read(&self) -> u64;

    /// What whoever looked it up does with it: reads all of it, as a user of the value would.
    fn visit(&self) -> u64 {
        self.read()
    }

    /// What a read-modify-write makes of it.
    fn bump(&mut self);

    fn bumped(&self) -> Self {
        let mut bumped = self.clone();
        bumped.bump();
        bumped
    }
}

impl<const WORDS: usize> Value for [u64; WORDS] {
    const BYTES: usize = WORDS * 8;

    fn of(number: u64) -> Self {
        [number; WORDS]
    }

    fn read(&self) -> u64 {
        self.iter().fold(0, |sum, word| sum.wrapping_add(*word))
    }

    fn bump(&mut self) {
        self.iter_mut().for_each(|word| *word = word.wrapping_add(1));
    }
}

/// A counter that threads share: whoever looks it up adds one. So a lookup in a map of counters is
/// what users write to count, `get` and `fetch_add`, and the map itself is only read.
pub struct Counter(AtomicU64);

impl Value for Counter {
    const BYTES: usize = 8;

    fn of(number: u64) -> Self {
        Counter(AtomicU64::new(number))
    }

    fn read(&self) -> u64 {
        self.0.load(Relaxed)
    }

    fn visit(&self) -> u64 {
        self.0.fetch_add(1, Relaxed)
    }

    fn bump(&mut self) {
        *self.0.get_mut() += 1;
    }
}

impl Clone for Counter {
    fn clone(&self) -> Self {
        Counter::of(self.read())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_and_bumped() {
        assert_eq!(<[u64; 2]>::of(3).bumped().read(), 8);
        assert_eq!(<[u64; 32]>::BYTES, 256);
    }

    #[test]
    fn a_visit_counts_and_a_read_does_not() {
        let counter = Counter::of(3);
        assert_eq!((counter.visit(), counter.read(), counter.read()), (3, 4, 4));
        assert_eq!(counter.bumped().read(), 5);
        let value = [5u64];
        assert_eq!((value.visit(), value.read()), (5, 5));
    }
}
