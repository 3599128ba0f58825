//! Nodes: what a word points at. A node holds the ident, so that a migration never runs user code.

use super::slot::Slot;
use super::word::{Ident, Word};
use crate::error::AllocError;
use crate::reclaim::{Hook, Kind, Memory, Retired};
use crate::sync::{Canary, allocate, free};
use core::alloc::Layout;
use core::mem::{self, ManuallyDrop};
use core::ptr::{self, NonNull};
use core::slice;

/// What a node and a list begin with.
#[repr(C, align(8))]
pub(crate) struct Head {
    ident: Ident,
    canary: Canary,
}

impl Head {
    /// The ident of the node or list.
    #[inline(always)]
    pub(crate) fn ident(&self) -> Ident {
        self.canary.check();
        self.ident
    }

    /// Panics if an address leaves no room for the tag, before anything is lost by it.
    #[inline(always)]
    fn check(address: usize) {
        #[cold]
        fn no_room(address: usize) -> ! {
            panic!("the allocator returned {address:#x}, which leaves no room for a 16-bit tag");
        }
        if !Word::fits(address) {
            no_room(address);
        }
    }
}

/// Gets owned entries when the last possible reader is gone. A `Hook` of a map of `E`s points at one.
pub(crate) type OnReclaim<E> = Box<dyn Fn(E) + Send + Sync>;

/// An entry on the heap. `E` is what the layers above store: they know what a key is.
#[repr(C)]
pub(crate) struct Node<E> {
    head: Head,
    entry: E,
}

impl<E> Node<E> {
    const LAYOUT: Layout = Layout::new::<Node<E>>();

    /// How a node is destroyed.
    pub(super) const KIND: Kind = Kind {
        drop: if mem::needs_drop::<E>() || crate::sync::CHECKED {
            Some(Self::drop_entry)
        } else {
            None
        },
        give: Some(Self::give_entry),
        memory: Memory::Block(Self::LAYOUT),
    };

    /// # Safety
    /// `ptr` is a node that its caller owns; `hook` points at a hook for `E`s.
    unsafe fn give_entry(ptr: NonNull<u8>, hook: Hook) {
        let node = ptr.cast::<Self>().as_ptr();
        // SAFETY: the caller's promise. The entry is read out once; the node's memory is its
        // owner's to free.
        unsafe {
            (*node).head.canary.kill();
            let entry = ptr::read(&raw const (*node).entry);
            (*hook.cast::<OnReclaim<E>>())(entry);
        }
    }

    /// # Safety
    /// `ptr` is a node that its caller owns.
    unsafe fn drop_entry(ptr: NonNull<u8>) {
        let node = ptr.cast::<Self>().as_ptr();
        // SAFETY: the caller's promise.
        unsafe {
            (*node).head.canary.kill();
            ptr::drop_in_place(&raw mut (*node).entry);
        }
    }

    /// The node of a word.
    ///
    /// # Safety
    /// `head` came from a word with a node and no LIST flag, in a table of entries of type `E`,
    /// loaded under the pin that `'g` stands for.
    #[inline(always)]
    pub(super) unsafe fn of<'g>(head: *mut Head) -> &'g Node<E> {
        // SAFETY: such a word points at a published node (the CAS that published it was a
        // Release), and the pin keeps it. Its address came with the provenance of the allocation.
        let node = unsafe { &*head.cast::<Node<E>>() };
        node.head.canary.check();
        node
    }

    #[inline(always)]
    pub(crate) fn ident(&self) -> Ident {
        self.head.ident()
    }

    #[inline(always)]
    pub(crate) fn entry(&self) -> &E {
        &self.entry
    }

    /// Where the entry is. Whoever may write it makes a reference from this, never one to the
    /// node: others read the node's head meanwhile.
    ///
    /// # Safety
    /// The node is one of a map that keeps it.
    pub(crate) unsafe fn entry_of(node: NonNull<Self>) -> *mut E {
        // SAFETY: the caller's promise; no reference is made.
        unsafe { &raw mut (*node.as_ptr()).entry }
    }

    pub(super) fn layout() -> Layout {
        Self::LAYOUT
    }

    pub(crate) fn size() -> usize {
        Self::LAYOUT.size()
    }

    /// The node as an object to retire. Takes the pointer that was in the word: one made from a
    /// shared reference would not be allowed to drop.
    ///
    /// # Safety
    /// The node has been unlinked and is owned by the caller.
    #[inline(always)]
    pub(super) unsafe fn retired(node: NonNull<Self>, hook: Hook) -> Retired {
        Retired::new(node.cast(), const { &Self::KIND }, hook)
    }
}

