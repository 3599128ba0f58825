//! Iteration: neither waits for a resize nor finishes one.
//!
//! It walks the table that was root at the start. LIVE and FROZEN yield; MOVED is followed by ident
//! through the successors and yields what is there now; EMPTY, SEALED and TOMB yield nothing. If the
//! table had a successor before it was scanned, the successor's slots follow, and so on, skipping
//! each ident that owns a slot in an earlier table of this iteration. So a key that is present
//! throughout is yielded exactly once, and no key twice.

use super::node::{Node, Nodes};
use super::walk::{Spot, ident_of, owns_slot, walk_ident};
use super::word::{Ident, State, Word};
use super::{RawMap, Table};
use crate::reclaim::{Pin, Reclaim};
use crate::sync::probe::{Branch, hit};
use core::ptr::NonNull;
use core::slice;

/// An iterator over nodes, which the pin keeps.
pub(crate) struct RawIter<'g, E> {
    pin: Pin<'g>,
    /// The table being scanned, and its successor as it was before the scan.
    table: Option<Table<'g>>,
    next: Option<Table<'g>>,
    slot: usize,
    /// Tables scanned before.
    earlier: Vec<Table<'g>>,
    /// What is left of a list.
    list: slice::Iter<'g, NonNull<Node<E>>>,
}

impl<R: Reclaim> RawMap<R> {
    /// Iterates over the nodes.
    ///
    /// # Safety
    /// The map's nodes hold `E`s.
    pub(crate) unsafe fn iter<'g, E>(&'g self, pin: Pin<'g>) -> RawIter<'g, E> {
        let table = self.root(pin);
        RawIter {
            pin,
            table,
            next: table.and_then(|table| table.next(pin)),
            slot: 0,
            earlier: Vec::new(),
            list: [].iter(),
        }
    }
}

impl<'g, E> RawIter<'g, E> {
    /// The same nodes, as references.
    #[inline(always)]
    pub(crate) fn next_ref(&mut self) -> Option<&'g Node<E>> {
        // SAFETY: the iterator yields nodes of the map, and its pin keeps them.
        self.next().map(|node| unsafe { Node::of(node.as_ptr().cast()) })
    }

    /// Goes on to the successor that the table had before it was scanned.
    fn advance(&mut self) -> Option<Table<'g>> {
        let scanned = self.table.take()?;
        let next = self.next.take()?;
        self.earlier.push(scanned);
        self.table = Some(next);
        self.next = next.next(self.pin);
        self.slot = 0;
        self.table
    }
}

impl<'g, E> Iterator for RawIter<'g, E> {
    type Item = NonNull<Node<E>>;

    #[inline]
    fn next(&mut self) -> Option<NonNull<Node<E>>> {
        loop {
            if let Some(node) = self.list.next() {
                return Some(*node);
            }
            let mut table = self.table?;
            if self.slot == table.slots() {
                table = self.advance()?;
            }
            let word = table.slot(self.slot).load();
            self.slot += 1;
            let plain = word.state() == State::Live && self.earlier.is_empty();
            let Some(word) =
                (if plain { Some(word) } else { resolve(self.pin, &self.earlier, table, word) })
            else {
                continue;
            };
            // SAFETY: loaded under the pin, in a map of `E`s (the promise made to `RawMap::iter`).
            match unsafe { Nodes::of(word) } {
                Nodes::One(node) => return Some(node),
                Nodes::Many(nodes) => self.list = nodes.iter(),
            }
        }
    }
}

/// What a word of a slot of `table` stands for now, in an iteration that scans `earlier` as well.
pub(super) fn resolve<'g>(
    pin: Pin<'g>,
    earlier: &[Table<'g>],
    table: Table<'g>,
    word: Word,
) -> Option<Word> {
    let ident = ident_of(word)?;
    if earlier.iter().any(|table| owns_slot(*table, ident)) {
        hit(Branch::IterSkipped);
        return None;
    }
    match word.state() {
        State::Live | State::Frozen => Some(word),
        State::Moved => follow(pin, table, ident),
        State::Empty | State::Sealed | State::Tomb => None,
    }
}

/// The ident's word in the tables after `table`.
#[cold]
fn follow<'g>(pin: Pin<'g>, mut table: Table<'g>, ident: Ident) -> Option<Word> {
    hit(Branch::IterFollowed);
    loop {
        table = table.next(pin)?;
        match walk_ident(table, ident) {
            Spot::Node(_, word) => return Some(word),
            Spot::End(_, Word::EMPTY) => return None,
            Spot::Dead(_, word) if word.state() == State::Tomb => return None,
            Spot::Dead(..) | Spot::End(..) | Spot::Exhausted => {}
        }
    }
}
