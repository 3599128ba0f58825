//! From the bits of a key to those that the map keeps, and back.

use core::fmt;
use core::hash::BuildHasher;

/// A bijection of 64 bits, by which a map spreads its keys. Sealed: what a map keeps of a key is what
/// the bijection makes of it, and the key is recovered by the inverse.
///
/// [`RandomMix`] is the default; [`FixedMix`] gives the same order in every run.
pub trait Mix: sealed::Sealed + Clone + Send + Sync {
    /// What becomes of these bits: different ones of different bits.
    ///
    /// ```
    /// use dolmen::words::{FixedMix, Mix};
    ///
    /// let mix = FixedMix::new(7);
    /// assert_ne!(mix.mix(1), mix.mix(2));
    /// ```
    fn mix(&self, bits: u64) -> u64;

    /// Which bits that was made of.
    ///
    /// ```
    /// use dolmen::words::{FixedMix, Mix};
    ///
    /// let mix = FixedMix::new(7);
    /// assert_eq!(mix.unmix(mix.mix(1)), 1);
    /// ```
    fn unmix(&self, mixed: u64) -> u64;
}

/// The mix of a map that names none, seeded at random for each map.
///
/// It takes two multiplications, a third of what a good hash takes. A list of keys made in advance
/// does not make maps slow, and neither do keys in the usual regular patterns. But it is no cryptographic
/// hash: somebody who chooses keys *and* sees how long calls take, or in which order a map iterates,
/// can work the seed out, and then choose keys that all begin in one group. The map stays correct, and its
/// calls get as slow as there are such keys. Where that may be tried, use
/// [`HashMap`](crate::HashMap) with [`std::hash::RandomState`].
///
/// ```
/// use dolmen::words::{Mix, RandomMix};
///
/// let (a, b) = (RandomMix::default(), RandomMix::default());
/// assert_ne!(a.mix(1), b.mix(1));
/// ```
#[derive(Clone, Copy)]
pub struct RandomMix(Steps);

/// A mix by a seed that the caller knows: for a map in a `static`, and for the same order in every run.
///
/// Who knows the seed, and so whoever reads the program, can choose keys that make the map slow: see
/// [`RandomMix`].
///
/// ```
/// use dolmen::WordMap;
/// use dolmen::words::FixedMix;
///
/// static HITS: WordMap<u32, u64, FixedMix> = WordMap::with_mix(FixedMix::new(7));
///
/// HITS.fetch_add_or(404, 1, 0);
/// assert_eq!(HITS.get(404), Some(1));
/// ```
#[derive(Clone, Copy)]
pub struct FixedMix(Steps);

mod sealed {
    pub trait Sealed {}
}

impl Default for RandomMix {
    fn default() -> Self {
        RandomMix(Steps::new(foldhash::fast::RandomState::default().hash_one(0)))
    }
}

impl FixedMix {
    /// The mix that this seed gives.
    ///
    /// ```
    /// use dolmen::words::{FixedMix, Mix};
    ///
    /// assert_eq!(FixedMix::new(7).mix(1), FixedMix::new(7).mix(1));
    /// assert_ne!(FixedMix::new(7).mix(1), FixedMix::new(8).mix(1));
    /// ```
    pub const fn new(seed: u64) -> Self {
        FixedMix(Steps::new(seed))
    }
}

impl Default for FixedMix {
    /// The mix of seed 0.
    fn default() -> Self {
        FixedMix::new(0)
    }
}

macro_rules! mixes {
    ($($Mix:ident),+) => {$(
        impl sealed::Sealed for $Mix {}

        impl Mix for $Mix {
            #[inline(always)]
            fn mix(&self, bits: u64) -> u64 {
                self.0.forth(bits)
            }

            #[inline(always)]
            fn unmix(&self, mixed: u64) -> u64 {
                self.0.back(mixed)
            }
        }

        impl fmt::Debug for $Mix {
            /// Without the seed, which is nobody's business.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Mix)).finish_non_exhaustive()
            }
        }
    )+};
}
mixes!(RandomMix, FixedMix);

/// Folding, which brings the top down, and multiplying, which carries each bit upward, in turn: the upper
/// half chooses a group, and no bits of a key may leave it alone. Without the first folding, keys that
/// differ in their top bits alone would share few groups; not by half a word, or keys with the same in both halves, as
/// pairs often are, would lose one. A last one would serve the lower half, which need not be
/// as good: it tells the keys of a group apart.
///
/// One word of seed is all, and one factor: each call reads it anew, and beyond the caches it is how much a call
/// does, whatever that is, that limits how many calls a processor has under way.
#[derive(Clone, Copy)]
struct Steps {
    factor: u64,
    inverse: u64,
}

const HALF: u32 = 32;
/// Less than half a word, and twice that less than a word.
const LESS: u32 = 29;

