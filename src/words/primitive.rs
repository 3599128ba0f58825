//! The types that a word can be made of, and their bits.
//!
//! A value stays in its slot if the two top bits of what it becomes are zero (the others are put into
//! nodes of their own), so the usual values of each type become such: small integers of either sign,
//! floats of ordinary size. Each type's encoding loses nothing.

use core::num::NonZero;
use core::ptr::{self, NonNull};

/// What a [`Word`](super::Word) is made of: an integer of 64 bits at most, `bool`, `char`, `NonZero`, a
/// float, a raw pointer, `NonNull`, a `&'static` reference to what threads may share, an `Option` of one
/// that is never zero or null, or nothing at all. Sealed.
///
/// Any value can be a value of a map. These need no memory but their slot: unsigned integers below
/// 2^62, signed ones from -2^61 to 2^61 - 1, `f32`, zeros and finite `f64` between about 2^-255
/// and 2^257 in size, and everything that is shorter than 64 bits or an address. Any other is
/// put into memory of its own.
pub trait Primitive: Copy + sealed::Bits {}

/// A [`Primitive`] whose bits are equal where its values are: all but floats. Sealed.
pub trait KeyPrimitive: Primitive {}

/// A [`Primitive`] that can be counted with. Sealed.
pub trait Integer: Primitive + sealed::Arithmetic {}

pub(super) mod sealed {
    /// To bits and back.
    pub trait Bits {
        /// What stands for it in a map.
        fn encode(self) -> u64;

        /// What it was.
        ///
        /// # Safety
        /// `encode` of this very type made the bits.
        unsafe fn decode(bits: u64) -> Self;
    }

    /// As the atomics of std do it.
    pub trait Arithmetic: Ord {
        fn add(self, by: Self) -> Self;
        fn sub(self, by: Self) -> Self;
        fn and(self, by: Self) -> Self;
        fn or(self, by: Self) -> Self;
        fn xor(self, by: Self) -> Self;
    }
}

/// Types with an encoding, which `decode`, given bits that it made, undoes.
macro_rules! encoded {
    ($(
        $T:ty $(where $P:ident $(is Sync and lives $life:lifetime)?)?:
            |$value:ident| $encode:expr, |$bits:ident| $decode:expr;
    )+) => {$(
        impl<$($P $(: Sync + $life)?)?> sealed::Bits for $T {
            #[inline(always)]
            fn encode(self) -> u64 {
                let $value = self;
                $encode
            }

            #[inline(always)]
            unsafe fn decode($bits: u64) -> Self {
                $decode
            }
        }

        impl<$($P $(: Sync + $life)?)?> Primitive for $T {}
    )+};
}

macro_rules! integers {
    ($($T:ident: $unsigned:ident, $encode:expr, $decode:expr;)+) => {$(
        encoded! {
            $T: |value| $encode(value as $unsigned) as u64, |bits| $decode(bits as $unsigned) as $T;
            NonZero<$T>: |value| sealed::Bits::encode(value.get()),
                // SAFETY: the caller's promise: the bits were made of a number that is not zero.
                |bits| unsafe { NonZero::new_unchecked(sealed::Bits::decode(bits)) };
            Option<NonZero<$T>>: |value| sealed::Bits::encode(value.map_or(0, NonZero::get)),
                // SAFETY: the caller's promise: the bits were made of a number.
                |bits| NonZero::new(unsafe { sealed::Bits::decode(bits) });
        }

        impl KeyPrimitive for $T {}
        impl KeyPrimitive for NonZero<$T> {}
        impl KeyPrimitive for Option<NonZero<$T>> {}
        impl Integer for $T {}

        impl sealed::Arithmetic for $T {
            #[inline(always)]
            fn add(self, by: Self) -> Self {
                self.wrapping_add(by)
            }

            #[inline(always)]
            fn sub(self, by: Self) -> Self {
                self.wrapping_sub(by)
            }

            #[inline(always)]
            fn and(self, by: Self) -> Self {
                self & by
            }

            #[inline(always)]
            fn or(self, by: Self) -> Self {
                self | by
            }

            #[inline(always)]
            fn xor(self, by: Self) -> Self {
                self ^ by
            }
        }
    )+};
}

integers! {
    u8: u8, as_it_is, as_it_is;
    u16: u16, as_it_is, as_it_is;
    u32: u32, as_it_is, as_it_is;
    u64: u64, as_it_is, as_it_is;
    usize: u64, as_it_is, as_it_is;
    i8: u8, as_it_is, as_it_is;
    i16: u16, as_it_is, as_it_is;
    i32: u32, as_it_is, as_it_is;
    i64: u64, sign_to_bottom, sign_to_top;
    isize: u64, sign_to_bottom, sign_to_top;
}

