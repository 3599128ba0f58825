//! What the fuzzer (`fuzz`) needs of the inside: nothing here exists in ordinary builds, and nothing
//! in it is covered by any promise.
#![allow(missing_docs)]

pub use crate::raw::fuzz::{
    Bed, Content, EMPTY, Found, OF_NODES, OF_WORDS, Parts, SEALED, Sizes, frozen, live, moved,
    parts, scan, thawed, tomb,
};

/// The hash for which a map takes `ident` (but for its 3 low bits, and bit 48, which is always set).
pub fn hash_for(ident: u64) -> u64 {
    crate::map::hash::unmix(ident)
}

/// What a map makes of the hash `hash`.
pub fn ident_for(hash: u64) -> u64 {
    crate::map::hash::mix(hash)
}
