//! Two vector loads: the keys, two in each. SSE2 is part of x86-64, and compares halves of keys.
//! What is seen here is as good as what a SeqCst load sees, which is a load like all on this processor.
//! Each load of a line that is in no cache takes place for as long as that takes: no more of them than there must be.

use super::{Line, PAIRS};
use core::arch::asm;
use core::arch::x86_64::*;
use core::hint::assert_unchecked;

/// Two keys each.
pub(super) type Keys = [__m128i; 2];

#[inline(always)]
pub(super) fn load(group: &Line) -> Keys {
    let (a, b): (__m128i, __m128i);
    // SAFETY: a line begins with its keys, 32 bytes, aligned to 64. Others write it meanwhile, so the loads
    // are assembly: to the compiler they are not accesses that could race. Each 8-byte lane
    // is some word that the slot held (aligned 8-byte lanes are not torn), which is all the
    // scan needs. Neither `pure` nor `nomem`: the loads stay where they are.
    unsafe {
        asm!(
            "movdqa {a}, xmmword ptr [{p}]",
            "movdqa {b}, xmmword ptr [{p} + 16]",
            p = in(reg) group,
            a = out(xmm_reg) a,
            b = out(xmm_reg) b,
            options(nostack, preserves_flags, readonly),
        );
    }
    [a, b]
}

/// The lower halves of the keys.
#[inline(always)]
fn lower([a, b]: Keys) -> __m128i {
    // SAFETY: SSE2 is always there on x86-64; no memory is touched; here and below.
    unsafe {
        let (a, b) = (_mm_castsi128_ps(a), _mm_castsi128_ps(b));
        _mm_castps_si128(_mm_shuffle_ps::<0b10_00_10_00>(a, b))
    }
}

/// By loads of one key each: to compare 64 bits at once takes more than SSE2.
#[inline(always)]
pub(super) fn virgin(group: &Line, mut bits: u64) -> u64 {
    // SAFETY: as in `load`, of the four keys. Of numbers only 0 is below 1, which sets the carry;
    // the addition appends it.
    unsafe {
        asm!(
            "cmp qword ptr [{p} + 24], 1",
            "adc {bits}, {bits}",
            "cmp qword ptr [{p} + 16], 1",
            "adc {bits}, {bits}",
            "cmp qword ptr [{p} + 8], 1",
            "adc {bits}, {bits}",
            "cmp qword ptr [{p}], 1",
            "adc {bits}, {bits}",
            p = in(reg) group,
            bits = inout(reg) bits,
            options(nostack, readonly),
        );
    }
    bits
}

#[inline(always)]
pub(super) fn matching(keys: &Keys, pattern: u64) -> u32 {
    // SAFETY: as in `lower`.
    unsafe {
        let key = _mm_set1_epi64x(pattern as i64);
        let same = _mm_packs_epi32(_mm_cmpeq_epi32(keys[0], key), _mm_cmpeq_epi32(keys[1], key));
        mask(_mm_cmpeq_epi32(same, _mm_set1_epi32(-1)))
    }
}

/// A bit for each of four numbers: its sign. Of a mask that the compiler made it knows the width, and narrows and
/// widens it once more before it is counted.
#[inline(always)]
fn mask(numbers: __m128i) -> u32 {
    let bits: u32;
    // SAFETY: as in `lower`.
    unsafe {
        asm!(
            "movmskps {bits:e}, {numbers}",
            numbers = in(xmm_reg) numbers,
            bits = lateout(reg) bits,
            options(pure, nomem, nostack, preserves_flags),
        );
        // It has four.
        assert_unchecked(bits < 1 << PAIRS);
    }
    bits
}

#[inline(always)]
pub(super) fn ends_of(keys: &Keys) -> u32 {
    let halves = lower(*keys);
    // SAFETY: as in `lower`. Only 0 and all ones are what their sign makes.
    unsafe { mask(_mm_cmpeq_epi32(halves, _mm_srai_epi32::<31>(halves))) }
}

#[inline(always)]
pub(super) fn matching_in<const N: usize>(groups: [Keys; N], pattern: u64) -> u32 {
    // SAFETY: as in `lower`.
    by_pairs(groups, |first, second| unsafe {
        let key = _mm_set1_epi32(pattern as i32);
        _mm_packs_epi32(_mm_cmpeq_epi32(first, key), _mm_cmpeq_epi32(second, key))
    })
}

#[inline(always)]
pub(super) fn ends<const N: usize>(groups: [Keys; N]) -> u32 {
    // SAFETY: as in `lower`.
    by_pairs(groups, |first, second| unsafe {
        // With signed saturation 0 and all ones come of themselves only; and only they are what
        // their sign makes.
        let halves = _mm_packs_epi32(first, second);
        _mm_cmpeq_epi16(halves, _mm_srai_epi16::<15>(halves))
    })
}

/// What is true of the eight places of each pair of groups, by the lower halves of their keys.
#[inline(always)]
fn by_pairs<const N: usize>(
    groups: [Keys; N],
    compare: impl Fn(__m128i, __m128i) -> __m128i,
) -> u32 {
    const { assert!(matches!(N, 2 | 4)) };
    let mut places = 0;
    for (i, [first, second]) in groups.as_chunks().0.iter().enumerate() {
        let same = compare(lower(*first), lower(*second));
        // SAFETY: as in `lower`.
        places |= unsafe { _mm_movemask_epi8(same) as u32 } << (16 * i);
    }
    places
}
