//! Values, by their size.

/// A value of some words. A read looks at all of them, as a user of the value would.
pub trait Value: Copy + Send + Sync + 'static {
    const BYTES: usize;

    fn of(number: u64) -> Self;

    /// Reads all of it.
    fn read(&self) -> u64;

    /// What a read-modify-write makes of it.
    fn bump(&mut self);

    fn bumped(mut self) -> Self {
        self.bump();
        self
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_and_bumped() {
        assert_eq!(<[u64; 2]>::of(3).bumped().read(), 8);
        assert_eq!(<[u64; 32]>::BYTES, 256);
    }
}
