//! A group: the four slots of one cache line, the upper halves of whose keys are compared at once.
//!
//! The scan only proposes: what it says is at a place is loaded again, and what it passes over is not the
//! key's. The lower halves begin with what the keys of a group have in common.

use super::super::group::Positions;
use super::PAIRS;
use super::slot::Pair;
use super::word::Pattern;

const VECTOR: bool = cfg!(all(
    target_arch = "x86_64",
    not(any(dolmen_loom, dolmen_shuttle, dolmen_real, dolmen_scalar, miri))
));
/// Groups that are scanned at once where a walk goes on, in a table that fills up: whether each has an end
/// is as good as random, so a branch for each would be mispredicted. Without vectors that is cheaper than
/// to look at more; the models do it where that costs them no schedules.
pub(super) const AHEAD: usize = match VECTOR {
    true => 4,
    false if cfg!(any(dolmen_shuttle, dolmen_real)) => 2,
    false => 1,
};

/// The upper halves of a group's key words, as they were seen.
#[derive(Clone, Copy)]
pub(super) struct Keys(imp::Keys);

impl Keys {
    #[inline(always)]
    pub(super) fn load(group: &[Pair; PAIRS]) -> Self {
        Keys(imp::load(group))
    }

    /// Where this key word may be: nowhere else.
    #[inline(always)]
    pub(super) fn matching(&self, pattern: Pattern) -> Positions {
        Positions::of(imp::matching(&self.0, pattern.into_raw()))
    }

    /// Where this key word may be, in some groups: nowhere else.
    #[inline(always)]
    pub(super) fn matching_in<const N: usize>(groups: [Keys; N], pattern: Pattern) -> Places {
        Places(imp::matching_in(groups.map(|keys| keys.0), pattern.into_raw()))
    }

    /// Where there may be no key, in some groups: everywhere else there is.
    #[inline(always)]
    pub(super) fn ends<const N: usize>(groups: [Keys; N]) -> Places {
        Places(imp::ends(groups.map(|keys| keys.0)))
    }
}

/// Places in groups, numbered through them: two bits for each.
pub(super) struct Places(u32);

impl Iterator for Places {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let place = self.0.trailing_zeros() as usize / 2;
        self.0 &= !(0b11 << (2 * place));
        Some(place)
    }
}

/// A bit for each slot that is VIRGIN, below `bits`.
#[inline(always)]
pub(super) fn virgin(group: &[Pair; PAIRS], bits: u64) -> u64 {
    imp::virgin(group, bits)
}

#[cfg(not(all(
    target_arch = "x86_64",
    not(any(dolmen_loom, dolmen_shuttle, dolmen_real, dolmen_scalar, miri))
)))]
use scalar as imp;
#[cfg(all(
    target_arch = "x86_64",
    not(any(dolmen_loom, dolmen_shuttle, dolmen_real, dolmen_scalar, miri))
))]
use vector as imp;

/// Four vector loads, of which the first halves are the keys. SSE2 is part of x86-64.
#[cfg(all(
    target_arch = "x86_64",
    not(any(dolmen_loom, dolmen_shuttle, dolmen_real, dolmen_scalar, miri))
))]
mod vector {
    use super::{PAIRS, Pair};
    use core::arch::asm;
    use core::arch::x86_64::*;

    pub(super) type Keys = __m128i;

    #[inline(always)]
    pub(super) fn load(group: &[Pair; PAIRS]) -> Keys {
        let (a, b): (__m128i, __m128i);
        // SAFETY: the group is 64 bytes, aligned to 64. Others write it meanwhile, so the loads
        // are assembly: to the compiler they are not accesses that could race. Each 8-byte lane
        // is some word that the slot held (aligned 8-byte lanes are not torn), which is all the
        // scan needs. Neither `pure` nor `nomem`: the loads stay where they are.
        unsafe {
            asm!(
                "movdqa {a}, xmmword ptr [{p}]",
                "movdqa {b}, xmmword ptr [{p} + 32]",
                "punpckldq {a}, xmmword ptr [{p} + 16]",
                "punpckldq {b}, xmmword ptr [{p} + 48]",
                p = in(reg) group.as_ptr(),
                a = out(xmm_reg) a,
                b = out(xmm_reg) b,
                options(nostack, preserves_flags, readonly),
            );
        }
        // SAFETY: SSE2 is always there on x86-64; no memory is touched.
        unsafe { _mm_unpackhi_epi64(a, b) }
    }

