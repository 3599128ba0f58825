//! Migration: from a table to its successor, a chunk at a time, by whoever writes.
//!
//! Moving a slot is idempotent: any number of threads may do it, none waits for another, and no
//! user code runs (the ident is in the node). See `docs/design.md` for the argument.
//!
//! 1. EMPTY becomes SEALED, TOMB becomes MOVED: done.
//! 2. LIVE becomes FROZEN: from now on writers must wait for nobody, but go on themselves.
//! 3. The successor is walked for the ident. An EMPTY slot takes the LIVE word. A slot that the
//!    ident already has means that the copy has happened, whatever became of it since. SEALED or
//!    exhausted: the same, one table further.
//! 4. FROZEN becomes MOVED, by a plain store.

use super::count::{Local, Private};
use super::kind::{Arrival, SlotKind};
use super::spare::Spare;
use super::table::Table;
use super::{RawMap, Reclaim};
use crate::error::TryReserveError;
use crate::reclaim::Pin;
use crate::sync::limits::{BAG_BYTES, PATIENCE};
use crate::sync::probe::{Branch, hit};
use crate::sync::{CHECKED, Ordering, fence};

impl<R: Reclaim, K: SlotKind> RawMap<R, K> {
    /// The successor of a table, made if there is none.
    fn next_or_install<'g>(
        &self,
        pin: Pin<'g>,
        table: Table<'g, K>,
        slots: Option<usize>,
    ) -> Result<Table<'g, K>, TryReserveError> {
        if let Some(next) = table.next(pin) {
            return Ok(next);
        }
        let slots = match slots {
            Some(slots) => slots,
            None => self.successor_slots(table)?,
        };
        Ok(Spare::allocate(slots)?.install(table, pin).unwrap_or_else(|(winner, _)| winner))
    }

    /// Sees to it that `table` has a successor. Only the root starts a migration in the normal
    /// course, so one that holds up a table before it is finished here first.
    #[cold]
    pub(super) fn make_room<'g>(
        &'g self,
        pin: Pin<'g>,
        local: &Local<R::Bag>,
        table: Table<'g, K>,
    ) -> Result<(), TryReserveError> {
        self.start(pin, local, table, None)
    }

    pub(super) fn start<'g>(
        &'g self,
        pin: Pin<'g>,
        local: &Local<R::Bag>,
        table: Table<'g, K>,
        slots: Option<usize>,
    ) -> Result<(), TryReserveError> {
        while table.next(pin).is_none() {
            let root = self.root(pin).expect("there is a table");
            match root.next(pin) {
                // The root is before `table`, or the successor of `table` has just come.
                Some(next) => self.finish_table(pin, local, root, next)?,
                None if root == table => drop(self.next_or_install(pin, table, slots)?),
                None => {}
            }
        }
        Ok(())
    }

    /// Helps a migration along by one chunk. Ends it, if it is the last.
    #[cold]
    pub(super) fn help<'g>(
        &'g self,
        pin: Pin<'g>,
        local: &Local<R::Bag>,
        table: Table<'g, K>,
        next: Table<'g, K>,
    ) -> Result<(), TryReserveError> {
        if let Some(chunk) = table.claim_chunk() {
            self.move_chunk(pin, local, table, chunk)?;
        }
        if table.all_claimed() && table.is_complete() {
            self.swing(pin, local, table, next)?;
        }
        Ok(())
    }

    /// Moves all that is left of a table: first what nobody has claimed, then what was claimed and
    /// is not finished (its owner may sleep; nobody waits for it).
    fn finish_table<'g>(
        &'g self,
        pin: Pin<'g>,
        local: &Local<R::Bag>,
        table: Table<'g, K>,
        next: Table<'g, K>,
    ) -> Result<(), TryReserveError> {
        while let Some(chunk) = table.claim_chunk() {
            self.move_chunk(pin, local, table, chunk)?;
        }
        for chunk in 0..table.chunks() {
            if !table.is_chunk_done(chunk) {
                hit(Branch::ChunkTakenOver);
                self.move_chunk(pin, local, table, chunk)?;
            }
        }
        self.swing(pin, local, table, next)
    }

    /// Ends every migration there is.
    pub(crate) fn finish<'g>(&'g self, pin: Pin<'g>) -> Result<(), TryReserveError> {
        let Some(mut root) = self.root(pin) else { return Ok(()) };
        while let Some(next) = root.next(pin) {
            let local = self.local(pin)?;
            self.finish_table(pin, local, root, next)?;
            self.settle(local);
            root = self.root(pin).expect("there is a table");
        }
        Ok(())
    }

    fn move_chunk<'g>(
        &self,
        pin: Pin<'g>,
        local: &Local<R::Bag>,
        table: Table<'g, K>,
        chunk: usize,
    ) -> Result<(), TryReserveError> {
        let groups = table.chunk(chunk);
        let next = table.next(pin).expect("a table that is moved has a successor");
        // The next chunk's words, for whoever claims it: likely this thread, at its next write.
        table.prefetch_chunk(chunk + 1);
        // In passes, so that the lines of all nodes, and then of all places they go to, are under
        // way together, and where a locked instruction holds later loads back, too.
        if !CHECKED {
            groups.iter().for_each(|group| K::slots(group).for_each(K::prefetch));
        }
        for group in groups {
            for slot in K::slots(group) {
                if let Some(word) = K::freeze(table, slot) {
                    next.prefetch(ident_of::<K>(word));
                }
            }
        }
        let mut placed = 0;
        // Loops in loops: an iterator over them all would call what is done with each slot.
        let mut finish = || {
            for group in groups {
                for slot in K::slots(group) {
                    // Or somebody else has moved it by now.
                    if let Some(word) = K::frozen(table, slot) {
                        placed += usize::from(self.finish_move(pin, local, next, slot, word)?);
                    }
                }
            }
            Ok(())
        };
        let finished = finish();
        local.add_used(next, placed);
        if finished.is_ok() {
            table.finish_chunk(chunk);
        }
        finished
    }

    /// Brings a slot to MOVED or SEALED.
    pub(super) fn move_slot<'g>(
        &self,
        pin: Pin<'g>,
        local: &Local<R::Bag>,
        table: Table<'g, K>,
        slot: K::Slot<'g>,
    ) -> Result<(), TryReserveError> {
        let next = table.next(pin).expect("a table that is moved has a successor");
        match K::freeze(table, slot) {
            Some(word) => {
                if self.finish_move(pin, local, next, slot, word)? {
                    local.add_used(next, 1);
                }
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// From FROZEN to MOVED: copies the word to the successor, and marks it. True if that took a slot of the
    /// successor which is not counted yet.
    #[inline(always)]
    fn finish_move<'g>(
        &self,
        pin: Pin<'g>,
        local: &Local<R::Bag>,
        next: Table<'g, K>,
        slot: K::Slot<'_>,
        frozen: K::Word,
    ) -> Result<bool, TryReserveError> {
        let ident = ident_of::<K>(frozen);
        let placed = match K::place(next, K::walk(next, ident), ident, frozen) {
            // As it nearly always is.
            Arrival::Placed => true,
            first => self.copy(pin, local, next, ident, frozen, first).map(|()| false)?,
        };
        K::finish_move(slot, ident);
        Ok(placed)
    }

    /// Copies what was frozen to the successor `to`, or to the first table after it that can still
    /// take it, after a `first` try.
    #[cold]
    fn copy<'g>(
        &self,
        pin: Pin<'g>,
        local: &Local<R::Bag>,
        mut to: Table<'g, K>,
        ident: K::Ident,
        frozen: K::Word,
        first: Arrival,
    ) -> Result<(), TryReserveError> {
        let mut arrival = first;
        loop {
            match arrival {
                Arrival::Placed => {
                    local.add_used(to, 1);
                    return Ok(());
                }
                // Whoever claimed the slot counts it.
                Arrival::Filled => return Ok(()),
                Arrival::Arrived => {
                    hit(Branch::AlreadyArrived);
                    return Ok(());
                }
                Arrival::Claimed => local.add_used(to, 1),
                Arrival::Lost => {}
                Arrival::Onward => {
                    hit(Branch::SealedMet);
                    to = to.next(pin).expect("a closed slot has a successor");
                }
                Arrival::Exhausted => {
                    hit(Branch::SuccessorExhausted);
                    to = self.next_or_install(pin, to, None)?;
                }
            }
            arrival = K::place(to, K::walk(to, ident), ident, frozen);
        }
    }

    /// Swings the root from a finished table to its successor, retires the table, and goes on
    /// while the new root is finished as well.
    fn swing<'g>(
        &'g self,
        pin: Pin<'g>,
        local: &Local<R::Bag>,
        mut table: Table<'g, K>,
        mut next: Table<'g, K>,
    ) -> Result<(), TryReserveError> {
        loop {
            self.reserve_bag(local, 0, 1)?;
            // ORD(onward): SeqCst: every MOVED of the old table (a Release store, acquired through
            // its bitmap) comes before the writes of those who start from the new root.
            fence(Ordering::SeqCst);
            // ORD(root): Release: every move out of the old table (acquired from its bitmap) comes
            // before a start from the new one; Acquire, so that a failure reads nothing older.
            let swung = self.root.compare_exchange(
                table.as_ptr(),
                next.as_ptr(),
                Ordering::AcqRel,
                Ordering::Acquire,
            );
            if swung.is_err() {
                return Ok(());
            }
            // SAFETY: unlinked by the exchange, which only one thread can win.
            unsafe { self.retire(local, table.retired(), table.bytes()) };
            // It is there as long as we are pinned.
            if table.bytes() >= BAG_BYTES {
                let wait = |own: &mut Private<R::Bag>| {
                    own.patience = PATIENCE.min(1);
                    (own.large, own.untold) = (true, true);
                };
                // SAFETY: `local` is the pin's own; nothing runs inside.
                unsafe { local.own.with(wait) };
            }
            // The finisher of `next` may have found it not yet root, and left the swing to us.
            let Some(after) = next.next(pin) else { return Ok(()) };
            if !next.is_complete_after_swing() {
                return Ok(());
            }
            hit(Branch::DoubleSwing);
            (table, next) = (next, after);
        }
    }
}

/// The ident of what was frozen.
#[inline(always)]
fn ident_of<K: SlotKind>(frozen: K::Word) -> K::Ident {
    K::ident(frozen).expect("what is frozen has an ident")
}
