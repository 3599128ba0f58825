//! The protocol, on idents and what slots hold. It knows neither `Hash` nor the public types; tables,
//! migration and counting do not even know what a slot holds.
//!
//! `word` is the value, `slot` its transitions, `group` the scan, `table` the memory, `size` how much of it
//! and `chunks` what of it was moved, `walk` the one probe loop; on them stand `read`, `write` (of a `verb`)
//! and its `exchange`, `migrate`, `room`, `count`, `collect` and `iter` (which looks at a `stretch` at a
//! time). `kind` says what the protocol asks of a slot, `linked` answers for slots that point at nodes.
//! `docs/design.md` states the invariants I1 to I6 that the safety comments name.

mod chunks;
mod collect;
mod count;
mod depth;
mod exchange;
#[cfg(dolmen_fuzz)]
pub(crate) mod fuzz;
mod group;
mod inline;
mod iter;
mod kind;
mod linked;
mod migrate;
#[cfg(any(dolmen_loom, dolmen_shuttle, dolmen_real))]
mod model;
mod node;
mod owned;
mod read;
mod room;
mod size;
mod slot;
mod spare;
#[cfg(feature = "rayon")]
mod split;
mod stretch;
mod survey;
mod table;
mod verb;
mod walk;
mod word;
mod write;

#[cfg(feature = "rayon")]
pub(crate) use inline::WordSplit;
pub(crate) use inline::{Change, Entries, Key};
pub(crate) use iter::RawIter;
pub(crate) use kind::SlotKind;
pub(crate) use node::{Fresh, Node, OnReclaim};
#[cfg(feature = "rayon")]
pub(crate) use split::{OwnedSplit, Split};
pub(crate) use verb::{Decision, Nursery, Outcome, Verb};
pub(crate) use word::Ident;
pub(crate) use write::Done;

use crate::error::AllocError;
use crate::reclaim::{Hook, Locals, Pin, Reclaim, keep_first};
use crate::sync::{AtomicPtr, MODELLED, Ordering, free};
use core::alloc::Layout;
use core::marker::PhantomData;
use core::ptr;
use count::Local;
use inline::Inline;
use kind::{FreeSlots, State};
use linked::Linked;
use std::panic::{AssertUnwindSafe, catch_unwind};
use stretch::ask_ahead;
use table::{Slots, Table};

/// A map by ident. Of nodes, the typed map above it decides what a node holds, and is the same for
/// every call (that is the safety contract of the calls that are generic over `E`).
pub(crate) struct RawMap<R: Reclaim, K: SlotKind = Linked> {
    /// The table that operations start from; null until something is written.
    root: AtomicPtr<Slots>,
    locals: Locals<Local<R::Bag>>,
    pub(crate) reclaim: R,
    hook: Hook,
    _kind: PhantomData<K>,
}

/// A map of keys and values that are words.
#[allow(dead_code)]
pub(crate) type RawWords<R> = RawMap<R, Inline>;

impl<K: SlotKind> RawMap<crate::Epoch, K> {
    /// An empty map, which owns no memory.
    #[cfg(not(dolmen_loom))]
    pub(crate) const fn new() -> Self {
        RawMap {
            root: AtomicPtr::new(ptr::null_mut()),
            locals: Locals::new(),
            reclaim: crate::Epoch::new(),
            hook: ptr::null(),
            _kind: PhantomData,
        }
    }
}

impl<R: Reclaim, K: SlotKind> RawMap<R, K> {
    /// An empty map with its reclaimer.
    #[cfg_attr(not(dolmen_loom), allow(dead_code))]
    pub(crate) fn with_reclaimer(reclaim: R) -> Self {
        RawMap {
            root: AtomicPtr::new(ptr::null_mut()),
            locals: Locals::new(),
            reclaim,
            hook: ptr::null(),
            _kind: PhantomData,
        }
    }

    #[inline(always)]
    fn root<'g>(&'g self, pin: Pin<'g>) -> Option<Table<'g, K>> {
        // LP(absent-empty): a null root: nothing was ever written.
        // ORD(root): SeqCst: Acquire, paired with the swing: whoever starts from the new root comes
        // after every move out of the old one; as a linearization point, in one order with the
        // others.
        let root = self.root.load(Ordering::SeqCst);
        // SAFETY: read under the pin; a table is retired only after the root has left it.
        unsafe { Table::from_ptr(root, pin) }
    }

    /// This participant's entry.
    #[inline(always)]
    fn local<'g>(&'g self, pin: Pin<'g>) -> Result<&'g Local<R::Bag>, AllocError> {
        // In a model each call looks for itself: threads' entries are made in advance, by nobody's pin.
        self.locals.get(pin, || Local::new(pin, !K::POINTS && !MODELLED))
    }

