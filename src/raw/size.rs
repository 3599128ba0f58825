//! How large tables are: pure arithmetic.

use super::kind::SlotKind;
use crate::error::{Reason, TryReserveError};
use crate::sync::MODELLED;
use crate::sync::limits::CHUNK;

/// Below this many slots (8 MiB of one word, 16 of two) a table grows fourfold: an entry is then moved 0.5 times on
/// average instead of 1.5. From there on it is large: it doubles, to waste less, and has a limit of its own.
const SMALL: usize = if MODELLED { 0 } else { 1 << 20 };

/// The smallest table that holds `entries` within its limit (and no table of one group that is filled).
pub(super) fn slots_for<K: SlotKind>(entries: usize) -> Result<usize, TryReserveError> {
    let overflow = || TryReserveError(Reason::Capacity);
    let slots = entries.checked_mul(8).ok_or_else(overflow)?.div_ceil(K::FILL);
    let slots = slots.checked_next_power_of_two().ok_or_else(overflow)?.max(K::GROUP);
    if limit_of::<K>(slots) >= entries {
        return Ok(slots);
    }
    // A large one, which is to be less full.
    const { assert!(2 * K::FILL_LARGE >= K::FILL, "of twice as many slots there are enough") };
    slots.checked_mul(2).ok_or_else(overflow)
}

/// Entries that a table of so many slots takes before it grows.
pub(super) fn limit_of<K: SlotKind>(slots: usize) -> usize {
    let fill = if slots >= SMALL && !MODELLED { K::FILL_LARGE } else { K::FILL };
    slots - slots / 8 * (8 - fill)
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
        // With each write that moves a chunk here one more may come in. (In models such tables are to run full.)
        let writes = if MODELLED { 0 } else { slots / CHUNK };
        slots_for::<K>(live.saturating_mul(4).saturating_add(writes))?
    } else {
        // A purge: the tombstones go. At most half full, so that purges are far apart.
        slots
    };
    // Without room for what is not counted yet, tables could follow each other that are too small,
    // while their writers sleep.
    let most = live.saturating_add(participants);
    Ok(wanted.max(slots_for::<K>(most.saturating_add(1).saturating_mul(4) / 3 + 1)?))
}

#[cfg(all(test, not(any(dolmen_loom, dolmen_shuttle, dolmen_real))))]
mod tests {
    use super::super::inline::Inline;
    use super::super::linked::Linked;
    use super::*;

    fn check<K: SlotKind>(large_limit: usize) {
        assert_eq!((limit_of::<K>(SMALL / 4), limit_of::<K>(SMALL)), (229_376, large_limit));
        let powers = (0..usize::BITS - 3).map(|bit| 1_usize << bit);
        let slots = powers.clone().filter(|slots| *slots >= K::GROUP);
        let limits = slots.flat_map(|slots| {
            let limit = limit_of::<K>(slots);
            [limit - 1, limit, limit + 1]
        });
        for entries in limits.chain(powers) {
            let slots = slots_for::<K>(entries).expect("no overflow");
            assert!(slots.is_power_of_two() && limit_of::<K>(slots) >= entries);
            // (Of one group of four all four are taken, but who asks for four gets more.)
            assert!(slots <= 8 || limit_of::<K>(slots / 2) < entries, "the smallest");
        }
        assert!(slots_for::<K>(usize::MAX / 8 + 1).is_err());
        assert!(slots_for::<K>(usize::MAX / 8).is_ok());
    }

    #[test]
    fn a_table_is_the_smallest_that_holds_what_it_is_for() {
        check::<Linked>(917_504);
        check::<Inline>(786_432);
    }

    #[test]
    fn a_table_that_is_used_up_grows_or_is_purged() {
        let successor = |slots, live| successor_of::<Inline>(slots, live, 2).expect("no overflow");
        assert_eq!(successor(1 << 18, 229_376), 1 << 20, "fourfold");
        assert_eq!(successor(SMALL, 786_432), 2 * SMALL, "and double");
        assert_eq!(successor(SMALL, 393_217), 2 * SMALL, "more than half of what fits");
        assert_eq!(successor(SMALL, 393_216), SMALL, "the others are tombstones");
        assert_eq!(successor(SMALL, 131_071), SMALL, "room for four times as many");
        assert_eq!(successor(SMALL, 50_000), 1 << 18);
        // Room for what comes while it is moved.
        assert_eq!((successor(SMALL, 0), successor(1 << 18, 0)), (1 << 15, 1 << 13));
        // And for what others have not counted yet.
        let crowded = |live, participants| successor_of::<Inline>(64, live, participants);
        assert_eq!((crowded(20, 2), crowded(20, 100)), (Ok(64), Ok(256)));
    }
}
