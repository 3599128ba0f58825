//! Hooks for the fuzzer: words, scans, walks and sizes, by number. Idents are given as what they are
//! made of: 64 bits, as `map::hash::mix` leaves them.
#![allow(missing_docs)]

use super::group::Tags;
use super::inline::Inline;
use super::kind::{SlotKind, State};
use super::linked::Linked;
use super::node::Head;
use super::slot::Slot;
use super::table::Table;
use super::walk::{Glance, Spot, glance, owns_slot, walk_ident};
use super::word::{Ident, Word};
use super::{Node, size};
use crate::sync::limits::GROUP;
use core::ptr;

fn word(bits: u64) -> Word {
    Word::from_raw(ptr::without_provenance_mut(bits as usize))
}

fn bits(word: Word) -> u64 {
    word.into_raw().addr() as u64
}

pub const EMPTY: u64 = 0;
pub const SEALED: u64 = 7;

pub fn live(address: u64, ident: u64, list: bool) -> u64 {
    let head = ptr::without_provenance_mut::<Head>(address as usize);
    assert!(Word::fits(address as usize));
    bits(Word::live(head, Ident::new(ident), list))
}

pub fn tomb(ident: u64) -> u64 {
    bits(Word::tomb(Ident::new(ident)))
}

pub fn moved(ident: u64) -> u64 {
    bits(Word::moved(Ident::new(ident)))
}

pub fn frozen(live: u64) -> u64 {
    bits(word(live).frozen())
}

pub fn thawed(frozen: u64) -> u64 {
    bits(word(frozen).thawed())
}

/// All that a word says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    pub state: char,
    pub tag: u16,
    pub has_node: bool,
    pub is_list: bool,
    pub ends_walk: bool,
    /// Of words with a tag.
    pub is_plain: Option<bool>,
    pub is_dead: Option<bool>,
    /// Of LIVE and FROZEN.
    pub address: Option<u64>,
    /// Of TOMB and MOVED: the ident, as the word of its tombstone has it.
    pub carried: Option<u64>,
}

pub fn parts(of: u64) -> Parts {
    let word = word(of);
    let (state, tagged) = (word.state(), word.tag() != 0);
    let dead = matches!(state, State::Tomb | State::Moved);
    Parts {
        state: state.letter(),
        tag: word.tag(),
        has_node: word.has_node(),
        is_list: word.is_list(),
        ends_walk: word.ends_walk(),
        is_plain: tagged.then(|| word.is_plain()),
        is_dead: tagged.then(|| word.is_dead()),
        address: word.has_node().then(|| word.head().addr() as u64),
        carried: dead.then(|| bits(Word::tomb(word.carried_ident()))),
    }
}

/// Where a scan of a group of these words proposes the tag: by the scan of this target, and by the
/// loop of the others.
pub fn scan(words: [u64; GROUP], tag: u16) -> (Vec<usize>, Vec<usize>) {
    #[repr(align(64))]
    struct Line([Slot; GROUP]);
    let line = Line(core::array::from_fn(|_| Slot::new()));
    for (slot, bits) in line.0.iter().zip(words) {
        slot.store_exclusive(word(bits));
    }
    let fast = Tags::load(&line.0).matching(tag);
    (fast.collect(), Tags::matching_one_by_one(&line.0, tag).collect())
}

/// The sizes of tables of one kind.
pub struct Sizes {
    pub group: usize,
    pub slots_for: fn(usize) -> Option<usize>,
    pub limit_of: fn(usize) -> usize,
    pub successor_of: fn(usize, usize, usize) -> Option<usize>,
}

const fn sizes<K: SlotKind>() -> Sizes {
    Sizes {
        group: K::GROUP,
        slots_for: |entries| size::slots_for::<K>(entries).ok(),
        limit_of: size::limit_of::<K>,
        successor_of: |slots, live, participants| {
            size::successor_of::<K>(slots, live, participants).ok()
        },
    }
}

pub const OF_NODES: Sizes = sizes::<Linked>();
pub const OF_WORDS: Sizes = sizes::<Inline>();

/// What a slot is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    Empty,
    Sealed,
    Live { ident: u64, list: bool },
    Frozen { ident: u64, list: bool },
    Tomb(u64),
    Moved(u64),
}

/// Where a walk ended: the state that it saw, and the slot; `None` if it went round.
pub type Found = Option<(char, usize)>;

/// A table that is filled by hand, to walk in.
pub struct Bed {
    table: Table<'static>,
    /// What live words point at. Walks by ident look no further than the head.
    nodes: Vec<*mut Node<()>>,
}

impl Bed {
    /// A table of so many groups, a power of two.
    pub fn new(groups: usize) -> Bed {
        let table = Table::allocate(groups * GROUP).expect("a small table");
        Bed { table, nodes: Vec::new() }
    }

    pub fn slots(&self) -> usize {
        self.table.slots()
    }

    /// The group that walks for an ident begin with.
    pub fn home(&self, ident: u64) -> usize {
        self.table.home(Ident::new(ident)).0
    }

    pub fn set(&mut self, slot: usize, content: Content) {
        let word = match content {
            Content::Empty => Word::EMPTY,
            Content::Sealed => Word::SEALED,
            Content::Live { ident, list } => self.node(ident, list),
            Content::Frozen { ident, list } => self.node(ident, list).frozen(),
            Content::Tomb(ident) => Word::tomb(Ident::new(ident)),
            Content::Moved(ident) => Word::moved(Ident::new(ident)),
        };
        self.table.slot(slot).store_exclusive(word);
    }

    fn node(&mut self, ident: u64, list: bool) -> Word {
        let ident = Ident::new(ident);
        let node = Node::bare(ident);
        self.nodes.push(node);
        Word::live(node.cast(), ident, list)
    }

    fn place(&self, slot: &Slot) -> usize {
        let is_it = |i: &usize| ptr::eq(self.table.slot(*i), slot);
        (0..self.slots()).find(is_it).expect("a walk stays in its table")
    }

    pub fn walk(&self, ident: u64) -> Found {
        match walk_ident(self.table, Ident::new(ident)) {
            Spot::Node(slot, word) | Spot::Dead(slot, word) | Spot::End(slot, word) => {
                Some((word.state().letter(), self.place(slot)))
            }
            Spot::Exhausted => None,
        }
    }

    /// What the first step of a walk shows, if it shows enough.
    pub fn glance(&self, ident: u64) -> Found {
        match glance(self.table, Ident::new(ident)) {
            Glance::Node(slot, word) | Glance::Tomb(slot, word) => {
                Some((word.state().letter(), self.place(slot)))
            }
            Glance::Empty(slot) => Some(('.', self.place(slot))),
            Glance::Unclear => None,
        }
    }

    pub fn owns_slot(&self, ident: u64) -> bool {
        owns_slot(self.table, Ident::new(ident))
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        // SAFETY: the table and the nodes are the bed's own, made by `new` and `node`.
        unsafe {
            self.table.deallocate();
            self.nodes.iter().for_each(|node| drop(Box::from_raw(*node)));
        }
    }
}
