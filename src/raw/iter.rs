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

use super::group::{Positions, prefetch};
use super::kind::{SlotKind, State};
use super::linked::Linked;
use super::node::{Node, Nodes};
use super::table::Header;
use super::walk::Spot;
use super::{RawMap, Table};
use crate::reclaim::{Pin, Reclaim};
use crate::sync::probe::{Branch, hit};
use crate::sync::{AtomicPtr, Ordering};
use core::ptr::NonNull;
use core::slice;

/// How many groups ahead of the one that is looked at its line is asked for, and what its slots
/// point at.
const LINES_AHEAD: usize = 8;
const NODES_AHEAD: usize = 4;

/// An iterator over the words of slots that hold something, wherever it is by now.
pub(super) struct Words<'g, K: SlotKind> {
    pin: Pin<'g>,
    root: &'g AtomicPtr<Header>,
    /// The table being scanned.
    table: Option<Table<'g, K>>,
    /// The last table that there was at the start.
    last: Option<Table<'g, K>>,
    /// The next group of it to look at.
    group: usize,
    /// The slots of the group before, and those of them that are still to be looked at.
    slots: &'g [K::Slot],
    left: Positions,
    /// Tables scanned before.
    earlier: Vec<Table<'g, K>>,
}

impl<K: SlotKind> Clone for Words<'_, K> {
    fn clone(&self) -> Self {
        Words { earlier: self.earlier.clone(), ..*self }
    }
}

impl<R: Reclaim, K: SlotKind> RawMap<R, K> {
    /// Iterates over what slots hold.
    pub(super) fn words<'g>(&'g self, pin: Pin<'g>) -> Words<'g, K> {
        let table = self.root(pin);
        Words {
            pin,
            root: &self.root,
            table,
            last: core::iter::successors(table, |table| table.next(pin)).last(),
            group: 0,
            slots: &[],
            left: Positions::NONE,
            earlier: Vec::new(),
        }
    }
}

impl<'g, K: SlotKind> Words<'g, K> {
    /// Goes on to the next group, and asks for what lies ahead: most of the time that an iteration
    /// takes, it would wait for the memory that slots point at, one after the other.
    #[inline(always)]
    fn next_group(&mut self, mut table: Table<'g, K>) -> Option<()> {
        let slots = match table.slots_of(self.group) {
            Some(slots) => slots,
            None => {
                table = self.advance()?;
                table.slots_of(self.group)?
            }
        };
        if let Some(ahead) = table.slots_of(self.group + LINES_AHEAD) {
            prefetch(ahead.as_ptr());
        }
        if let Some(ahead) = table.slots_of(self.group + NODES_AHEAD) {
            ahead.iter().for_each(K::prefetch);
        }
        // A slot that shows nothing now held nothing when the iteration began: it cannot have been
        // emptied since, for a slot that once has an ident keeps it (I1).
        self.left = K::taken(table.group(self.group));
        self.slots = slots;
        self.group += 1;
        Some(())
    }

    /// Goes on to the next of the tables that there were at the start.
    fn advance(&mut self) -> Option<Table<'g, K>> {
        let scanned = self.table.take()?;
        if self.last == Some(scanned) {
            return None;
        }
        self.earlier.push(scanned);
        self.table = scanned.next(self.pin);
        self.group = 0;
        self.table
    }
}

impl<K: SlotKind> Words<'_, K> {
    /// What a slot of the table being scanned holds, wherever it is by now.
    #[inline(always)]
    fn look(&self, table: Table<'_, K>, slot: &K::Slot) -> Option<K::Word> {
        let word = K::load(table, slot);
        if K::state(word) == State::Live && self.earlier.is_empty() {
            return Some(word);
        }
        resolve(self.pin, self.root, &self.earlier, table, word)
    }
}

impl<K: SlotKind> Iterator for Words<'_, K> {
    type Item = K::Word;

    #[inline]
    fn next(&mut self) -> Option<K::Word> {
        loop {
            let table = self.table?;
            while let Some(i) = self.left.next() {
                let word = self.look(table, &self.slots[i]);
                if word.is_some() {
                    return word;
                }
            }
            self.next_group(table)?;
        }
    }

    #[inline]
    fn fold<T, F: FnMut(T, K::Word) -> T>(mut self, mut all: T, mut f: F) -> T {
        while let Some(table) = self.table {
            for i in self.left {
                if let Some(word) = self.look(table, &self.slots[i]) {
                    all = f(all, word);
                }
            }
            if self.next_group(table).is_none() {
                break;
            }
        }
        all
    }
}

