//! Figures about a map, for `stats`.

use super::kind::{SlotKind, State};
use super::walk::passed;
use super::{RawMap, Table};
use crate::reclaim::{Pin, Reclaim};

/// What a look at the root table found.
#[derive(Default)]
pub(crate) struct Survey {
    pub(crate) slots: usize,
    pub(crate) used: usize,
    pub(crate) live: usize,
    pub(crate) tombstones: usize,
    /// In groups: the longest walk to an entry, and the sum of all.
    pub(crate) longest_walk: usize,
    pub(crate) walks: usize,
    pub(crate) migration: Option<f64>,
    /// Retired nodes in open bags, and their bytes.
    pub(crate) open: (usize, usize),
}

impl<R: Reclaim, K: SlotKind> RawMap<R, K> {
    /// Goes over the root table. A node is of so many bytes.
    pub(crate) fn survey(&self, pin: Pin<'_>, node: usize) -> Survey {
        let mut survey = Survey::default();
        for (_, local) in self.locals.iter() {
            let blocks = local.open();
            survey.open.0 += blocks;
            survey.open.1 += blocks * node;
        }
        let Some(table) = self.root(pin) else { return survey };
        survey.slots = table.slots();
        survey.migration =
            table.next(pin).map(|_| table.chunks_done() as f64 / table.chunks() as f64);
        for i in 0..table.places() {
            survey.look(table, i);
        }
        survey
    }
}

impl Survey {
    fn look<K: SlotKind>(&mut self, table: Table<'_, K>, i: usize) {
        let word = K::load(table, table.slot(i));
        match K::state(word) {
            State::Empty | State::Sealed => return,
            State::Tomb => self.tombstones += 1,
            State::Moved => {}
            State::Live | State::Frozen => {
                let ident = K::ident(word).expect("it has an ident");
                let walk = passed(table, ident, i / K::GROUP) + 1;
                self.live += 1;
                self.walks += walk;
                self.longest_walk = self.longest_walk.max(walk);
            }
        }
        self.used += 1;
    }
}