#[cfg(dolmen_fuzz)]
impl Node<()> {
    /// A node without an entry, boxed, for the fuzzer's tables.
    pub(super) fn bare(ident: Ident) -> *mut Self {
        Box::into_raw(Box::new(Node { head: Head { ident, canary: Canary::new() }, entry: () }))
    }
}

/// A node that has not been published: owned, to be put in a slot or taken apart again.
pub(crate) struct Fresh<E>(NonNull<Node<E>>);

// SAFETY: it owns its entry, as a box does.
unsafe impl<E: Send> Send for Fresh<E> {}
// SAFETY: as above.
unsafe impl<E: Sync> Sync for Fresh<E> {}

impl<E> Fresh<E> {
    /// Allocates from `pool` or the heap; gives the entry back when there is no memory.
    #[inline(always)]
    pub(crate) fn new(
        block: Option<NonNull<u8>>,
        ident: Ident,
        entry: E,
    ) -> Result<Self, (AllocError, E)> {
        let block = match block.or_else(|| allocate(Node::<E>::LAYOUT)) {
            Some(block) => block,
            None => return Err((AllocError(Node::<E>::LAYOUT), entry)),
        };
        Head::check(block.as_ptr().addr());
        let node = block.cast::<Node<E>>();
        // SAFETY: a block of this layout, from the allocator or from a pool of such blocks.
        unsafe { node.write(Node { head: Head { ident, canary: Canary::new() }, entry }) };
        Ok(Fresh(node))
    }

    /// What is in the node.
    pub(crate) fn entry(&self) -> &E {
        // SAFETY: owned, and written by `new`.
        unsafe { &self.0.as_ref().entry }
    }

    /// Takes the node apart.
    pub(crate) fn into_entry(self) -> E {
        let node = ManuallyDrop::new(self).0;
        // SAFETY: owned and never published, so the grace period is not needed; the entry is read
        // out once.
        unsafe {
            let entry = ptr::read(&raw const (*node.as_ptr()).entry);
            free(node.cast(), Node::<E>::LAYOUT);
            entry
        }
    }

    pub(super) fn as_ptr(&self) -> NonNull<Node<E>> {
        self.0
    }

    /// The node now belongs to the table.
    #[inline(always)]
    pub(super) fn publish<'g>(self) -> &'g Node<E> {
        // SAFETY: the caller has just published the node under a pin for `'g`.
        unsafe { ManuallyDrop::new(self).0.as_ref() }
    }
}

impl<E> Drop for Fresh<E> {
    fn drop(&mut self) {
        struct Block<E>(NonNull<Node<E>>);
        impl<E> Drop for Block<E> {
            fn drop(&mut self) {
                // SAFETY: owned; the entry is gone, or going.
                unsafe { free(self.0.cast(), Node::<E>::LAYOUT) };
            }
        }
        let _block = Block(self.0);
        // SAFETY: owned and never published.
        unsafe { Node::<E>::drop_entry(self.0.cast()) };
    }
}

/// Nodes that share an ident: replaced whole, and immutable until a map that is owned takes them out
/// one by one. `E` is that of the nodes.
#[repr(C)]
pub(crate) struct List<E> {
    head: Head,
    /// Nodes in the list.
    len: u32,
    /// Nodes that there is room for: what was allocated.
    room: u32,
    nodes: [NonNull<Node<E>>; 0],
}

impl<E> List<E> {
    /// How a list is destroyed; its nodes have lives of their own.
    const KIND: Kind = Kind { drop: None, give: None, memory: Memory::Free(Self::free) };

    fn layout(len: usize) -> Layout {
        let nodes = Layout::array::<NonNull<Node<E>>>(len).expect("as many as were in memory");
        let (layout, offset) = Layout::new::<List<E>>().extend(nodes).expect("as above");
        debug_assert_eq!(offset, mem::offset_of!(List<E>, nodes));
        layout.pad_to_align()
    }

    /// # Safety
    /// `ptr` is a list that its caller owns.
    unsafe fn free(ptr: NonNull<u8>) -> bool {
        let list = ptr.cast::<Self>().as_ptr();
        // SAFETY: the caller's promise.
        unsafe {
            (*list).head.canary.kill();
            free(ptr, Self::layout((*list).room as usize));
        }
        true
    }

