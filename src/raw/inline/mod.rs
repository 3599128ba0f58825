//! The second kind of slot: two words, key and value, four slots to a cache line: the keys, then the values. The
//! key is recovered from its mix, so nothing points anywhere, but for values that need more than 62 bits.
//!
//! `word` is the values, `slot` the transitions, `group` the scan, `walk` the probe; `read` and `write`
//! (of which `straight` is what most need) stand on them.
//! `docs/design.md` has the invariants.

mod group;
#[cfg(any(dolmen_loom, dolmen_shuttle, dolmen_real))]
mod model;
mod overflow;
mod owned;
mod read;
mod slot;
mod straight;
#[cfg(all(test, not(any(dolmen_loom, dolmen_shuttle, dolmen_real))))]
mod tests;
mod walk;
mod word;
mod write;

pub(crate) use read::Entries;
#[cfg(feature = "rayon")]
pub(crate) use read::WordSplit;
pub(crate) use word::Key;
pub(crate) use write::Change;

use super::kind::{Arrival, SlotKind, State};
use super::table::Table;
use super::walk::Spot;
use crate::sync::limits::PAIRS;
use crate::sync::probe::{Branch, Fault, hit, planted};
use slot::{Line, Pair};
use word::{Held, Pattern, Seen};

/// Slots that hold key and value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Inline;

impl SlotKind for Inline {
    type Slot<'g> = Pair<'g>;
    type Group = Line;
    type Ident = Key;
    type Word = Seen;

    const GROUP: usize = PAIRS;
    /// For the two keys whose words mean VIRGIN and CLOSED.
    const SIDE: usize = PAIRS;
    const POINTS: bool = false;
    /// As full as those of nodes: at 84 % of a table that fits the cache a look-up takes no longer than
    /// at 21 % of one that does not.
    const FILL: usize = 7;
    /// Beyond the caches each group that a walk meets is a wait, and seven eighths full most groups are full.
    const FILL_LARGE: usize = 6;
    const OVERFLOWS: bool = true;

    fn group() -> Line {
        Line::new()
    }