    /// By loads of one key each: to compare 64 bits at once takes more than SSE2.
    #[inline(always)]
    pub(super) fn virgin(group: &[Pair; PAIRS], mut bits: u64) -> u64 {
        // SAFETY: as in `load`, of the four keys. Of numbers only 0 is below 1, which sets the carry;
        // the addition appends it.
        unsafe {
            asm!(
                "cmp qword ptr [{p} + 48], 1",
                "adc {bits}, {bits}",
                "cmp qword ptr [{p} + 32], 1",
                "adc {bits}, {bits}",
                "cmp qword ptr [{p} + 16], 1",
                "adc {bits}, {bits}",
                "cmp qword ptr [{p}], 1",
                "adc {bits}, {bits}",
                p = in(reg) group.as_ptr(),
                bits = inout(reg) bits,
                options(nostack, readonly),
            );
        }
        bits
    }

    #[inline(always)]
    pub(super) fn matching(keys: &Keys, pattern: u64) -> u32 {
        // SAFETY: as in `load`.
        unsafe {
            let upper = _mm_shuffle_epi32::<0b01_01_01_01>(_mm_cvtsi64_si128(pattern as i64));
            _mm_movemask_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(*keys, upper))) as u32
        }
    }

    #[inline(always)]
    pub(super) fn matching_in<const N: usize>(groups: [Keys; N], pattern: u64) -> u32 {
        // SAFETY: as in `load`.
        by_pairs(groups, |first, second| unsafe {
            let upper = _mm_shuffle_epi32::<0b01_01_01_01>(_mm_cvtsi64_si128(pattern as i64));
            _mm_packs_epi32(_mm_cmpeq_epi32(first, upper), _mm_cmpeq_epi32(second, upper))
        })
    }

    #[inline(always)]
    pub(super) fn ends<const N: usize>(groups: [Keys; N]) -> u32 {
        // SAFETY: as in `load`.
        by_pairs(groups, |first, second| unsafe {
            // With signed saturation 0 and all ones come of themselves only; and only they are what
            // their sign makes.
            let halves = _mm_packs_epi32(first, second);
            _mm_cmpeq_epi16(halves, _mm_srai_epi16::<15>(halves))
        })
    }

    /// What is true of the eight places of each pair of groups.
    #[inline(always)]
    fn by_pairs<const N: usize>(groups: [Keys; N], compare: impl Fn(Keys, Keys) -> __m128i) -> u32 {
        const { assert!(matches!(N, 2 | 4)) };
        let mut places = 0;
        for (i, [first, second]) in groups.as_chunks().0.iter().enumerate() {
            // SAFETY: as in `load`.
            places |= unsafe { _mm_movemask_epi8(compare(*first, *second)) as u32 } << (16 * i);
        }
        places
    }
}

/// One load after the other: everywhere else.
#[cfg(any(
    test,
    not(all(
        target_arch = "x86_64",
        not(any(dolmen_loom, dolmen_shuttle, dolmen_real, dolmen_scalar, miri))
    ))
))]
mod scalar {
    use super::{PAIRS, Pair, Pattern};

    pub(super) type Keys = [u32; PAIRS];

    fn upper(pattern: u64) -> u32 {
        (pattern >> 32) as u32
    }

    #[inline(always)]
    pub(super) fn load(group: &[Pair; PAIRS]) -> Keys {
        core::array::from_fn(|i| upper(group[i].peek().into_raw()))
    }

    #[inline(always)]
    pub(super) fn virgin(group: &[Pair; PAIRS], bits: u64) -> u64 {
        let append = |bits, slot: &Pair| bits << 1 | u64::from(slot.peek() == Pattern::VIRGIN);
        group.iter().rev().fold(bits, append)
    }

    #[inline(always)]
    pub(super) fn matching(keys: &Keys, pattern: u64) -> u32 {
        let mut positions = 0;
        for (i, key) in keys.iter().enumerate() {
            positions |= u32::from(*key == upper(pattern)) << i;
        }
        positions
    }

    #[inline(always)]
    pub(super) fn matching_in<const N: usize>(groups: [Keys; N], pattern: u64) -> u32 {
        places(groups, |key| key == upper(pattern))
    }

    #[inline(always)]
    pub(super) fn ends<const N: usize>(groups: [Keys; N]) -> u32 {
        places(groups, |key| key.wrapping_add(1) <= 1)
    }

    #[inline(always)]
    fn places<const N: usize>(groups: [Keys; N], holds: impl Fn(u32) -> bool) -> u32 {
        let keys = groups.as_flattened().iter().enumerate();
        keys.map(|(i, key)| if holds(*key) { 0b11 << (2 * i) } else { 0 }).sum()
    }
}

#[cfg(all(test, not(any(dolmen_loom, dolmen_shuttle, dolmen_real))))]
mod tests {
    use super::super::word::Key;
    use super::*;

    #[repr(align(64))]
    struct Line([Pair; PAIRS]);

