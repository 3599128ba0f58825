//! A group: the four slots of one cache line, the upper halves of whose keys are compared at once.
//!
//! The scan only proposes: what it says is at a place is loaded again, and what it passes over is not the
//! key's. The lower halves begin with what the keys of a group have in common.

use super::super::group::Positions;
use super::PAIRS;
use super::slot::Pair;
use super::word::Pattern;

/// The upper halves of a group's key words, as they were seen.
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

    /// Where there may be no key: everywhere else there is.
    #[inline(always)]
    pub(super) fn ends(&self) -> Positions {
        let matching = |end: Pattern| imp::matching(&self.0, end.into_raw());
        Positions::of(matching(Pattern::VIRGIN) | matching(Pattern::CLOSED))
    }
}

/// Slots with a key.
#[inline(always)]
pub(super) fn taken(group: &[Pair; PAIRS]) -> Positions {
    let mut taken = 0;
    for (i, slot) in group.iter().enumerate() {
        taken |= u32::from(!slot.peek().ends_walk()) << i;
    }
    Positions::of(taken)
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
        unsafe {
            // Of each vector, its second 32 bits.
            let (ab, cd) = (_mm_unpacklo_epi32(a, b), _mm_unpacklo_epi32(c, d));
            _mm_unpackhi_epi64(ab, cd)
        }
    }

    #[inline(always)]
    pub(super) fn matching(keys: &Keys, pattern: u64) -> u32 {
        // SAFETY: as in `load`.
        unsafe {
            let upper = _mm_shuffle_epi32::<0b01_01_01_01>(_mm_cvtsi64_si128(pattern as i64));
            _mm_movemask_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(*keys, upper))) as u32
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

    pub(super) type Keys = [u32; PAIRS];

    fn upper(pattern: u64) -> u32 {
        (pattern >> 32) as u32
    }

    #[inline(always)]
    pub(super) fn load(group: &[Pair; PAIRS]) -> Keys {
        core::array::from_fn(|i| upper(group[i].peek().into_raw()))
    }

    #[inline(always)]
    pub(super) fn matching(keys: &Keys, pattern: u64) -> u32 {
        let mut positions = 0;
        for (i, key) in keys.iter().enumerate() {
            positions |= u32::from(*key == upper(pattern)) << i;
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
                let proposed: Vec<_> = seen.ends().collect();
                assert!(ends.iter().all(|end| proposed.contains(end)));
                let with_key: Vec<_> = (0..PAIRS).filter(|i| !ends.contains(i)).collect();
                assert_eq!(taken(&line.0).collect::<Vec<_>>(), with_key);
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
