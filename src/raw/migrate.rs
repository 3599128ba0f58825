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

use super::count::{self, Local};
use super::group::prefetch;
use super::size::{limit_of, slots_for, successor_of};
use super::slot::Slot;
use super::table::Table;
use super::walk::{Spot, ident_of_node, walk_ident};
use super::word::{Ident, State, Word};
use super::{RawMap, Reclaim};
use crate::error::TryReserveError;
use crate::reclaim::Pin;
use crate::sync::limits::{CHUNK, GROUP};
use crate::sync::probe::{Branch, Fault, hit, planted};
use crate::sync::{CHECKED, Ordering, fence};
use core::ptr;

impl<R: Reclaim> RawMap<R> {
    /// The first table, if nobody else has made it.
    pub(super) fn first_table<'g>(&'g self, pin: Pin<'g>) -> Result<Table<'g>, TryReserveError> {
        self.install_root(pin, GROUP)
    }

    pub(super) fn install_root<'g>(
        &'g self,
        pin: Pin<'g>,
        slots: usize,
    ) -> Result<Table<'g>, TryReserveError> {
        let new = Table::allocate(slots, 0)?;
        // ORD(root): SeqCst: Release publishes the header, Acquire takes the winner's; one order
        // with the loads that find no root.
        match self.root.compare_exchange(
            ptr::null_mut(),
            new.as_ptr(),
            Ordering::SeqCst,
            Ordering::SeqCst,
        ) {
            Ok(_) => Ok(new),
            Err(winner) => {
                // SAFETY: never published; the winner was read from the root under the pin.
                unsafe {
                    new.deallocate();
                    Ok(Table::from_ptr(winner, pin).expect("the exchange was lost to a table"))
                }
            }
        }
    }

    /// Slots for the successor of a table that is used up, from how many entries live.
    fn successor_slots(&self, table: Table<'_>) -> Result<usize, TryReserveError> {
        successor_of(table.slots(), self.len(), self.locals.iter().count())
    }

    /// The successor of a table, made if there is none.
    fn next_or_install<'g>(
        &self,
        pin: Pin<'g>,
        table: Table<'g>,
        slots: Option<usize>,
    ) -> Result<Table<'g>, TryReserveError> {
        if let Some(next) = table.next(pin) {
            return Ok(next);
        }
        let slots = match slots {
            Some(slots) => slots,
            None => self.successor_slots(table)?,
        };
        let new = Table::allocate(slots, table.generation() + 1)?;
        match table.install(new, pin) {
            Ok(()) => Ok(new),
            Err(winner) => {
                // SAFETY: never published.
                unsafe { new.deallocate() };
                Ok(winner)
            }
        }
    }

    /// Sees to it that `table` has a successor. Only the root starts a migration in the normal
    /// course, so one that holds up a table before it is finished here first.
    #[cold]
    pub(super) fn make_room<'g>(
        &'g self,
        pin: Pin<'g>,
        local: &Local<R::Bag>,
        table: Table<'g>,
    ) -> Result<(), TryReserveError> {
        self.start(pin, local, table, None)
    }

    pub(super) fn start<'g>(
        &'g self,
        pin: Pin<'g>,
        local: &Local<R::Bag>,
        table: Table<'g>,
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
        table: Table<'g>,
        next: Table<'g>,
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
        table: Table<'g>,
        next: Table<'g>,
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

    /// Makes room for `additional` entries more.
    pub(crate) fn reserve<'g>(
        &'g self,
        pin: Pin<'g>,
        additional: usize,
    ) -> Result<(), TryReserveError> {
        loop {
            self.finish(pin)?;
            let wanted = self.len().saturating_add(additional);
            let Some(root) = self.root(pin) else {
                if additional > 0 {
                    self.install_root(pin, slots_for(wanted)?)?;
                }
                return Ok(());
            };
            let (used, _) = count::used(&self.locals, root);
            if root.limit().saturating_sub(used) >= additional {
                return Ok(());
            }
            let local = self.local(pin)?;
            self.start(pin, local, root, Some(slots_for(wanted)?))?;
        }
    }

    /// Moves to the smallest table that holds the entries, and at least `capacity`.
    pub(crate) fn shrink<'g>(
        &'g self,
        pin: Pin<'g>,
        capacity: usize,
    ) -> Result<(), TryReserveError> {
        self.finish(pin)?;
        let Some(root) = self.root(pin) else { return Ok(()) };
        let slots = slots_for(self.len().max(capacity))?;
        if slots < root.slots() {
            let local = self.local(pin)?;
            self.start(pin, local, root, Some(slots))?;
            self.finish(pin)?;
        }
        Ok(())
    }

    /// Entries that fit before the map grows.
    pub(crate) fn capacity(&self, pin: Pin<'_>) -> usize {
        let tables = core::iter::successors(self.root(pin), |table| table.next(pin));
        tables.last().map_or(0, |table| limit_of(table.slots()))
    }

    fn move_chunk<'g>(
        &self,
        pin: Pin<'g>,
        local: &Local<R::Bag>,
        table: Table<'g>,
        chunk: usize,
    ) -> Result<(), TryReserveError> {
        let slots = table.chunk(chunk);
        let next = table.next(pin).expect("a table that is moved has a successor");
        // The next chunk's words, for whoever claims it: likely this thread, at its next write.
        table.prefetch_chunk(chunk + 1);
        // In passes, so that the lines of all nodes, and then of all places they go to, are under
        // way together: a locked instruction lets no later load begin.
        if !CHECKED {
            for word in slots.iter().map(Slot::peek).filter(|word| word.has_node()) {
                prefetch(word.head());
            }
        }
        let mut frozen = [Word::EMPTY; CHUNK];
        for (slot, frozen) in slots.iter().zip(&mut frozen) {
            if let Some(word) = freeze(slot) {
                *frozen = word;
                next.prefetch(ident_of_node(word));
            }
        }
        for (slot, word) in slots.iter().zip(frozen).filter(|(_, word)| *word != Word::EMPTY) {
            self.finish_move(pin, local, next, slot, word)?;
        }
        table.finish_chunk(chunk);
        Ok(())
    }

    /// Brings a slot to MOVED or SEALED.
    pub(super) fn move_slot<'g>(
        &self,
        pin: Pin<'g>,
        local: &Local<R::Bag>,
        table: Table<'g>,
        slot: &'g Slot,
    ) -> Result<(), TryReserveError> {
        let next = table.next(pin).expect("a table that is moved has a successor");
        match freeze(slot) {
            Some(frozen) => self.finish_move(pin, local, next, slot, frozen),
            None => Ok(()),
        }
    }

    /// From FROZEN to MOVED: copies the word to the successor, and marks it.
    #[inline(always)]
    fn finish_move<'g>(
        &self,
        pin: Pin<'g>,
        local: &Local<R::Bag>,
        next: Table<'g>,
        slot: &Slot,
        frozen: Word,
    ) -> Result<(), TryReserveError> {
        let (live, ident) = (frozen.thawed(), ident_of_node(frozen));
        match walk_ident(next, ident) {
            // As it nearly always is.
            Spot::End(to, Word::EMPTY) if to.place(live).is_ok() => local.add_used(next),
            _ => self.copy(pin, local, next, live, ident)?,
        }
        slot.finish_move(ident);
        Ok(())
    }

    /// Copies a word to the successor `to`, or to the first table after it that can still take it.
    #[cold]
    fn copy<'g>(
        &self,
        pin: Pin<'g>,
        local: &Local<R::Bag>,
        mut to: Table<'g>,
        live: Word,
        ident: Ident,
    ) -> Result<(), TryReserveError> {
        loop {
            match walk_ident(to, ident) {
                Spot::End(slot, Word::EMPTY) => {
                    if slot.place(live).is_ok() {
                        local.add_used(to);
                        return Ok(());
                    }
                }
                Spot::End(..) => {
                    hit(Branch::SealedMet);
                    to = to.next(pin).expect("a sealed table has a successor");
                }
                Spot::Node(slot, word) | Spot::Dead(slot, word) => {
                    let tomb = word.state() == State::Tomb;
                    if planted(Fault::TakeTombstone) && tomb && slot.overwrite(word, live).is_err()
                    {
                        continue;
                    }
                    hit(Branch::AlreadyArrived);
                    return Ok(());
                }
                Spot::Exhausted => {
                    hit(Branch::SuccessorExhausted);
                    to = self.next_or_install(pin, to, None)?;
                }
            }
        }
    }

    /// Swings the root from a finished table to its successor, retires the table, and goes on
    /// while the new root is finished as well.
    fn swing<'g>(
        &'g self,
        pin: Pin<'g>,
        local: &Local<R::Bag>,
        mut table: Table<'g>,
        mut next: Table<'g>,
    ) -> Result<(), TryReserveError> {
        loop {
            self.reserve_bag(local, 1)?;
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

/// Brings a slot to SEALED or MOVED, or to FROZEN: then its word is returned, to be copied.
#[inline(always)]
fn freeze(slot: &Slot) -> Option<Word> {
    loop {
        let word = slot.load();
        let done = match word.state() {
            State::Live if planted(Fault::SkipFreeze) => return Some(word),
            State::Live => match slot.freeze(word) {
                Ok(frozen) => return Some(frozen),
                Err(_) => continue,
            },
            State::Empty => slot.seal(),
            State::Tomb => slot.forward(word),
            State::Frozen => return Some(word),
            State::Moved | State::Sealed => return None,
        };
        if done.is_ok() {
            return None;
        }
    }
}
