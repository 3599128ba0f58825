//! A line of four slots, of two words each: every exchange of them, as a named transition.
//!
//! ```text
//! key     VIRGIN --claim--> the key            VIRGIN --close--> CLOSED
//!
//! value   VOID --replace, fill--> LIVE <--replace--> TOMB
//!           |                      |  ^ replace        |
//!           | freeze        freeze |                   | freeze
//!           v                      v                   v
//!      VOID, FROZEN          LIVE, FROZEN         TOMB, FROZEN
//!                                  | finish_move
//!                                  v
//!                                MOVED
//! ```
//!
//! A key, once in a slot, stays (I1), and VOID does not come back: both are written by the allocation.

use super::super::table::LINE;
use super::PAIRS;
use super::word::{Held, Pattern};
use crate::sync::probe::{Branch, hit};
use crate::sync::{AtomicPtr, AtomicU64, CHECKED, MODELLED, Ordering};
use core::array::from_fn;
use core::mem::offset_of;

/// Four slots of a table: the keys side by side, so that a look at them loads half the line, and then the values.
#[repr(C, align(64))]
pub(crate) struct Line {
    keys: [AtomicU64; PAIRS],
    values: [AtomicPtr<()>; PAIRS],
}

// Groups are told apart by offsets of lines, and the scan reads the keys from where a line begins.
const _: () = assert!(MODELLED || size_of::<Line>() == LINE && offset_of!(Line, keys) == 0);

impl Line {
    pub(super) fn new() -> Self {
        Line {
            keys: from_fn(|_| AtomicU64::new(Pattern::VIRGIN.into_raw())),
            values: from_fn(|_| AtomicPtr::new(Held::VOID.into_raw())),
        }
    }

    /// A slot.
    #[inline(always)]
    pub(super) fn slot(&self, place: usize) -> Pair<'_> {
        Pair { key: &self.keys[place], value: &self.values[place] }
    }

    /// The slots.
    #[inline(always)]
    pub(super) fn slots(&self) -> impl Iterator<Item = Pair<'_>> {
        (0..PAIRS).map(|place| self.slot(place))
    }
}

/// A slot of a line.
#[derive(Clone, Copy)]
pub(crate) struct Pair<'g> {
    key: &'g AtomicU64,
    value: &'g AtomicPtr<()>,
}

