//! Iteration: neither waits for a resize nor finishes one.
//!
//! It walks the table that was root at the start. LIVE and FROZEN yield; MOVED is followed by ident
//! through the successors and yields what is there now; EMPTY, SEALED and TOMB yield nothing. If the
//! table had a successor at the start, the successor's slots follow, and so on, skipping each ident
//! that owns a slot in an earlier table of this iteration. So a key that is present throughout is
//! yielded exactly once, and no key twice.
//!
//! Tables that come later are not scanned (a key that is present throughout has its slot in an
//! earlier one), and a moved slot is looked for from the current root on: resizes that come faster
//! than the iteration goes can neither prolong it nor make it slow.

use super::node::{Node, Nodes};
use super::table::Header;
use super::walk::{Spot, ident_of, owns_slot, walk_ident};
use super::word::{Ident, State, Word};
use super::{RawMap, Table};
use crate::reclaim::{Pin, Reclaim};
use crate::sync::probe::{Branch, hit};
use crate::sync::{AtomicPtr, Ordering};
use core::ptr::NonNull;
use core::slice;

/// An iterator over nodes, which the pin keeps.
pub(crate) struct RawIter<'g, E> {
    pin: Pin<'g>,
    root: &'g AtomicPtr<Header>,
    /// The table being scanned.
    table: Option<Table<'g>>,
    /// The last table that there was at the start.
    last: Option<Table<'g>>,
    slot: usize,
    /// Tables scanned before.
    earlier: Vec<Table<'g>>,
    /// What is left of a list.
    list: slice::Iter<'g, NonNull<Node<E>>>,
}

impl<E> Clone for RawIter<'_, E> {
    fn clone(&self) -> Self {
        RawIter { earlier: self.earlier.clone(), list: self.list.clone(), ..*self }
    }
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
            root: &self.root,
            table,
            last: core::iter::successors(table, |table| table.next(pin)).last(),
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

    /// Goes on to the next of the tables that there were at the start.
    fn advance(&mut self) -> Option<Table<'g>> {
        let scanned = self.table.take()?;
        if self.last == Some(scanned) {
            return None;
        }
        self.earlier.push(scanned);
        self.table = scanned.next(self.pin);
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
            let Some(word) = (if plain {
                Some(word)
            } else {
                resolve(self.pin, self.root, &self.earlier, table, word)
            }) else {
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
    root: &AtomicPtr<Header>,
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
        State::Moved => follow(pin, root, table, ident),
        State::Empty | State::Sealed | State::Tomb => None,
    }
}

/// The ident's word in the tables after `table`: from the current root on, if that is later.
#[cold]
fn follow<'g>(
    pin: Pin<'g>,
    root: &AtomicPtr<Header>,
    table: Table<'g>,
    ident: Ident,
) -> Option<Word> {
    hit(Branch::IterFollowed);
    // ORD(root): SeqCst, as for all who start from the root.
    // SAFETY: read under the pin; a table is retired only after the root has left it.
    let root = unsafe { Table::from_ptr(root.load(Ordering::SeqCst), pin) }?;
    let mut table = if root.generation() > table.generation() { root } else { table.next(pin)? };
    loop {
        match walk_ident(table, ident) {
            Spot::Node(_, word) => return Some(word),
            Spot::End(_, Word::EMPTY) => return None,
            Spot::Dead(_, word) if word.state() == State::Tomb => return None,
            Spot::Dead(..) | Spot::End(..) | Spot::Exhausted => {}
        }
        table = table.next(pin)?;
    }
}
