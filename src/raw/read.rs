//! Reading: wait-free in a table that does not migrate, and never a write to shared memory.

use super::node::{Node, Nodes};
use super::walk::{Spot, walk};
use super::word::{Ident, State};
use super::{RawMap, Table};
use crate::reclaim::{Pin, Reclaim};
use crate::sync::probe::{Branch, hit};

impl<R: Reclaim> RawMap<R> {
    /// The node of `ident` for which `same` holds.
    ///
    /// # Safety
    /// The map's nodes hold `E`s.
    #[inline(always)]
    pub(crate) unsafe fn find<'g, E>(
        &'g self,
        pin: Pin<'g>,
        ident: Ident,
        mut same: impl FnMut(&E) -> bool,
    ) -> Option<&'g Node<E>> {
        let mut table = self.root(pin)?;
        loop {
            // One pass: keys are compared on the spot; the ident need not be, except for a list.
            let spot = walk(table, ident, |word| {
                // SAFETY: the word is from a table under the pin, and the map holds `E`s.
                unsafe {
                    if word.is_list() {
                        (*word.head()).ident() == ident
                    } else {
                        same(Node::<E>::of(word.head()).entry())
                    }
                }
            });
            if let Spot::At(_, word) = spot {
                if word.has_node() {
                    // LP(read) in `Slot::load`; a list is searched as it was at that load.
                    // SAFETY: as above.
                    return unsafe {
                        if word.is_list() {
                            Nodes::of(word).iter().find(|node| same(node.entry()))
                        } else {
                            Some(Node::of(word.head()))
                        }
                    };
                }
                if matches!(word.state(), State::Empty | State::Tomb) {
                    return None;
                }
            }
            // MOVED, SEALED or exhausted: what there is to know is in the successor.
            table = onward(table, pin)?;
        }
    }
}

#[cold]
fn onward<'g>(table: Table<'g>, pin: Pin<'g>) -> Option<Table<'g>> {
    hit(Branch::ReaderFollowed);
    table.next(pin)
}
