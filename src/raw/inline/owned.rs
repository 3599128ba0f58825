//! What is done with a map that is exclusively owned: no operation of the protocol runs.

use super::super::node::Node;
use super::super::owned::destroy;
use super::super::{Cursor, RawMap, Table};
use super::Inline;
use super::word::{Held, Key, Pattern};
use crate::reclaim::{Hook, Reclaim, go_on};
use core::ops::Range;
use core::ptr::NonNull;

impl<R: Reclaim> RawMap<R, Inline> {
    /// Takes an entry out of an exclusively owned map that does not migrate (see `settle_moves`), from
    /// the slots at `cursor` on. The others stay in the map.
    pub(crate) fn take_next(&mut self, cursor: &mut Cursor) -> Option<(Key, u64)> {
        // SAFETY: the map is owned, and its moves are settled.
        self.take_next_by(cursor, |table, i| unsafe { take_one(table, i) })
    }

    /// Frees every table, and every node of a wide value.
    ///
    /// # Safety
    /// No guard on the map lives, and it is not used again.
    pub(crate) unsafe fn drop_all(&mut self) {
        // SAFETY: the caller's promise.
        go_on(unsafe { self.drop_by(free_slots, Node::<u64>::layout()) });
    }
}

/// Takes the entry out of a slot.
///
/// # Safety
/// The map is exclusively owned, and what the slot holds is in no other table.
pub(in super::super) unsafe fn take_one(table: Table<'_, Inline>, i: usize) -> Option<(Key, u64)> {
    let slot = table.slot(i);
    let (pattern, held) = slot.load_exclusive();
    if pattern.ends_walk() || !held.is_live() {
        return None;
    }
    let key = key_of(table, i, pattern);
    if let Some(value) = held.as_inline() {
        slot.store_exclusive(Held::TOMB);
        return Some((key, value));
    }
    let node = held.as_wide()?;
    // SAFETY: a wide value's node, which is the slot's alone and read before it goes.
    let value = unsafe { *Node::<u64>::of(node.cast()).entry() };
    // SAFETY: the caller's promise.
    unsafe { free_slot(table, i, core::ptr::null()) };
    Some((key, value))
}

fn key_of(table: Table<'_, Inline>, i: usize, pattern: Pattern) -> Key {
    pattern.key(i >= table.slots())
}

/// Frees what slots hold.
///
/// # Safety
/// As [`take_one`].
unsafe fn free_slots(table: Table<'_, Inline>, slots: &mut Range<usize>, hook: Hook) {
    // SAFETY: the caller's promise.
    slots.for_each(|i| unsafe { free_slot(table, i, hook) });
}

/// Frees what a slot holds, and leaves it empty-handed.
///
/// # Safety
/// As [`take_one`].
unsafe fn free_slot(table: Table<'_, Inline>, i: usize, hook: Hook) {
    let slot = table.slot(i);
    let (_, held) = slot.load_exclusive();
    let Some(node) = held.as_wide().and_then(NonNull::new) else { return };
    slot.store_exclusive(Held::TOMB);
    // SAFETY: the node is the slot's alone.
    unsafe { destroy(node, hook) };
}
