//! What is done with a map of nodes that is exclusively owned, or borrowed: no operation of the
//! protocol runs.

use super::node::{self, Node, Nodes, OnReclaim};
use super::stretch::ask_ahead;
use super::word::Word;
use super::{Cursor, Ident, RawIter, RawMap, Table};
use crate::reclaim::{Hook, Pin, Reclaim, give_back, go_on, keep_first};
use crate::sync::free;
use core::ops::Range;
use core::ptr::NonNull;
use std::panic::{AssertUnwindSafe, catch_unwind};

impl<R: Reclaim> RawMap<R> {
    /// From now on, `hook` gets the entries that are reclaimed.
    ///
    /// # Safety
    /// The map's nodes hold `E`s, it is empty, and has no hook.
    pub(crate) unsafe fn set_hook<E>(&mut self, hook: OnReclaim<E>) {
        // A raw pointer from here to `drop_all`: the map may move meanwhile.
        self.hook = Box::into_raw(Box::new(hook)).cast();
    }

    /// The entry of `ident` for which `same` holds, in an exclusively borrowed map.
    ///
    /// # Safety
    /// The map's nodes hold `E`s.
    pub(crate) unsafe fn find_mut<E>(
        &mut self,
        ident: Ident,
        same: impl FnMut(&E) -> bool,
    ) -> Option<&mut E> {
        // SAFETY: nothing is retired while the map is borrowed, and a read does not use the index.
        let node = unsafe { self.find(Pin::exclusive(), ident, same) }?;
        // SAFETY: found just now; the map, and so the node, is ours alone.
        Some(unsafe { &mut *Node::entry_of(node) })
    }

    /// Iterates over the nodes of an exclusively borrowed map: each is yielded once, and may be
    /// written.
    ///
    /// # Safety
    /// The map's nodes hold `E`s.
    pub(crate) unsafe fn iter_mut<E>(&mut self) -> RawIter<'_, E> {
        // SAFETY: nothing is retired while the map is borrowed, and iterating does not use the
        // index; the rest is the caller's promise.
        unsafe { self.iter(Pin::exclusive()) }
    }

    /// Takes an entry out of an exclusively owned map that does not migrate (see `settle_moves`),
    /// from the slots at `cursor` on. The others stay in the map.
    ///
    /// # Safety
    /// The map's nodes hold `E`s.
    pub(crate) unsafe fn take_next<E>(&mut self, cursor: &mut Cursor) -> Option<E> {
        // SAFETY: the caller's promise; after `thaw` each node is in one table only.
        let take = |table: Table<'_>, i| unsafe { node::take_one(table.slot(i)) };
        self.take_next_by(cursor, take).map(node::Fresh::into_entry)
    }

    /// Drops every node and every table.
    ///
    /// # Safety
    /// The map's nodes hold `E`s, no guard on it lives, and the map is not used again.
    pub(crate) unsafe fn drop_all<E>(&mut self) {
        // SAFETY: the caller's promise.
        let mut result = unsafe { self.drop_by(free_slots::<E>, Node::<E>::layout()) };
        if !self.hook.is_null() {
            // SAFETY: made by `set_hook`, for `E`s; nothing is left to be reclaimed.
            let hook = unsafe { Box::from_raw(self.hook.cast_mut().cast::<OnReclaim<E>>()) };
            // What it captured has destructors, too.
            keep_first(&mut result, catch_unwind(AssertUnwindSafe(|| drop(hook))));
        }
        go_on(result);
    }
}

/// Frees what slots hold; leaves them SEALED, so that nothing is freed twice if a destructor panics.
///
/// # Safety
/// The map is exclusively owned and holds `E`s, and the slots' nodes are in no other table.
unsafe fn free_slots<E>(table: Table<'_>, slots: &mut Range<usize>, hook: Hook) {
    for i in slots {
        ask_ahead(table, i);
        let slot = table.slot(i);
        let word = slot.load_exclusive();
        if !word.has_node() {
            continue;
        }
        slot.store_exclusive(Word::SEALED);
        // SAFETY: the caller's promise: the nodes, and a list around them, are ours.
        match unsafe { Nodes::<E>::of(word) } {
            // SAFETY: as above.
            Nodes::One(node) => unsafe { destroy(node, hook) },
            // SAFETY: as above.
            Nodes::Many(nodes) => unsafe { free_list::<E>(word, nodes, hook) },
        }
    }
}

/// Frees the nodes of a list, and the list.
///
/// # Safety
/// They are exclusively owned, and the word is the list's.
#[cold]
unsafe fn free_list<E>(word: Word, nodes: &[NonNull<Node<E>>], hook: Hook) {
    let (mut rest, mut result) = (nodes.iter(), Ok(()));
    while !rest.as_slice().is_empty() {
        // SAFETY: the caller's promise.
        let batch = || rest.by_ref().for_each(|node| unsafe { destroy(*node, hook) });
        keep_first(&mut result, catch_unwind(AssertUnwindSafe(batch)));
    }
    // SAFETY: as above; `destroy` frees a list itself.
    unsafe { node::List::<E>::retired(word.head()).destroy(&mut |_, _| {}) };
    go_on(result);
}

/// Destroys a node at once.
///
/// # Safety
/// It is owned by the caller, nobody reads it, and the hook is null, or one for `E`s that is alive.
#[inline]
pub(super) unsafe fn destroy<E>(node: NonNull<Node<E>>, hook: Hook) {
    // SAFETY: the caller's promise.
    unsafe {
        if hook.is_null() && Node::<E>::KIND.drop.is_none() {
            return free(node.cast(), Node::<E>::layout());
        }
        Node::retired(node, hook).destroy(&mut |blocks, layout| give_back(blocks, layout));
    }
}
