//! The protocol, on idents and nodes. It knows neither `Hash` nor the public types; tables,
//! migration and counting do not even know what a node holds.
//!
//! `word` is the value, `slot` its transitions, `group` the scan, `table` the memory and `size` how
//! much of it, `walk` the one probe loop; on them stand `read`, `write`, `migrate`, `count` and `iter`.
//! `docs/design.md` states the invariants I1 to I5 that the safety comments name.

mod count;
#[cfg(dolmen_fuzz)]
pub(crate) mod fuzz;
mod group;
mod iter;
mod migrate;
#[cfg(any(dolmen_loom, dolmen_shuttle))]
mod model;
mod node;
mod read;
mod size;
mod slot;
#[cfg(feature = "rayon")]
mod split;
mod survey;
mod table;
mod walk;
mod word;
mod write;

pub(crate) use iter::RawIter;
pub(crate) use node::{Fresh, Node, OnReclaim, Rest};
#[cfg(feature = "rayon")]
pub(crate) use split::{OwnedSplit, Split};
pub(crate) use word::Ident;
pub(crate) use write::{Decision, Nursery, Outcome, Verb};

use crate::error::AllocError;
use crate::reclaim::{Guard, Hook, Locals, Pin, Reclaim, Retired, as_owner, keep_first};
use crate::sync::{AtomicPtr, Ordering, free};
use core::ptr;
use count::Local;
use node::Nodes;
use std::panic::{AssertUnwindSafe, catch_unwind};
use table::{Header, Table};
use walk::owns_slot;
use word::{State, Word};

/// A map of nodes by ident. The typed map above it decides what a node holds, and is the same for
/// every call (that is the safety contract of the calls that are generic over `E`).
pub(crate) struct RawMap<R: Reclaim> {
    /// The table that operations start from; null until something is written.
    root: AtomicPtr<Header>,
    locals: Locals<Local<R::Bag>>,
    pub(crate) reclaim: R,
    hook: Hook,
}

impl RawMap<crate::Epoch> {
    /// An empty map, which owns no memory.
    #[cfg(not(dolmen_loom))]
    pub(crate) const fn new() -> Self {
        RawMap {
            root: AtomicPtr::new(ptr::null_mut()),
            locals: Locals::new(),
            reclaim: crate::Epoch::new(),
            hook: ptr::null(),
        }
    }
}

impl<R: Reclaim> RawMap<R> {
    /// An empty map with its reclaimer.
    #[cfg_attr(not(dolmen_loom), allow(dead_code))]
    pub(crate) fn with_reclaimer(reclaim: R) -> Self {
        RawMap {
            root: AtomicPtr::new(ptr::null_mut()),
            locals: Locals::new(),
            reclaim,
            hook: ptr::null(),
        }
    }

    /// From now on, `hook` gets the entries that are reclaimed.
    ///
    /// # Safety
    /// The map's nodes hold `E`s, it is empty, and has no hook.
    pub(crate) unsafe fn set_hook<E>(&mut self, hook: OnReclaim<E>) {
        // A raw pointer from here to `drop_all`: the map may move meanwhile.
        self.hook = Box::into_raw(Box::new(hook)).cast();
    }

    #[inline(always)]
    fn root<'g>(&'g self, pin: Pin<'g>) -> Option<Table<'g>> {
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

    /// Makes room in the bag for `n` retirements.
    #[inline(always)]
    fn reserve_bag(&self, local: &Local<R::Bag>, n: usize) -> Result<(), AllocError> {
        // SAFETY: `local` is the pin's own, everywhere in this module; nothing runs inside.
        unsafe { local.own.with(|own| self.reclaim.reserve(&mut own.bag, n)) }
    }

    /// Hands an unlinked object to the reclaimer; it is freed by a later `settle`.
    ///
    /// # Safety
    /// The caller has unlinked the object and owns it; `local` is its own.
    #[inline(always)]
    unsafe fn retire(&self, local: &Local<R::Bag>, object: Retired, bytes: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            local.own.with(|own| {
                own.due |= self.reclaim.retire(&mut own.bag, object, bytes);
                local.set_open(R::pending(&own.bag));
            });
        }
    }

    /// Frees what may be freed, if a bag is full. The last thing in an operation, because
    /// destructors are user code.
    #[inline(always)]
    fn settle(&self, local: &Local<R::Bag>) {
        // SAFETY: as in `reserve_bag`.
        if unsafe { local.own.with(|own| own.due) } {
            self.collect(local);
        }
    }

    /// Seals this participant's bag and frees what may be freed.
    #[cold]
    fn collect(&self, local: &Local<R::Bag>) {
        // SAFETY: as in `reserve_bag`, here and in the closure: sealing runs no user code, and
        // keeping a block neither.
        unsafe {
            local.own.with(|own| {
                own.due = false;
                self.reclaim.seal(&mut own.bag);
                local.set_open(R::pending(&own.bag));
            });
            self.reclaim.collect(&mut |block, layout| {
                local.own.with(|own| own.pool.put(block, layout));
            });
        }
    }

    /// Seals every bag that can be had (this participant's, and those whose participants nobody
    /// has claimed) and frees what may be freed.
    pub(crate) fn flush(&self) {
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
        // SAFETY: the reclaimer gives the block away.
        self.reclaim.collect_all(&mut |block, layout| unsafe { free(block, layout) });
    }

