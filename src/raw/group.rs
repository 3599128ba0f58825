//! A group: the slots of one cache line, scanned at once.
//!
//! The scan only proposes: it says where a tag or an end was seen, and the caller decides on a word
//! that it loads through the slot. That is enough because a slot's tag never changes once it has
//! one (I1): a slot with another tag can be passed over for ever, and of the rest, the word is
//! read again.

use super::slot::Slot;
use super::word::Ident;
use crate::sync::limits::GROUP;

/// Positions in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Positions(u32);

impl Positions {
    /// A bit for each.
    #[inline(always)]
    pub(super) fn bits(self) -> u32 {
        self.0
    }
}

impl Iterator for Positions {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        // The mask changes nothing; it tells the compiler that the index is in the group.
        let position = self.0.trailing_zeros() as usize & (GROUP - 1);
        self.0 &= self.0 - 1;
        Some(position)
    }
}

/// The tags of a group, as they were seen.
pub(super) struct Tags(imp::Tags);

impl Tags {
    /// Reads the tags of a group.
    #[inline(always)]
    pub(super) fn load(group: &[Slot; GROUP]) -> Self {
        Tags(imp::load(group))
    }

    /// Slots with this tag.
    #[inline(always)]
    pub(super) fn matching(&self, tag: u16) -> Positions {
        Positions(imp::matching(&self.0, tag))
    }

    /// The first slot with the ident's tag: as `matching`, in fewer instructions.
    #[inline(always)]
    pub(super) fn first(&self, ident: Ident) -> Option<usize> {
        imp::first(&self.0, ident.bits())
    }

    /// The first slot without a tag.
    #[inline(always)]
    pub(super) fn first_end(&self) -> Option<usize> {
        imp::first_end(&self.0)
    }

    /// As [`matching`](Self::matching), by the loop of other targets.
    #[cfg(dolmen_fuzz)]
    pub(super) fn matching_one_by_one(group: &[Slot; GROUP], tag: u16) -> Positions {
        let (tags, ident) = (scalar::load(group), usize::from(tag) << 48);
        let positions = Positions(scalar::matching(&tags, tag));
        let first = { positions }.next();
        assert_eq!(
            (scalar::first(&tags, ident), imp::first(&imp::load(group), ident)),
            (first, first)
        );
        assert_eq!(imp::first_end(&imp::load(group)), scalar::first_end(&tags));
        positions
    }

    /// Slots without a tag: EMPTY or SEALED.
    #[inline(always)]
    pub(super) fn ends(&self) -> Positions {
        self.matching(0)
    }
}

/// Asks for a line that will be read soon.
#[inline(always)]
pub(super) fn prefetch<T>(ptr: *const T) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: a prefetch is a hint; it cannot fault, whatever the address.
    unsafe {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(ptr.cast());
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = ptr;
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

/// Four vector loads, packed to eight 16-bit tags. SSE2 is part of x86-64.
#[cfg(all(
    target_arch = "x86_64",
    not(any(dolmen_loom, dolmen_shuttle, dolmen_real, dolmen_scalar, miri))
))]
mod vector {
    use super::{GROUP, Slot};
    use core::arch::asm;
    use core::arch::x86_64::*;

    pub(super) type Tags = __m128i;

    #[inline(always)]
    pub(super) fn load(group: &[Slot; GROUP]) -> Tags {
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
        pack(a, b, c, d)
    }

    /// The top 16 bits of each 64-bit lane.
    #[inline(always)]
    fn pack(a: __m128i, b: __m128i, c: __m128i, d: __m128i) -> __m128i {
        // SAFETY: SSE2 is always there on x86-64; no memory is touched.
        unsafe {
            let high = |x, y| {
                let (x, y) = (_mm_castsi128_ps(x), _mm_castsi128_ps(y));
                let halves = _mm_castps_si128(_mm_shuffle_ps::<0b11_01_11_01>(x, y));
                _mm_srai_epi32::<16>(halves)
            };
            // Sign-extended 16-bit values: packing them with signed saturation changes none.
            _mm_packs_epi32(high(a, b), high(c, d))
        }
    }

    #[inline(always)]
    pub(super) fn matching(tags: &Tags, tag: u16) -> u32 {
        // SAFETY: as in `pack`.
        unsafe {
            let equal = _mm_cmpeq_epi16(*tags, _mm_set1_epi16(tag as i16));
            _mm_movemask_epi8(_mm_packs_epi16(equal, _mm_setzero_si128())) as u32
        }
    }

