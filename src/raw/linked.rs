//! The first kind of slot: one word, which points at a node, or at a list of nodes.

use super::group::{Tags, prefetch};
use super::kind::{Arrival, SlotKind, State};
use super::slot::Slot;
use super::table::Table;
use super::walk::{Spot, ident_of, owns_slot, walk_ident};
use super::word::{Ident, Word};
use crate::sync::MODELLED;
use crate::sync::limits::GROUP;
use crate::sync::probe::{Fault, planted};
use core::array::from_fn;
use core::hint::select_unpredictable;
use core::ptr;

/// Slots that point at nodes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Linked;

impl SlotKind for Linked {
    type Slot<'g> = &'g Slot;
    type Group = [Slot; GROUP];
    type Ident = Ident;
    type Word = Word;

    const GROUP: usize = GROUP;
    const SIDE: usize = 0;
    // The models take no hints, and each is a load more.
    const POINTS: bool = !MODELLED;
    const FILL: usize = 7;
    const FILL_LARGE: usize = 7;
    /// Few groups of eight are full.
    const OVERFLOWS: bool = false;

    fn group() -> [Slot; GROUP] {
        from_fn(|_| Slot::new())
    }

    #[inline(always)]
    fn slot(groups: &[[Slot; GROUP]], index: usize) -> &Slot {
        &groups.as_flattened()[index]
    }

    #[inline(always)]
    fn slots(group: &[Slot; GROUP]) -> impl Iterator<Item = &Slot> {
        group.iter()
    }

    #[inline(always)]
    fn home_bits(ident: Ident) -> usize {
        ident.home_bits()
    }

    #[inline(always)]
    fn is_on_side(_: Ident) -> bool {
        false
    }

    #[inline(always)]
    fn stride(ident: Ident) -> usize {
        // A tag is odd.
        usize::from(ident.tag())
    }

    #[inline(always)]
    fn state(word: Word) -> State {
        word.state()
    }

    #[inline(always)]
    fn ident(word: Word) -> Option<Ident> {
        ident_of(word)
    }

    #[inline(always)]
    fn load(_: Table<'_>, slot: &Slot) -> Word {
        slot.load()
    }

    #[inline(always)]
    fn load_plain(slot: &Slot) -> Option<Word> {
        Some(slot.load()).filter(|word| word.is_plain())
    }

    #[inline(always)]
    fn walk(table: Table<'_>, ident: Ident) -> Spot<'_> {
        walk_ident(table, ident)
    }

    #[inline(always)]
    fn vacant(group: &[Slot; GROUP], bits: u64) -> u64 {
        bits << GROUP | u64::from(Tags::load(group).ends().bits())
    }

    #[inline(always)]
    fn prefetch(slot: &Slot) {
        let word = slot.peek();
        // Not by a branch: whether a slot holds something is what nobody can predict.
        prefetch(select_unpredictable(word.has_node(), word.head().cast(), ptr::from_ref(slot)));
    }

    #[inline(always)]
    fn prefetch_taken(slot: &Slot) {
        let word = slot.peek();
        let slot: *const u8 = ptr::from_ref(slot).cast();
        prefetch_node(select_unpredictable(word.is_dead(), slot, word.head().cast()));
    }

    #[inline(always)]
    fn prefetch_moved(slot: &Slot, onward: Table<'_>) {
        let word = slot.peek();
        if word.state() == State::Moved
            && let Some(node) = likely_node(onward, word.carried_ident())
        {
            prefetch_node(node);
        }
    }

    #[inline(always)]
    fn freeze(_: Table<'_>, slot: &Slot) -> Option<Word> {
        loop {
            let word = slot.load();
            let done = match word.state() {
                State::Live if planted(Fault::SkipFreeze) => return Some(word),
                State::Live => match slot.freeze(word) {
                    Ok(frozen) => return Some(frozen),
                    Err(_) => continue,
                },
                State::Empty => slot.seal(),
                State::Tomb => slot.forward(word),
                State::Frozen => return Some(word),
                State::Moved | State::Sealed => return None,
            };
            if done.is_ok() {
                return None;
            }
        }
    }

    #[inline(always)]
    fn frozen(_: Table<'_>, slot: &Slot) -> Option<Word> {
        let word = slot.load();
        let is_frozen = word.state() == State::Frozen;
        (is_frozen || word.state() == State::Live && planted(Fault::SkipFreeze)).then_some(word)
    }

    #[inline(always)]
    fn place(_: Table<'_>, spot: Spot<'_>, _: Ident, frozen: Word) -> Arrival {
        let live = frozen.thawed();
        match spot {
            // As it nearly always is.
            Spot::End(to, Word::EMPTY) => match to.place(live) {
                Ok(()) => Arrival::Placed,
                Err(_) => Arrival::Lost,
            },
            Spot::End(..) => Arrival::Onward,
            Spot::Exhausted => Arrival::Exhausted,
            Spot::Node(slot, word) | Spot::Dead(slot, word) => {
                let tomb = word.state() == State::Tomb;
                if planted(Fault::TakeTombstone) && tomb && slot.overwrite(word, live).is_err() {
                    return Arrival::Lost;
                }
                Arrival::Arrived
            }
        }
    }

    #[inline(always)]
    fn finish_move(slot: &Slot, ident: Ident) {
        slot.finish_move(ident);
    }

    fn load_exclusive(_: Table<'_>, slot: &Slot) -> Word {
        slot.load_exclusive()
    }

    fn has_arrived(table: Table<'_>, ident: Ident) -> bool {
        owns_slot(table, ident)
    }

    fn thaw(slot: &Slot, frozen: Word, arrived: bool) {
        let moved = || Word::moved(super::walk::ident_of_node(frozen));
        slot.store_exclusive(if arrived { moved() } else { frozen.thawed() });
    }
}

/// Asks for all of a small node.
#[inline(always)]
fn prefetch_node(node: *const u8) {
    prefetch(node);
    // Allocators align to no more than this: every other small node goes on in the next line.
    prefetch(node.wrapping_add(16));
}

/// The first node that the home group proposes for `ident`: to be asked for, not to be read.
#[inline(always)]
pub(super) fn likely_node(table: Table<'_>, ident: Ident) -> Option<*const u8> {
    let group = table.home_group(ident);
    let first = Tags::load(group).first(ident)?;
    Some(group[first].peek().head().cast_const().cast())
}
