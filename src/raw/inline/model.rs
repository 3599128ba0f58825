//! A hook for the models: a write, or a copy, that stops half-way.

use super::super::RawMap;
use super::super::walk::Spot;
use super::walk::walk;
use super::word::Pattern;
use super::{Inline, Key};
use crate::reclaim::{Pin, Reclaim};

impl<R: Reclaim> RawMap<R, Inline> {
    /// Claims a slot of the `nth` table from the root for a key, and puts no value in.
    pub(crate) fn model_claim<'g>(&'g self, pin: Pin<'g>, nth: usize, key: Key) {
        let table = core::iter::successors(self.root(pin), |table| table.next(pin)).nth(nth);
        let Some(table) = table else { return };
        while let Spot::End(slot, seen) = walk(table, key) {
            if seen.pattern == Pattern::CLOSED {
                return;
            }
            if table.claim(slot, key).is_ok() {
                return self.local(pin).expect("memory").add_used(table, 1);
            }
        }
    }
}