    #[inline(always)]
    pub(super) fn first(tags: &Tags, ident: usize) -> Option<usize> {
        // SAFETY: as in `pack`.
        unsafe {
            // The top 16 of 64 bits, spread over four places, and these over eight.
            let four = _mm_shufflelo_epi16::<0xff>(_mm_cvtsi64_si128(ident as i64));
            first_equal(*tags, _mm_unpacklo_epi64(four, four))
        }
    }

    #[inline(always)]
    pub(super) fn first_end(tags: &Tags) -> Option<usize> {
        // SAFETY: as in `pack`.
        first_equal(*tags, unsafe { _mm_setzero_si128() })
    }

    #[inline(always)]
    fn first_equal(tags: __m128i, tag: __m128i) -> Option<usize> {
        // SAFETY: as in `pack`.
        let twice = unsafe { _mm_movemask_epi8(_mm_cmpeq_epi16(tags, tag)) };
        // Two bits for each place; the mask as in `Positions`.
        (twice != 0).then(|| (twice.trailing_zeros() as usize / 2) & (GROUP - 1))
    }
}

/// One load after the other: everywhere else, in the models, whose groups are small, and under the
/// sanitizers, which do not see into assembly; the fuzzer compares the two.
#[cfg(any(
    dolmen_fuzz,
    not(all(
        target_arch = "x86_64",
        not(any(dolmen_loom, dolmen_shuttle, dolmen_real, dolmen_scalar, miri))
    ))
))]
mod scalar {
    use super::{GROUP, Slot};

    pub(super) type Tags = [u16; GROUP];

    #[inline(always)]
    pub(super) fn load(group: &[Slot; GROUP]) -> Tags {
        core::array::from_fn(|i| group[i].peek().tag())
    }

    #[inline(always)]
    pub(super) fn matching(tags: &Tags, tag: u16) -> u32 {
        let mut positions = 0;
        for (i, t) in tags.iter().enumerate() {
            positions |= u32::from(*t == tag) << i;
        }
        positions
    }

    #[inline(always)]
    pub(super) fn first(tags: &Tags, ident: usize) -> Option<usize> {
        tags.iter().position(|tag| usize::from(*tag) == ident >> 48)
    }

    #[inline(always)]
    pub(super) fn first_end(tags: &Tags) -> Option<usize> {
        tags.iter().position(|tag| *tag == 0)
    }
}

#[cfg(all(test, not(any(dolmen_loom, dolmen_shuttle))))]
mod tests {
    use super::super::node::Head;
    use super::super::word::{Ident, Word};
    use super::*;

    #[repr(align(64))]
    struct Line([Slot; GROUP]);

    #[test]
    fn the_scan_finds_each_tag_and_each_end_at_its_place() {
        let mut memory = [0u64; 2];
        let head = memory.as_mut_ptr().cast::<Head>();
        for tag in [1u64, 0x7fff, 0x8000, 0xffff, 0x1234] {
            let ident = Ident::new(tag << 48 | 0x123458);
            let other = Ident::new((tag ^ 0x4321) << 48 | 0x123458);
            for place in 0..GROUP {
                for word in [
                    Word::live(head, ident, false),
                    Word::live(head, ident, true).frozen(),
                    Word::tomb(ident),
                    Word::moved(ident),
                ] {
                    let line = Line(core::array::from_fn(|_| Slot::new()));
                    for (i, slot) in line.0.iter().enumerate() {
                        slot.store_exclusive(match i {
                            _ if i == place => word,
                            0 => Word::tomb(other),
                            1 => Word::SEALED,
                            _ => Word::EMPTY,
                        });
                    }
                    let tags = Tags::load(&line.0);
                    assert_eq!(tags.matching(ident.tag()).collect::<Vec<_>>(), [place]);
                    let ends: Vec<_> = (1..GROUP).filter(|i| *i != place).collect();
                    assert_eq!(tags.ends().collect::<Vec<_>>(), ends);
                    let absent = Ident::new((tag ^ 0x3333) << 48 | 0x123458);
                    assert_eq!((tags.first(ident), tags.first(absent)), (Some(place), None));
                    assert_eq!(tags.first_end(), ends.first().copied());
                }
            }
        }
    }
}
