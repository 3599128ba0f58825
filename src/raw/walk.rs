//! The walk: the one probe loop, under every verb.
//!
//! From the ident's home group on, over one group after the other, it returns the first slot that is EMPTY, SEALED
//! or the ident's: the only place in the table where the ident can be (I2). There is no probe
//! limit; load decides growth, so a hostile hasher cannot make tables double for ever.

use super::group::Tags;
use super::kind::{SlotKind, State};
use super::linked::Linked;
use super::slot::Slot;
use super::table::Table;
use super::word::{Ident, Word};

/// Where a walk ended: at the only slot that can hold the ident, with the word seen there.
pub(crate) enum Spot<'g, K: SlotKind = Linked> {
    /// The ident's slot, LIVE or FROZEN.
    Node(K::Slot<'g>, K::Word),
    /// The ident's slot, TOMB or MOVED.
    Dead(K::Slot<'g>, K::Word),
    /// The ident has no slot; EMPTY or SEALED.
    End(K::Slot<'g>, K::Word),
    /// The ident has no slot, and every slot belongs to another ident.
    Exhausted,
}

/// What a first look at the home group shows, before a walk.
pub(super) enum Glance<'g> {
    /// A LIVE word with the ident's tag, and one node: the ident's, or of one that looks like it.
    Node(&'g Slot, Word),
    /// The ident's slot, TOMB.
    Tomb(&'g Slot, Word),
    /// The ident has no slot in the table; here it would get one.
    Empty(&'g Slot),
    /// It takes a walk to tell.
    Unclear,
}

/// The first step of a walk, where nearly all end.
#[inline(always)]
pub(super) fn glance<'g>(table: Table<'g>, ident: Ident) -> Glance<'g> {
    let slots = table.home_group(ident);
    let tags = Tags::load(slots);
    if let Some(i) = tags.first(ident) {
        let word = slots[i].load();
        return if word.is_plain() {
            Glance::Node(&slots[i], word)
        } else if word == Word::tomb(ident) {
            Glance::Tomb(&slots[i], word)
        } else {
            Glance::Unclear
        };
    }
    match tags.first_end() {
        Some(i) if slots[i].load() == Word::EMPTY => Glance::Empty(&slots[i]),
        _ => Glance::Unclear,
    }
}

/// Walks for `ident`. `owns` says whether a word that has its tag and a node is the ident's; a
/// reader may compare keys there and then, and take a node with another key for another ident's
/// (it finds no second one).
#[inline(always)]
pub(super) fn walk<'g>(
    table: Table<'g>,
    ident: Ident,
    mut owns: impl FnMut(Word) -> bool,
) -> Spot<'g> {
    let (home, mask) = table.home(ident);
    let stride = Linked::stride(ident);
    let mut group = home;
    for nth in 1..=steps(mask) {
        let slots = table.group(group);
        let tags = Tags::load(slots);
        // An owner may be looked for before an end: whatever end stands before it was not there
        // when the ident took its slot, and ends do not come back.
        for i in tags.matching(ident.tag()) {
            let word = slots[i].load();
            if word.is_dead() {
                if word.carried_ident() == ident {
                    return Spot::Dead(&slots[i], word);
                }
            } else if owns(word) {
                return Spot::Node(&slots[i], word);
            }
        }
        for i in tags.ends() {
            let word = slots[i].load();
            if word.ends_walk() {
                return Spot::End(&slots[i], word);
            }
            // Not an end any more: somebody took the slot, perhaps for this ident.
            if word.tag() == ident.tag()
                && let Some(spot) = taken(&slots[i], word, ident, &mut owns)
            {
                return spot;
            }
        }
        group = nth_group(home, stride, nth, mask);
    }
    Spot::Exhausted
}

/// Groups near the home that a walk meets first, in a table of more than `FEW`.
const NEAR: usize = 4;
const FEW: usize = 16;

/// How many groups a walk meets before it is exhausted: all, and the near ones twice.
#[inline(always)]
pub(super) fn steps(mask: usize) -> usize {
    if mask < FEW { mask + 1 } else { NEAR + mask + 1 }
}

/// The `nth` group of a walk: near its home at first, by one more each time, and then anywhere: by a stride of the
/// ident's own, an odd one, and an even share of the square of the steps, without which a small stride would stay near.
/// Either way all groups are met in as many steps, for their number is a power of two, of which both are permutations.
///
/// By one way for all, full groups would grow together. And keys that come in the order of another table's homes,
/// as from an iteration, fill a smaller table from one end, more than once: each walk would go through all that is
/// full, or be as long as its root.
#[inline(always)]
pub(super) fn nth_group(home: usize, stride: usize, nth: usize, mask: usize) -> usize {
    const EVEN: usize = 0x3c6e_f372_fe94_f82a;
    let away = if nth <= NEAR || mask < FEW {
        nth * (nth + 1) / 2
    } else {
        let step = nth - NEAR;
        step.wrapping_mul(stride.wrapping_add(step.wrapping_mul(EVEN)))
    };
    home.wrapping_add(away) & mask
}

/// Groups that a walk passes before it comes to `group`.
pub(super) fn passed<K: SlotKind>(table: Table<'_, K>, ident: K::Ident, group: usize) -> usize {
    let ((home, mask), stride) = (table.home(ident), K::stride(ident));
    // A home on the side is none of the others, and comes first, too.
    let met =
        |nth: &usize| *nth == 0 && group == home || nth_group(home, stride, *nth, mask) == group;
    (0..steps(mask)).find(met).expect("a walk meets each group")
}

/// The spot of a word with the ident's tag, if it is the ident's.
#[cold]
fn taken<'g>(
    slot: &'g Slot,
    word: Word,
    ident: Ident,
    owns: &mut impl FnMut(Word) -> bool,
) -> Option<Spot<'g>> {
    if word.is_dead() {
        (word.carried_ident() == ident).then_some(Spot::Dead(slot, word))
    } else {
        owns(word).then_some(Spot::Node(slot, word))
    }
}

/// Whether the ident has a slot in the table.
pub(super) fn owns_slot(table: Table<'_>, ident: Ident) -> bool {
    matches!(walk_ident(table, ident), Spot::Node(..) | Spot::Dead(..))
}

/// The walk of writers, copiers and iterators: by ident, whatever the nodes hold.
#[inline(always)]
pub(super) fn walk_ident(table: Table<'_>, ident: Ident) -> Spot<'_> {
    walk(table, ident, |word| ident_of_node(word) == ident)
}

/// The ident in the node, or list, of a word that has one.
#[inline(always)]
pub(super) fn ident_of_node(word: Word) -> Ident {
    debug_assert!(word.has_node());
    // SAFETY: words are loaded from tables under a pin, or of an exclusively owned map: either
    // keeps the head that a word with a node points at.
    unsafe { (*word.head()).ident() }
}

/// The ident of a slot that has one.
#[inline(always)]
pub(super) fn ident_of(word: Word) -> Option<Ident> {
    match word.state() {
        State::Empty | State::Sealed => None,
        State::Tomb | State::Moved => Some(word.carried_ident()),
        State::Live | State::Frozen => Some(ident_of_node(word)),
    }
}
