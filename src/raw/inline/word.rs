//! The words of a slot of two: the key's, and the value's. Pure values.
//!
//! | key word | means |
//! |---|---|
//! | 0 | VIRGIN: never used in this table |
//! | all ones | CLOSED: was VIRGIN when the table was moved |
//! | else | the key, for ever |
//!
//! | value word | bits 2..64 | bit 1 | bit 0 |
//! |---|---|---|---|
//! | LIVE, inline | the value's 62 bits | 1 | FROZEN or not |
//! | LIVE, wide | WIDE, and the address of a node that holds the value | 0 | FROZEN or not |
//! | VOID | 0 | 0 | FROZEN or not |
//! | TOMB | 2 | 0 | FROZEN or not |
//! | MOVED | 4 | 0 | FROZEN |
//!
//! VOID is what a key is claimed with. It is written once, by the allocation, and never comes back: a
//! copier publishes by an exchange of VOID only, so however late, it brings nothing back.

use super::super::kind::State;
use super::super::node::Node;
use core::fmt;
use core::ptr;

/// A mixed key: what the map's bijection made of a key. All 64 bits of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key(u64);

impl Key {
    #[inline(always)]
    pub(crate) fn new(mixed: u64) -> Key {
        Key(mixed)
    }

    #[inline(always)]
    pub(crate) fn get(self) -> u64 {
        self.0
    }

    /// What the home group is taken from: the upper half, from bit 6 on.
    #[inline(always)]
    pub(super) fn home_bits(self) -> usize {
        self.0.rotate_right(26) as usize
    }

    /// The key that has these bits in its halves, exchanged: for tests and models, where small numbers begin
    /// their walks at the groups of these numbers.
    #[cfg(any(test, dolmen_loom, dolmen_shuttle, dolmen_real))]
    pub(crate) fn turned(bits: u64) -> Key {
        Key(bits.rotate_left(32))
    }

    /// What `turned` made the key of.
    #[cfg(any(test, dolmen_loom, dolmen_shuttle, dolmen_real))]
    pub(crate) fn turned_back(self) -> u64 {
        self.0.rotate_left(32)
    }

    /// Whether the key would look like VIRGIN or CLOSED: it lives on the side of the table.
    #[inline(always)]
    pub(super) fn is_reserved(self) -> bool {
        self.0.wrapping_add(1) <= 1
    }

    /// The word that stands for the key, on the side of the table or in an ordinary group.
    #[inline(always)]
    pub(super) fn pattern(self) -> Pattern {
        if self.is_reserved() { Pattern(1 + (self.0 & 1)) } else { Pattern(self.0) }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:#x})", self.0)
    }
}

/// A key word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pattern(u64);

impl Pattern {
    pub(super) const VIRGIN: Pattern = Pattern(0);
    pub(super) const CLOSED: Pattern = Pattern(!0);

    #[inline(always)]
    pub(super) fn from_raw(raw: u64) -> Pattern {
        Pattern(raw)
    }

    #[inline(always)]
    pub(super) fn into_raw(self) -> u64 {
        self.0
    }

    /// VIRGIN or CLOSED: a walk ends here.
    #[inline(always)]
    pub(super) fn ends_walk(self) -> bool {
        self.0.wrapping_add(1) <= 1
    }

    /// A key, and none of those that may be on the side of a table.
    #[inline(always)]
    pub(super) fn is_ordinary(self) -> bool {
        self.0.wrapping_add(1) > 3
    }

    /// The key of a word that is one, in an ordinary group or on the `side` of the table.
    #[inline(always)]
    pub(super) fn key(self, side: bool) -> Key {
        debug_assert!(!self.ends_walk());
        // 1 stands for 0, and 2 for all ones.
        if side { Key((self.0 - 1).wrapping_neg()) } else { Key(self.0) }
    }
}

/// Values of more bits than these are wide.
const INLINE_BITS: u32 = 62;
const FROZEN: usize = 1;
const INLINE: usize = 2;
const WIDE: usize = 4;
const LIVE: usize = INLINE | WIDE;
const TOMB: usize = 8;
const MOVED: usize = 16 | FROZEN;

/// A value word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held(*mut ());

impl Held {
    pub(super) const VOID: Held = Held(ptr::null_mut());
    pub(super) const TOMB: Held = Held(ptr::without_provenance_mut(TOMB));
    pub(super) const MOVED: Held = Held(ptr::without_provenance_mut(MOVED));

    /// A value, if it fits.
    #[inline(always)]
    pub(super) fn inline(value: u64) -> Option<Held> {
        let word = (value as usize) << 2 | INLINE;
        (value >> INLINE_BITS == 0).then_some(Held(ptr::without_provenance_mut(word)))
    }

    /// A node that holds the value.
    pub(super) fn wide(node: *mut Node<u64>) -> Held {
        Held(node.cast::<()>().map_addr(|address| {
            debug_assert_eq!(address & (FROZEN | LIVE), 0, "nodes are aligned to 8");
            address | WIDE
        }))
    }

    #[inline(always)]
    pub(super) fn from_raw(raw: *mut ()) -> Held {
        Held(raw)
    }

    #[inline(always)]
    pub(super) fn into_raw(self) -> *mut () {
        self.0
    }

