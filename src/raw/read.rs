//! Reading: wait-free in a table that does not migrate, and never a write to shared memory.

use super::group::{Tags, prefetch};
use super::node::{Node, Nodes};
use super::walk::{Spot, walk};
use super::word::{Ident, State, Word};
use super::{RawMap, Table};
use crate::reclaim::{Pin, Reclaim};
use crate::sync::probe::{Branch, hit};
use core::ptr::NonNull;

impl<R: Reclaim> RawMap<R> {
    /// The node of `ident` for which `same` holds, to be read under the pin.
    ///
    /// # Safety
    /// The map's nodes hold `E`s.
    #[inline(always)]
    pub(crate) unsafe fn find<'g, E>(
        &'g self,
        pin: Pin<'g>,
        ident: Ident,
        mut same: impl FnMut(&E) -> bool,
    ) -> Option<NonNull<Node<E>>> {
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
            match spot {
                // LP(read) in `Slot::load`; a list is searched as it was at that load.
                // SAFETY: as above.
                Spot::Node(_, word) if word.is_list() => return unsafe { search(word, same) },
                // The key was compared in the walk.
                Spot::Node(_, word) => return NonNull::new(word.head().cast()),
                Spot::End(_, Word::EMPTY) => return None,
                Spot::Dead(_, word) if word.state() == State::Tomb => return None,
                Spot::End(..) | Spot::Dead(..) | Spot::Exhausted => {}
            }
            // MOVED, SEALED or exhausted: what there is to know is in the successor.
            table = onward(table, pin)?;
        }
    }
}

impl<R: Reclaim> RawMap<R> {
    /// Asks for the group that a walk for `ident` begins with.
    #[inline(always)]
    pub(crate) fn prefetch_group(&self, pin: Pin<'_>, ident: Ident) {
        if let Some(table) = self.root(pin) {
            table.prefetch(ident);
        }
    }

    /// Asks for the first node that the home group proposes for `ident`.
    #[inline(always)]
    pub(crate) fn prefetch_node(&self, pin: Pin<'_>, ident: Ident) {
        let Some(table) = self.root(pin) else { return };
        let group = table.group(table.home(ident).0);
        if let Some(i) = Tags::load(group).matching(ident.tag()).next() {
            prefetch(group[i].peek().head());
        }
    }
}

#[cold]
fn onward<'g>(table: Table<'g>, pin: Pin<'g>) -> Option<Table<'g>> {
    hit(Branch::ReaderFollowed);
    table.next(pin)
}

/// The node of a list for which `same` holds.
///
/// # Safety
/// As `RawMap::find`; the word is a list's, loaded under a pin that lives.
#[cold]
unsafe fn search<E>(word: Word, mut same: impl FnMut(&E) -> bool) -> Option<NonNull<Node<E>>> {
    // SAFETY: the caller's promise.
    let nodes = unsafe { Nodes::<E>::of(word) };
    // SAFETY: as above.
    let same = |node: &&NonNull<Node<E>>| same(unsafe { node.as_ref() }.entry());
    nodes.as_slice().iter().find(same).copied()
}
