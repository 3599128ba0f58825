//! A stretch: some slots of a table that follow each other, looked at in one go.
//!
//! The scan proposes, as that of a group does: each slot that it says is taken is loaded again. One that shows
//! nothing is passed over for good: it held nothing when the iteration began (I1).

use super::group::prefetch;
use super::kind::SlotKind;
use super::table::Table;
use crate::reclaim::Pin;
use crate::sync::limits::STRETCH;
use core::hint::assert_unchecked;
use core::ptr;

/// How many groups ahead of the one that is scanned another's line is asked for: a page of memory.
const GROUPS_AHEAD: usize = 64;

/// Slots, and those of them that are taken and still to be looked at.
pub(super) struct Stretch<'g, K: SlotKind> {
    groups: &'g [K::Group],
    /// A bit for each: none beyond the slots.
    left: u64,
}

impl<K: SlotKind> Clone for Stretch<'_, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: SlotKind> Copy for Stretch<'_, K> {}

impl<'g, K: SlotKind> Stretch<'g, K> {
    pub(super) const NONE: Self = Stretch { groups: &[], left: 0 };

    /// The slots from `start` on, a group's first: as many as a word has bits, if there are, and no more
    /// than `most`. Asks for what has been moved from there; for the rest, who iterates asks.
    #[inline(never)]
    pub(super) fn scan(pin: Pin<'g>, table: Table<'g, K>, start: usize, most: usize) -> Self {
        const { assert!(STRETCH.is_multiple_of(K::GROUP) && STRETCH <= u64::BITS as usize) };
        debug_assert!(start.is_multiple_of(K::GROUP) && most.is_multiple_of(K::GROUP));
        let groups = table.groups_from(start / K::GROUP, most.min(STRETCH) / K::GROUP);
        let asks = start + GROUPS_AHEAD * K::GROUP < table.places();
        let mut vacant = 0;
        for group in groups.iter().rev() {
            if asks {
                prefetch(ptr::from_ref(group).wrapping_add(GROUPS_AHEAD));
            }
            vacant = K::vacant(group, vacant);
        }
        // Of no slots, no bits: `checked_shr` refuses to shift by all of them.
        let all = u64::MAX.checked_shr(u64::BITS - (groups.len() * K::GROUP) as u32).unwrap_or(0);
        let stretch = Stretch { groups, left: !vacant & all };
        if K::POINTS
            && let Some(onward) = table.next(pin)
        {
            stretch.ask_onward(onward);
        }
        stretch
    }

    /// Asks for what the next slot points at.
    #[inline(always)]
    pub(super) fn ask_next(&mut self) {
        if K::POINTS
            && let Some(slot) = self.next()
        {
            K::prefetch_taken(slot);
        }
    }

    /// Asks for what all slots that are left point at.
    #[inline(always)]
    pub(super) fn ask(self) {
        if K::POINTS {
            ask_all(self);
        }
    }

    /// Asks for what the slots that were moved held, in this table.
    #[cold]
    fn ask_onward(self, onward: Table<'g, K>) {
        self.for_each(|slot| K::prefetch_moved(slot, onward));
    }

    /// How many slots it is of.
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.groups.len() * K::GROUP
    }
}

impl<'g, K: SlotKind> Iterator for Stretch<'g, K> {
    type Item = K::Slot<'g>;

    #[inline(always)]
    fn next(&mut self) -> Option<K::Slot<'g>> {
        if self.left == 0 {
            return None;
        }
        let i = self.left.trailing_zeros() as usize;
        self.left &= self.left - 1;
        // SAFETY: `scan` has set bits for the groups' slots alone. (The same twice, for each kind its own.)
        unsafe { assert_unchecked(i / K::GROUP < self.groups.len() && i < self.len()) };
        Some(K::slot(self.groups, i))
    }
}

/// For who visits all slots of a table, and is at this one: asks for what the slot a stretch ahead points at.
#[inline(always)]
pub(super) fn ask_ahead<K: SlotKind>(table: Table<'_, K>, slot: usize) {
    let ahead = slot + STRETCH;
    if K::POINTS && ahead < table.places() {
        K::prefetch(table.slot(ahead));
    }
}

#[inline(never)]
fn ask_all<K: SlotKind>(slots: Stretch<'_, K>) {
    slots.for_each(K::prefetch_taken);
}
