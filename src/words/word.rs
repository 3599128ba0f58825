//! What a word is: which types have one, and how it is told to the map.

use super::primitive::{Integer, KeyPrimitive, Primitive};

/// A type whose values are words: what a [`WordMap`](crate::WordMap) holds.
///
/// Integers up to 64 bits, `bool`, `char`, `NonZero` integers, floats, `()`, raw pointers, `NonNull`,
/// `&'static` references to what is `Sync`, and `Option`s of what is never zero or null are words (see
/// [`Primitive`]). A type around one of them becomes a word by
/// saying how it is made of it and turned into it. Nothing of that is unsafe: if the two conversions
/// do not undo each other, the map answers with what they make.
///
/// ```
/// use dolmen::{Word, WordMap};
///
/// #[derive(Clone, Copy, Debug, PartialEq)]
/// struct UserId(u32);
///
/// impl Word for UserId {
///     type Repr = u32;
///
///     fn into_repr(self) -> u32 {
///         self.0
///     }
///
///     fn from_repr(repr: u32) -> Self {
///         UserId(repr)
///     }
/// }
///
/// let visits: WordMap<UserId, u64> = WordMap::new();
/// visits.fetch_add_or(UserId(7), 1, 0);
/// assert_eq!(visits.iter().next(), Some((UserId(7), 1)));
/// ```
///
/// What a map holds may come back on another thread, as a representation first: so there is none that threads
/// must not share.
///
/// ```compile_fail,E0277
/// # use std::cell::Cell as Count;
/// let map: dolmen::WordMap<u64, &'static Count<u64>> = dolmen::WordMap::new();
/// map.insert(1, Box::leak(Box::default()));
/// ```
///
/// ```
/// # use std::sync::atomic::AtomicU64 as Count;
/// let map: dolmen::WordMap<u64, &'static Count> = dolmen::WordMap::new();
/// map.insert(1, Box::leak(Box::default()));
/// ```
pub trait Word: Copy {
    /// What the map holds for it.
    type Repr: Primitive;

    /// What it becomes in the map.
    fn into_repr(self) -> Self::Repr;

    /// What it was before it became that.
    fn from_repr(repr: Self::Repr) -> Self;
}

impl<P: Primitive> Word for P {
    type Repr = P;

    #[inline(always)]
    fn into_repr(self) -> P {
        self
    }

    #[inline(always)]
    fn from_repr(repr: P) -> P {
        repr
    }
}

/// A [`Word`] that can be a key: any but floats, which have equal values with different bits.
///
/// Keys are the same if their representations are ([`Word::into_repr`]). No `Hash` and no `Eq` is
/// asked; pointers and references are compared by address, not by what they point to.
///
/// ```compile_fail
/// let map: dolmen::WordMap<f64, u64> = dolmen::WordMap::new();
/// map.insert(0.5, 1);
/// ```
pub trait WordKey: Word<Repr: KeyPrimitive> {}

impl<W: Word<Repr: KeyPrimitive>> WordKey for W {}

/// A [`Word`] to count with: one that an integer represents.
///
/// The `fetch_` calls compute on the representation.
pub trait WordInteger: Word<Repr: Integer> {}

impl<W: Word<Repr: Integer>> WordInteger for W {}
