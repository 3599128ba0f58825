//! Tables before they are published.

use super::kind::SlotKind;
use super::table::{Slots, Table};
use crate::error::TryReserveError;
use crate::reclaim::Pin;
use core::mem::ManuallyDrop;

/// An empty table that nobody else can reach; freed if it is never published.
pub(super) struct Spare<'g, K: SlotKind>(Table<'g, K>);

impl<'g, K: SlotKind> Spare<'g, K> {
    pub(super) fn allocate(slots: usize) -> Result<Self, TryReserveError> {
        Table::allocate(slots).map(Spare)
    }

    pub(super) fn slots(&self) -> usize {
        self.0.slots()
    }

    pub(super) fn as_ptr(&self) -> *mut Slots {
        self.0.as_ptr()
    }

    /// Makes it the successor of `table`; or returns the one that came before it, and the spare, which may be
    /// tried elsewhere.
    pub(super) fn install(
        self,
        table: Table<'g, K>,
        pin: Pin<'g>,
    ) -> Result<Table<'g, K>, (Table<'g, K>, Self)> {
        // SAFETY: nobody else can reach it.
        unsafe { self.0.set_generation(table.generation() + 1) };
        match table.install(self.0, pin) {
            Ok(()) => Ok(self.publish()),
            Err(winner) => Err((winner, self)),
        }
    }

    /// The table, which others can reach from now on.
    pub(super) fn publish(self) -> Table<'g, K> {
        ManuallyDrop::new(self).0
    }
}

impl<K: SlotKind> Drop for Spare<'_, K> {
    fn drop(&mut self) {
        // SAFETY: never published, and not used again.
        unsafe { self.0.deallocate() };
    }
}