impl Steps {
    const fn new(seed: u64) -> Self {
        // Not of 0, for any seed that somebody might think of: of that comes a factor with two bits.
        let factor = scramble(seed ^ 0x243f_6a88_85a3_08d3) | 1;
        Steps { factor, inverse: inverse(factor) }
    }

    #[inline(always)]
    fn forth(&self, bits: u64) -> u64 {
        let factor = self.factor;
        let key = bits ^ factor;
        fold((key ^ key >> LESS).wrapping_mul(factor)).wrapping_mul(factor)
    }

    #[inline(always)]
    fn back(&self, mixed: u64) -> u64 {
        let first = fold(mixed.wrapping_mul(self.inverse));
        let key = first.wrapping_mul(self.inverse);
        key ^ key >> LESS ^ key >> (2 * LESS) ^ self.factor
    }
}

/// Its own inverse.
#[inline(always)]
fn fold(bits: u64) -> u64 {
    bits ^ bits >> HALF
}

/// Spreads a seed (the last steps of SplitMix64).
const fn scramble(seed: u64) -> u64 {
    let z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// The inverse of an odd number modulo 2^64, by Newton: each step doubles the bits that are right, and
/// an odd number is its own inverse in three.
const fn inverse(odd: u64) -> u64 {
    let mut inverse = odd;
    let mut right = 3;
    while right < 64 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse)));
        right *= 2;
    }
    inverse
}

#[cfg(all(test, not(any(dolmen_loom, dolmen_shuttle))))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    proptest! {
        #[test]
        fn the_mix_loses_nothing(seed: u64, bits: u64) {
            let mix = FixedMix::new(seed);
            prop_assert_eq!(mix.unmix(mix.mix(bits)), bits);
            prop_assert_eq!(mix.mix(mix.unmix(bits)), bits);
        }
    }

    #[test]
    fn keys_spread_whichever_of_their_bits_vary() {
        for seed in (0..8).chain([u64::MAX, u64::MAX - 1, u64::MAX - 2, 1 << 63]) {
            let mix = FixedMix::new(seed);
            assert!((1..u64::MAX).contains(&mix.mix(0)), "0 is an ordinary key");
            for shift in [0, 3, 8, 16, 24, 32, 40, 48, 52] {
                let mixed: Vec<_> = (0..4096u64).map(|i| mix.mix(i << shift)).collect();
                // The bits that choose a group, from the lowest, and in larger tables.
                for part in [32, 36, 41, 47, 52] {
                    let seen: HashSet<_> = mixed.iter().map(|m| m >> part & 4095).collect();
                    // Of so many drawn at random, 63 % are different.
                    let count = seen.len();
                    assert!(count > 2400, "{count} for seed {seed}, shift {shift}, bit {part}");
                }
                // And those that tell the keys of a group apart.
                let seen: HashSet<_> = mixed.iter().map(|m| *m as u32).collect();
                assert!(seen.len() > 4050, "{} for seed {seed}, shift {shift}", seen.len());
            }
        }
    }

    /// What is said of how full groups get, of keys whose parts depend on each other.
    #[test]
    fn keys_of_two_parts_fill_groups_as_any_others() {
        const GROUPS: usize = 2048;
        let patterns: [fn(u64) -> u64; 8] = [
            |i| i << 32 | i,
            |i| i << 32 | (i + 1),
            |i| i << 32 | (!i & 0xffff_ffff),
            |i| (i << 32 | i) << 19,
            |i| i << 16 | i,
            |i| i << 48 | i,
            |i| i.reverse_bits(),
            |i| (i as f64).to_bits(),
        ];
        for seed in 0..100 {
            let mix = FixedMix::new(seed);
            for (nth, pattern) in patterns.into_iter().enumerate() {
                let mut groups = vec![0; GROUPS];
                for i in 0..7000 {
                    groups[(mix.mix(pattern(i)) >> HALF) as usize % GROUPS] += 1usize;
                }
                // Of keys drawn at random, 15 % are beyond four in their group.
                let beyond: usize = groups.iter().map(|keys| keys.saturating_sub(4)).sum();
                assert!(beyond < 1250, "{beyond} for seed {seed}, pattern {nth}");
            }
        }
    }

    #[test]
    fn each_bit_of_a_key_changes_every_bit_of_its_place_sometimes() {
        let mix = RandomMix::default();
        for bit in 0..64 {
            let changed = (0..512u64).map(|n| {
                let bits = n.wrapping_mul(0x1234_5678_9abc_def1);
                (mix.mix(bits) ^ mix.mix(bits ^ 1 << bit)) >> HALF
            });
            let (ever, always) = changed.fold((0, !0), |(or, and), bits| (or | bits, and & bits));
            assert_eq!((ever, always), (u64::from(u32::MAX), 0), "bit {bit}");
        }
    }
}
