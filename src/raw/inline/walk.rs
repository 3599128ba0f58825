//! The walk over slots of two words. A key that a scan sees is there for ever; what looks like an end is loaded
//! again, and so is what is like the key in a scan that compares halves. A reader who finds the key's home group, and a
//! bit, to be enough (`sight`) looks for no end.

use super::super::kind::SlotKind;
use super::super::table::Table;
use super::super::walk::{Spot, nth_group, steps};
use super::group::{AHEAD, Keys};
use super::slot::{Line, Pair};
use super::word::{Key, Pattern, Seen};
use super::{Inline, PAIRS};
use crate::reclaim::Pin;
use core::array::from_fn;
use core::hint::select_unpredictable;

/// Where a walk ended.
pub(super) enum Found<'g> {
    /// At the key's slot.
    Own(Pair<'g>),
    /// At a slot that is VIRGIN or CLOSED: the key has none.
    End(Pair<'g>, Pattern),
    /// Nowhere: every slot is another key's.
    Exhausted,
}

/// The first slot in the key's walk that is VIRGIN, CLOSED or the key's. Most are in the home group,
/// which is looked at here; the rest of the walk is elsewhere, so that this stays a straight line.
#[inline(always)]
pub(super) fn find<'g>(table: Table<'g, Inline>, key: Key) -> Found<'g> {
    match glance(table, key) {
        Ok(found) => found,
        Err(met) => find_by_walk(table, key, met).found(),
    }
}

/// As `find`, from a group of the walk on, as `glance` says it.
#[inline]
pub(super) fn find_from<'g>(table: Table<'g, Inline>, key: Key, met: usize) -> Found<'g> {
    // From the home group on, its line alone tells most often.
    if met == 0 { find(table, key) } else { find_by_walk(table, key, met).found() }
}

/// The first step of a walk, where nearly all end, if that shows at once; else the group of the walk to go
/// on from, those before it being other keys'. Not for a key on the side.
#[inline(always)]
pub(super) fn glance<'g>(table: Table<'g, Inline>, key: Key) -> Result<Found<'g>, usize> {
    if key.is_reserved() {
        return Err(0);
    }
    let line = table.home_group(key);
    let keys = Keys::load(line);
    if let Some(place) = keys.position(key.pattern()) {
        return Ok(Found::Own(line.slot(place)));
    }
    let slot = line.slot(keys.first_end().ok_or(1_usize)?);
    match slot.key() {
        // An end each, but the first is what nearly all ask for.
        Pattern::VIRGIN => Ok(Found::End(slot, Pattern::VIRGIN)),
        Pattern::CLOSED => Ok(Found::End(slot, Pattern::CLOSED)),
        _ => Err(0),
    }
}

/// What the home group tells a reader of a key.
pub(super) enum Sight<'g> {
    /// It is there.
    Own(Pair<'g>),
    /// It is nowhere.
    Absent,
    /// Nothing, or that the walk goes on: from this group of it.
    Unclear(usize),
}

/// Looks for a key in its home group, and asks whether it may be elsewhere. The table is the root under the pin.
#[inline(always)]
pub(super) fn sight<'g>(table: Table<'g, Inline>, key: Key, pin: Pin<'g>) -> Sight<'g> {
    if key.is_reserved() {
        return Sight::Unclear(0);
    }
    let line = table.home_group(key);
    // LP(absent-home): this load of the group, where the key is nowhere: it was in no slot of the group (those that a
    // key has taken it keeps), in no other, where no key of this home is even later, and in no successor, for there is
    // none even later.
    let keys = Keys::load(line);
    if let Some(place) = keys.position(key.pattern()) {
        return Sight::Own(line.slot(place));
    }
    if table.is_overflown(key) {
        // Full it is by now; but if it was not yet when it was loaded, the key may have come in since. (To
        // pass over the group even so would be right, with that load for the point of "absent".)
        return Sight::Unclear(usize::from(keys.first_end().is_none()));
    }
    if table.next(pin).is_some() {
        return Sight::Unclear(0);
    }
    Sight::Absent
}

