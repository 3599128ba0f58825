//! A stretch: some slots of a table that follow each other, looked at in one go.
//!
//! The scan proposes, as that of a group does: each slot that it says is taken is loaded again. One that shows
//! nothing is passed over for good: it held nothing when the iteration began (I1).

use super::group::prefetch;
use super::kind::SlotKind;
use super::table::Table;
use crate::reclaim::Pin;
use crate::sync::limits::STRETCH;
use core::ptr;

/// How many groups ahead of the one that is scanned another's line is asked for: a page of memory.
const GROUPS_AHEAD: usize = 64;

/// Slots, and those of them that are taken and still to be looked at.
pub(super) struct Stretch<'g, K: SlotKind> {
    slots: &'g [K::Slot],
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
    pub(super) const NONE: Self = Stretch { slots: &[], left: 0 };

    /// The slots from `start` on, a group's first: as many as a word has bits, if there are, and no more
    /// than `most`. Asks for what has been moved from there; for the rest, who iterates asks.
    #[inline(never)]
    pub(super) fn scan(pin: Pin<'g>, table: Table<'g, K>, start: usize, most: usize) -> Self {
        let slots = table.slots_from(start, most.min(STRETCH));
        let (first, mut vacant) = (start / K::GROUP, 0);
        let asks = start + GROUPS_AHEAD * K::GROUP < table.places();
        for group in (first..first + slots.len() / K::GROUP).rev() {
            let group = table.group(group);
            if asks {
                prefetch(ptr::from_ref(group).wrapping_add(GROUPS_AHEAD));
            }
            vacant = K::vacant(group, vacant);
        }
        // Of no slots, no bits: `checked_shr` refuses to shift by all of them.
        let all = u64::MAX.checked_shr(u64::BITS - slots.len() as u32).unwrap_or(0);
        let stretch = Stretch { slots, left: !vacant & all };
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
        self.slots.len()
    }
}

impl<'g, K: SlotKind> Iterator for Stretch<'g, K> {
    type Item = &'g K::Slot;

    #[inline(always)]
    fn next(&mut self) -> Option<&'g K::Slot> {
        if self.left == 0 {
            return None;
        }
        let i = self.left.trailing_zeros() as usize;
        self.left &= self.left - 1;
        // SAFETY: `scan` has set bits for the slots alone.
        Some(unsafe { self.slots.get_unchecked(i) })
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
