//! A group: the four slots of one cache line, whose keys are compared at once.
//!
//! A key that a scan sees is there for ever, so what it says of one group is so. Where it says that there is
//! no key there may be one by now: a walk loads that again; to `sight` it is enough that there was none. Of
//! ends, and of some groups at once, it compares the lower halves of keys only, and proposes. (The upper
//! halves begin with what the keys of a group have in common.)

use super::PAIRS;
use super::slot::Line;
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

/// A group's key words, as they were seen.
#[derive(Clone, Copy)]
pub(super) struct Keys(imp::Keys);

impl Keys {
    #[inline(always)]
    pub(super) fn load(group: &Line) -> Self {
        Keys(imp::load(group))
    }

    /// Where this key word is.
    #[inline(always)]
    pub(super) fn position(&self, pattern: Pattern) -> Option<usize> {
        first(imp::matching(&self.0, pattern.into_raw()))
    }

    /// Where there may be no key: at the first such place.
    #[inline(always)]
    pub(super) fn first_end(&self) -> Option<usize> {
        first(imp::ends_of(&self.0))
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

/// The first place of a group whose bit is set.
#[inline(always)]
fn first(bits: u32) -> Option<usize> {
    // The mask changes nothing; it tells the compiler that the place is in the group.
    (bits != 0).then(|| bits.trailing_zeros() as usize & (PAIRS - 1))
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
pub(super) fn virgin(group: &Line, bits: u64) -> u64 {
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

#[cfg(all(
    target_arch = "x86_64",
    not(any(dolmen_loom, dolmen_shuttle, dolmen_real, dolmen_scalar, miri))
))]
mod vector;

/// One load after the other: everywhere else.
#[cfg(any(
    test,
    not(all(
        target_arch = "x86_64",
        not(any(dolmen_loom, dolmen_shuttle, dolmen_real, dolmen_scalar, miri))
    ))
))]
mod scalar {
    use super::{Line, PAIRS, Pattern};

    pub(super) type Keys = [u64; PAIRS];

    fn lower(pattern: u64) -> u32 {
        pattern as u32
    }

    #[inline(always)]
    pub(super) fn load(group: &Line) -> Keys {
        core::array::from_fn(|place| group.slot(place).peek().into_raw())
    }

    #[inline(always)]
    pub(super) fn virgin(group: &Line, bits: u64) -> u64 {
        let append =
            |bits, place| bits << 1 | u64::from(group.slot(place).peek() == Pattern::VIRGIN);
        (0..PAIRS).rev().fold(bits, append)
    }

    #[inline(always)]
    pub(super) fn matching(keys: &Keys, pattern: u64) -> u32 {
        positions(keys, |key| key == pattern)
    }

    #[inline(always)]
    pub(super) fn ends_of(keys: &Keys) -> u32 {
        positions(keys, |key| is_end(lower(key)))
    }

    #[inline(always)]
    fn positions(keys: &Keys, holds: impl Fn(u64) -> bool) -> u32 {
        keys.iter().enumerate().map(|(i, key)| u32::from(holds(*key)) << i).sum()
    }

    /// Half of a key word that may be VIRGIN or CLOSED.
    fn is_end(half: u32) -> bool {
        half.wrapping_add(1) <= 1
    }

    #[inline(always)]
    pub(super) fn matching_in<const N: usize>(groups: [Keys; N], pattern: u64) -> u32 {
        places(groups, |key| lower(key) == lower(pattern))
    }

    #[inline(always)]
    pub(super) fn ends<const N: usize>(groups: [Keys; N]) -> u32 {
        places(groups, |key| is_end(lower(key)))
    }

    #[inline(always)]
    fn places<const N: usize>(groups: [Keys; N], holds: impl Fn(u64) -> bool) -> u32 {
        let keys = groups.as_flattened().iter().enumerate();
        keys.map(|(i, key)| if holds(*key) { 0b11 << (2 * i) } else { 0 }).sum()
    }
}

#[cfg(all(test, not(any(dolmen_loom, dolmen_shuttle, dolmen_real))))]
mod tests {
    use super::super::word::Key;
    use super::*;

