//! Kinds of slot. The protocol (tables, migration, room, iteration, counting, the way of a write
//! through a chain) is one for all of them: it asks a kind for what differs, by this trait.
//!
//! [`Linked`](super::Linked): a slot of one word, which points at a node (`word`, `slot`, `group`, `node`).
//! [`Inline`](super::inline::Inline): a slot of two words, key and value (`inline`).

use super::table::Table;
use super::walk::Spot;
use crate::reclaim::Hook;
use core::ops::Range;

/// What a slot is to the protocol, whatever its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Never used in this table.
    Empty,
    /// The ident's current contents.
    Live,
    /// Still current, and being copied to the successor.
    Frozen,
    /// The ident is absent.
    Tomb,
    /// The ident lives in the successor, or later.
    Moved,
    /// Was empty when the table was moved.
    Sealed,
}

#[cfg(any(dolmen_loom, dolmen_shuttle, dolmen_real, dolmen_fuzz))]
impl State {
    /// As the models and the fuzzer print it.
    pub(super) fn letter(self) -> char {
        match self {
            State::Empty => '.',
            State::Live => 'L',
            State::Frozen => 'F',
            State::Tomb => 'T',
            State::Moved => 'M',
            State::Sealed => 'S',
        }
    }
}

/// What became of one try to put a copy into a successor.
pub(crate) enum Arrival {
    /// It is there, in a slot that was EMPTY.
    Placed,
    /// It is there, in a slot that the ident had, and that had held nothing yet.
    Filled,
    /// It is there, or was, by somebody else: whatever became of it since.
    Arrived,
    /// The ident has taken a slot that was EMPTY, and the copy is not in it yet.
    Claimed,
    /// Somebody came first: look again.
    Lost,
    /// The slot is closed: one table further, which there is.
    Onward,
    /// No slot is left: one table further, which there may not be yet.
    Exhausted,
}

/// A kind of slot.
pub(crate) trait SlotKind: Copy + PartialEq + 'static {
    /// Where a slot is: one of a group's.
    type Slot<'g>: Copy;
    /// The slots of a cache line. Zeroed memory is EMPTY slots where atomics are plain words.
    type Group: 'static;
    /// What tells whose a slot is; enough of a hash to place it.
    type Ident: Copy + PartialEq;
    /// What a slot said at one look: its state, its ident if it has one, what it holds.
    type Word: Copy;

    /// Slots in a group.
    const GROUP: usize;
    /// Slots behind the last group, where walks of certain idents begin, and no others come by.
    const SIDE: usize;
    /// Whether an iteration asks for what slots point at.
    const POINTS: bool;
    /// Eighths of its slots that a table uses before it grows.
    const FILL: usize;
    /// The same of a large one (`size`).
    const FILL_LARGE: usize;
    /// Whether tables have a bit for each group: see [`Table::overflow`].
    const OVERFLOWS: bool;

    /// A group of EMPTY slots.
    fn group() -> Self::Group;
    /// A slot of these groups.
    fn slot(groups: &[Self::Group], index: usize) -> Self::Slot<'_>;
    /// The slots of a group.
    fn slots(group: &Self::Group) -> impl Iterator<Item = Self::Slot<'_>>;
    /// Bits that say which group an ident's walk begins with: its number and, below that, six others.
    fn home_bits(ident: Self::Ident) -> usize;
    /// Whether it begins on the side.
    fn is_on_side(ident: Self::Ident) -> bool;
    /// By how many groups a long walk goes on each time: an odd number, of bits that the home is not of.
    fn stride(ident: Self::Ident) -> usize;

    fn state(word: Self::Word) -> State;
    /// The ident of a slot that has one.
    fn ident(word: Self::Word) -> Option<Self::Ident>;
    /// The slot as it is now.
    fn load(table: Table<'_, Self>, slot: Self::Slot<'_>) -> Self::Word;
    /// The slot as it is now, if it is LIVE and as most are: of others, `load` tells. It was not
    /// `vacant`.
    fn load_plain(slot: Self::Slot<'_>) -> Option<Self::Word>;
    /// The first slot in the ident's walk that is EMPTY, SEALED or the ident's.
    fn walk(table: Table<'_, Self>, ident: Self::Ident) -> Spot<'_, Self>;

    /// Appends to `bits`, below them, one for each slot of a group: whether it is seen to hold nothing.
    fn vacant(group: &Self::Group, bits: u64) -> u64;
    /// Asks for the memory that a slot points at.
    fn prefetch(slot: Self::Slot<'_>);
    /// As `prefetch`, of a slot that is not `vacant`, and for all that an iteration reads there.
    fn prefetch_taken(slot: Self::Slot<'_>);
    /// As `prefetch_taken`, where the slot has been moved to this table; nothing for others.
    fn prefetch_moved(slot: Self::Slot<'_>, onward: Table<'_, Self>);
    /// Brings a slot to SEALED or MOVED, or to FROZEN: then what it holds is returned, to be copied.
    fn freeze(table: Table<'_, Self>, slot: Self::Slot<'_>) -> Option<Self::Word>;
    /// What a slot holds that is FROZEN.
    fn frozen(table: Table<'_, Self>, slot: Self::Slot<'_>) -> Option<Self::Word>;
    /// One try to put a copy of what was frozen to where a walk of its ident has ended in the table.
    fn place(
        table: Table<'_, Self>,
        spot: Spot<'_, Self>,
        ident: Self::Ident,
        frozen: Self::Word,
    ) -> Arrival;
    /// From FROZEN to MOVED, once the copy is there.
    fn finish_move(slot: Self::Slot<'_>, ident: Self::Ident);

    /// As `load`, in a map that is exclusively owned.
    fn load_exclusive(table: Table<'_, Self>, slot: Self::Slot<'_>) -> Self::Word;
    /// Whether what was frozen has been copied to this table, or further; in a map that is
    /// exclusively owned.
    fn has_arrived(table: Table<'_, Self>, ident: Self::Ident) -> bool;
    /// From FROZEN to LIVE, or to MOVED if the copy has `arrived`; in a map that is exclusively
    /// owned.
    fn thaw(slot: Self::Slot<'_>, frozen: Self::Word, arrived: bool);
}

/// How an exclusively owned map frees what slots of a table hold. Takes each out of the range before: so that who
/// catches the panic of a destructor may go on.
///
/// # Safety
/// Of a call: the map is owned and holds what the function is for, and what the slots hold is in no
/// other table.
pub(super) type FreeSlots<K> = unsafe fn(Table<'_, K>, &mut Range<usize>, Hook);
