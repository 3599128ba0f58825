//! Iteration in parts: the slots of a chain of tables, numbered through, halved by groups.

use super::iter::resolve;
use super::node::{Node, Nodes, Rest, take_all};
use super::table::Header;
use super::{RawMap, Table};
use crate::reclaim::{Hook, Pin, Reclaim};
use crate::sync::AtomicPtr;
use crate::sync::limits::GROUP;
use core::marker::PhantomData;
use core::ops::Range;
use core::ptr::NonNull;
use core::slice;
use std::sync::Arc;

/// A part of an iteration over the tables that there were at its start, as in `iter`.
pub(crate) struct Split<'g, E> {
    pin: Pin<'g>,
    root: &'g AtomicPtr<Header>,
    tables: Arc<[Table<'g>]>,
    /// Slots, numbered through all tables.
    part: Range<usize>,
    /// What is left of a list.
    list: slice::Iter<'g, NonNull<Node<E>>>,
}

// SAFETY: a part only reads, which does not use the pin's index; and the pin lives as long as `'g`,
// on whichever thread. What it yields, the caller may hand to other threads or may not.
unsafe impl<E: Sync> Send for Split<'_, E> {}

impl<R: Reclaim> RawMap<R> {
    /// The whole iteration, to be halved.
    ///
    /// # Safety
    /// The map's nodes hold `E`s.
    pub(crate) unsafe fn split<'g, E>(&'g self, pin: Pin<'g>) -> Split<'g, E> {
        let chain = core::iter::successors(self.root(pin), |table| table.next(pin));
        let tables: Arc<[_]> = chain.collect();
        let slots = tables.iter().map(|table| table.slots()).sum();
        Split { pin, root: &self.root, tables, part: 0..slots, list: [].iter() }
    }
}

/// Halves a part by groups; `None` if it is too small.
fn halve(part: &mut Range<usize>) -> Option<Range<usize>> {
    let middle = part.start + (part.len() / 2).next_multiple_of(GROUP);
    if part.len() < 2 * GROUP || middle >= part.end {
        return None;
    }
    let right = middle..part.end;
    part.end = middle;
    Some(right)
}

/// The table of a slot that is numbered through all tables, and its place there.
fn locate<'g>(tables: &[Table<'g>], mut slot: usize) -> (usize, usize) {
    for (i, table) in tables.iter().enumerate() {
        if slot < table.slots() {
            return (i, slot);
        }
        slot -= table.slots();
    }
    unreachable!("parts are within the tables")
}

impl<E> Split<'_, E> {
    /// Splits the second half off.
    pub(crate) fn halve(&mut self) -> Option<Self> {
        let part = halve(&mut self.part)?;
        let tables = self.tables.clone();
        Some(Split { pin: self.pin, root: self.root, tables, part, list: [].iter() })
    }
}

impl<E> Iterator for Split<'_, E> {
    type Item = NonNull<Node<E>>;

    fn next(&mut self) -> Option<NonNull<Node<E>>> {
        loop {
            if let Some(node) = self.list.next() {
                return Some(*node);
            }
            let (i, slot) = locate(&self.tables, self.part.next()?);
            let table = self.tables[i];
            let word = table.slot(slot).load();
            let Some(word) = resolve(self.pin, self.root, &self.tables[..i], table, word) else {
                continue;
            };
            // SAFETY: loaded under the pin, in a map of `E`s (the promise made to `split`).
            match unsafe { Nodes::of(word) } {
                Nodes::One(node) => return Some(node),
                Nodes::Many(nodes) => self.list = nodes.iter(),
            }
        }
    }
}

/// A part of an exclusively owned map, whose entries are taken out.
pub(crate) struct OwnedSplit<'m, E> {
    tables: Arc<[Table<'m>]>,
    part: Range<usize>,
    rest: Rest<E>,
    hook: Hook,
    _entries: PhantomData<E>,
}

// SAFETY: parts are disjoint, and what they take out is theirs.
unsafe impl<E: Send> Send for OwnedSplit<'_, E> {}

impl<R: Reclaim> RawMap<R> {
    /// The whole map, to be halved and taken out. What no part takes stays in the map.
    ///
    /// # Safety
    /// The map's nodes hold `E`s.
    pub(crate) unsafe fn split_owned<E>(&mut self) -> OwnedSplit<'_, E> {
        self.settle_moves();
        let hook = self.hook;
        let tables: Arc<[_]> = self.tables_exclusive().collect();
        let slots = tables.iter().map(|table| table.slots()).sum();
        let rest = Rest::new(hook);
        OwnedSplit { tables, part: 0..slots, rest, hook, _entries: PhantomData }
    }
}

impl<E> OwnedSplit<'_, E> {
    /// Splits the second half off.
    pub(crate) fn halve(&mut self) -> Option<Self> {
        let part = halve(&mut self.part)?;
        let tables = self.tables.clone();
        let rest = Rest::new(self.hook);
        Some(OwnedSplit { tables, part, rest, hook: self.hook, _entries: PhantomData })
    }
}

impl<E> Iterator for OwnedSplit<'_, E> {
    type Item = E;

    fn next(&mut self) -> Option<E> {
        loop {
            if let Some(entry) = self.rest.pop() {
                return Some(entry);
            }
            let (i, slot) = locate(&self.tables, self.part.next()?);
            // SAFETY: the map is exclusively borrowed, its moves are settled, and the slot is in
            // this part only.
            unsafe { take_all(self.tables[i].slot(slot), &mut self.rest) };
        }
    }
}