impl Pair<'_> {
    /// Somewhere in its line.
    #[inline(always)]
    pub(super) fn within(self) -> *const AtomicU64 {
        self.key
    }

    /// The key word as it is now.
    #[inline(always)]
    pub(super) fn key(self) -> Pattern {
        // LP(read): absent: this load of VIRGIN.
        // ORD(key): SeqCst: Acquire of `next`, where it is CLOSED; as a linearization point, in one
        // order with the others.
        Pattern::from_raw(self.key.load(Ordering::SeqCst))
    }

    /// The value word as it is now.
    #[inline(always)]
    pub(super) fn value(self) -> Held {
        // LP(read): present: this load of a LIVE word, FROZEN or not; absent: of VOID or TOMB that is
        // not FROZEN; a declined write: its deciding load.
        // ORD(slot): SeqCst: Acquire of a wide value's node, and one order with all linearization
        // points.
        let held = Held::from_raw(self.value.load(Ordering::SeqCst));
        if CHECKED && held == Held::VOID {
            hit(Branch::VoidSeen);
        }
        held
    }

    /// A key word for a scan, or for an iteration, to which a slot without a key holds nothing. A key that it sees is
    /// there for ever.
    #[allow(dead_code)] // where groups are scanned by assembly
    #[inline(always)]
    pub(super) fn peek(self) -> Pattern {
        // ORD(key): SeqCst, for `LP(absent-home)`, in one order with the others. To all else a key that is seen
        // does not change, and what looks like an end is loaded again, but by an iteration.
        Pattern::from_raw(self.key.load(Ordering::SeqCst))
    }

    #[inline(always)]
    fn exchange_key(self, to: Pattern) -> Result<(), Pattern> {
        let from = Pattern::VIRGIN.into_raw();
        // ORD(key): SeqCst: Release, so that who sees CLOSED sees `next`; one order with the loads
        // of VIRGIN that are linearization points.
        self.key
            .compare_exchange(from, to.into_raw(), Ordering::SeqCst, Ordering::SeqCst)
            .map(drop)
            .map_err(Pattern::from_raw)
    }

    /// VIRGIN to a key: the slot is the key's from now on, and says that it is absent.
    #[inline(always)]
    #[must_use = "somebody else may have the slot"]
    pub(super) fn claim(self, key: Pattern) -> Result<(), Pattern> {
        debug_assert!(!key.ends_walk());
        self.exchange_key(key)
    }

    /// VIRGIN to CLOSED.
    #[inline(always)]
    #[must_use = "a key that came first has to be moved"]
    pub(super) fn close(self) -> Result<(), Pattern> {
        self.exchange_key(Pattern::CLOSED)
    }

    #[inline(always)]
    fn exchange(self, from: Held, to: Held) -> Result<(), Held> {
        // ORD(slot): SeqCst: Release of a wide value's node and, on a successor's word, of all that
        // came before; one order with all linearization points.
        self.value
            .compare_exchange(from.into_raw(), to.into_raw(), Ordering::SeqCst, Ordering::SeqCst)
            .map(drop)
            .map_err(Held::from_raw)
    }

    /// A verb's write: VOID, TOMB or LIVE to LIVE, or LIVE to TOMB.
    #[inline(always)]
    #[must_use = "a lost write must be tried again"]
    pub(super) fn replace(self, from: Held, to: Held) -> Result<(), Held> {
        debug_assert!(!from.is_frozen() && (to.is_live() || to == Held::TOMB));
        // LP(write): this compare-exchange, for every verb.
        self.exchange(from, to)
    }

    /// A copier's write in the successor: VOID to LIVE.
    #[inline(always)]
    #[must_use = "a lost copy must be looked at again"]
    pub(super) fn fill(self, live: Held) -> Result<(), Held> {
        debug_assert!(live.is_live() && !live.is_frozen());
        self.exchange(Held::VOID, live)
    }

    /// Sets FROZEN: nobody writes here any more.
    #[inline(always)]
    #[must_use = "the slot may have another value"]
    pub(super) fn freeze(self, held: Held) -> Result<(), Held> {
        debug_assert!(!held.is_frozen());
        self.exchange(held, held.frozen())
    }

    /// LIVE and FROZEN to MOVED, once the copy is there. Only one word can follow, so every helper
    /// stores the same.
    #[inline(always)]
    pub(super) fn finish_move(self) {
        // ORD(moved): Release: the copy in the successor, and `next`, come before. Read by `value`; a
        // writer that goes on from here passes the fence of ORD(onward).
        self.value.store(Held::MOVED.into_raw(), Ordering::Release);
    }

    /// A copier's mistake, for the models: see `Fault::TakeTombstone`.
    pub(super) fn overwrite(self, tomb: Held, live: Held) -> Result<(), Held> {
        self.exchange(tomb, live)
    }

    /// Both words, in a table that nobody else can reach.
    pub(super) fn load_exclusive(self) -> (Pattern, Held) {
        // ORD(exclusive): Relaxed, ordered by whatever made the table exclusive.
        let key = self.key.load(Ordering::Relaxed);
        (Pattern::from_raw(key), Held::from_raw(self.value.load(Ordering::Relaxed)))
    }

    /// Sets the value word in a table that nobody else can reach.
    pub(super) fn store_exclusive(self, held: Held) {
        // ORD(exclusive): Relaxed, as above.
        self.value.store(held.into_raw(), Ordering::Relaxed);
    }
}
