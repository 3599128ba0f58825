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

use super::kind::{SlotKind, State};
use super::linked::Linked;
use super::node::{Node, Nodes};
use super::stretch::Stretch;
use super::table::Slots;
use super::walk::Spot;
use super::{RawMap, Table};
use crate::reclaim::{Pin, Reclaim};
use crate::sync::probe::{Branch, hit};
use crate::sync::{AtomicPtr, Ordering};
use core::mem;
use core::ptr::NonNull;
use core::slice;

/// An iterator over the words of slots that hold something, wherever it is by now.
///
/// It looks at a stretch of slots and asks meanwhile for what those of the next point at: most of
/// the time that an iteration takes, it would wait for that memory, for one node after the other.
#[derive(Clone)]
pub(super) struct Words<'g, K: SlotKind> {
    pub(super) pin: Pin<'g>,
    root: &'g AtomicPtr<Slots>,
    /// The first of the tables that there were at the start, and the one being scanned.
    first: Option<Table<'g, K>>,
    table: Option<Table<'g, K>>,
    /// The slot of it that is to be scanned next, and the number of those that are to be scanned, there
    /// and in the tables behind it.
    at: usize,
    rest: usize,
    /// What is being yielded, and what comes then, if it is of the same table.
    here: Stretch<'g, K>,
    ahead: Stretch<'g, K>,
    /// The slots of `ahead` that nothing was asked for yet.
    unasked: Stretch<'g, K>,
}

impl<R: Reclaim, K: SlotKind> RawMap<R, K> {
    /// Iterates over what slots hold.
    pub(super) fn words<'g>(&'g self, pin: Pin<'g>) -> Words<'g, K> {
        let (root, table) = (&self.root, self.root(pin));
        let tables = core::iter::successors(table, |table| table.next(pin));
        let rest = tables.map(Table::places).sum();
        let none = Stretch::NONE;
        let (first, here, ahead, unasked) = (table, none, none, none);
        Words { pin, root, first, table, at: 0, rest, here, ahead, unasked }
    }
}

impl<'g, K: SlotKind> Words<'g, K> {
    /// Goes on to the next stretch, when none is left of this one.
    #[inline(always)]
    fn go_on(&mut self, table: Table<'g, K>) {
        if self.here.len() > 0 {
            self.unasked.ask();
            if self.ahead.len() == 0 {
                self.table = if self.rest == 0 { None } else { table.next(self.pin) };
                (self.here, self.at) = (Stretch::NONE, 0);
                return;
            }
        }
        // A slot that shows nothing now held nothing when the iteration began: it cannot have been
        // emptied since, for a slot that once has an ident keeps it (I1).
        let ahead = Stretch::scan(self.pin, table, self.at, self.rest);
        self.here = mem::replace(&mut self.ahead, ahead);
        self.unasked = ahead;
        self.at += ahead.len();
        self.rest -= ahead.len();
    }

    /// How many slots are to be scanned yet.
    #[cfg(feature = "rayon")]
    pub(super) fn rest(&self) -> usize {
        self.rest
    }

    /// Splits the iteration off that begins behind the next `slots` that are to be scanned: whole groups.
    #[cfg(feature = "rayon")]
    pub(super) fn split_off(&mut self, slots: usize) -> Self {
        let none = Stretch::NONE;
        let mut right = Words { here: none, ahead: none, unasked: none, ..*self };
        (right.at, right.rest) = (self.at + slots, self.rest - slots);
        self.rest = slots;
        while let Some(table) = right.table
            && right.at >= table.places()
        {
            right.at -= table.places();
            right.table = table.next(self.pin);
        }
        right
    }

    /// What `f` makes of the next word.
    #[inline(always)]
    pub(super) fn next_by<T>(&mut self, f: impl Fn(K::Word) -> T) -> Option<T> {
        loop {
            let table = self.table?;
            for slot in self.here.by_ref() {
                self.unasked.ask_next();
                if self.first == self.table
                    && let Some(word) = K::load_plain(slot)
                {
                    return Some(f(word));
                }
                if let Some(word) = resolve(self.pin, self.root, self.first?, table, slot) {
                    return Some(f(word));
                }
            }
            self.go_on(table);
        }
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
        RawIter::of(self.words(pin))
    }
}

impl<'g, E> RawIter<'g, E> {
    fn of(words: Words<'g, Linked>) -> Self {
        RawIter { words, list: [].iter() }
    }

    /// As [`Words::split_off`], of half the slots.
    #[cfg(feature = "rayon")]
    pub(super) fn halve(&mut self) -> Option<Self> {
        self.words.halve().map(RawIter::of)
    }

    #[inline(always)]
    fn next_nodes(&mut self) -> Option<Nodes<'g, E>> {
        // SAFETY: loaded under the pin, in a map of `E`s (the promise made to `RawMap::iter`).
        self.words.next_by(|word| unsafe { Nodes::of(word) })
    }

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
            match self.next_nodes()? {
                Nodes::One(node) => return Some(node),
                Nodes::Many(nodes) => self.list = nodes.iter(),
            }
        }
    }

    #[inline]
    fn fold<T, F: FnMut(T, NonNull<Node<E>>) -> T>(mut self, all: T, mut f: F) -> T {
        let mut all = mem::take(&mut self.list).copied().fold(all, &mut f);
        while let Some(nodes) = self.next_nodes() {
            all = match nodes {
                Nodes::One(node) => f(all, node),
                Nodes::Many(nodes) => nodes.iter().copied().fold(all, &mut f),
            };
        }
        all
    }
}

/// What a slot of `table` stands for now, in an iteration that began with `first`.
#[inline(never)]
fn resolve<'g, K: SlotKind>(
    pin: Pin<'g>,
    root: &AtomicPtr<Slots>,
    first: Table<'g, K>,
    table: Table<'g, K>,
    slot: K::Slot<'_>,
) -> Option<K::Word> {
    let word = K::load(table, slot);
    let ident = K::ident(word)?;
    let earlier = core::iter::successors(Some(first), |table| table.next(pin));
    if earlier.take_while(|earlier| *earlier != table).any(|table| owns_slot(table, ident)) {
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
    root: &AtomicPtr<Slots>,
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
