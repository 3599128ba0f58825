//! Hooks for the models: single steps of a migration, and a look at the tables.

use super::kind::SlotKind;
use super::{RawMap, Table, count};
use crate::reclaim::{Index, Pin, Post, Reclaim};

impl<R: Reclaim, K: SlotKind> RawMap<R, K> {
    /// Makes the entries of the first `n` participants, so that no model explores how threads make
    /// theirs. Nobody else may use the map yet.
    pub(crate) fn enroll(&self, n: usize) {
        for index in core::iter::successors(Some(Index::FIRST), |index| index.next()).take(n) {
            let post = Post::at(index);
            // SAFETY: nobody is pinned on this map, and nothing is done under the pin but this.
            self.local(unsafe { Pin::new(&post) }).expect("memory");
        }
    }

    /// Gives the root a successor of so many slots, if it has none (and the map has a table).
    pub(crate) fn model_start<'g>(&'g self, pin: Pin<'g>, slots: usize) {
        let local = self.local(pin).expect("memory");
        match self.root(pin) {
            Some(root) => self.start(pin, local, root, Some(slots)).expect("memory"),
            None => drop(self.install_root(pin, slots).expect("memory")),
        }
    }

    /// Moves one chunk of the root, as a writer would.
    pub(crate) fn model_help<'g>(&'g self, pin: Pin<'g>) {
        if let Some((root, next)) = self.migrating(pin) {
            let local = self.local(pin).expect("memory");
            self.help(pin, local, root, next).expect("memory");
            self.settle(local);
        }
    }

    /// Moves one slot of the table that is `nth` from the root, and says nothing to its bitmap.
    pub(crate) fn model_move<'g>(&'g self, pin: Pin<'g>, nth: usize, slot: usize) {
        let table = core::iter::successors(self.root(pin), |table| table.next(pin)).nth(nth);
        let Some(table) = table.filter(|table| table.next(pin).is_some()) else { return };
        let local = self.local(pin).expect("memory");
        self.move_slot(pin, local, table, table.slot(slot % table.places())).expect("memory");
    }

    fn migrating<'g>(&'g self, pin: Pin<'g>) -> Option<(Table<'g, K>, Table<'g, K>)> {
        let root = self.root(pin)?;
        Some((root, root.next(pin)?))
    }

    /// Slots that are counted as used in the root.
    pub(crate) fn model_used(&self, pin: Pin<'_>) -> usize {
        self.root(pin).map_or(0, |root| count::used(&self.locals, root).0)
    }

    /// Each table from the root on, a letter a slot.
    pub(crate) fn model_chain(&self, pin: Pin<'_>) -> Vec<String> {
        core::iter::successors(self.root(pin), |table| table.next(pin))
            .map(|t| (0..t.places()).map(|i| K::state(K::load(t, t.slot(i))).letter()).collect())
            .collect()
    }
}
