//! Maps and sets of words: [`WordMap`], [`WordSet`], and what goes with them.
//!
//! The two are at the root of the crate as well, with [`Word`]; their iterators, pinned forms and
//! builders are here, those of the set in [`set`].

mod batch;
mod builder;
mod convert;
mod fetch;
mod iter;
mod mix;
mod owned;
mod pinned;
mod primitive;
#[cfg(feature = "rayon")]
mod rayon;
mod read;
#[cfg(feature = "serde")]
mod serde;
pub mod set;
mod traits;
mod typed;
mod view;
mod whole;
mod word;
mod write;

#[cfg(feature = "rayon")]
#[cfg_attr(docsrs, doc(cfg(feature = "rayon")))]
pub use self::rayon::{ParIntoIter, ParIter};
pub use builder::Builder;
pub use iter::{Drain, Iter, Keys, PinnedDrain, PinnedIter, PinnedKeys, PinnedValues, Values};
pub use mix::{FixedMix, Mix, RandomMix};
pub use owned::IntoIter;
pub use pinned::{OwnedPinned, Pinned};
pub use primitive::{Integer, KeyPrimitive, Primitive};
pub use set::WordSet;
pub use word::{Word, WordInteger, WordKey};

use crate::reclaim::{Epoch, Reclaim};
use typed::Typed;
use view::View;

