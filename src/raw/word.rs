//! The word of a slot: a pure value, 64 bits.
//!
//! | state | bits 48..64 | bits 3..48 | bits 0..3 |
//! |---|---|---|---|
//! | EMPTY | 0 | 0 | 0 |
//! | LIVE | tag | node address | 0, or LIST |
//! | FROZEN | tag | node address | FROZEN, or FROZEN and LIST |
//! | TOMB | tag | the ident's other bits | NO_NODE |
//! | MOVED | tag | the ident's other bits | NO_NODE, 2 |
//! | SEALED | 0 | 0 | NO_NODE, 3 |
//!
//! A word without a node still carries its ident: a dead slot keeps no key alive, and nobody ever
//! forgets whose slot it is.

use super::kind::State;
use super::node::Head;
use core::fmt;
use core::ptr;

/// The word is being copied to the successor.
const FROZEN: usize = 1;
/// The address is that of a list of nodes that share the ident.
const LIST: usize = 2;
/// There is no address but, with the two bits below, a kind.
const NO_NODE: usize = 4;
const MOVED: usize = NO_NODE | 2;
const SEALED: usize = NO_NODE | 3;
const FLAGS: usize = 7;
const TAG_SHIFT: u32 = 48;
const TAG: usize = 0xffff << TAG_SHIFT;

/// A hash as the table sees it: 60 bits of it, and one that is set so that the top 16 (the tag) are
/// never all zero.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ident(usize);

impl Ident {
    /// The ident of a hash.
    #[inline(always)]
    pub(crate) fn new(hash: u64) -> Self {
        // One bit of the tag is always set: no branch, and 15 bits tell slots apart as well as 16.
        Ident(hash as usize & !FLAGS | 1 << TAG_SHIFT)
    }

    /// What the home group is taken from: all but the flags' bits, from bit 6 on.
    #[inline(always)]
    pub(crate) fn home_bits(self) -> usize {
        self.0 << 3
    }

    #[inline(always)]
    pub(crate) fn tag(self) -> u16 {
        (self.0 >> TAG_SHIFT) as u16
    }

    /// The tag and what is below it.
    #[inline(always)]
    pub(super) fn bits(self) -> usize {
        self.0
    }
}

impl fmt::Debug for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ident({:#x})", self.0)
    }
}

/// A slot's word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word(*mut ());

impl Word {
    pub(crate) const EMPTY: Word = Word(ptr::null_mut());
    pub(crate) const SEALED: Word = Word(ptr::without_provenance_mut(SEALED));

    /// A word for a node, or (`list`) a list of nodes.
    #[inline(always)]
    pub(crate) fn live(head: *mut Head, ident: Ident, list: bool) -> Word {
        let flags = if list { LIST } else { 0 };
        Word(head.cast::<()>().map_addr(|address| {
            debug_assert_eq!(address & (TAG | FLAGS), 0, "see `Head::check`");
            address | ident.0 & TAG | flags
        }))
    }

    /// The ident is absent.
    #[inline(always)]
    pub(crate) fn tomb(ident: Ident) -> Word {
        Word(ptr::without_provenance_mut(ident.0 | NO_NODE))
    }

    /// The ident is in the successor, or later.
    pub(crate) fn moved(ident: Ident) -> Word {
        Word(ptr::without_provenance_mut(ident.0 | MOVED))
    }

    /// Whether an address can be told from a tag and flags.
    #[inline(always)]
    pub(crate) fn fits(address: usize) -> bool {
        address & (TAG | FLAGS) == 0
    }

    #[inline(always)]
    pub(crate) fn from_raw(raw: *mut ()) -> Word {
        Word(raw)
    }

    #[inline(always)]
    pub(crate) fn into_raw(self) -> *mut () {
        self.0
    }

    #[inline(always)]
    pub(crate) fn state(self) -> State {
        if self.has_node() {
            return if self.0.addr() & FROZEN == 0 { State::Live } else { State::Frozen };
        }
        match self.0.addr() & FLAGS {
            NO_NODE => State::Tomb,
            MOVED => State::Moved,
            SEALED => State::Sealed,
            _ => State::Empty,
        }
    }