    /// Whether there is a value, FROZEN or not.
    #[inline(always)]
    pub(super) fn is_live(self) -> bool {
        self.0.addr() & LIVE != 0
    }

    /// LIVE, inline and not FROZEN.
    #[inline(always)]
    pub(super) fn is_plain(self) -> bool {
        self.0.addr() & (INLINE | FROZEN) == INLINE
    }

    #[inline(always)]
    pub(super) fn is_frozen(self) -> bool {
        self.0.addr() & FROZEN != 0
    }

    /// VOID, and closed by a migration: nothing can come here any more.
    pub(super) fn is_closed_void(self) -> bool {
        self.0.addr() == FROZEN
    }

    /// The value, if it is here.
    #[inline(always)]
    pub(super) fn as_inline(self) -> Option<u64> {
        let bits = self.0.addr();
        (bits & INLINE != 0).then_some(bits as u64 >> 2)
    }

    /// The node that holds the value, if one does.
    #[inline(always)]
    pub(super) fn as_wide(self) -> Option<*mut Node<u64>> {
        let is_wide = self.0.addr() & LIVE == WIDE;
        is_wide.then(|| self.0.map_addr(|address| address & !(FROZEN | LIVE)).cast())
    }

    pub(super) fn frozen(self) -> Held {
        Held(self.0.map_addr(|bits| bits | FROZEN))
    }

    pub(super) fn thawed(self) -> Held {
        Held(self.0.map_addr(|bits| bits & !FROZEN))
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Held({:#x})", self.0.addr())
    }
}

/// What a slot said at one look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(super) pattern: Pattern,
    /// On the side of the table.
    pub(super) side: bool,
    pub(super) held: Held,
}

impl Seen {
    /// A slot without a key.
    #[inline(always)]
    pub(super) fn end(pattern: Pattern) -> Seen {
        debug_assert!(pattern.ends_walk());
        Seen { pattern, side: false, held: Held::VOID }
    }

    #[inline(always)]
    pub(super) fn key(self) -> Option<Key> {
        (!self.pattern.ends_walk()).then(|| self.pattern.key(self.side))
    }

    #[inline(always)]
    pub(super) fn state(self) -> State {
        match (self.held.is_live(), self.held.is_frozen()) {
            _ if self.pattern == Pattern::VIRGIN => State::Empty,
            _ if self.pattern == Pattern::CLOSED => State::Sealed,
            (true, false) => State::Live,
            (true, true) => State::Frozen,
            (false, false) => State::Tomb,
            (false, true) => State::Moved,
        }
    }
}

#[cfg(all(test, not(any(dolmen_loom, dolmen_shuttle))))]
mod tests {
    use super::*;

    const EDGES: [u64; 9] =
        [0, 1, 2, 3, (1 << 62) - 1, 1 << 62, u64::MAX - 1, u64::MAX, 0x1234_5678_9abc_def0];

    #[test]
    fn keys_come_back_from_their_words() {
        for key in EDGES.map(Key::new) {
            assert!(!key.pattern().ends_walk());
            assert_eq!(key.pattern().is_ordinary(), !matches!(key.get(), 0..=2 | u64::MAX));
            assert_eq!(key.pattern().key(key.is_reserved()), key);
        }
        assert_ne!(Key::new(0).pattern(), Key::new(u64::MAX).pattern());
        assert!(!Pattern::VIRGIN.is_ordinary() && !Pattern::CLOSED.is_ordinary());
    }

    #[test]
    fn values_come_back_and_states_are_told_apart() {
        let pattern = Key::new(5).pattern();
        let state = |held| Seen { pattern, side: false, held }.state();
        for value in EDGES {
            let Some(held) = Held::inline(value) else {
                assert!(value >> 62 != 0);
                continue;
            };
            for held in [held, held.frozen(), held.frozen().thawed()] {
                assert_eq!((held.as_inline(), held.as_wide()), (Some(value), None));
                assert_eq!(held.is_plain(), !held.is_frozen());
            }
            assert_eq!((state(held), state(held.frozen())), (State::Live, State::Frozen));
        }
        let node = 0x7fff_1234_5678usize as *mut Node<u64>;
        let wide = Held::wide(node);
        for held in [wide, wide.frozen()] {
            assert_eq!((held.as_inline(), held.as_wide()), (None, Some(node)));
            assert!(!held.is_plain());
        }
        assert_eq!((state(wide), state(wide.frozen())), (State::Live, State::Frozen));
        for dead in [Held::VOID, Held::TOMB] {
            assert_eq!((state(dead), state(dead.frozen())), (State::Tomb, State::Moved));
            assert_eq!((dead.as_inline(), dead.as_wide()), (None, None));
            assert_eq!(dead.frozen().is_closed_void(), dead == Held::VOID);
            assert!(!dead.is_plain() && !dead.frozen().is_plain());
        }
        assert_eq!(state(Held::MOVED), State::Moved);
        assert!(!Held::MOVED.is_closed_void() && !Held::MOVED.is_live());
        assert_eq!(Seen::end(Pattern::VIRGIN).state(), State::Empty);
        assert_eq!(Seen::end(Pattern::CLOSED).state(), State::Sealed);
    }
}
