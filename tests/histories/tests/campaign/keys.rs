//! Keys whose comparison may give way to another thread, and hashers that send them to bad places.

use dolmen::{DefaultHashBuilder, Equivalent};
use std::cell::Cell;
use std::hash::{BuildHasher, Hash, Hasher};

thread_local! {
    static STEPS: Cell<u32> = const { Cell::new(0x9e37_79b9) };
}

/// Lets another thread run, once in so many times. In user code that a call runs between its load
/// and its exchange, this is the preemption that is worth the most.
#[inline(always)]
pub fn pause(one_in: u32) {
    let mut x = STEPS.get();
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    STEPS.set(x);
    if x.is_multiple_of(one_in) {
        std::thread::yield_now();
    }
}

/// A key, by its number.
#[derive(Clone, Copy, Debug)]
pub struct Key(pub u32);

impl PartialEq for Key {
    #[inline]
    fn eq(&self, other: &Key) -> bool {
        pause(4096);
        self.0 == other.0
    }
}

impl Eq for Key {}

impl Hash for Key {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(u64::from(self.0));
    }
}

/// An element of a set: equal by key, told apart by what wrote it.
#[derive(Clone, Copy, Debug)]
pub struct Element {
    pub key: Key,
    pub id: u64,
}

impl PartialEq for Element {
    fn eq(&self, other: &Element) -> bool {
        self.key == other.key
    }
}

impl Eq for Element {}

impl Hash for Element {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl Equivalent<Element> for Key {
    fn equivalent(&self, element: &Element) -> bool {
        *self == element.key
    }
}

/// All hashers in one type, so that the verbs are compiled once for each reclaimer.
#[derive(Clone, Debug)]
pub enum Hashing {
    /// The library's own.
    Default(DefaultHashBuilder),
    /// The key's number.
    Identity,
    /// Every key has the hash of every other: one word holds them all.
    Constant,
    /// Six low bits that differ, the rest zero.
    Low,
    /// Twelve high bits that differ, the rest zero.
    High,
}

pub enum AnyHasher {
    Default(<DefaultHashBuilder as BuildHasher>::Hasher),
    /// The hash, and what is left of the key in it.
    Plain(u64, fn(u64) -> u64),
}

impl Hashing {
    pub fn nth(n: usize) -> Hashing {
        match n {
            0 => Hashing::Default(DefaultHashBuilder::default()),
            1 => Hashing::Identity,
            2 => Hashing::Constant,
            3 => Hashing::Low,
            _ => Hashing::High,
        }
    }

    pub fn name(&self) -> &'static str {
        match self {
            Hashing::Default(_) => "default",
            Hashing::Identity => "identity",
            Hashing::Constant => "constant",
            Hashing::Low => "low",
            Hashing::High => "high",
        }
    }

    /// More keys than these make lists so long that little else would be done.
    pub fn most_keys(&self) -> usize {
        match self {
            Hashing::Constant => 16,
            Hashing::Low => 512,
            _ => 4096,
        }
    }
}

impl BuildHasher for Hashing {
    type Hasher = AnyHasher;

    #[inline]
    fn build_hasher(&self) -> AnyHasher {
        match self {
            Hashing::Default(hasher) => AnyHasher::Default(hasher.build_hasher()),
            Hashing::Identity => AnyHasher::Plain(0, |key| key),
            Hashing::Constant => AnyHasher::Plain(0, |_| 0x5bd1_e995),
            Hashing::Low => AnyHasher::Plain(0, |key| key & 63),
            Hashing::High => AnyHasher::Plain(0, |key| key << 52),
        }
    }
}

impl Hasher for AnyHasher {
    #[inline]
    fn finish(&self) -> u64 {
        match self {
            AnyHasher::Default(hasher) => hasher.finish(),
            AnyHasher::Plain(key, hash) => hash(*key),
        }
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("keys are numbers");
    }

    #[inline]
    fn write_u64(&mut self, key: u64) {
        match self {
            AnyHasher::Default(hasher) => hasher.write_u64(key),
            AnyHasher::Plain(to, _) => *to = key,
        }
    }
}
