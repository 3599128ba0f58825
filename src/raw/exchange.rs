//! The one compare-exchange of a write, and what goes with it: a node comes, another goes.

use super::node::{List, NewList, Node, Nodes};
use super::slot::Slot;
use super::word::Word;
use super::write::Writer;
use crate::error::AllocError;
use crate::reclaim::Reclaim;
use crate::sync::probe::{Branch, hit};
use core::ptr::NonNull;

impl<R: Reclaim> Writer<'_, R> {
    /// Makes room to retire the node that a write takes out, if it does.
    #[inline(always)]
    pub(super) fn make_room_for<E>(&self, old: Option<NonNull<Node<E>>>) -> Result<(), AllocError> {
        if old.is_some() { self.map.reserve_bag(self.local, 1, 0) } else { Ok(()) }
    }

    /// Takes `old` out of a slot that holds this word, puts `add` in, or a tombstone, and retires what was
    /// taken out; false if another write or a move came first.
    ///
    /// # Safety
    /// The word was loaded from the slot under the pin; it is EMPTY or TOMB, and there is no `old`, or
    /// it is LIVE and `old` its only node, for which room was made. The map's nodes hold `E`s.
    #[inline(always)]
    pub(super) unsafe fn exchange<E>(
        &self,
        slot: &Slot,
        word: Word,
        old: Option<NonNull<Node<E>>>,
        add: Option<NonNull<Node<E>>>,
    ) -> bool {
        let next = match add {
            Some(node) => Word::live(node.as_ptr().cast(), self.ident, false),
            None => Word::tomb(self.ident),
        };
        if slot.replace(word, next).is_err() {
            return false;
        }
        if let Some(old) = old {
            // SAFETY: the exchange unlinked the node, which is ours, and there is room.
            unsafe { self.retire_node(old) };
        }
        true
    }

    /// As `exchange`, where nodes with other keys share the ident: takes `old` out, if there is one, and puts
    /// `add` in. Makes room to retire both it and the list around it.
    ///
    /// # Safety
    /// The word was loaded from the slot under the pin, and is LIVE. The map's nodes hold `E`s.
    #[cold]
    pub(super) unsafe fn exchange_in_list<E>(
        self,
        slot: &Slot,
        word: Word,
        old: Option<NonNull<Node<E>>>,
        add: Option<NonNull<Node<E>>>,
    ) -> Result<bool, AllocError> {
        // SAFETY: the caller's promise.
        let nodes = unsafe { Nodes::<E>::of(word) };
        let next = self.next_word(nodes.as_slice(), old, add)?;
        self.map.reserve_bag(self.local, 1, 1)?;
        if slot.replace(word, next.word).is_err() {
            return Ok(false);
        }
        if let Some(list) = next.list {
            hit(Branch::ListWritten);
            list.publish();
        }
        // SAFETY: the exchange unlinked the node, and the list around it; they are ours, and there is room.
        unsafe {
            if let Some(old) = old {
                self.retire_node(old);
            }
            if word.is_list() {
                let list = List::<E>::retired(word.head());
                self.map.retire(self.local, list, size_of::<List<E>>());
            }
        }
        Ok(true)
    }

    /// The word that follows when of these nodes `old` goes, and `add` comes.
    fn next_word<E>(
        &self,
        nodes: &[NonNull<Node<E>>],
        old: Option<NonNull<Node<E>>>,
        add: Option<NonNull<Node<E>>>,
    ) -> Result<Next<E>, AllocError> {
        let skip = old.and_then(|old| nodes.iter().position(|node| *node == old));
        if let (&[a, b], Some(skip), None) = (nodes, skip, add) {
            let rest = if skip == 0 { b } else { a };
            let word = Word::live(rest.as_ptr().cast(), self.ident, false);
            return Ok(Next { word, list: None });
        }
        let list = List::build(self.ident, nodes, skip, add)?;
        Ok(Next { word: list.word(self.ident), list: Some(list) })
    }

    /// Retires a node.
    ///
    /// # Safety
    /// It is unlinked and the caller's, and room was made for it before.
    #[inline(always)]
    unsafe fn retire_node<E>(&self, node: NonNull<Node<E>>) {
        // SAFETY: the caller's promise.
        unsafe {
            let retired = Node::retired(node, self.map.hook);
            self.map.retire(self.local, retired, Node::<E>::size());
        }
    }
}

/// A word to be written, and the list that it points at if that is new.
struct Next<E> {
    word: Word,
    list: Option<NewList<E>>,
}