    #[test]
    fn the_scan_finds_each_key_and_proposes_each_end_at_its_place() {
        let keys = [1u64, 2, 1 << 32, 1 << 63, 0xffff_ffff, !0 << 32, 0x1234_5678_9abc_def0];
        let pattern = |key| Key::new(key).pattern();
        for key in keys {
            for place in 0..PAIRS {
                let line = Line::new();
                for (i, slot) in line.slots().enumerate() {
                    match i {
                        _ if i == place => slot.claim(pattern(key)).expect("VIRGIN"),
                        // The same lower half, and another.
                        0 => slot.claim(pattern(key ^ 1 << 40)).expect("VIRGIN"),
                        1 => slot.claim(pattern(key ^ 1 << 4)).expect("VIRGIN"),
                        2 => slot.close().expect("VIRGIN"),
                        _ => {}
                    }
                }
                let (seen, one_by_one) = (Keys::load(&line), scalar::load(&line));
                assert_eq!(seen.position(pattern(key)), Some(place));
                let ends: Vec<_> = (2..PAIRS).filter(|i| *i != place).collect();
                let proposed: Vec<_> = Keys::ends([seen; 2]).collect();
                assert!(ends.iter().all(|end| proposed.contains(end)));
                assert_eq!(seen.first_end(), Some(proposed[0]));
                assert_eq!(seen.first_end(), first(scalar::ends_of(&one_by_one)));
                let is_virgin = |i: usize| i != place && i > 2;
                let places: u64 = (0..PAIRS).filter(|i| is_virgin(*i)).map(|i| 1 << i).sum();
                assert_eq!(virgin(&line, 5), 5 << PAIRS | places);
                assert_eq!(scalar::virgin(&line, 5), 5 << PAIRS | places);
                let ends = [Pattern::VIRGIN, Pattern::CLOSED];
                for pattern in keys.map(pattern).into_iter().chain(ends) {
                    let place = line.slots().position(|slot| slot.key() == pattern);
                    assert_eq!(seen.position(pattern), place);
                    let bits = scalar::matching(&one_by_one, pattern.into_raw());
                    assert_eq!(first(bits), place);
                }
            }
        }
    }

    #[test]
    fn the_scan_tells_all_slots_without_a_key() {
        for vacant in 0..1_u64 << PAIRS {
            let line = Line::new();
            for (place, slot) in line.slots().enumerate().filter(|(i, _)| vacant >> i & 1 == 0) {
                slot.claim(Key::new(3 + place as u64).pattern()).expect("VIRGIN");
            }
            assert_eq!(virgin(&line, 5), 5 << PAIRS | vacant);
            assert_eq!(scalar::virgin(&line, 5), 5 << PAIRS | vacant);
            let first_end = (vacant != 0).then(|| vacant.trailing_zeros() as usize);
            assert_eq!(Keys::load(&line).first_end(), first_end);
        }
    }

    /// Groups of which one, or none, has these key words, among others that are full.
    #[test]
    fn of_groups_that_are_scanned_at_once_each_place_is_proposed() {
        fn check<const N: usize>(words: [Pattern; PAIRS], nth: usize) {
            let line = |words: [Pattern; PAIRS]| {
                let line = Line::new();
                for (slot, word) in line.slots().zip(words) {
                    match word {
                        Pattern::VIRGIN => {}
                        Pattern::CLOSED => slot.close().expect("VIRGIN"),
                        key => slot.claim(key).expect("VIRGIN"),
                    }
                }
                line
            };
            let full = [3, 5, 7, 9].map(|half| Pattern::from_raw(1 << 32 | half));
            let lines = core::array::from_fn(|i| line(if i == nth { words } else { full }));
            let keys: [Keys; N] = lines.each_ref().map(|line: &Line| Keys::load(line));
            let each = lines.each_ref().map(scalar::load);
            let halves = each.map(|keys| keys.map(|key| key as u32));
            let all = |places: Places| places.collect::<Vec<_>>();
            for pattern in words {
                let expected = (0..N * PAIRS)
                    .filter(|i| halves.as_flattened()[*i] == pattern.into_raw() as u32);
                assert_eq!(all(Keys::matching_in(keys, pattern)), expected.collect::<Vec<_>>());
                let one_by_one = Places(scalar::matching_in(each, pattern.into_raw()));
                assert_eq!(all(Keys::matching_in(keys, pattern)), all(one_by_one));
            }
            let expected = (0..N * PAIRS).filter(|i| [0, !0].contains(&halves.as_flattened()[*i]));
            assert_eq!(all(Keys::ends(keys)), expected.collect::<Vec<_>>());
            assert_eq!(all(Keys::ends(keys)), all(Places(scalar::ends(each))));
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
            half => Key::new(6 << 32 | half & 0xffff_ffff).pattern(),
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
