//! `Send` and `Sync`, exactly where they are right, of every public type, for every reclaimer.
//! (`types.rs` has the map's and its references' under the default one.)

use dolmen::{
    Builder, CompareExchangeError, DefaultHashBuilder, Drain, Entry, EntryRef, HashMap, HashSet,
    IntoIter, Iter, IterMut, Keys, MappedRef, OccupiedEntry, OwnedPinned, Pinned, PinnedDrain,
    PinnedEntryRef, PinnedIter, PinnedOccupiedEntry, PinnedVacantEntry, Ref, VacantEntry, Values,
    Word, WordMap, WordSet, set, words,
};
use static_assertions::{assert_impl_all, assert_not_impl_any};
use std::cell::Cell;
use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;
use std::sync::MutexGuard;

type S = DefaultHashBuilder;
type M = words::RandomMix;

/// A word that is `Send` and not `Sync`.
#[derive(Clone, Copy)]
struct SendOnly(PhantomData<Cell<u64>>);

impl Word for SendOnly {
    type Repr = ();

    fn into_repr(self) {}

    fn from_repr((): ()) -> Self {
        SendOnly(PhantomData)
    }
}

/// `Sync` and not `Send`.
type Guarded = MutexGuard<'static, u64>;

/// What depends on the reclaimer.
macro_rules! for_reclaimer {
    ($module:ident, $reclaimer:ident) => {
        mod $module {
            use super::*;
            type R = dolmen::$reclaimer;

            assert_impl_all!(R: Send, Sync);
            assert_impl_all!(HashMap<u64, String, S, R>: Send, Sync, Unpin);
            assert_impl_all!(HashMap<Cell<u64>, Cell<u64>, S, R>: Send);
            assert_not_impl_any!(HashMap<u64, Cell<u64>, S, R>: Sync);
            assert_not_impl_any!(HashMap<Cell<u64>, u64, S, R>: Sync);
            assert_not_impl_any!(HashMap<u64, Rc<u64>, S, R>: Send, Sync);
            assert_not_impl_any!(HashMap<Rc<u64>, u64, S, R>: Send, Sync);
            assert_not_impl_any!(HashMap<u64, Guarded, S, R>: Send, Sync);
            assert_not_impl_any!(HashMap<Guarded, u64, S, R>: Send, Sync);
            assert_not_impl_any!(HashMap<u64, u64, Rc<u64>, R>: Send, Sync);
            assert_impl_all!(HashSet<String, S, R>: Send, Sync, Unpin);
            assert_impl_all!(HashSet<Cell<u64>, S, R>: Send);
            assert_not_impl_any!(HashSet<Cell<u64>, S, R>: Sync);
            assert_not_impl_any!(HashSet<Rc<u64>, S, R>: Send, Sync);
            assert_not_impl_any!(HashSet<Guarded, S, R>: Send, Sync);

            // What holds the pin of a thread stays there.
            assert_not_impl_any!(Ref<'static, u64, u64, R>: Send, Sync);
            assert_not_impl_any!(MappedRef<'static, u64, R>: Send, Sync);
            assert_not_impl_any!(Iter<'static, u64, u64, R>: Send, Sync);
            assert_not_impl_any!(Keys<'static, u64, u64, R>: Send, Sync);
            assert_not_impl_any!(Values<'static, u64, u64, R>: Send, Sync);
            assert_not_impl_any!(Drain<'static, u64, u64, S, R>: Send, Sync);
            assert_not_impl_any!(Pinned<'static, u64, u64, S, R>: Send, Sync);
            assert_not_impl_any!(OccupiedEntry<'static, u64, u64, S, R>: Send, Sync);
            assert_not_impl_any!(Entry<'static, u64, u64, S, R>: Send, Sync);
            assert_not_impl_any!(set::Pinned<'static, u64, S, R>: Send, Sync);
            assert_not_impl_any!(set::Iter<'static, u64, R>: Send, Sync);
            assert_not_impl_any!(set::Drain<'static, u64, S, R>: Send, Sync);
            assert_not_impl_any!(set::Union<'static, u64, S, R>: Send, Sync);
            assert_not_impl_any!(set::Intersection<'static, u64, S, R>: Send, Sync);
            assert_not_impl_any!(set::Difference<'static, u64, S, R>: Send, Sync);
            assert_not_impl_any!(set::SymmetricDifference<'static, u64, S, R>: Send, Sync);

            // What borrows from a pin, whoever holds it.
            assert_not_impl_any!(PinnedOccupiedEntry<'static, u64, u64, S, R>: Send, Sync);
            assert_not_impl_any!(PinnedVacantEntry<'static, u64, u64, S, R>: Send, Sync);
            assert_not_impl_any!(PinnedEntryRef<'static, 'static, u64, u64, u64, S, R>: Send, Sync);
            assert_not_impl_any!(PinnedDrain<'static, u64, u64, S, R>: Send, Sync);
            assert_not_impl_any!(set::PinnedDrain<'static, u64, S, R>: Send, Sync);

            // An owned pin goes where the map may be shared, to one thread at a time.
            assert_impl_all!(OwnedPinned<'static, u64, u64, S, R>: Send);
            assert_not_impl_any!(OwnedPinned<'static, u64, u64, S, R>: Sync);
            assert_not_impl_any!(OwnedPinned<'static, u64, Cell<u64>, S, R>: Send, Sync);
            assert_not_impl_any!(OwnedPinned<'static, Rc<u64>, u64, S, R>: Send, Sync);
            assert_impl_all!(set::OwnedPinned<'static, u64, S, R>: Send);
            assert_not_impl_any!(set::OwnedPinned<'static, u64, S, R>: Sync);
            assert_not_impl_any!(set::OwnedPinned<'static, Cell<u64>, S, R>: Send, Sync);

            // No pin: a reference to the map and a key.
            assert_impl_all!(VacantEntry<'static, u64, u64, S, R>: Send, Sync);
            assert_not_impl_any!(VacantEntry<'static, Rc<u64>, u64, S, R>: Send, Sync);
            assert_not_impl_any!(VacantEntry<'static, u64, Cell<u64>, S, R>: Send, Sync);

            assert_impl_all!(EntryRef<'static, 'static, str, String, u64, S, R>: Send, Sync);
            assert_not_impl_any!(EntryRef<'static, 'static, u8, u8, Cell<u64>, S, R>: Send, Sync);
            assert_not_impl_any!(EntryRef<'static, 'static, Rc<u8>, Rc<u8>, u64, S, R>: Send, Sync);

            // Owners of entries.
            assert_impl_all!(IntoIter<u64, u64, S, R>: Send, Sync);
            assert_not_impl_any!(IntoIter<u64, Rc<u64>, S, R>: Send, Sync);
            assert_not_impl_any!(IntoIter<Cell<u64>, u64, S, R>: Sync);
            assert_impl_all!(set::IntoIter<u64, S, R>: Send, Sync);
            assert_not_impl_any!(set::IntoIter<Rc<u64>, S, R>: Send, Sync);

            // No entry yet, and what is to get them is `Send` and `Sync`.
            assert_impl_all!(Builder<u64, u64, S, R>: Send, Sync);
            assert_not_impl_any!(Builder<u64, u64, Rc<u64>, R>: Send, Sync);
            assert_impl_all!(set::Builder<u64, S, R>: Send, Sync);
            assert_not_impl_any!(set::Builder<u64, Rc<u64>, R>: Send, Sync);

            // Words go in and out by value: nobody shares them, so `Send` is enough.
            assert_impl_all!(WordMap<u64, u64, M, R>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);
            assert_impl_all!(WordMap<SendOnly, SendOnly, M, R>: Send, Sync);
            assert_not_impl_any!(WordMap<u64, *const u64, M, R>: Send, Sync);
            assert_not_impl_any!(WordMap<*const u64, u64, M, R>: Send, Sync);
            assert_impl_all!(WordMap<&'static u64, &'static u64, M, R>: Send, Sync);
            assert_not_impl_any!(WordMap<&'static Cell<u64>, u64, M, R>: Send, Sync);
            assert_impl_all!(WordSet<u64, M, R>: Send, Sync, Unpin);
            assert_not_impl_any!(WordSet<*const u64, M, R>: Send, Sync);
            assert_impl_all!(words::IntoIter<u64, u64, M, R>: Send, Sync);
            assert_not_impl_any!(words::IntoIter<u64, *const u64, M, R>: Send, Sync);
            assert_impl_all!(words::set::IntoIter<u64, M, R>: Send, Sync);
            assert_impl_all!(words::Builder<u64, u64, M, R>: Send, Sync);

            assert_not_impl_any!(words::Iter<'static, u64, u64, M, R>: Send, Sync);
            assert_not_impl_any!(words::Keys<'static, u64, u64, M, R>: Send, Sync);
            assert_not_impl_any!(words::Values<'static, u64, u64, M, R>: Send, Sync);
            assert_not_impl_any!(words::Drain<'static, u64, u64, M, R>: Send, Sync);
            assert_not_impl_any!(words::PinnedDrain<'static, u64, u64, M, R>: Send, Sync);
            assert_not_impl_any!(words::Pinned<'static, u64, u64, M, R>: Send, Sync);
            assert_not_impl_any!(words::set::Pinned<'static, u64, M, R>: Send, Sync);
            assert_not_impl_any!(words::set::Iter<'static, u64, M, R>: Send, Sync);
            assert_not_impl_any!(words::set::Drain<'static, u64, M, R>: Send, Sync);
            assert_impl_all!(words::OwnedPinned<'static, u64, u64, M, R>: Send);
            assert_not_impl_any!(words::OwnedPinned<'static, u64, u64, M, R>: Sync);
            assert_not_impl_any!(words::OwnedPinned<'static, u64, *const u64, M, R>: Send, Sync);
            assert_impl_all!(words::set::OwnedPinned<'static, u64, M, R>: Send);

            #[cfg(feature = "rayon")]
            assert_impl_all!(words::ParIntoIter<u64, u64, M, R>: Send);
            #[cfg(feature = "rayon")]
            assert_not_impl_any!(words::ParIntoIter<u64, *const u64, M, R>: Send);
            #[cfg(feature = "rayon")]
            assert_impl_all!(dolmen::ParIntoIter<u64, u64, S, R>: Send);
            #[cfg(feature = "rayon")]
            assert_not_impl_any!(dolmen::ParIntoIter<u64, Rc<u64>, S, R>: Send);
        }
    };
}

for_reclaimer!(epoch, Epoch);
#[cfg(feature = "crossbeam-epoch")]
for_reclaimer!(crossbeam, CrossbeamEpoch);
#[cfg(feature = "seize")]
for_reclaimer!(seize, Seize);

// What borrows from a pin that is elsewhere, and counts its steps in raw pointers.
assert_not_impl_any!(PinnedIter<'static, u64, u64>: Send, Sync);
assert_not_impl_any!(set::PinnedIter<'static, u64>: Send, Sync);
assert_not_impl_any!(words::PinnedIter<'static, u64, u64>: Send, Sync);
assert_not_impl_any!(words::PinnedKeys<'static, u64, u64>: Send, Sync);
assert_not_impl_any!(words::set::PinnedIter<'static, u64>: Send, Sync);
assert_not_impl_any!(IterMut<'static, u64, Rc<u64>>: Send, Sync);
assert_not_impl_any!(IterMut<'static, u64, Cell<u64>>: Sync);
assert_impl_all!(CompareExchangeError<&'static u64, u64, u64>: Send, Sync);
assert_not_impl_any!(CompareExchangeError<&'static u64, u64, Rc<u64>>: Send, Sync);

// Parallel iterators go to other threads, with references to entries.
#[cfg(feature = "rayon")]
mod parallel {
    use super::*;
    use dolmen::{ParIter, ParIterMut};

    assert_impl_all!(ParIter<'static, u64, u64>: Send);
    assert_not_impl_any!(ParIter<'static, u64, Cell<u64>>: Send);
    assert_impl_all!(ParIterMut<'static, u64, u64>: Send);
    assert_not_impl_any!(ParIterMut<'static, u64, Rc<u64>>: Send);
    assert_impl_all!(words::ParIter<'static, u64, u64>: Send);
    assert_not_impl_any!(words::ParIter<'static, u64, *const u64>: Send);
}

#[test]
fn this_file_compiles() {}
