//! The walk over slots of two words. A key that a scan sees is there for ever, so the scan decides what
//! is another's; what looks like the key or like an end is loaded again.

use super::super::table::Table;
use super::super::walk::Spot;
use super::group::Keys;
use super::slot::Pair;
use super::word::{Key, Pattern, Seen};
use super::{Inline, PAIRS};

/// Where a walk ended.
pub(super) enum Found<'g> {
    /// At the key's slot.
    Own(&'g Pair),
    /// At a slot that is VIRGIN or CLOSED: the key has none.
    End(&'g Pair, Pattern),
    /// Nowhere: every slot is another key's.
    Exhausted,
}

/// The first slot in the key's walk that is VIRGIN, CLOSED or the key's. Most are in the home group,
/// which is looked at here; the rest of the walk is elsewhere, so that this stays a straight line.
#[inline(always)]
pub(super) fn find<'g>(table: Table<'g, Inline>, key: Key) -> Found<'g> {
    if let Some(found) = glance(table, key) {
        return found;
    }
    match find_by_walk(table, key) {
        (None, _) => Found::Exhausted,
        (Some(slot), end) if end.ends_walk() => Found::End(slot, end),
        (Some(slot), _) => Found::Own(slot),
    }
}

/// The first step of a walk, where nearly all end, if that shows at once; not for a key on the side.
#[inline(always)]
pub(super) fn glance<'g>(table: Table<'g, Inline>, key: Key) -> Option<Found<'g>> {
    if key.is_reserved() {
        return None;
    }
    let slots = table.group(table.home(key).0);
    let keys = Keys::load(slots);
    if let Some(i) = keys.matching(key.pattern()).next() {
        let slot = &slots[i];
        return (slot.key() == key.pattern()).then_some(Found::Own(slot));
    }
    let slot = &slots[keys.ends().next()?];
    (slot.key() == Pattern::VIRGIN).then_some(Found::End(slot, Pattern::VIRGIN))
}

/// The groups of a walk: from group to group by one more each time, which meets each group once, for
/// their number is a power of two. The next line first, and then away from where others crowd: by one
/// each time, full groups would grow together, and in a table that is full to 7/8 the walk of an absent
/// key would be twice as long. A home on the side comes first, too, and has room for all that begin there.
#[inline(always)]
pub(super) fn groups(home: usize, mask: usize) -> impl Iterator<Item = usize> {
    core::iter::once(home).chain((1..=mask).scan(home, move |group, step| {
        *group = (*group + step) & mask;
        Some(*group)
    }))
}

/// As `find`, from the home group on, or on the side: the slot, and the key word that it has. A pair
/// is returned in registers.
#[inline(never)]
fn find_by_walk<'g>(table: Table<'g, Inline>, key: Key) -> (Option<&'g Pair>, Pattern) {
    let (home, mask) = table.home(key);
    for group in groups(home, mask) {
        match look(table.group(group), key.pattern()) {
            Some(Found::Own(slot)) => return (Some(slot), key.pattern()),
            Some(Found::End(slot, end)) => return (Some(slot), end),
            Some(Found::Exhausted) | None => {}
        }
        debug_assert!(!key.is_reserved());
    }
    (None, Pattern::VIRGIN)
}

/// Where the walk ends in this group, if it does.
#[inline(always)]
fn look<'g>(slots: &'g [Pair; PAIRS], key: Pattern) -> Option<Found<'g>> {
    let keys = Keys::load(slots);
    // The key's own slot may be looked for before an end: whatever end stands before it was not
    // there when the key took its slot, and ends do not come back.
    for i in keys.matching(key) {
        if slots[i].key() == key {
            return Some(Found::Own(&slots[i]));
        }
    }
    for i in keys.ends() {
        let now = slots[i].key();
        if now.ends_walk() {
            return Some(Found::End(&slots[i], now));
        }
        // Not an end any more: somebody took the slot, perhaps for this key.
        if now == key {
            return Some(Found::Own(&slots[i]));
        }
    }
    None
}

/// As `find`, and what the slot says.
#[inline]
pub(super) fn walk<'g>(table: Table<'g, Inline>, key: Key) -> Spot<'g, Inline> {
    match find(table, key) {
        Found::Own(slot) => {
            let held = slot.value();
            let seen = Seen { pattern: key.pattern(), side: key.is_reserved(), held };
            if held.is_live() { Spot::Node(slot, seen) } else { Spot::Dead(slot, seen) }
        }
        Found::End(slot, pattern) => Spot::End(slot, Seen::end(pattern)),
        Found::Exhausted => Spot::Exhausted,
    }
}
