//! The raw map, with its words given their types back. The one place that decodes.

use super::primitive::sealed::Bits;
use super::{Mix, Word, WordKey};
use crate::error::TryReserveError;
use crate::map::{Compute, Operation};
#[cfg(feature = "rayon")]
use crate::raw::WordSplit;
use crate::raw::{Change, Cursor, Entries, Key, RawWords};
use crate::reclaim::{Pin, Reclaim};
use core::cell::UnsafeCell;
use core::marker::PhantomData;

/// A raw map, all of whose keys are mixed encodings of `K`s, and all of whose values encodings of
/// `V`s: it is written by [`compute_at`](Self::compute_at) alone, with such.
pub(super) struct Typed<K, V, S, R: Reclaim> {
    raw: RawWords<R>,
    mix: S,
    /// Invariant in both: a subtype may be another [`Word`], with other bits.
    _entries: PhantomData<UnsafeCell<(K, V)>>,
}

// SAFETY: what the map holds are bits of representations of keys and values that were sent to it; whoever takes
// some out gets representations, which may be sent whatever is made of them (each is a number, a reference to what
// is `Sync`, or a pointer, which safe code does nothing with), and a key or a value of its own. The rest is atomic,
// or a participant's.
unsafe impl<K: Send, V: Send, S: Send, R: Reclaim> Send for Typed<K, V, S, R> {}
// SAFETY: as above. No reference to a key or to a value in the map exists: `Sync` is not asked of them.
unsafe impl<K: Send, V: Send, S: Sync, R: Reclaim> Sync for Typed<K, V, S, R> {}

impl<K, V, S, R: Reclaim> core::panic::UnwindSafe for Typed<K, V, S, R> {}
impl<K, V, S, R: Reclaim> core::panic::RefUnwindSafe for Typed<K, V, S, R> {}

#[inline(always)]
fn encode<W: Word>(word: W) -> u64 {
    word.into_repr().encode()
}

/// # Safety
/// `encode` made the bits, of a `W`.
#[inline(always)]
unsafe fn decode<W: Word>(bits: u64) -> W {
    // SAFETY: the caller's promise: they were made of a `W::Repr`.
    W::from_repr(unsafe { W::Repr::decode(bits) })
}

impl<K, V, S> Typed<K, V, S, crate::Epoch> {
    #[cfg(not(dolmen_loom))]
    pub(super) const fn new(mix: S) -> Self {
        Typed { raw: RawWords::new(), mix, _entries: PhantomData }
    }
}

impl<K, V, S, R: Reclaim> Typed<K, V, S, R> {
    pub(super) fn with_reclaimer(mix: S, reclaim: R) -> Self {
        Typed { raw: RawWords::with_reclaimer(reclaim), mix, _entries: PhantomData }
    }

    pub(super) fn mix(&self) -> &S {
        &self.mix
    }

    /// The map without types: for what concerns no word.
    #[inline(always)]
    pub(super) fn raw(&self) -> &RawWords<R> {
        &self.raw
    }
}

impl<K: WordKey, V: Word, S: Mix, R: Reclaim> Typed<K, V, S, R> {
    /// A key as the map keeps it. The only place where keys are converted.
    #[inline(always)]
    pub(super) fn key(&self, key: K) -> Key {
        Key::new(self.mix.mix(encode(key)))
    }

    /// Whether two values are the same to the map: whether their bits are.
    #[inline(always)]
    pub(super) fn same(a: V, b: V) -> bool {
        encode(a) == encode(b)
    }

