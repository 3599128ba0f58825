//! Sizes: of the first table, of successors, and what callers ask for.

use super::count;
use super::kind::SlotKind;
use super::size::{slots_for, successor_of};
use super::spare::Spare;
use super::table::Table;
use super::{RawMap, Reclaim};
use crate::error::{Reason, TryReserveError};
use crate::reclaim::Pin;
use crate::sync::Ordering;
use core::ptr;

impl<R: Reclaim, K: SlotKind> RawMap<R, K> {
    /// The first table, if nobody else has made it.
    pub(super) fn first_table<'g>(&'g self, pin: Pin<'g>) -> Result<Table<'g, K>, TryReserveError> {
        self.install_root(pin, K::GROUP)
    }

    pub(super) fn install_root<'g>(
        &'g self,
        pin: Pin<'g>,
        slots: usize,
    ) -> Result<Table<'g, K>, TryReserveError> {
        let new = Spare::allocate(slots)?;
        // ORD(root): SeqCst: Release publishes the header, Acquire takes the winner's; one order
        // with the loads that find no root.
        match self.root.compare_exchange(
            ptr::null_mut(),
            new.as_ptr(),
            Ordering::SeqCst,
            Ordering::SeqCst,
        ) {
            Ok(_) => Ok(new.publish()),
            Err(winner) => {
                // SAFETY: the winner was read from the root under the pin.
                let winner = unsafe { Table::from_ptr(winner, pin) };
                Ok(winner.expect("the exchange was lost to a table"))
            }
        }
    }

    /// Slots for the successor of a table that is used up, from how many entries live.
    pub(super) fn successor_slots(&self, table: Table<'_, K>) -> Result<usize, TryReserveError> {
        successor_of::<K>(table.slots(), self.len(), self.locals.iter().count())
    }

    /// Makes room for `additional` entries more.
    pub(crate) fn reserve<'g>(
        &'g self,
        pin: Pin<'g>,
        additional: usize,
    ) -> Result<(), TryReserveError> {
        let (mut spare, mut made) = (None, usize::MAX);
        loop {
            self.finish(pin)?;
            let wanted = self.len().saturating_add(additional);
            let Some(root) = self.root(pin) else {
                if additional == 0 {
                    return Ok(());
                }
                // Another thread may come first with a smaller one: look again.
                self.install_root(pin, slots_for::<K>(wanted)?)?;
                continue;
            };
            let (used, _) = count::used(&self.locals, root);
            if root.limit() >= wanted && root.limit().saturating_sub(used) >= additional {
                return Ok(());
            }
            // As many slots at least, where it is tombstones that fill them. If it was made as large
            // as it should be, others put more in meanwhile, and a writer that sleeps may not have counted
            // it: twice as large, so that there are few rounds. If it is smaller by now, others shrink the
            // map: were more asked for, they would chase each other to the end of memory.
            let more =
                if root.slots() >= made { root.slots().checked_mul(2) } else { Some(root.slots()) };
            let slots = more.ok_or(TryReserveError(Reason::Capacity))?.max(slots_for::<K>(wanted)?);
            // Where others come first, the table is kept for the next round: to make one takes so long
            // that they might always.
            let new = match spare.take().filter(|spare: &Spare<'g, K>| spare.slots() >= slots) {
                Some(spare) => spare,
                None => Spare::allocate(slots)?,
            };
            made = new.slots();
            if let Err((_, lost)) = new.install(root, pin) {
                (spare, made) = (Some(lost), usize::MAX);
            }
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
        let least = self.len().max(capacity);
        if least > root.limit() {
            return Ok(());
        }
        let slots = slots_for::<K>(least)?;
        if slots < root.slots() {
            let local = self.local(pin)?;
            self.start(pin, local, root, Some(slots))?;
            self.finish(pin)?;
        }
        Ok(())
    }

    /// Entries that fit before the map grows, whatever slots they share.
    pub(crate) fn capacity(&self, pin: Pin<'_>) -> usize {
        let tables = core::iter::successors(self.root(pin), |table| table.next(pin));
        tables.last().map_or(0, Table::limit).max(self.len())
    }
}