/// A lock-free concurrent hash map of words: keys and values that fit into 64 bits each, kept in the
/// table itself.
///
/// For counters, ids and offsets, interned symbols, routing tables, timestamps: for whatever is an
/// integer, a `bool`, a `char`, a pointer, a float (as a value), or a type of yours around one of them
/// ([`Word`]). Entries need no memory but the table's, so a look-up reads one cache line of
/// it, and a write allocates nothing and leaves nothing behind to be freed. Words go in and out by value.
///
/// Else it is a [`HashMap`](crate::HashMap): every method takes `&self`, reads write no shared memory
/// and never wait, writes wait for nobody, nothing locks. No value and no key is forbidden: the few
/// that do not fit beside the state of a slot (unsigned values from 2^62 on, say; see
/// [`Primitive`]) are put into memory of their own.
///
/// # Two ways to call
///
/// Methods of the map pin for the call. Methods of [`words::Pinned`] ([`pin`](Self::pin)) are the same,
/// with the same names, under one pin: for loops.
///
/// ```
/// use dolmen::WordMap;
///
/// let counts: WordMap<u32, u64> = WordMap::new();
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| {
///             let counts = counts.pin();
///             for id in 0..1000 {
///                 counts.fetch_add_or(id % 10, 1, 0); // no count is lost
///             }
///         });
///     }
/// });
/// assert_eq!(counts.values().sum::<u64>(), 4000);
/// assert_eq!(counts.get(7), Some(400));
/// ```
///
/// # Keys
///
/// A key is its bits: no `Hash` and no `Eq` of the key's type runs. They are spread over the table by
/// a [`Mix`], seeded at random for each map unless it is told otherwise;
/// [`RandomMix`] says against whom that helps.
///
/// # Panics
///
/// If a closure or a [`Word`]'s conversion panics, the map is as if the call had not been made.
///
/// [`words::Pinned`]: Pinned
pub struct WordMap<K, V, S = RandomMix, R: Reclaim = Epoch> {
    typed: Typed<K, V, S, R>,
}

/// The calls that are the same on a map, or a set, and under a pin: they take and give words, so nothing
/// of the pin shows in them. Each is written once, with the documentation of the map's; its body is
/// what it does under a pin, and perhaps a call on the map when that pin is gone.
///
/// They are in line, always, and so is what their bodies need most often; nothing comes behind what is called but
/// rarely, so that it takes no register to be kept (docs/design.md, section 15).
macro_rules! on_both {
    // Nothing may come behind the body that need not: it jumps to what is out of line.
    (@done $self:ident, $body:expr) => {
        $body
    };
    (@done $self:ident, $body:expr, $after:ident) => {{
        let done = $body;
        $self.$after();
        done
    }};
    (
        impl<$($P:ident: $Bound:ident),+> $Map:ident and Pinned {$(
            $(#[$attr:meta])*
            pub fn $name:ident $(<$T:ident>)? (&self $(, $arg:ident: $Arg:ty)* $(,)?)
            $(-> $Out:ty)? {
                |$view:ident| $body:expr $(, then $after:ident)?
            }
        )+}
    ) => {
        impl<$($P: $Bound,)+ S: $crate::words::Mix, R: $crate::Reclaim> $Map<$($P,)+ S, R> {$(
            $(#[$attr])*
            #[inline(always)]
            pub fn $name $(<$T>)? (&self $(, $arg: $Arg)*) $(-> $Out)? {
                let $view = self.view();
                $crate::words::on_both!(@done self, $body $(, $after)?)
            }
        )+}

        impl<$($P,)+ S, R, G> super::Pinned<'_, $($P,)+ S, R, G>
        where
            $($P: $Bound,)+
            S: $crate::words::Mix,
            R: $crate::Reclaim,
            G: $crate::reclaim::Guard,
        {$(
            #[doc = concat!("See [`", stringify!($Map), "::", stringify!($name), "`].")]
            #[inline(always)]
            pub fn $name $(<$T>)? (&self $(, $arg: $Arg)*) $(-> $Out)? {
                let $view = self.view();
                $body
            }
        )+}
    };
}
use on_both;

impl<K: WordKey, V: Word> WordMap<K, V> {
    /// An empty map, which allocates at its first write. O(1).
    ///
    /// ```
    /// let map: dolmen::WordMap<u64, u64> = dolmen::WordMap::new();
    /// assert!(map.is_empty());
    /// ```
    pub fn new() -> Self {
        Self::with_mix(RandomMix::default())
    }

    /// An empty map with room for `capacity` entries: none of so many first inserts resizes it.
    /// O(capacity).
    ///
    /// # Panics
    /// If `capacity` is more than memory can hold.
    ///
    /// ```
    /// let map: dolmen::WordMap<u64, u64> = dolmen::WordMap::with_capacity(1000);
    /// assert!(map.capacity() >= 1000);
    /// ```
    pub fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity_and_mix(capacity, RandomMix::default())
    }
}

impl<K: WordKey, V: Word, S: Mix> WordMap<K, V, S> {
    /// An empty map with this mix, which allocates at its first write: for a map in a `static`. O(1).
    ///
    /// ```
    /// use dolmen::{WordMap, words::FixedMix};
    ///
    /// static MAP: WordMap<char, u32, FixedMix> = WordMap::with_mix(FixedMix::new(1));
    /// assert!(MAP.is_empty());
    /// ```
    #[cfg(not(dolmen_loom))]
    pub const fn with_mix(mix: S) -> Self {
        WordMap { typed: Typed::new(mix) }
    }

    /// An empty map with this mix.
    #[cfg(dolmen_loom)]
    pub fn with_mix(mix: S) -> Self {
        Self::with_mix_and_reclaimer(mix, Epoch::new())
    }

    /// An empty map with room for `capacity` entries and this mix. O(capacity).
    ///
    /// # Panics
    /// If `capacity` is more than memory can hold.
    ///
    /// ```
    /// use dolmen::{WordMap, words::FixedMix};
    ///
    /// let map: WordMap<u64, u64, _> = WordMap::with_capacity_and_mix(10, FixedMix::new(1));
    /// assert!(map.capacity() >= 10);
    /// ```
    pub fn with_capacity_and_mix(capacity: usize, mix: S) -> Self {
        let map = Self::with_mix(mix);
        map.reserve(capacity);
        map
    }
}

impl<K: WordKey, V: Word, S: Mix, R: Reclaim> WordMap<K, V, S, R> {
    fn with_mix_and_reclaimer(mix: S, reclaim: R) -> Self {
        WordMap { typed: Typed::with_reclaimer(mix, reclaim) }
    }

    /// The map's mix. O(1).
    ///
    /// ```
    /// let map: dolmen::WordMap<u64, u64> = dolmen::WordMap::new();
    /// let again: dolmen::WordMap<u64, u64> = dolmen::WordMap::with_mix(map.mix().clone());
    /// # let _ = again;
    /// ```
    pub fn mix(&self) -> &S {
        self.typed.mix()
    }

    /// Pins once for many calls: for loops.
    ///
    /// Wait-free; a thread's first pin is lock-free, for it claims a participant. Memory that is
    /// retired meanwhile, by any map, waits until the guard is dropped, so do not keep it for long where
    /// others write.
    ///
    /// ```
    /// let map = dolmen::WordMap::from([(1, 10), (2, 20)]);
    /// let m = map.pin();
    /// let sum: i32 = [1, 2, 3].into_iter().filter_map(|key| m.get(key)).sum();
    /// assert_eq!(sum, 30);
    /// ```
    #[inline]
    pub fn pin(&self) -> Pinned<'_, K, V, S, R> {
        Pinned::new(self, self.typed.raw().reclaim.pin())
    }

    /// Pins with a guard that is `Send`, and so may be held across an `.await`.
    ///
    /// Lock-free; costs more than [`pin`](Self::pin), for it claims a participant of its own.
    ///
    /// ```
    /// let map = dolmen::WordMap::from([(1, 10)]);
    /// let m = map.pin_owned();
    /// std::thread::scope(|scope| {
    ///     scope.spawn(move || assert_eq!(m.get(1), Some(10)));
    /// });
    /// ```
    pub fn pin_owned(&self) -> OwnedPinned<'_, K, V, S, R> {
        Pinned::new(self, self.typed.raw().reclaim.pin_owned())
    }

    /// Flushes, if a call has left a large table.
    pub(super) fn flush_large(&self) {
        self.typed.raw().flush_large();
    }

    /// The map, and no pin on it.
    #[inline(always)]
    fn view(&self) -> View<'_, K, V, S, R> {
        View::new(&self.typed, None)
    }
}
