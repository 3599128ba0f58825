//! Groups that keys have left: a bit for each tells readers whether a key that is not in its home group may be
//! elsewhere in the table.
//!
//! A key whose home group is full when it comes claims a slot further on, and has the group's bit set before
//! (I6). The bit stays set, as the key stays in its slot. So who has looked at the home group and then finds the
//! bit not set knows that the key had no slot in this table when it looked: it was not there, and elsewhere it is not
//! even now. (That the table has no successor is for who looks to see: `sight`.)
//! Most groups are not left before their table is: one look at them is a whole walk, full or not. And a branch on
//! the bit, of which there is one for 64 bytes of slots, waits for no line of the table.

use super::super::Table;
use super::Inline;
use super::slot::{Line, Pair};
use super::word::{Key, Pattern};
use crate::sync::Ordering;
use crate::sync::probe::{Branch, hit};
use core::ptr;

impl Table<'_, Inline> {
    /// Whether a key that begins where this one does, and not on the side, may have a slot in another group.
    #[inline(always)]
    pub(super) fn is_overflown(self, key: Key) -> bool {
        let (word, bit) = self.overflow(key);
        // ORD(overflow): SeqCst, paired with the setting below: in the one order, who finds it not set comes before
        // it, and so before the claims that follow that, or that follow a look that finds it set.
        word.load(Ordering::SeqCst) >> bit & 1 != 0
    }

    /// VIRGIN to a key, wherever the key's walk has ended.
    #[inline(always)]
    #[must_use = "somebody else may have the slot"]
    pub(super) fn claim(self, slot: Pair<'_>, key: Key) -> Result<(), Pattern> {
        let from_home =
            slot.within().addr().wrapping_sub(ptr::from_ref(self.home_group(key)).addr());
        // On the side there is room for all that begin there.
        if from_home >= size_of::<Line>() && !key.is_reserved() && !self.is_overflown(key) {
            self.tell(key);
        }
        slot.claim(key.pattern())
    }

    /// Tells readers that keys that begin where this one does are in other groups.
    #[cold]
    #[inline(never)]
    fn tell(self, key: Key) {
        hit(Branch::Overflown);
        let (word, bit) = self.overflow(key);
        // ORD(overflow): SeqCst, as above, and before the claim.
        word.fetch_or(1 << bit, Ordering::SeqCst);
    }
}
