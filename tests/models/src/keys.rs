//! Keys that say where they go: so a model decides which keys meet in a slot, a group or a word.

use std::hash::{BuildHasher, Hasher};

/// A key whose walk begins at group `home`, with a tag of its own. Keys that differ in nothing but
/// `twin` have the same ident: they share a slot.
pub const fn key(home: u64, tag: u64, twin: u64) -> u64 {
    home << 16 | tag << 8 | twin
}

/// Keys that words make special: mixed, they are all zeroes, all ones, and the first one more than
/// nothing. To nodes they are keys like others.
pub const ZERO: u64 = key(0, 0xf0, 0);
pub const ONES: u64 = key(0, 0xf1, 0);
pub const ONE: u64 = key(0, 0xf2, 0);

/// The hasher that reads such keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct Placed;

/// See [`Placed`].
#[derive(Debug, Default)]
pub struct PlacedHasher(u64);

impl BuildHasher for Placed {
    type Hasher = PlacedHasher;

    fn build_hasher(&self) -> PlacedHasher {
        PlacedHasher(0)
    }
}

impl Hasher for PlacedHasher {
    fn finish(&self) -> u64 {
        let (home, tag) = (self.0 >> 16, self.0 >> 8 & 0xff);
        // Clear of the lowest bits of the library's tag, one of which it always sets.
        let ident = (tag + 1) << 50 | home << 3;
        #[cfg(any(dolmen_loom, dolmen_shuttle, dolmen_real))]
        let ident = dolmen::model::hash_for(ident);
        ident
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("keys are u64");
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}
