//! Iteration in parts: the slots of a chain of tables, numbered through, halved by groups.

use super::iter::{RawIter, Words};
use super::kind::SlotKind;
use super::linked::Linked;
use super::node::{Node, take_one};
use super::stretch::ask_ahead;
use super::{RawMap, Table};
use crate::reclaim::{Pin, Reclaim};
use core::marker::PhantomData;
use core::ops::Range;
use core::ptr::NonNull;
use std::sync::Arc;

impl<K: SlotKind> Words<'_, K> {
    /// Splits the second half off.
    pub(super) fn halve(&mut self) -> Option<Self> {
        let right = halve::<K>(&mut (0..self.rest()))?;
        Some(self.split_off(right.start))
    }
}

/// A part of an iteration over nodes.
pub(crate) struct Split<'g, E>(RawIter<'g, E>);

// SAFETY: a part only reads, which does not use the pin's index; and the pin lives as long as `'g`,
// on whichever thread. What it yields, the caller may hand to other threads or may not.
unsafe impl<E: Sync> Send for Split<'_, E> {}

impl<R: Reclaim> RawMap<R> {
    /// The whole iteration, to be halved.
    ///
    /// # Safety
    /// The map's nodes hold `E`s.
    pub(crate) unsafe fn split<'g, E>(&'g self, pin: Pin<'g>) -> Split<'g, E> {
        // SAFETY: the caller's promise.
        Split(unsafe { self.iter(pin) })
    }
}

/// Halves a part by groups; `None` if it is too small.
fn halve<K: SlotKind>(part: &mut Range<usize>) -> Option<Range<usize>> {
    let middle = part.start + (part.len() / 2).next_multiple_of(K::GROUP);
    if part.len() < 2 * K::GROUP || middle >= part.end {
        return None;
    }
    let right = middle..part.end;
    part.end = middle;
    Some(right)
}

/// The table of a slot that is numbered through all tables, and its place there.
fn locate<K: SlotKind>(tables: &[Table<'_, K>], mut slot: usize) -> (usize, usize) {
    for (i, table) in tables.iter().enumerate() {
        if slot < table.places() {
            return (i, slot);
        }
        slot -= table.places();
    }
    unreachable!("parts are within the tables")
}

impl<E> Split<'_, E> {
    /// Splits the second half off.
    pub(crate) fn halve(&mut self) -> Option<Self> {
        self.0.halve().map(Split)
    }
}

impl<E> Iterator for Split<'_, E> {
    type Item = NonNull<Node<E>>;

    #[inline]
    fn next(&mut self) -> Option<NonNull<Node<E>>> {
        self.0.next()
    }

    #[inline]
    fn fold<T, F: FnMut(T, NonNull<Node<E>>) -> T>(self, all: T, f: F) -> T {
        self.0.fold(all, f)
    }
}

/// A part of the slots of an exclusively owned map, whose moves are settled.
pub(super) struct OwnedPart<'m, K: SlotKind> {
    tables: Arc<[Table<'m, K>]>,
    slots: Range<usize>,
}

// SAFETY: parts are disjoint, and what they take out is theirs.
unsafe impl<K: SlotKind> Send for OwnedPart<'_, K> {}

impl<R: Reclaim, K: SlotKind> RawMap<R, K> {
    /// All slots, to be halved.
    pub(super) fn parts_owned(&mut self) -> OwnedPart<'_, K> {
        self.settle_moves();
        let tables: Arc<[_]> = self.tables_exclusive().collect();
        let slots = tables.iter().map(|table| table.places()).sum();
        OwnedPart { tables, slots: 0..slots }
    }
}

impl<'m, K: SlotKind> OwnedPart<'m, K> {
    /// Splits the second half off.
    pub(super) fn halve(&mut self) -> Option<Self> {
        let slots = halve::<K>(&mut self.slots)?;
        Some(OwnedPart { tables: self.tables.clone(), slots })
    }

    /// What `take` takes out of the part's slots, in order; of each until there is nothing.
    pub(super) fn take_by<T>(
        &mut self,
        take: impl Fn(Table<'m, K>, usize) -> Option<T>,
    ) -> Option<T> {
        while !self.slots.is_empty() {
            let (i, slot) = locate(&self.tables, self.slots.start);
            ask_ahead(self.tables[i], slot);
            if let Some(taken) = take(self.tables[i], slot) {
                return Some(taken);
            }
            self.slots.start += 1;
        }
        None
    }
}

/// A part of an exclusively owned map of nodes, whose entries are taken out.
pub(crate) struct OwnedSplit<'m, E> {
    slots: OwnedPart<'m, Linked>,
    _entries: PhantomData<E>,
}

// SAFETY: as an `OwnedPart` is, and the entries are its own.
unsafe impl<E: Send> Send for OwnedSplit<'_, E> {}

impl<R: Reclaim> RawMap<R> {
    /// The whole map, to be halved and taken out. What no part takes stays in the map.
    ///
    /// # Safety
    /// The map's nodes hold `E`s.
    pub(crate) unsafe fn split_owned<E>(&mut self) -> OwnedSplit<'_, E> {
        OwnedSplit { slots: self.parts_owned(), _entries: PhantomData }
    }
}

impl<E> OwnedSplit<'_, E> {
    /// Splits the second half off.
    pub(crate) fn halve(&mut self) -> Option<Self> {
        Some(OwnedSplit { slots: self.slots.halve()?, _entries: PhantomData })
    }
}

impl<E> Iterator for OwnedSplit<'_, E> {
    type Item = E;

    fn next(&mut self) -> Option<E> {
        // SAFETY: the map is exclusively borrowed, its moves are settled, and the slot is in this
        // part only.
        let take = |table: Table<'_>, slot| unsafe { take_one(table.slot(slot)) };
        self.slots.take_by(take).map(super::Fresh::into_entry)
    }
}