    /// A list of the nodes of `old`, without the one at `skip`, and with `add`.
    pub(super) fn build(
        ident: Ident,
        old: &[NonNull<Node<E>>],
        skip: Option<usize>,
        add: Option<NonNull<Node<E>>>,
    ) -> Result<NewList<E>, AllocError> {
        let kept = old.iter().enumerate().filter(|(i, _)| Some(*i) != skip).map(|(_, n)| *n);
        let len = old.len() - usize::from(skip.is_some()) + usize::from(add.is_some());
        let layout = Self::layout(len);
        // A list that long is as good as no memory: each write would copy 32 GiB.
        let room = u32::try_from(len).map_err(|_| AllocError(layout))?;
        let block = allocate(layout).ok_or(AllocError(layout))?;
        Head::check(block.as_ptr().addr());
        let list = block.cast::<Self>();
        let head = Head { ident, canary: Canary::new() };
        // SAFETY: fresh memory of a list of `len`, and `kept` and `add` make `len` together.
        unsafe {
            list.write(List { head, len: room, room, nodes: [] });
            let nodes = Self::nodes(list);
            for (i, node) in kept.chain(add).enumerate() {
                nodes.add(i).write(node);
            }
        }
        Ok(NewList(list))
    }

    /// # Safety
    /// `list` is a list, or memory for one.
    unsafe fn nodes(list: NonNull<Self>) -> *mut NonNull<Node<E>> {
        // SAFETY: the caller's promise; the nodes are behind the rest, in the same allocation.
        unsafe { (&raw mut (*list.as_ptr()).nodes).cast() }
    }

    /// The list as an object to retire.
    ///
    /// # Safety
    /// The list has been unlinked and is owned by the caller.
    pub(super) unsafe fn retired(head: *mut Head) -> Retired {
        // SAFETY: a head in a word is not null.
        Retired::new(
            unsafe { NonNull::new_unchecked(head) }.cast(),
            const { &Self::KIND },
            ptr::null(),
        )
    }
}

/// A list that has not been published.
pub(super) struct NewList<E>(NonNull<List<E>>);

impl<E> NewList<E> {
    pub(super) fn word(&self, ident: Ident) -> Word {
        Word::live(self.0.as_ptr().cast(), ident, true)
    }

    /// The list now belongs to the table.
    pub(super) fn publish(self) {
        mem::forget(self);
    }
}

impl<E> Drop for NewList<E> {
    fn drop(&mut self) {
        // SAFETY: owned and never published.
        unsafe { List::<E>::free(self.0.cast()) };
    }
}

/// The nodes that a word with a node stands for: one, or those of a list.
pub(super) enum Nodes<'g, E> {
    One(NonNull<Node<E>>),
    Many(&'g [NonNull<Node<E>>]),
}

impl<'g, E> Nodes<'g, E> {
    /// # Safety
    /// As [`Node::of`], with or without the LIST flag.
    #[inline(always)]
    pub(super) unsafe fn of(word: Word) -> Self {
        if word.is_list() {
            let list = word.head().cast::<List<E>>();
            // SAFETY: the caller's promise; a list holds `len` nodes behind its head.
            unsafe {
                (*list).head.canary.check();
                let nodes = (&raw const (*list).nodes).cast::<NonNull<Node<E>>>();
                Nodes::Many(slice::from_raw_parts(nodes, (*list).len as usize))
            }
        } else {
            // SAFETY: a head in a word is not null.
            Nodes::One(unsafe { NonNull::new_unchecked(word.head()) }.cast())
        }
    }

    #[inline(always)]
    pub(super) fn as_slice(&self) -> &[NonNull<Node<E>>] {
        match self {
            Nodes::One(node) => slice::from_ref(node),
            Nodes::Many(nodes) => nodes,
        }
    }
}

/// Takes a node out of a slot, which is left SEALED when it was the last. The others stay in it: what
/// nobody takes is freed from there, like all else.
///
/// # Safety
/// The table is exclusively owned and holds `E`s, and the slot's nodes are in no other table.
pub(super) unsafe fn take_one<E>(slot: &Slot) -> Option<Fresh<E>> {
    let word = slot.load_exclusive();
    if !word.has_node() {
        return None;
    }
    // SAFETY: a head in a word is not null.
    let head = unsafe { NonNull::new_unchecked(word.head()) };
    if !word.is_list() {
        slot.store_exclusive(Word::SEALED);
        return Some(Fresh(head.cast()));
    }
    let list = head.cast::<List<E>>();
    // SAFETY: the caller's promise: the list is ours, and so is a node that it does not count any
    // more. It has one at least: it goes with its last.
    unsafe {
        let len = (*list.as_ptr()).len - 1;
        let node = List::nodes(list).add(len as usize).read();
        (*list.as_ptr()).len = len;
        if len == 0 {
            slot.store_exclusive(Word::SEALED);
            List::<E>::free(list.cast());
        }
        Some(Fresh(node))
    }
}
