//! A group: the four slots of one cache line, whose keys are compared at once.
//!
//! The scan only proposes ends: they are loaded again. A key that it finds is there for ever.

use super::super::group::Positions;
use super::PAIRS;
use super::slot::Pair;
use super::word::Pattern;

/// The key words of a group, as they were seen.
pub(super) struct Keys(imp::Keys);

impl Keys {
    #[inline(always)]
    pub(super) fn load(group: &[Pair; PAIRS]) -> Self {
        Keys(imp::load(group))
    }

    /// Slots with this key word: one, or none, unless it is VIRGIN or CLOSED.
    #[inline(always)]
    pub(super) fn matching(&self, pattern: Pattern) -> Positions {
        Positions::of(imp::matching(&self.0, pattern.into_raw()))
    }

    /// Slots without a key.
    #[inline(always)]
    pub(super) fn ends(&self) -> Positions {
        let matching = |end: Pattern| imp::matching(&self.0, end.into_raw());
        Positions::of(matching(Pattern::VIRGIN) | matching(Pattern::CLOSED))
    }

    /// Slots with a key.
    #[inline(always)]
    pub(super) fn taken(&self) -> Positions {
        self.ends().others(PAIRS)
    }
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

/// Four vector loads, of which the lower halves are the keys. SSE2 is part of x86-64.
#[cfg(all(
    target_arch = "x86_64",
    not(any(dolmen_loom, dolmen_shuttle, dolmen_real, dolmen_scalar, miri))
))]
mod vector {
    use super::{PAIRS, Pair};
    use core::arch::asm;
    use core::arch::x86_64::*;

    /// Two keys each.
    pub(super) type Keys = (__m128i, __m128i);

    #[inline(always)]
    pub(super) fn load(group: &[Pair; PAIRS]) -> Keys {
        let (a, b, c, d): (__m128i, __m128i, __m128i, __m128i);
        // SAFETY: the group is 64 bytes, aligned to 64. Others write it meanwhile, so the loads
        // are assembly: to the compiler they are not accesses that could race. Each 8-byte lane
        // is some word that the slot held (aligned 8-byte lanes are not torn), which is all the
        // scan needs. Neither `pure` nor `nomem`: the loads stay where they are.
        unsafe {
            asm!(
                "movdqa {a}, xmmword ptr [{p}]",
                "movdqa {b}, xmmword ptr [{p} + 16]",
                "movdqa {c}, xmmword ptr [{p} + 32]",
                "movdqa {d}, xmmword ptr [{p} + 48]",
                p = in(reg) group.as_ptr(),
                a = out(xmm_reg) a,
                b = lateout(xmm_reg) b,
                c = lateout(xmm_reg) c,
                d = lateout(xmm_reg) d,
                options(nostack, preserves_flags, readonly),
            );
        }
        // SAFETY: SSE2 is always there on x86-64; no memory is touched.
        unsafe { (_mm_unpacklo_epi64(a, b), _mm_unpacklo_epi64(c, d)) }
    }

    #[inline(always)]
    pub(super) fn matching((low, high): &Keys, pattern: u64) -> u32 {
        // SAFETY: as in `load`.
        unsafe {
            // Halves of keys are compared: a half that differs is zero, and packing keeps each half
            // in 16 bits, so that a key is 32 bits again, of which all must be ones.
            let pattern = _mm_set1_epi64x(pattern as i64);
            let low = _mm_cmpeq_epi32(*low, pattern);
            let high = _mm_cmpeq_epi32(*high, pattern);
            let keys = _mm_cmpeq_epi32(_mm_packs_epi32(low, high), _mm_set1_epi32(-1));
            _mm_movemask_ps(_mm_castsi128_ps(keys)) as u32
        }
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
    use super::{PAIRS, Pair};

    pub(super) type Keys = [u64; PAIRS];

    #[inline(always)]
    pub(super) fn load(group: &[Pair; PAIRS]) -> Keys {
        core::array::from_fn(|i| group[i].peek().into_raw())
    }

    #[inline(always)]
    pub(super) fn matching(keys: &Keys, pattern: u64) -> u32 {
        let mut positions = 0;
        for (i, key) in keys.iter().enumerate() {
            positions |= u32::from(*key == pattern) << i;
        }
        positions
    }
}

#[cfg(all(test, not(any(dolmen_loom, dolmen_shuttle, dolmen_real))))]
mod tests {
    use super::super::word::Key;
    use super::*;

    #[repr(align(64))]
    struct Line([Pair; PAIRS]);

    #[test]
    fn the_scan_finds_each_key_and_each_end_at_its_place() {
        let keys = [1u64, 2, 1 << 32, 1 << 63, 0xffff_ffff, !0 << 32, 0x1234_5678_9abc_def0];
        let pattern = |key| Key::new(key).pattern();
        for key in keys {
            for place in 0..PAIRS {
                let line = Line(core::array::from_fn(|_| Pair::new()));
                for (i, slot) in line.0.iter().enumerate() {
                    match i {
                        _ if i == place => slot.claim(pattern(key)).expect("VIRGIN"),
                        // Half of the key, and the other half.
                        0 => slot.claim(pattern(key ^ 1 << 40)).expect("VIRGIN"),
                        1 => slot.claim(pattern(key ^ 1 << 4)).expect("VIRGIN"),
                        2 => slot.close().expect("VIRGIN"),
                        _ => {}
                    }
                }
                let seen = Keys::load(&line.0);
                assert_eq!(seen.matching(pattern(key)).collect::<Vec<_>>(), [place]);
                let ends: Vec<_> = (2..PAIRS).filter(|i| *i != place).collect();
                assert_eq!(seen.ends().collect::<Vec<_>>(), ends);
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
}