    /// Entries in the map.
    pub(crate) fn len(&self) -> usize {
        count::len(&self.locals)
    }

    /// Makes room in the bag to retire so many nodes, and so many lists and tables.
    #[inline(always)]
    fn reserve_bag(
        &self,
        local: &Local<R::Bag>,
        nodes: usize,
        others: usize,
    ) -> Result<(), AllocError> {
        // SAFETY: `local` is the pin's own, everywhere in this module; nothing runs inside.
        unsafe { local.own.with(|own| self.reclaim.reserve(&mut own.bag, nodes, others)) }
    }

    /// Takes something out of an exclusively owned map that does not migrate (see `settle_moves`),
    /// from the slots at `cursor` on, by `take`. What it does not take stays in the map.
    fn take_next_by<T>(
        &mut self,
        cursor: &mut Cursor,
        take: impl Fn(Table<'_, K>, usize) -> Option<T>,
    ) -> Option<T> {
        loop {
            let table = self.tables_exclusive().nth(cursor.table)?;
            if cursor.slot == table.places() {
                *cursor = Cursor { table: cursor.table + 1, slot: 0 };
                continue;
            }
            ask_ahead(table, cursor.slot);
            if let Some(taken) = take(table, cursor.slot) {
                return Some(taken);
            }
            cursor.slot += 1;
        }
    }

    /// Ends the moves of an exclusively owned map, so that what a slot holds is in one table only.
    pub(crate) fn settle_moves(&mut self) {
        // First of all tables, so that no slot's ident is read from a node that is gone.
        self.tables_exclusive().for_each(thaw);
    }

    fn tables_exclusive(&mut self) -> impl Iterator<Item = Table<'_, K>> {
        // ORD(exclusive): Relaxed, `&mut self` orders everything before.
        let root = self.root.load(Ordering::Relaxed);
        // SAFETY: the chain from the root is the map's own.
        let root = unsafe { Table::from_ptr_exclusive(root) };
        core::iter::successors(root, |table| table.next_exclusive())
    }

    /// Frees what every slot holds, by `free_slots`, every table, and the blocks of this layout that
    /// participants keep. Returns the first panic of a destructor.
    ///
    /// # Safety
    /// `free_slots` is for what the map holds, no guard on it lives, and the map is not used again.
    unsafe fn drop_by(
        &mut self,
        free_slots: FreeSlots<K>,
        block: Layout,
    ) -> std::thread::Result<()> {
        let mut result = Ok(());
        let mut locals = self.locals.take();
        // SAFETY: no guard lives.
        let mut drain = || unsafe {
            self.reclaim.drain(
                &mut locals.iter_mut().map(|local| core::mem::take(&mut local.own.get_mut().bag)),
            );
        };
        keep_first(&mut result, catch_unwind(AssertUnwindSafe(&mut drain)));
        self.settle_moves();
        // ORD(exclusive): Relaxed, `&mut self` orders everything before.
        let root = self.root.swap(ptr::null_mut(), Ordering::Relaxed);
        // SAFETY: the chain from the root is the map's own.
        let mut next = unsafe { Table::from_ptr_exclusive(root) };
        while let Some(table) = next {
            next = table.next_exclusive();
            let mut slots = 0..table.places();
            while !slots.is_empty() {
                // SAFETY: `thaw` left each node in one table only, and nobody reads it.
                let batch = || unsafe { free_slots(table, &mut slots, self.hook) };
                keep_first(&mut result, catch_unwind(AssertUnwindSafe(batch)));
            }
            // SAFETY: nobody else can reach it.
            unsafe { table.deallocate() };
        }
        for local in &mut locals {
            let pool = &mut local.own.get_mut().pool;
            while let Some(kept) = pool.take() {
                // SAFETY: blocks in the pool are of the layout that the caller says.
                unsafe { free(kept, block) };
            }
        }
        result
    }
}

/// Where `take_next` goes on.
#[derive(Default)]
pub(crate) struct Cursor {
    table: usize,
    slot: usize,
}

/// Ends the moves of a table that was left in the middle, in an exclusively owned map: a frozen
/// slot whose copy has arrived becomes MOVED, one whose copy has not becomes LIVE.
fn thaw<K: SlotKind>(table: Table<'_, K>) {
    let Some(next) = table.next_exclusive() else { return };
    for slot in (0..table.places()).map(|i| table.slot(i)) {
        let word = K::load_exclusive(table, slot);
        if K::state(word) == State::Frozen {
            let ident = K::ident(word).expect("what is frozen has an ident");
            let arrived = core::iter::successors(Some(next), |t| t.next_exclusive())
                .any(|t| K::has_arrived(t, ident));
            K::thaw(slot, word, arrived);
        }
    }
}
