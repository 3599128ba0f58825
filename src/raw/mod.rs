//! The protocol, on idents and what slots hold. It knows neither `Hash` nor the public types; tables,
//! migration and counting do not even know what a slot holds.
//!
//! `word` is the value, `slot` its transitions, `group` the scan, `table` the memory and `size` how
//! much of it, `walk` the one probe loop; on them stand `read`, `write` (of a `verb`) and its `exchange`,
//! `migrate`, `room`, `count` and `iter` (which looks at a `stretch` at a time). `kind` says what the protocol
//! asks of a slot, `linked` answers for slots that point at nodes.
//! `docs/design.md` states the invariants I1 to I5 that the safety comments name.

mod count;
mod exchange;
mod freeing;
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
use crate::reclaim::{
    Guard, Hook, Locals, Pin, Reclaim, Retired, as_owner, give_back, go_on, keep_first,
};
use crate::sync::limits::{BAG_BYTES, PATIENCE};
use crate::sync::{AtomicPtr, Ordering, free};
use core::alloc::Layout;
use core::marker::PhantomData;
use core::ptr;
use count::{Local, Private};
use freeing::{Freeing, NESTED};
use inline::Inline;
use kind::{FreeSlots, State};
use linked::Linked;
use std::panic::{AssertUnwindSafe, catch_unwind};
use stretch::ask_ahead;
use table::{Header, Table};

/// A map by ident. Of nodes, the typed map above it decides what a node holds, and is the same for
/// every call (that is the safety contract of the calls that are generic over `E`).
pub(crate) struct RawMap<R: Reclaim, K: SlotKind = Linked> {
    /// The table that operations start from; null until something is written.
    root: AtomicPtr<Header>,
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
        self.locals.get(pin)
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

    /// Hands an unlinked object to the reclaimer; it is freed by a later `settle`.
    ///
    /// # Safety
    /// The caller has unlinked the object and owns it; `local` is its own, and in its bag there is room that
    /// `reserve_bag` has made. Of what a map retires, nodes alone are blocks, and each has the map's hook.
    #[inline(always)]
    unsafe fn retire(&self, local: &Local<R::Bag>, object: Retired, bytes: usize) {
        // SAFETY: the caller's promise.
        let is_full =
            unsafe { local.own.with(move |own| self.reclaim.retire(&mut own.bag, object, bytes)) };
        if is_full {
            self.ask(local);
        }
        if object.is_block() {
            // SAFETY: as above.
            local.set_open(unsafe { local.own.with(|own| R::pending(&own.bag)) });
        }
    }

    /// Has this operation collect when it is done. `local` is the caller's own.
    #[cold]
    fn ask(&self, local: &Local<R::Bag>) {
        // SAFETY: as in `reserve_bag`.
        unsafe { local.own.with(|own| (own.due, own.pause) = (true, 0)) };
    }

    /// Frees what may be freed, if a bag is full. The last thing in an operation, because
    /// destructors are user code.
    #[inline(always)]
    fn settle(&self, local: &Local<R::Bag>) {
        let is_due = |own: &mut Private<R::Bag>| {
            let is_due = own.due && own.pause == 0;
            if own.due {
                own.pause = own.pause.saturating_sub(1);
            }
            is_due
        };
        // SAFETY: as in `reserve_bag`.
        if unsafe { local.own.with(is_due) } {
            self.collect(local);
        }
    }

    /// Seals this participant's bag and frees what may be freed.
    #[cold]
    fn collect(&self, local: &Local<R::Bag>) {
        // SAFETY: as in `reserve_bag`, here and in the closure: sealing runs no user code, and
        // keeping a block neither.
        unsafe {
            let advance = local.own.with(|own| {
                own.due = false;
                let is_time = self.reclaim.seal(&mut own.bag);
                local.set_open(R::pending(&own.bag));
                is_time
            });
            let Some(_freeing) = Freeing::begin(NESTED) else { return };
            let collect = AssertUnwindSafe(|| {
                self.reclaim.collect(advance, &mut |blocks, layout| {
                    local.own.with(|own| own.pool.put(blocks, layout));
                })
            });
            // Destructors may panic: what is left then waits for the next look, too.
            let more = catch_unwind(collect);
            local.own.with(|own| self.look_again(own, !matches!(more, Ok(false))));
            go_on(more.map(drop));
        }
    }

    /// Has later writes collect, too. A large table goes back in parts, `more` of which are left: one
    /// with each of the writes that follow. And it waits for two epochs to end, whatever pins are in
    /// the way, which a map that retires nothing more would not see: it looks less and less often.
    fn look_again(&self, own: &mut Private<R::Bag>, more: bool) {
        // Not every reclaimer knows what waits; after a few looks it is for the others to tell.
        let waits = own.patience > 0
            && (own.patience < 16 || self.reclaim.status().sealed_bytes >= BAG_BYTES);
        if more {
            (own.due, own.pause) = (true, 0);
        } else if waits && !own.due {
            // Not where what destructors retired has filled a bag meanwhile.
            (own.due, own.pause) = (true, own.patience);
        }
        own.patience = if waits { (2 * own.patience).min(PATIENCE) } else { 0 };
    }

    /// Flushes, if this participant has retired a large table: at the end of a call about the whole map, after
    /// its own pin. If a pin is in the way, later writes see to it. Destructors that come here again do not.
    pub(crate) fn flush_large(&self) {
        if self.with_own(|own| own.patience > 0) != Some(true) {
            return;
        }
        let Some(_freeing) = Freeing::begin(1) else { return };
        self.flush();
        if self.reclaim.status().sealed_bytes < BAG_BYTES {
            self.with_own(|own| own.patience = 0);
        }
    }

    /// Runs `f` on what this participant alone touches, if there is something. `f` runs no user code.
    fn with_own<T>(&self, f: impl FnOnce(&mut Private<R::Bag>) -> T) -> Option<T> {
        let guard = self.reclaim.pin();
        let local = self.locals.peek(guard.as_pin().index())?;
        // SAFETY: as in `reserve_bag`.
        Some(unsafe { local.own.with(f) })
    }

    /// Frees all that was retired before, unless a pin is in the way. How deep, is for the caller to see to.
    pub(crate) fn flush(&self) {
        let _freeing = Freeing::begin(usize::MAX);
        // An epoch ends in each round, and what is retired now may be freed when two have.
        (0..3).for_each(|_| self.flush_once());
    }

    /// Seals every bag that can be had (this participant's, and those whose participants nobody
    /// has claimed) and frees what may be freed.
    pub(crate) fn flush_once(&self) {
        {
            let guard = self.reclaim.pin();
            for (index, local) in self.locals.iter() {
                // SAFETY: the pin's own, or `as_owner` makes us the owner of the index meanwhile.
                let seal = || unsafe {
                    local.own.with(|own| {
                        self.reclaim.seal(&mut own.bag);
                        local.set_open(R::pending(&own.bag));
                    });
                };
                if index == guard.as_pin().index() {
                    seal();
                } else {
                    as_owner(index, seal);
                }
            }
        }
        // Not under a pin, which would keep its epoch from ending while destructors run.
        // SAFETY: the reclaimer gives the blocks away.
        self.reclaim.collect_all(&mut |blocks, layout| unsafe { give_back(blocks, layout) });
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
