//! How large tables are: pure arithmetic.

use super::kind::SlotKind;
use crate::error::{Reason, TryReserveError};
use crate::sync::MODELLED;

/// Below this many slots (8 MiB) a table grows fourfold: an entry is then moved 0.5 times on average
/// instead of 1.5. Above, it doubles, to waste less.
const SMALL: usize = if MODELLED { 0 } else { 1 << 20 };

/// The smallest table that holds `entries` within its limit.
pub(super) fn slots_for<K: SlotKind>(entries: usize) -> Result<usize, TryReserveError> {
    let overflow = TryReserveError(Reason::Capacity);
    let slots = entries.checked_mul(8).ok_or(overflow.clone())?.div_ceil(K::FILL);
    Ok(slots.checked_next_power_of_two().ok_or(overflow)?.max(K::GROUP))
}

/// Entries that a table of so many slots takes before it grows: [`SlotKind::FILL`] eighths of it.
pub(super) fn limit_of<K: SlotKind>(slots: usize) -> usize {
    slots - slots * (8 - K::FILL) / 8
}

/// Slots for the successor of a table of `slots` that is used up, while `live` entries are counted
/// and `participants` may each have put in one more that it has not counted yet.
pub(super) fn successor_of<K: SlotKind>(
    slots: usize,
    live: usize,
    participants: usize,
) -> Result<usize, TryReserveError> {
    let wanted = if live > limit_of::<K>(slots) / 2 {
        slots.saturating_mul(if slots < SMALL { 4 } else { 2 })
    } else if live < slots / 8 {
        slots_for::<K>(live.saturating_mul(4))?
    } else {
        // A purge: the tombstones go. At most half full, so that purges are far apart.
        slots
    };
    // Without room for what is not counted yet, tables could follow each other that are too small,
    // while their writers sleep.
    let most = live.saturating_add(participants);
    Ok(wanted.max(slots_for::<K>(most.saturating_add(1).saturating_mul(4) / 3 + 1)?))
}
