//! Reading: wait-free in a table that does not migrate, and never a write to shared memory.

use super::group::prefetch;
use super::kind::{SlotKind, State};
use super::linked::likely_node;
use super::node::{Node, Nodes};
use super::walk::{Glance, Spot, glance, walk};
use super::word::{Ident, Word};
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
        let root = self.root(pin)?;
        // Nearly every read ends here. How many reads a processor overlaps depends on how few
        // instructions each takes, so all the rest is out of line.
        match glance(root, ident) {
            Glance::Node(_, word) => {
                // SAFETY: the word is from a table under the pin, and the map holds `E`s.
                let node = unsafe { Node::<E>::of(word.head()) };
                if same(node.entry()) {
                    // SAFETY: a word with a node has its address.
                    return Some(unsafe { NonNull::new_unchecked(word.head().cast()) });
                }
            }
            Glance::Tomb(..) | Glance::Empty(_) => return None,
            Glance::Unclear => {}
        }
        // SAFETY: the caller's promise.
        unsafe { find_from(root, pin, ident, same) }
    }
}

impl<R: Reclaim, K: SlotKind> RawMap<R, K> {
    /// Asks for the group that a walk for `ident` begins with.
    #[inline(always)]
    pub(crate) fn prefetch_group(&self, pin: Pin<'_>, ident: K::Ident) {
        if let Some(table) = self.root(pin) {
            table.prefetch(ident);
        }
    }
}

impl<R: Reclaim> RawMap<R> {
    /// Asks for the first node that the home group proposes for `ident`.
    #[inline(always)]
    pub(crate) fn prefetch_node(&self, pin: Pin<'_>, ident: Ident) {
        if let Some(node) = self.root(pin).and_then(|table| likely_node(table, ident)) {
            prefetch(node);
        }
    }
}

/// Finds a node from `table` on.
///
/// # Safety
/// As `RawMap::find`.
#[cold]
#[inline(never)]
unsafe fn find_from<'g, E>(
    mut table: Table<'g>,
    pin: Pin<'g>,
    ident: Ident,
    mut same: impl FnMut(&E) -> bool,
) -> Option<NonNull<Node<E>>> {
    loop {
        // Keys are compared on the spot; the ident need not be, except for a list.
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
        hit(Branch::ReaderFollowed);
        table = table.next(pin)?;
    }
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