    #[test]
    fn the_scan_proposes_each_key_and_each_end_at_its_place() {
        let keys = [1u64, 2, 1 << 32, 1 << 63, 0xffff_ffff, !0 << 32, 0x1234_5678_9abc_def0];
        let pattern = |key| Key::new(key).pattern();
        for key in keys {
            for place in 0..PAIRS {
                let line = Line(core::array::from_fn(|_| Pair::new()));
                for (i, slot) in line.0.iter().enumerate() {
                    match i {
                        _ if i == place => slot.claim(pattern(key)).expect("VIRGIN"),
                        // Another upper half, and the same.
                        0 => slot.claim(pattern(key ^ 1 << 40)).expect("VIRGIN"),
                        1 => slot.claim(pattern(key ^ 1 << 4)).expect("VIRGIN"),
                        2 => slot.close().expect("VIRGIN"),
                        _ => {}
                    }
                }
                let seen = Keys::load(&line.0);
                let matching: Vec<_> = seen.matching(pattern(key)).collect();
                assert!(matching.contains(&place) && (place == 0 || !matching.contains(&0)));
                let ends: Vec<_> = (2..PAIRS).filter(|i| *i != place).collect();
                let proposed: Vec<_> = Keys::ends([seen; 2]).collect();
                assert!(ends.iter().all(|end| proposed.contains(end)));
                let is_virgin = |i: usize| i != place && i > 2;
                let places: u64 = (0..PAIRS).filter(|i| is_virgin(*i)).map(|i| 1 << i).sum();
                assert_eq!(virgin(&line.0, 5), 5 << PAIRS | places);
                assert_eq!(scalar::virgin(&line.0, 5), 5 << PAIRS | places);
                let ends = [Pattern::VIRGIN, Pattern::CLOSED];
                for pattern in keys.map(pattern).into_iter().chain(ends) {
                    let keys = scalar::load(&line.0);
                    let one_by_one = Positions::of(scalar::matching(&keys, pattern.into_raw()));
                    assert_eq!(
                        seen.matching(pattern).collect::<Vec<_>>(),
                        one_by_one.collect::<Vec<_>>()
                    );
                }
            }
        }
    }

    /// Groups of which one, or none, has these key words, among others that are full.
    #[test]
    fn of_groups_that_are_scanned_at_once_each_place_is_proposed() {
        fn check<const N: usize>(words: [Pattern; PAIRS], nth: usize) {
            let line = |words: [Pattern; PAIRS]| {
                let line = Line(core::array::from_fn(|_| Pair::new()));
                for (slot, word) in line.0.iter().zip(words) {
                    match word {
                        Pattern::VIRGIN => {}
                        Pattern::CLOSED => slot.close().expect("VIRGIN"),
                        key => slot.claim(key).expect("VIRGIN"),
                    }
                }
                line
            };
            let full = [3, 5, 7, 9].map(|half| Pattern::from_raw(half << 32 | 1));
            let lines = core::array::from_fn(|i| line(if i == nth { words } else { full }));
            let keys: [Keys; N] = lines.each_ref().map(|line: &Line| Keys::load(&line.0));
            let halves = lines.each_ref().map(|line| scalar::load(&line.0));
            let all = |places: Places| places.collect::<Vec<_>>();
            for pattern in words {
                let expected = (0..N * PAIRS)
                    .filter(|i| halves.as_flattened()[*i] == (pattern.into_raw() >> 32) as u32);
                assert_eq!(all(Keys::matching_in(keys, pattern)), expected.collect::<Vec<_>>());
                let one_by_one = Places(scalar::matching_in(halves, pattern.into_raw()));
                assert_eq!(all(Keys::matching_in(keys, pattern)), all(one_by_one));
            }
            let expected = (0..N * PAIRS).filter(|i| [0, !0].contains(&halves.as_flattened()[*i]));
            assert_eq!(all(Keys::ends(keys)), expected.collect::<Vec<_>>());
            assert_eq!(all(Keys::ends(keys)), all(Places(scalar::ends(halves))));
        }
        // Halves that are nearly ends, or would be if only some of their bits were looked at.
        let halves: [u64; 12] = [
            0,
            !0,
            1,
            !1,
            0x7fff,
            0x8000,
            0xffff,
            0xffff_0000,
            0x7fff_ffff,
            0x8000_0000,
            0xff,
            0xff00,
        ];
        let word = |half: u64| match half {
            0 => Pattern::VIRGIN,
            half if half == !0 => Pattern::CLOSED,
            half => Key::new(half << 32 | 6).pattern(),
        };
        for (i, half) in halves.into_iter().enumerate() {
            let words = core::array::from_fn(|n| word([half, halves[(i + n) % 12]][n % 2]));
            for nth in 0..=4 {
                check::<2>(words, nth);
                check::<4>(words, nth);
            }
        }
    }
}
