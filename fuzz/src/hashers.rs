//! Hashers, good and bad, chosen at run time: one type, so that each target is compiled once for a
//! reclaimer.

use crate::fuse::{Code, tick};
use dolmen::fuzz::hash_for;
use std::hash::{BuildHasher, Hasher};

/// How keys are hashed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hashing {
    /// As by default, but for the seed.
    #[default]
    Mixed,
    /// A key is its own hash.
    Identity,
    /// All keys share an ident.
    Constant,
    /// Only low bits of the hash vary.
    Low,
    /// Only high bits of the hash vary.
    High,
    /// Two keys to an ident.
    Pairs,
    /// Four idents.
    Four,
    /// Idents with one tag.
    OneTag,
    /// Idents with one home, whatever the table's size.
    OneHome,
    /// Idents with one tag and one home: only nodes tell them apart.
    Alike,
}

impl Hashing {
    pub const ALL: [Hashing; 10] = [
        Hashing::Mixed,
        Hashing::Identity,
        Hashing::Constant,
        Hashing::Low,
        Hashing::High,
        Hashing::Pairs,
        Hashing::Four,
        Hashing::OneTag,
        Hashing::OneHome,
        Hashing::Alike,
    ];

    /// How many keys are bearable: where many share an ident or a home, calls are linear in them.
    pub fn most_keys(self) -> usize {
        match self {
            Hashing::Constant => 40,
            Hashing::Four | Hashing::Low | Hashing::High => 120,
            Hashing::OneHome | Hashing::Alike => 200,
            _ => 1500,
        }
    }

    fn hash(self, n: u64) -> u64 {
        match self {
            Hashing::Mixed => foldhash::fast::FixedState::default().hash_one(n),
            Hashing::Identity => n,
            Hashing::Constant => 42,
            Hashing::Low => n & 31,
            Hashing::High => n << 59,
            Hashing::Pairs => n / 2,
            Hashing::Four => n % 4,
            Hashing::OneTag => hash_for(0x1235 << 48 | n << 3),
            Hashing::OneHome => hash_for(n << 49 | n >> 15 << 40),
            Hashing::Alike => hash_for(0x1235 << 48 | n << 32),
        }
    }
}

impl BuildHasher for Hashing {
    type Hasher = Hashed;

    fn build_hasher(&self) -> Hashed {
        Hashed { hashing: *self, number: 0 }
    }
}

/// A number that is being hashed.
pub struct Hashed {
    hashing: Hashing,
    number: u64,
}

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        tick(Code::Hash);
        self.hashing.hash(self.number)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.number = (self.number ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    fn write_u16(&mut self, n: u16) {
        self.number = n.into();
    }

    fn write_u64(&mut self, n: u64) {
        self.number = n;
    }
}