    /// Whether the word holds an address (LIVE or FROZEN).
    #[inline(always)]
    pub(crate) fn has_node(self) -> bool {
        self.0.addr() & NO_NODE == 0 && self != Word::EMPTY
    }

    /// LIVE with one node, of a word that has a tag.
    #[inline(always)]
    pub(crate) fn is_plain(self) -> bool {
        debug_assert!(self.tag() != 0);
        self.0.addr() & FLAGS == 0
    }

    /// TOMB or MOVED, of a word that has a tag.
    #[inline(always)]
    pub(crate) fn is_dead(self) -> bool {
        debug_assert!(self.tag() != 0);
        self.0.addr() & NO_NODE != 0
    }

    /// Whether the address is a list's.
    #[inline(always)]
    pub(crate) fn is_list(self) -> bool {
        self.0.addr() & (NO_NODE | LIST) == LIST
    }

    /// The tag; 0 for EMPTY and SEALED only.
    #[inline(always)]
    pub(crate) fn tag(self) -> u16 {
        (self.0.addr() >> TAG_SHIFT) as u16
    }

    /// EMPTY or SEALED: a walk ends here.
    #[inline(always)]
    pub(crate) fn ends_walk(self) -> bool {
        self.tag() == 0
    }

    /// The head of the node or list. Meaningful only if [`has_node`](Self::has_node).
    #[inline(always)]
    pub(crate) fn head(self) -> *mut Head {
        self.0.map_addr(|address| address & !(TAG | FLAGS)).cast()
    }

    /// The ident that a TOMB or MOVED word carries.
    #[inline(always)]
    pub(crate) fn carried_ident(self) -> Ident {
        debug_assert!(matches!(self.state(), State::Tomb | State::Moved));
        Ident(self.0.addr() & !FLAGS)
    }

    /// LIVE to FROZEN.
    pub(crate) fn frozen(self) -> Word {
        debug_assert!(self.has_node());
        Word(self.0.map_addr(|address| address | FROZEN))
    }

    /// FROZEN to LIVE.
    pub(crate) fn thawed(self) -> Word {
        debug_assert!(self.has_node());
        Word(self.0.map_addr(|address| address & !FROZEN))
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({:#x})", self.state(), self.0.addr())
    }
}

#[cfg(all(test, not(any(dolmen_loom, dolmen_shuttle))))]
mod tests {
    use super::*;

    fn idents() -> impl Iterator<Item = Ident> {
        [0, 1, 7, 8, u64::MAX, 1 << 48, (1 << 48) - 1, 0x1234_5678_9abc_def0]
            .map(Ident::new)
            .into_iter()
    }

    #[test]
    fn every_state_is_told_apart_and_keeps_tag_and_ident() {
        let mut memory = [0u64; 4];
        let head = memory.as_mut_ptr().cast::<Head>();
        for ident in idents() {
            assert_ne!(ident.tag(), 0);
            for list in [false, true] {
                let live = Word::live(head, ident, list);
                assert_eq!(live.state(), State::Live);
                assert_eq!(live.frozen().state(), State::Frozen);
                assert_eq!(live.frozen().thawed(), live);
                for word in [live, live.frozen()] {
                    assert!(word.has_node() && !word.ends_walk());
                    assert_eq!((word.is_list(), word.tag()), (list, ident.tag()));
                    assert_eq!(word.head(), head);
                }
            }
            let (tomb, moved) = (Word::tomb(ident), Word::moved(ident));
            assert_eq!((tomb.state(), moved.state()), (State::Tomb, State::Moved));
            for word in [tomb, moved] {
                assert!(!word.has_node() && !word.is_list() && !word.ends_walk());
                assert_eq!((word.carried_ident(), word.tag()), (ident, ident.tag()));
            }
        }
        assert_eq!(Word::EMPTY.state(), State::Empty);
        assert_eq!(Word::SEALED.state(), State::Sealed);
        for word in [Word::EMPTY, Word::SEALED] {
            assert!(word.ends_walk() && !word.has_node() && !word.is_list());
        }
    }

    #[test]
    fn addresses_that_do_not_fit_are_refused() {
        assert!(Word::fits(0x7fff_ffff_fff8));
        for address in [1usize, 4, 1 << 48, 0xb400_0000_0000_1000] {
            assert!(!Word::fits(address));
        }
    }
}
