//! The typed map over the protocol: one file per concern.

mod batch;
mod builder;
mod by_ref;
mod drain;
mod element;
mod entry;
mod entry_ref;
mod exchange;
mod exclusive;
pub(crate) mod hash;
mod iter;
mod outcome;
mod pinned;
#[cfg(feature = "rayon")]
mod rayon;
mod read;
#[cfg(feature = "serde")]
mod serde;
mod source;
mod stats;
mod traits;
mod upsert;
mod verb;
mod view;
mod whole;
mod write;

#[cfg(feature = "rayon")]
pub(crate) use self::rayon::in_batches;
#[cfg(feature = "rayon")]
#[cfg_attr(docsrs, doc(cfg(feature = "rayon")))]
pub use self::rayon::{ParIntoIter, ParIter, ParIterMut};
#[cfg(feature = "serde")]
pub(crate) use self::serde::until_error;
pub(crate) use batch::Asked;
pub use builder::Builder;
pub use by_ref::{EntryRef, PinnedEntryRef};
pub use drain::{Drain, PinnedDrain};
pub use entry::{
    Entry, OccupiedEntry, PinnedEntry, PinnedOccupiedEntry, PinnedVacantEntry, VacantEntry,
};
pub use entry_ref::{MappedRef, Ref};
pub use exchange::CompareExchangeError;
pub use exclusive::{IntoIter, IterMut};
pub use hash::DefaultHashBuilder;
pub use iter::{Iter, Keys, PinnedIter, PinnedKeys, PinnedValues, Values};
pub use outcome::{Compute, Operation, TryInsertError, TryRemove, TryUpdate};
pub use pinned::{OwnedPinned, Pinned};
pub use stats::Stats;

use crate::raw::{OnReclaim, RawMap};
use crate::reclaim::{Epoch, Guard, Reclaim};
use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::ptr::NonNull;
pub(crate) use view::View;

/// A lock-free concurrent hash map.
///
/// Every method takes `&self`; share the map by reference, in an `Arc` or in a `static`. Reads
/// never write shared memory and never wait. Writes never wait for a reader, for another writer or
/// for a resize: they help a resize along by one chunk of 64 slots per call (the write that runs out
/// of room while an older resize is unfinished ends that one first), and one that loses to others
/// again and again backs off for a moment, the same whatever they do. Nothing locks, so nothing can
/// deadlock, whatever is held across whatever call.
///
/// # Two ways to call
///
/// Methods of the map pin for the call, and answer with a [`Ref`], which holds its own pin. Methods
/// of [`Pinned`] ([`pin`](Self::pin)) are the same, with the same names, under one pin, and answer
/// with plain references. A pin costs about as much as two stores.
///
/// ```
/// use dolmen::HashMap;
///
/// let map: HashMap<String, u64> = HashMap::new();
/// map.insert("a".into(), 1);
/// if let Some(v) = map.get("a") {
///     assert_eq!(*v, 1);
/// }
/// let m = map.pin();
/// m.insert("b".into(), 2);
/// let v: Option<&u64> = m.get("b");
/// assert_eq!(v, Some(&2));
/// ```
///
/// # Keys
///
/// Keys are looked up by any borrowed form `Q: Hash + Equivalent<K>`, as in `map.get("a")` above.
/// `Hash` and `Eq` must agree, and a key's must not change while it is in the map; if they lie, the
/// map may answer wrongly, but it never touches memory that is not its own, and always returns.
///
/// # Panics
///
/// If `Hash`, `Eq` or a closure panics, the map is as if the call had not been made. If the `Drop`
/// of a key or value panics, the panic comes out of some later write by which it was freed (that
/// write has happened), or of dropping the map; no other value is lost or dropped twice. Where the
/// thread unwinds already, it does not come out: a second panic would end the process.
///
/// # Leak checkers
///
/// A slot's word holds a tag beside the address, so LeakSanitizer and Valgrind do not see what a map
/// in a `static` holds, and report its entries at exit. [`clear`](Self::clear) such a map before the
/// process ends, or suppress what was allocated under `dolmen::`. A map that is dropped leaves nothing
/// behind.
pub struct HashMap<K, V, S = DefaultHashBuilder, R: Reclaim = Epoch> {
    pub(crate) raw: RawMap<R>,
    hasher: S,
    /// Owns entries, and is invariant in both: `&self` puts entries in.
    _entries: PhantomData<UnsafeCell<(K, V)>>,
}

// SAFETY: the map owns its keys and values, and a thread that has it may drop them.
unsafe impl<K: Send, V: Send, S: Send, R: Reclaim> Send for HashMap<K, V, S, R> {}
// SAFETY: through `&HashMap`, threads share keys and values (`Sync`), move them in, and drop what
// others put in (`Send`). All else in the map is atomic, or a participant's own.
unsafe impl<K: Send + Sync, V: Send + Sync, S: Sync, R: Reclaim> Sync for HashMap<K, V, S, R> {}

impl<K, V, S: core::panic::UnwindSafe, R: Reclaim> core::panic::UnwindSafe for HashMap<K, V, S, R> {}
impl<K, V, S: core::panic::RefUnwindSafe, R: Reclaim> core::panic::RefUnwindSafe
    for HashMap<K, V, S, R>
{
}

impl<K, V> HashMap<K, V> {
    /// An empty map, which allocates at its first write. O(1).
    ///
    /// ```
    /// let map: dolmen::HashMap<u64, String> = dolmen::HashMap::new();
    /// assert!(map.is_empty());
    /// ```
    pub fn new() -> Self {
        Self::with_hasher(DefaultHashBuilder::default())
    }

