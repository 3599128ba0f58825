//! From the user's hash to an ident.

use crate::raw::Ident;
use core::hash::{BuildHasher, Hash};

/// The hasher of a map that names none: foldhash, seeded at random per map.
///
/// Fast, and not open to a list of keys made in advance to collide. For keys chosen by an attacker
/// who can watch the map's timing, use [`std::hash::RandomState`].
///
/// ```
/// use dolmen::HashMap;
/// use std::hash::RandomState;
///
/// let hardened: HashMap<String, u64, RandomState> = HashMap::default();
/// assert!(hardened.is_empty());
/// ```
pub type DefaultHashBuilder = foldhash::fast::RandomState;

/// The ident of a key. This is the only place where `Hash` runs, before anything else happens.
#[inline(always)]
pub(super) fn ident_of<Q: Hash + ?Sized>(hasher: &impl BuildHasher, key: &Q) -> Ident {
    Ident::new(mix(hasher.hash_one(key)))
}

/// A bijection of 64 bits that spreads every bit over the tag (the top) and the home (the bottom),
/// so that identity hashers and hashers that vary only high or only low bits do well.
#[inline(always)]
pub(crate) fn mix(hash: u64) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let folded = (hash ^ hash >> 32).wrapping_mul(ODD);
    folded ^ folded >> 32
}

/// Undoes `mix`: what a bijection has. The models and the fuzzer choose idents by it.
#[cfg(any(test, dolmen_loom, dolmen_shuttle, dolmen_real, dolmen_fuzz))]
pub(crate) fn unmix(mixed: u64) -> u64 {
    const INVERSE: u64 = 0xf1de_83e1_9937_733d;
    let folded = (mixed ^ mixed >> 32).wrapping_mul(INVERSE);
    folded ^ folded >> 32
}

#[cfg(all(test, not(any(dolmen_loom, dolmen_shuttle))))]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_mix_loses_nothing() {
        for i in 0..64 {
            for hash in [1u64 << i, (1 << i) - 1, !0 >> i, 0x1234_5678_9abc_def0u64.rotate_left(i)]
            {
                assert_eq!(unmix(mix(hash)), hash);
            }
        }
    }

    #[test]
    fn homes_and_tags_spread_whichever_bits_vary() {
        for shift in [0, 3, 16, 32, 48] {
            let mixed: Vec<_> = (0..4096u64).map(|i| mix(i << shift)).collect();
            let homes: HashSet<_> = mixed.iter().map(|m| m >> 3 & 511).collect();
            let tags: HashSet<_> = mixed.iter().map(|m| m >> 48).collect();
            assert!(homes.len() > 400, "{} of 512 homes for shift {shift}", homes.len());
            assert!(tags.len() > 3000, "{} tags of 4096 for shift {shift}", tags.len());
        }
    }
}