encoded! {
    (): |_value| 0, |_bits| ();
    bool: |value| u64::from(value), |bits| bits != 0;
    // SAFETY: the caller's promise: the bits were made of a `char`.
    char: |value| u64::from(u32::from(value)), |bits| unsafe { char::from_u32_unchecked(bits as u32) };
    f32: |value| u64::from(value.to_bits()), |bits| f32::from_bits(bits as u32);
    f64: |value| usual_to_bottom(value.to_bits()), |bits| f64::from_bits(usual_to_middle(bits));
    *const T where T: |value| value.expose_provenance() as u64,
        |bits| ptr::with_exposed_provenance(bits as usize);
    *mut T where T: |value| value.expose_provenance() as u64,
        |bits| ptr::with_exposed_provenance_mut(bits as usize);
    NonNull<T> where T: |value| value.as_ptr().expose_provenance() as u64,
        // SAFETY: the caller's promise: the bits are an address that is not null.
        |bits| unsafe { NonNull::new_unchecked(ptr::with_exposed_provenance_mut(bits as usize)) };
    &'static T where T is Sync and lives 'static: |value| ptr::from_ref(value).expose_provenance() as u64,
        // SAFETY: the caller's promise: the bits are the address of such a reference, whose
        // provenance was exposed with it.
        |bits| unsafe { &*ptr::with_exposed_provenance::<T>(bits as usize) };
    Option<NonNull<T>> where T: |value| value.map_or(ptr::null_mut(), NonNull::as_ptr).encode(),
        |bits| NonNull::new(ptr::with_exposed_provenance_mut(bits as usize));
    Option<&'static T> where T is Sync and lives 'static:
        |value| value.map_or(ptr::null(), ptr::from_ref).encode(),
        // SAFETY: as of a reference, which is nowhere that null is.
        |bits| unsafe { ptr::with_exposed_provenance::<T>(bits as usize).as_ref() };
}

impl KeyPrimitive for () {}
impl KeyPrimitive for bool {}
impl KeyPrimitive for char {}
impl<T> KeyPrimitive for *const T {}
impl<T> KeyPrimitive for *mut T {}
impl<T> KeyPrimitive for NonNull<T> {}
impl<T: Sync + 'static> KeyPrimitive for &'static T {}
impl<T> KeyPrimitive for Option<NonNull<T>> {}
impl<T: Sync + 'static> KeyPrimitive for Option<&'static T> {}

#[inline(always)]
fn as_it_is<T>(bits: T) -> T {
    bits
}

/// 0, -1, 1, -2 .. become 0, 1, 2, 3 ..
#[inline(always)]
fn sign_to_bottom(bits: u64) -> u64 {
    (bits << 1) ^ ((bits as i64 >> 63) as u64)
}

#[inline(always)]
fn sign_to_top(bits: u64) -> u64 {
    (bits >> 1) ^ (bits & 1).wrapping_neg()
}

/// The sign at the bottom, and the lowest of 512 exponents around that of 1.0 as 0.
const BIAS: u64 = (1023 - 255) << 53;
/// What zero becomes by that; it changes places with 2^-255.
const ZERO: u64 = BIAS.wrapping_neg();

#[inline(always)]
fn usual_to_bottom(bits: u64) -> u64 {
    swap_zero(bits.rotate_left(1).wrapping_sub(BIAS))
}

#[inline(always)]
fn usual_to_middle(bits: u64) -> u64 {
    swap_zero(bits).wrapping_add(BIAS).rotate_right(1)
}

#[inline(always)]
fn swap_zero(bits: u64) -> u64 {
    if bits & !1 == 0 || bits & !1 == ZERO { bits ^ ZERO } else { bits }
}

#[cfg(all(test, not(any(dolmen_loom, dolmen_shuttle))))]
mod tests {
    use super::sealed::Bits;
    use super::*;
    use core::fmt::Debug;
    use proptest::prelude::*;

    #[track_caller]
    fn back<T: Bits + Copy + PartialEq + Debug>(value: T) -> u64 {
        let bits = value.encode();
        // SAFETY: just made.
        assert_eq!(unsafe { T::decode(bits) }, value);
        bits
    }

    fn is_inline(bits: u64) -> bool {
        bits >> 62 == 0
    }