    #[inline(always)]
    fn slot(groups: &[Line], index: usize) -> Pair<'_> {
        groups[index / PAIRS].slot(index % PAIRS)
    }

    #[inline(always)]
    fn slots(group: &Line) -> impl Iterator<Item = Pair<'_>> {
        group.slots()
    }

    #[inline(always)]
    fn home_bits(key: Key) -> usize {
        key.home_bits()
    }

    #[inline(always)]
    fn is_on_side(key: Key) -> bool {
        key.is_reserved()
    }

    #[inline(always)]
    fn stride(key: Key) -> usize {
        // The lowest bits of a mixed key depend on few of the key's.
        (key.get() >> 48) as usize | 1
    }

    #[inline(always)]
    fn state(seen: Seen) -> State {
        seen.state()
    }

    #[inline(always)]
    fn ident(seen: Seen) -> Option<Key> {
        seen.key()
    }

    #[inline(always)]
    fn load(table: Table<'_, Self>, slot: Pair<'_>) -> Seen {
        let pattern = slot.key();
        if pattern.ends_walk() {
            return Seen::end(pattern);
        }
        Seen::at(table, slot, pattern, slot.value())
    }

    #[inline(always)]
    fn load_plain(slot: Pair<'_>) -> Option<Seen> {
        let pattern = slot.key();
        if !pattern.is_ordinary() {
            return None;
        }
        let held = slot.value();
        held.is_plain().then_some(Seen { pattern, side: false, held })
    }

    #[inline(always)]
    fn walk(table: Table<'_, Self>, key: Key) -> Spot<'_, Self> {
        walk::walk(table, key)
    }

    #[inline(always)]
    fn vacant(group: &Line, bits: u64) -> u64 {
        group::virgin(group, bits)
    }

    /// Nothing: the lines of the slots are all there is.
    #[inline(always)]
    fn prefetch(_: Pair<'_>) {}
    #[inline(always)]
    fn prefetch_taken(_: Pair<'_>) {}
    #[inline(always)]
    fn prefetch_moved(_: Pair<'_>, _: Table<'_, Self>) {}

    #[inline(always)]
    fn freeze(table: Table<'_, Self>, slot: Pair<'_>) -> Option<Seen> {
        let mut pattern = slot.key();
        if pattern == Pattern::VIRGIN {
            match slot.close() {
                Ok(()) => return None,
                Err(key) => pattern = key,
            }
        }
        if pattern == Pattern::CLOSED {
            return None;
        }
        loop {
            let held = slot.value();
            let skip = held.is_live() && planted(Fault::SkipFreeze);
            if held.is_frozen() || skip || slot.freeze(held).is_ok() {
                let held = if skip { held } else { held.frozen() };
                return held.is_live().then(|| Seen::at(table, slot, pattern, held));
            }
        }
    }

    #[inline(always)]
    fn frozen(table: Table<'_, Self>, slot: Pair<'_>) -> Option<Seen> {
        let held = slot.value();
        let is_frozen = held.is_frozen() || planted(Fault::SkipFreeze);
        (held.is_live() && is_frozen).then(|| Seen::at(table, slot, slot.key(), held))
    }

    #[inline(always)]
    fn place(table: Table<'_, Self>, spot: Spot<'_, Self>, key: Key, frozen: Seen) -> Arrival {
        let live = frozen.held.thawed();
        match spot {
            // As it nearly always is.
            Spot::End(to, seen) if seen.pattern == Pattern::VIRGIN => {
                match table.claim(to, key).map(|()| to.fill(live)) {
                    Ok(Ok(())) => Arrival::Placed,
                    Ok(Err(_)) => Arrival::Claimed,
                    Err(_) => Arrival::Lost,
                }
            }
            Spot::End(..) => Arrival::Onward,
            Spot::Exhausted => Arrival::Exhausted,
            Spot::Node(..) => Arrival::Arrived,
            Spot::Dead(to, seen) => place_in_own(to, seen.held, live),
        }
    }

    #[inline(always)]
    fn finish_move(slot: Pair<'_>, _: Key) {
        slot.finish_move();
    }

    fn load_exclusive(table: Table<'_, Self>, slot: Pair<'_>) -> Seen {
        let (pattern, held) = slot.load_exclusive();
        if pattern.ends_walk() {
            return Seen::end(pattern);
        }
        Seen::at(table, slot, pattern, held)
    }

    fn has_arrived(table: Table<'_, Self>, key: Key) -> bool {
        match walk::walk(table, key) {
            Spot::Node(..) => true,
            Spot::Dead(_, seen) => seen.held.thawed() != Held::VOID,
            Spot::End(..) | Spot::Exhausted => false,
        }
    }

    fn thaw(slot: Pair<'_>, frozen: Seen, arrived: bool) {
        slot.store_exclusive(if arrived { Held::MOVED } else { frozen.held.thawed() });
    }
}

/// One try to put a copy into a slot that the key has, and that had no value when it was seen.
#[cold]
fn place_in_own(to: Pair<'_>, held: Held, live: Held) -> Arrival {
    if held == Held::VOID {
        hit(Branch::VoidMet);
        return if to.fill(live).is_ok() { Arrival::Filled } else { Arrival::Lost };
    }
    if held.is_closed_void() {
        // Claimed, and then closed by the successor's own migration: nothing has arrived here.
        hit(Branch::ClosedVoidMet);
        let mistake = planted(Fault::TakeVoidForArrival);
        return if mistake { Arrival::Arrived } else { Arrival::Onward };
    }
    if planted(Fault::TakeTombstone) && held == Held::TOMB && to.overwrite(held, live).is_err() {
        return Arrival::Lost;
    }
    Arrival::Arrived
}

impl Seen {
    /// A slot of a table, with its words.
    #[inline(always)]
    fn at(table: Table<'_, Inline>, slot: Pair<'_>, pattern: Pattern, held: Held) -> Seen {
        Seen { pattern, side: !pattern.is_ordinary() && table.is_on_side(slot.within()), held }
    }
}
