//! The walk over slots of two words. A key that a scan sees is there for ever, so the scan decides what
//! has a key; what looks like an end is loaded again.

use super::super::table::Table;
use super::super::walk::Spot;
use super::Inline;
use super::group::Keys;
use super::slot::Pair;
use super::word::{Held, Key, Pattern, Seen};

/// What a first look at the home group of an ordinary key shows, before a walk.
pub(super) enum Glance<'g> {
    /// The key's slot.
    Own(&'g Pair),
    /// The key has no slot; here it would get one.
    Virgin(&'g Pair),
    /// It takes a walk to tell.
    Unclear,
}

/// The first step of a walk, where nearly all end.
#[inline(always)]
pub(super) fn glance<'g>(table: Table<'g, Inline>, key: Key) -> Glance<'g> {
    if key.is_reserved() {
        return Glance::Unclear;
    }
    let slots = table.group(table.home(key).0);
    let keys = Keys::load(slots);
    if let Some(i) = keys.matching(key.pattern()).next() {
        return Glance::Own(&slots[i]);
    }
    match keys.ends().next() {
        Some(i) if slots[i].key() == Pattern::VIRGIN => Glance::Virgin(&slots[i]),
        _ => Glance::Unclear,
    }
}

/// The first slot in the key's walk that is VIRGIN, CLOSED or the key's.
#[inline]
pub(super) fn walk<'g>(table: Table<'g, Inline>, key: Key) -> Spot<'g, Inline> {
    let (home, mask) = table.home(key);
    let (pattern, side) = (key.pattern(), key.is_reserved());
    let own = |slot: &'g Pair| {
        let held: Held = slot.value();
        let seen = Seen { pattern, side, held };
        if held.is_live() { Spot::Node(slot, seen) } else { Spot::Dead(slot, seen) }
    };
    let mut group = home;
    loop {
        let slots = table.group(group);
        let keys = Keys::load(slots);
        // The key's own slot may be looked for before an end: whatever end stands before it was not
        // there when the key took its slot, and ends do not come back.
        if let Some(i) = keys.matching(pattern).next() {
            return own(&slots[i]);
        }
        for i in keys.ends() {
            let now = slots[i].key();
            if now.ends_walk() {
                return Spot::End(&slots[i], Seen::end(now));
            }
            // Not an end any more: somebody took the slot, perhaps for this key.
            if now == pattern {
                return own(&slots[i]);
            }
        }
        // The group on the side has room for every key that begins there.
        debug_assert!(!side);
        group = (group + 1) & mask;
        if group == home {
            return Spot::Exhausted;
        }
    }
}