    /// Compared by bits: not all floats equal themselves.
    #[track_caller]
    fn float_back(value: f64) -> u64 {
        let bits = value.encode();
        // SAFETY: just made.
        assert_eq!(unsafe { f64::decode(bits) }.to_bits(), value.to_bits(), "{value}");
        bits
    }

    #[test]
    fn short_types_all_stay_inline() {
        (0..=u8::MAX).for_each(|n| assert!(is_inline(back(n)) && is_inline(back(n as i8))));
        (0..=u16::MAX).for_each(|n| assert!(is_inline(back(n)) && is_inline(back(n as i16))));
        for n in [0, 1, 2, u32::MAX / 2, u32::MAX / 2 + 1, u32::MAX] {
            assert!(is_inline(back(n)) && is_inline(back(n as i32)));
            assert!(is_inline(f32::from_bits(n).encode()));
            // SAFETY: just made.
            let float = unsafe { f32::decode(f32::from_bits(n).encode()) };
            assert_eq!(float.to_bits(), n);
        }
        let chars = ['\0', 'a', '\u{d7ff}', '\u{e000}', char::MAX];
        assert!(chars.into_iter().all(|c| is_inline(back(c))));
        assert!(is_inline(back(true)) && is_inline(back(false)));
        back(());
        back(NonZero::<u8>::MAX);
        back(NonZero::<i64>::MIN);
        back(NonZero::<u64>::MAX);
        for n in [i64::MIN, -1, 0, 1, i64::MAX] {
            back(NonZero::new(n));
            back(NonZero::new(n as u8));
        }
    }

    #[test]
    fn long_integers_stay_inline_where_they_are_said_to() {
        for (n, stays) in [(0, true), ((1 << 62) - 1, true), (1 << 62, false), (u64::MAX, false)] {
            assert_eq!(is_inline(back(n)), stays, "{n}");
            assert_eq!(is_inline(back(n as usize)), stays, "{n}");
        }
        let edge = 1i64 << 61;
        let inside = [0, 1, -1, edge - 1, -edge].map(|n| (n, true));
        let outside = [edge, -edge - 1, i64::MAX, i64::MIN].map(|n| (n, false));
        for (n, stays) in inside.into_iter().chain(outside) {
            assert_eq!(is_inline(back(n)), stays, "{n}");
            assert_eq!(is_inline(back(n as isize)), stays, "{n}");
        }
    }

    #[test]
    fn floats_of_every_exponent_come_back_and_usual_ones_stay_inline() {
        for exponent in 0..2048u64 {
            for mantissa in [0, 1, 1 << 51, (1 << 52) - 1] {
                for sign in [0, 1 << 63] {
                    let value = f64::from_bits(sign | exponent << 52 | mantissa);
                    let usual = (768..768 + 512).contains(&exponent);
                    let swapped = mantissa == 0 && (exponent == 0 || exponent == 768);
                    let stays = if swapped { exponent == 0 } else { usual };
                    assert_eq!(is_inline(float_back(value)), stays, "{value:e}");
                }
            }
        }
        for value in [0.0, -0.0, 1.0, -1.5, 1e-70, 1e70, f64::EPSILON] {
            assert!(is_inline(float_back(value)), "{value}");
        }
        for value in [f64::NAN, -f64::NAN, f64::INFINITY, f64::MIN_POSITIVE, 5e-324, f64::MAX] {
            float_back(value);
        }
    }

    #[test]
    fn pointers_come_back() {
        static SOME: u64 = 7;
        let mut other = 8u64;
        let (one, another): (*const u64, *mut u64) = (&raw const SOME, &raw mut other);
        back(one);
        back(another);
        back(core::ptr::null::<u8>());
        back(NonNull::from(&SOME));
        let reference: &'static u64 = &SOME;
        assert!(is_inline(back(reference)));
        // SAFETY: just made.
        assert_eq!(*unsafe { <&'static u64>::decode(reference.encode()) }, 7);
        back(NonNull::new(&raw const SOME as *mut u64));
        back(NonNull::<u64>::new(ptr::null_mut()));
        assert!(is_inline(back(Some(reference))) && is_inline(back(None::<&'static u64>)));
    }

    proptest! {
        #[test]
        fn every_pattern_of_bits_comes_back(bits: u64) {
            back(bits);
            back(bits as i64);
            float_back(f64::from_bits(bits));
            prop_assert_eq!(usual_to_bottom(usual_to_middle(bits)), bits);
            prop_assert_eq!(sign_to_bottom(sign_to_top(bits)), bits);
        }
    }
}
