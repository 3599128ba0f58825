//! A slot: every compare-exchange of the protocol, as a named transition.
//!
//! ```text
//!            place, replace                  freeze
//!   EMPTY ------------------> LIVE <-----+ ---------> FROZEN
//!     |                       |  ^       |              | finish_move
//!     | seal        replace   v  | replace              v
//!     v                      TOMB -----------------> MOVED
//!   SEALED                         forward
//! ```
//!
//! An ident, once in a slot, stays (I1): no transition leads back to EMPTY, and each keeps the tag.

use super::kind::State;
use super::word::{Ident, Word};
use crate::sync::{AtomicPtr, Ordering};

/// One word of a table.
#[repr(transparent)]
pub(crate) struct Slot(AtomicPtr<()>);

/// A transition was lost: the word that stood there instead.
pub(super) type Lost = Word;

impl Slot {
    #[allow(dead_code)] // tables are zeroed memory in ordinary builds
    pub(super) fn new() -> Self {
        Slot(AtomicPtr::new(Word::EMPTY.into_raw()))
    }

    /// The word as it is now.
    #[inline(always)]
    pub(super) fn load(&self) -> Word {
        // LP(read): present: this load of a LIVE or FROZEN word; absent: of EMPTY or TOMB, or of a
        // word whose nodes have other keys; a declined write: its deciding load.
        // ORD(slot): SeqCst: Acquire of the node, and one order with all linearization points.
        Word::from_raw(self.0.load(Ordering::SeqCst))
    }

    #[inline(always)]
    fn exchange(&self, from: Word, to: Word) -> Result<(), Lost> {
        // ORD(slot): SeqCst: Release of the node and, on a successor's word, of all that came
        // before; one order with all linearization points. What stands there when it is lost is
        // not acted on: who loses loads again.
        self.0
            .compare_exchange(from.into_raw(), to.into_raw(), Ordering::SeqCst, Ordering::SeqCst)
            .map(drop)
            .map_err(Word::from_raw)
    }

    /// A verb's write: EMPTY or TOMB or LIVE to LIVE, or LIVE to TOMB.
    #[inline(always)]
    #[must_use = "a lost write must be tried again"]
    pub(super) fn replace(&self, from: Word, to: Word) -> Result<(), Lost> {
        debug_assert!(matches!(from.state(), State::Empty | State::Tomb | State::Live));
        debug_assert!(matches!(to.state(), State::Tomb | State::Live));
        debug_assert!(from == Word::EMPTY || from.tag() == to.tag());
        // LP(write): this compare-exchange, for insert, replace, update, compute and remove.
        self.exchange(from, to)
    }

    /// A copier's write in the successor: EMPTY to LIVE.
    #[must_use = "a lost copy must be looked at again"]
    #[inline(always)]
    pub(super) fn place(&self, live: Word) -> Result<(), Lost> {
        debug_assert_eq!(live.state(), State::Live);
        self.exchange(Word::EMPTY, live)
    }

    /// EMPTY to SEALED.
    #[must_use = "a lost seal leaves a slot to move"]
    #[inline(always)]
    pub(super) fn seal(&self) -> Result<(), Lost> {
        self.exchange(Word::EMPTY, Word::SEALED)
    }

    /// TOMB to MOVED.
    #[must_use = "the slot may be live again"]
    #[inline(always)]
    pub(super) fn forward(&self, tomb: Word) -> Result<(), Lost> {
        self.exchange(tomb, Word::moved(tomb.carried_ident()))
    }

    /// LIVE to FROZEN.
    #[must_use = "the slot may have another word"]
    #[inline(always)]
    pub(super) fn freeze(&self, live: Word) -> Result<Word, Lost> {
        debug_assert_eq!(live.state(), State::Live);
        self.exchange(live, live.frozen()).map(|()| live.frozen())
    }

    /// FROZEN to MOVED, once the copy is there. Only one word can follow FROZEN, so every helper
    /// stores the same and no exchange is needed.
    #[inline(always)]
    pub(super) fn finish_move(&self, ident: Ident) {
        // ORD(moved): Release: the copy in the successor, and `next`, come before. Read by `load`;
        // a writer that goes on from here passes the fence of ORD(onward).
        self.0.store(Word::moved(ident).into_raw(), Ordering::Release);
    }

    /// A copier's mistake, for the models: see `Fault::TakeTombstone`.
    pub(super) fn overwrite(&self, tomb: Word, live: Word) -> Result<(), Lost> {
        self.exchange(tomb, live)
    }

    /// A word for a scan that only proposes.
    #[allow(dead_code)] // where groups are scanned by vectors
    #[inline(always)]
    pub(super) fn peek(&self) -> Word {
        // ORD(scan): Acquire: what the scan proposes is loaded again; what it passes over came before
        // all that this thread does next.
        Word::from_raw(self.0.load(Ordering::Acquire))
    }

    /// The word, in a table that nobody else can reach.
    pub(super) fn load_exclusive(&self) -> Word {
        // ORD(exclusive): Relaxed, ordered by whatever made the table exclusive.
        Word::from_raw(self.0.load(Ordering::Relaxed))
    }

    /// Sets the word in a table that nobody else can reach.
    pub(super) fn store_exclusive(&self, word: Word) {
        // ORD(exclusive): Relaxed, as above.
        self.0.store(word.into_raw(), Ordering::Relaxed);
    }
}