    /// An empty map with room for `capacity` entries: none of so many first inserts resizes it.
    /// O(capacity).
    ///
    /// # Panics
    /// If `capacity` is more than memory can hold.
    ///
    /// ```
    /// let map: dolmen::HashMap<u64, u64> = dolmen::HashMap::with_capacity(1000);
    /// assert!(map.capacity() >= 1000);
    /// ```
    pub fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity_and_hasher(capacity, DefaultHashBuilder::default())
    }
}

impl<K, V, S> HashMap<K, V, S> {
    /// An empty map with this hasher, which allocates at its first write. O(1).
    ///
    /// ```
    /// use std::hash::RandomState;
    ///
    /// let map: dolmen::HashMap<u64, u64, _> = dolmen::HashMap::with_hasher(RandomState::new());
    /// assert!(map.is_empty());
    /// ```
    #[cfg(not(dolmen_loom))]
    pub const fn with_hasher(hasher: S) -> Self {
        HashMap { raw: RawMap::new(), hasher, _entries: PhantomData }
    }

    /// An empty map with this hasher.
    #[cfg(dolmen_loom)]
    pub fn with_hasher(hasher: S) -> Self {
        Self::with_hasher_and_reclaimer(hasher, Epoch::new())
    }

    /// An empty map with room for `capacity` entries and this hasher. O(capacity).
    ///
    /// # Panics
    /// If `capacity` is more than memory can hold.
    ///
    /// ```
    /// use std::hash::RandomState;
    ///
    /// let map: dolmen::HashMap<u64, u64, _> =
    ///     dolmen::HashMap::with_capacity_and_hasher(10, RandomState::new());
    /// assert!(map.capacity() >= 10);
    /// ```
    pub fn with_capacity_and_hasher(capacity: usize, hasher: S) -> Self {
        let map = Self::with_hasher(hasher);
        map.reserve(capacity);
        map
    }
}

impl<K, V, S, R: Reclaim> HashMap<K, V, S, R> {
    pub(crate) fn with_hasher_and_reclaimer(hasher: S, reclaim: R) -> Self {
        HashMap { raw: RawMap::with_reclaimer(reclaim), hasher, _entries: PhantomData }
    }

    fn set_on_reclaim(&mut self, on_reclaim: OnReclaim<(K, V)>) {
        // SAFETY: the nodes of a `HashMap<K, V>` hold `(K, V)`; `builder` calls this, once, before
        // anything is put in.
        unsafe { self.raw.set_hook(on_reclaim) };
    }

    /// The map's hasher. O(1).
    ///
    /// ```
    /// let map: dolmen::HashMap<u64, u64> = dolmen::HashMap::new();
    /// let again: dolmen::HashMap<u64, u64> = dolmen::HashMap::with_hasher(map.hasher().clone());
    /// # let _ = again;
    /// ```
    pub fn hasher(&self) -> &S {
        &self.hasher
    }

    /// Pins once for many calls: for loops, and for plain references.
    ///
    /// Wait-free; a thread's first pin is lock-free, for it claims a participant. Memory that is
    /// retired meanwhile waits until the guard is dropped, so do not keep it for long where others
    /// write.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([("a", 1), ("b", 2)]);
    /// let m = map.pin();
    /// let sum: i32 = ["a", "b", "c"].iter().filter_map(|key| m.get(key)).sum();
    /// assert_eq!(sum, 3);
    /// ```
    #[inline]
    pub fn pin(&self) -> Pinned<'_, K, V, S, R> {
        Pinned::new(self, self.raw.reclaim.pin())
    }

    /// Pins with a guard that is `Send`, and so may be held across an `.await`.
    ///
    /// Lock-free; costs more than [`pin`](Self::pin), for it claims a participant of its own.
    ///
    /// ```
    /// let map = dolmen::HashMap::from([(1, "one".to_string())]);
    /// let m = map.pin_owned();
    /// std::thread::scope(|scope| {
    ///     scope.spawn(move || assert_eq!(m.get(&1).unwrap(), "one"));
    /// });
    /// ```
    pub fn pin_owned(&self) -> OwnedPinned<'_, K, V, S, R> {
        Pinned::new(self, self.raw.reclaim.pin_owned())
    }

    /// Runs `f` under a pin of its own.
    #[inline(always)]
    fn with_view<T>(&self, f: impl FnOnce(View<'_, K, V, S, R>) -> T) -> T {
        let guard = self.raw.reclaim.pin();
        f(View::new(self, guard.as_pin()))
    }

    /// As `with_view`, for what may give up a large table: it goes at once, if no pin is in the way.
    fn with_all<T>(&self, f: impl FnOnce(View<'_, K, V, S, R>) -> T) -> T {
        let done = self.with_view(f);
        self.raw.flush_large();
        done
    }

    /// Runs `f` under a pin, which goes with the entry that it returns.
    #[inline(always)]
    fn with_entry(
        &self,
        f: impl for<'g> FnOnce(View<'g, K, V, S, R>) -> Option<&'g view::Entry<K, V>>,
    ) -> Option<Ref<'_, K, V, R>> {
        let guard = self.raw.reclaim.pin();
        let node = NonNull::from(f(View::new(self, guard.as_pin()))?);
        // SAFETY: found under the guard.
        Some(unsafe { Ref::new(node, guard) })
    }
}

impl<K, V, S, R: Reclaim> Drop for HashMap<K, V, S, R> {
    /// Drops every entry, and everything retired that waits. No grace period is needed: what calls
    /// return borrows from the map.
    fn drop(&mut self) {
        // SAFETY: the nodes of a `HashMap<K, V>` hold `(K, V)`; guards borrow the map, so none
        // lives (one that was leaked is never used again).
        unsafe { self.raw.drop_all::<(K, V)>() };
    }
}