    /// The entry of `ident` for which `same` holds, in an exclusively borrowed map.
    ///
    /// # Safety
    /// The map's nodes hold `E`s.
    pub(crate) unsafe fn find_mut<E>(
        &mut self,
        ident: Ident,
        same: impl FnMut(&E) -> bool,
    ) -> Option<&mut E> {
        // SAFETY: nothing is retired while the map is borrowed, and a read does not use the index.
        let mut node = unsafe { self.find(Pin::exclusive(), ident, same) }?;
        // SAFETY: found just now; the map, and so the node, is ours alone.
        Some(unsafe { node.as_mut() }.entry_mut())
    }

    /// Iterates over the nodes of an exclusively borrowed map: each is yielded once, and may be
    /// written.
    ///
    /// # Safety
    /// The map's nodes hold `E`s.
    pub(crate) unsafe fn iter_mut<E>(&mut self) -> RawIter<'_, E> {
        // SAFETY: nothing is retired while the map is borrowed, and iterating does not use the
        // index; the rest is the caller's promise.
        unsafe { self.iter(Pin::exclusive()) }
    }

    /// Takes an entry out of an exclusively owned map that does not migrate (see `settle_moves`),
    /// from the slots at `cursor` on. `rest` is what is left of a list.
    ///
    /// # Safety
    /// The map's nodes hold `E`s; `cursor` and `rest` come from this function, or are new. `rest` is
    /// dropped before the map.
    pub(crate) unsafe fn take_next<E>(
        &mut self,
        cursor: &mut Cursor,
        rest: &mut Rest<E>,
    ) -> Option<E> {
        loop {
            if let Some(entry) = rest.pop() {
                return Some(entry);
            }
            let table = self.tables_exclusive().nth(cursor.table)?;
            if cursor.slot == table.slots() {
                *cursor = Cursor { table: cursor.table + 1, slot: 0 };
                continue;
            }
            // SAFETY: the caller's promise; after `thaw` each node is in one table only.
            unsafe { node::take_all(table.slot(cursor.slot), rest) };
            cursor.slot += 1;
        }
    }

    /// For `take_next`.
    pub(crate) fn no_rest<E>(&self) -> Rest<E> {
        Rest::new(self.hook)
    }

    /// Ends the moves of an exclusively owned map, so that each node is in one table only.
    pub(crate) fn settle_moves(&mut self) {
        // First of all tables, so that no slot's ident is read from a node that is gone.
        self.tables_exclusive().for_each(thaw);
    }

    fn tables_exclusive(&mut self) -> impl Iterator<Item = Table<'_>> {
        // ORD(exclusive): Relaxed, `&mut self` orders everything before.
        let root = self.root.load(Ordering::Relaxed);
        // SAFETY: the chain from the root is the map's own.
        let root = unsafe { Table::from_ptr_exclusive(root) };
        core::iter::successors(root, |table| table.next_exclusive())
    }

    /// Drops every node and every table.
    ///
    /// # Safety
    /// The map's nodes hold `E`s, no guard on it lives, and the map is not used again.
    pub(crate) unsafe fn drop_all<E>(&mut self) {
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
            let mut slots = 0..table.slots();
            while !slots.is_empty() {
                let batch = || {
                    // SAFETY: `thaw` left each node in one table only, and nobody reads it.
                    slots.by_ref().for_each(|i| unsafe { free_slot::<E>(table, i, self.hook) });
                };
                keep_first(&mut result, catch_unwind(AssertUnwindSafe(batch)));
            }
            // SAFETY: nobody else can reach it.
            unsafe { table.deallocate() };
        }
        for local in &mut locals {
            let pool = &mut local.own.get_mut().pool;
            while let Some(block) = pool.take() {
                // SAFETY: blocks in the pool are nodes' memory.
                unsafe { free(block, Node::<E>::layout()) };
            }
        }
        if !self.hook.is_null() {
            // SAFETY: made by `set_hook`, for `E`s; nothing is left to be reclaimed.
            drop(unsafe { Box::from_raw(self.hook.cast_mut().cast::<OnReclaim<E>>()) });
        }
        if let Err(panic) = result {
            std::panic::resume_unwind(panic);
        }
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
fn thaw(table: Table<'_>) {
    let Some(next) = table.next_exclusive() else { return };
    for i in 0..table.slots() {
        let slot = table.slot(i);
        let word = slot.load_exclusive();
        if word.state() == State::Frozen {
            let ident = walk::ident_of_node(word);
            let arrived = core::iter::successors(Some(next), |t| t.next_exclusive())
                .any(|t| owns_slot(t, ident));
            slot.store_exclusive(if arrived { Word::moved(ident) } else { word.thawed() });
        }
    }
}

/// Frees what a slot holds; leaves it MOVED, so that nothing is freed twice if a destructor
/// panics.
///
/// # Safety
/// The map is exclusively owned and holds `E`s, and the slot's nodes are in no other table.
unsafe fn free_slot<E>(table: Table<'_>, i: usize, hook: Hook) {
    let slot = table.slot(i);
    let word = slot.load_exclusive();
    if !word.has_node() {
        return;
    }
    // SAFETY: `destroy` gives the block away.
    let mut recycle = |block, layout| unsafe { free(block, layout) };
    slot.store_exclusive(Word::SEALED);
    // SAFETY: the caller's promise: the nodes, and a list around them, are ours.
    unsafe {
        let nodes = Nodes::<E>::of(word);
        let mut rest = nodes.as_slice().iter();
        let mut result = Ok(());
        while !rest.as_slice().is_empty() {
            let batch =
                || rest.by_ref().for_each(|n| Node::retired(*n, hook).destroy(&mut recycle));
            keep_first(&mut result, catch_unwind(AssertUnwindSafe(batch)));
        }
        if word.is_list() {
            node::List::<E>::retired(word.head()).destroy(&mut recycle);
        }
        if let Err(panic) = result {
            std::panic::resume_unwind(panic);
        }
    }
}