/// An iterator over nodes, which the pin keeps.
pub(crate) struct RawIter<'g, E> {
    words: Words<'g, Linked>,
    /// What is left of a list.
    list: slice::Iter<'g, NonNull<Node<E>>>,
}

impl<E> Clone for RawIter<'_, E> {
    fn clone(&self) -> Self {
        RawIter { words: self.words.clone(), list: self.list.clone() }
    }
}

impl<R: Reclaim> RawMap<R> {
    /// Iterates over the nodes.
    ///
    /// # Safety
    /// The map's nodes hold `E`s.
    pub(crate) unsafe fn iter<'g, E>(&'g self, pin: Pin<'g>) -> RawIter<'g, E> {
        RawIter { words: self.words(pin), list: [].iter() }
    }
}

impl<'g, E> RawIter<'g, E> {
    /// `fold` over the same nodes, as references.
    #[inline(always)]
    pub(crate) fn fold_refs<T, F: FnMut(T, &'g Node<E>) -> T>(self, all: T, mut f: F) -> T {
        // SAFETY: as in `next_ref`.
        self.fold(all, |all, node| f(all, unsafe { Node::of(node.as_ptr().cast()) }))
    }

    /// The same nodes, as references.
    #[inline(always)]
    pub(crate) fn next_ref(&mut self) -> Option<&'g Node<E>> {
        // SAFETY: the iterator yields nodes of the map, and its pin keeps them.
        self.next().map(|node| unsafe { Node::of(node.as_ptr().cast()) })
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
            // SAFETY: loaded under the pin, in a map of `E`s (the promise made to `RawMap::iter`).
            match unsafe { Nodes::of(self.words.next()?) } {
                Nodes::One(node) => return Some(node),
                Nodes::Many(nodes) => self.list = nodes.iter(),
            }
        }
    }

    #[inline]
    fn fold<T, F: FnMut(T, NonNull<Node<E>>) -> T>(self, all: T, mut f: F) -> T {
        let all = self.list.copied().fold(all, &mut f);
        self.words.fold(all, |all, word| {
            // SAFETY: as in `next`.
            match unsafe { Nodes::of(word) } {
                Nodes::One(node) => f(all, node),
                Nodes::Many(nodes) => nodes.iter().copied().fold(all, &mut f),
            }
        })
    }
}

/// What a word of a slot of `table` stands for now, in an iteration that scans `earlier` as well.
pub(super) fn resolve<'g, K: SlotKind>(
    pin: Pin<'g>,
    root: &AtomicPtr<Header>,
    earlier: &[Table<'g, K>],
    table: Table<'g, K>,
    word: K::Word,
) -> Option<K::Word> {
    let ident = K::ident(word)?;
    if earlier.iter().any(|table| owns_slot(*table, ident)) {
        hit(Branch::IterSkipped);
        return None;
    }
    match K::state(word) {
        State::Live | State::Frozen => Some(word),
        State::Moved => follow(pin, root, table, ident),
        State::Empty | State::Sealed | State::Tomb => None,
    }
}

/// Whether the ident has a slot in the table.
fn owns_slot<K: SlotKind>(table: Table<'_, K>, ident: K::Ident) -> bool {
    matches!(K::walk(table, ident), Spot::Node(..) | Spot::Dead(..))
}

/// The ident's word in the tables after `table`: from the current root on, if that is later.
#[cold]
fn follow<'g, K: SlotKind>(
    pin: Pin<'g>,
    root: &AtomicPtr<Header>,
    table: Table<'g, K>,
    ident: K::Ident,
) -> Option<K::Word> {
    hit(Branch::IterFollowed);
    // ORD(root): SeqCst, as for all who start from the root.
    // SAFETY: read under the pin; a table is retired only after the root has left it.
    let root = unsafe { Table::from_ptr(root.load(Ordering::SeqCst), pin) }?;
    let mut table = if root.generation() > table.generation() { root } else { table.next(pin)? };
    loop {
        match K::walk(table, ident) {
            Spot::Node(_, word) => return Some(word),
            Spot::End(_, word) if K::state(word) == State::Empty => return None,
            Spot::Dead(_, word) if K::state(word) == State::Tomb => return None,
            Spot::Dead(..) | Spot::End(..) | Spot::Exhausted => {}
        }
        table = table.next(pin)?;
    }
}