    #[inline(always)]
    pub(super) fn get_at<'g>(&'g self, kept: Option<Pin<'g>>, key: Key) -> Option<V> {
        // SAFETY: values in the map are encodings of `V`s.
        self.raw.get(kept, key, |value| value.map(|bits| unsafe { decode(bits) }))
    }

    /// Does what `f` says of the current value, which it may be asked more than once; returns what `end` makes of
    /// that, which runs no user code. `puts`: whether it may say so of a key that is absent.
    #[inline(always)]
    pub(super) fn compute_at<'g, T, X>(
        &'g self,
        kept: Option<Pin<'g>>,
        key: Key,
        puts: bool,
        mut f: impl FnMut(Option<V>) -> Operation<V, T>,
        end: impl FnOnce(Result<Compute<V, T>, TryReserveError>) -> X,
    ) -> X {
        // Nothing is decoded behind the write: a conversion that panics has changed nothing.
        let decide = move |current: Option<u64>| {
            // SAFETY: as in `get_at`.
            let current = current.map(|bits| unsafe { decode(bits) });
            match f(current) {
                Operation::Insert(new) => {
                    let done =
                        current.map_or(Compute::Inserted(new), |old| Compute::Updated { old, new });
                    (Change::Put(encode(new)), done)
                }
                Operation::Remove => {
                    (Change::Remove, current.map_or(Compute::Absent, Compute::Removed))
                }
                Operation::Abort(with) => (Change::Keep, Compute::Aborted(with)),
            }
        };
        self.raw.write(kept, key, puts, decide, move |outcome| {
            end(outcome.map(|(written, done)| {
                debug_assert!(matches!(
                    (&done, written.changed, written.old, written.new),
                    (Compute::Inserted(_), true, None, Some(_))
                        | (Compute::Updated { .. }, true, Some(_), Some(_))
                        | (Compute::Removed(_), true, Some(_), None)
                        | (Compute::Absent | Compute::Aborted(_), false, ..)
                ));
                done
            }))
        })
    }

    /// Removes a key, whatever its value is: without a conversion.
    pub(super) fn discard(&self, kept: Option<Pin<'_>>, key: Key) {
        let gone = self.raw.write(kept, key, false, |_| (Change::Remove, ()), |outcome| outcome);
        gone.unwrap_or_else(|error| error.raise());
    }

    pub(super) fn entries<'g>(&'g self, pin: Pin<'g>) -> TypedEntries<'g, K, V, S> {
        TypedEntries { raw: self.raw.entries(pin), mix: &self.mix, _entries: PhantomData }
    }

    #[cfg(feature = "rayon")]
    pub(super) fn split<'g>(&'g self, pin: Pin<'g>) -> TypedSplit<'g, K, V, S> {
        TypedSplit { raw: self.raw.split(pin), mix: &self.mix, _entries: PhantomData }
    }

    /// Takes an entry out of a map that is exclusively owned and does not migrate.
    pub(super) fn take_next(&mut self, cursor: &mut Cursor) -> Option<(K, V)> {
        let (key, value) = self.raw.take_next(cursor)?;
        // SAFETY: keys and values in the map are encodings, and this is its mix.
        Some(unsafe { (decode(self.mix.unmix(key.get())), decode(value)) })
    }

    /// Ends the moves of an exclusively owned map, for `take_next`.
    pub(super) fn settle_moves(&mut self) {
        self.raw.settle_moves();
    }
}

impl<K, V, S, R: Reclaim> Drop for Typed<K, V, S, R> {
    /// Frees the tables, and the values that did not fit.
    fn drop(&mut self) {
        // SAFETY: guards borrow the map, so none lives (one that was leaked is never used again).
        unsafe { self.raw.drop_all() };
    }
}

/// Entries of a map, from the raw ones.
macro_rules! typed_entries {
    ($($(#[$attr:meta])* $Typed:ident from $raw:ident;)+) => {$(
        $(#[$attr])*
        pub(super) struct $Typed<'g, K, V, S> {
            raw: $raw<'g>,
            mix: &'g S,
            /// Invariant, as `Typed` is.
            _entries: PhantomData<(K, V, fn(K, V) -> (K, V))>,
        }

        $(#[$attr])*
        impl<K: WordKey, V: Word, S: Mix> Iterator for $Typed<'_, K, V, S> {
            type Item = (K, V);

            #[inline(always)]
            fn next(&mut self) -> Option<(K, V)> {
                let (key, value) = self.raw.next()?;
                // SAFETY: keys and values in the map are encodings, and this is its mix.
                Some(unsafe { (decode(self.mix.unmix(key.get())), decode(value)) })
            }
        }
    )+};
}

typed_entries! {
    TypedEntries from Entries;
    #[cfg(feature = "rayon")]
    TypedSplit from WordSplit;
}

impl<K: WordKey, V, S: Mix> TypedEntries<'_, K, V, S> {
    /// The next entry's key, as the map has it: whatever is made of it may make another one.
    #[inline]
    pub(super) fn next_at(&mut self) -> Option<Key> {
        self.raw.next().map(|(key, _)| key)
    }

    /// As `next_at`, and the key itself.
    #[inline]
    pub(super) fn next_key(&mut self) -> Option<(Key, K)> {
        let at = self.next_at()?;
        // SAFETY: keys in the map are encodings, and this is its mix.
        Some((at, unsafe { decode(self.mix.unmix(at.get())) }))
    }
}

impl<K, V, S> Clone for TypedEntries<'_, K, V, S> {
    fn clone(&self) -> Self {
        TypedEntries { raw: self.raw.clone(), ..*self }
    }
}

#[cfg(feature = "rayon")]
impl<K, V, S> TypedSplit<'_, K, V, S> {
    /// Splits the second half off.
    pub(super) fn halve(&mut self) -> Option<Self> {
        Some(TypedSplit { raw: self.raw.halve()?, ..*self })
    }
}