/// As `find`, from the group `met` of the walk on, or on the side.
#[inline(never)]
fn find_by_walk<'g>(table: Table<'g, Inline>, key: Key, met: usize) -> Stop<'g> {
    let ((home, mask), stride) = (table.home(key), Inline::stride(key));
    let ahead = |nth: usize| {
        let groups: [_; AHEAD] = from_fn(|i| table.group(nth_group(home, stride, nth + i, mask)));
        look(groups, key.pattern())
    };
    // The group on the side has room for all that begin there.
    let at_home = || look([table.group(home); AHEAD], key.pattern());
    // Near the home, where nearly all that go on end; by numbers that the compiler knows.
    let near = if met == 0 { at_home().or_else(|| ahead(1)) } else { ahead(1) };
    let stop = near.or_else(|| (1 + AHEAD..steps(mask)).step_by(AHEAD).find_map(ahead));
    stop.unwrap_or(Stop::NOWHERE)
}

/// Where the walk ends in these groups, if it does, and the key word there.
#[inline(always)]
fn look<const N: usize>(groups: [&Line; N], key: Pattern) -> Option<Stop<'_>> {
    let keys = groups.map(Keys::load);
    // The key's own slot may be looked for before an end: whatever end stands before it was not
    // there when the key took its slot, and ends do not come back.
    for place in Keys::matching_in(keys, key) {
        let (line, place) = at(groups, place);
        if line.slot(place).key() == key {
            return Some(Stop::new(line, place));
        }
    }
    for place in Keys::ends(keys) {
        let (line, place) = at(groups, place);
        let now = line.slot(place).key();
        // Or not an end any more: somebody took the slot, perhaps for this key.
        if now.ends_walk() || now == key {
            return Some(Stop::at(line, place, now));
        }
    }
    None
}

/// Which group a place in groups is in, and where in that: by moves, not by branches, for it is as good as random, too.
#[inline(always)]
fn at<const N: usize>(groups: [&Line; N], place: usize) -> (&Line, usize) {
    let (mut group, mut nth) = (groups[0], 1);
    while nth < N {
        group = select_unpredictable(place < nth * PAIRS, group, groups[nth]);
        nth += 1;
    }
    (group, place % PAIRS)
}

/// `Found` in two words, which are returned in registers.
struct Stop<'g> {
    line: Option<&'g Line>,
    /// The slot's place in the line, and above that what its key word was.
    what: usize,
}

impl<'g> Stop<'g> {
    const NOWHERE: Self = Stop { line: None, what: 0 };
    const VIRGIN: usize = PAIRS;
    const CLOSED: usize = 2 * PAIRS;

    /// With a place alone: at the key's own slot.
    #[inline(always)]
    fn new(line: &'g Line, what: usize) -> Self {
        Stop { line: Some(line), what }
    }

    /// At a slot that had this key word: an end, or the key.
    #[inline(always)]
    fn at(line: &'g Line, place: usize, now: Pattern) -> Self {
        match now {
            Pattern::VIRGIN => Self::new(line, Self::VIRGIN + place),
            Pattern::CLOSED => Self::new(line, Self::CLOSED + place),
            _ => Self::new(line, place),
        }
    }

    #[inline(always)]
    fn found(self) -> Found<'g> {
        let Stop { line: Some(line), what } = self else { return Found::Exhausted };
        let slot = line.slot(what % PAIRS);
        match what - what % PAIRS {
            Self::VIRGIN => Found::End(slot, Pattern::VIRGIN),
            Self::CLOSED => Found::End(slot, Pattern::CLOSED),
            _ => Found::Own(slot),
        }
    }
}

/// As `find`, and what the slot says.
#[inline]
pub(super) fn walk<'g>(table: Table<'g, Inline>, key: Key) -> Spot<'g, Inline> {
    spot(find(table, key), key)
}

/// As `walk`, from a group of the walk on, those before it being other keys'.
#[inline]
pub(super) fn walk_from<'g>(table: Table<'g, Inline>, key: Key, met: usize) -> Spot<'g, Inline> {
    spot(find_from(table, key, met), key)
}

#[inline(always)]
fn spot<'g>(found: Found<'g>, key: Key) -> Spot<'g, Inline> {
    match found {
        Found::Own(slot) => {
            let held = slot.value();
            let seen = Seen { pattern: key.pattern(), side: key.is_reserved(), held };
            if held.is_live() { Spot::Node(slot, seen) } else { Spot::Dead(slot, seen) }
        }
        Found::End(slot, pattern) => Spot::End(slot, Seen::end(pattern)),
        Found::Exhausted => Spot::Exhausted,
    }
}
