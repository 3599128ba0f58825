//! The chunks of a table: which are claimed by who moves them, and which are finished.

use super::group::prefetch;
use super::kind::SlotKind;
use super::table::{BITS, Table};
use crate::sync::{AtomicU64, Ordering};

impl<K: SlotKind> Table<'_, K> {
    /// Asks for the lines of a chunk, if there is one.
    pub(super) fn prefetch_chunk(self, chunk: usize) {
        if chunk < self.chunks() {
            self.chunk(chunk).iter().for_each(|group| prefetch(group));
        }
    }

    /// Claims a chunk that nobody has claimed.
    pub(super) fn claim_chunk(self) -> Option<usize> {
        let claim = &self.helpers().claim;
        // ORD(claim-chunk): Relaxed: it shares the work out; the slots' own words decide.
        if claim.load(Ordering::Relaxed) >= self.chunks() {
            return None;
        }
        let chunk = claim.fetch_add(1, Ordering::Relaxed);
        (chunk < self.chunks()).then_some(chunk)
    }

    /// Whether every chunk was claimed.
    pub(super) fn all_claimed(self) -> bool {
        // ORD(claim-chunk): Relaxed, as above.
        self.helpers().claim.load(Ordering::Relaxed) >= self.chunks()
    }

    /// How many chunks are finished, for statistics.
    pub(super) fn chunks_done(self) -> usize {
        // ORD(statistic): Relaxed, a figure.
        let done = |i| self.bitmap(i).load(Ordering::Relaxed).count_ones() as usize;
        (0..self.bitmap_words()).map(done).sum()
    }

    /// The bitmap's word when all its chunks are finished.
    fn full(self, word: usize) -> u64 {
        let chunks = (self.chunks() - word * BITS).min(BITS);
        u64::MAX >> (u64::BITS as usize - chunks)
    }

    /// Whether a chunk is finished.
    pub(super) fn is_chunk_done(self, chunk: usize) -> bool {
        // ORD(done): SeqCst, as in `is_complete`.
        self.bitmap(chunk / BITS).load(Ordering::SeqCst) & 1 << (chunk % BITS) != 0
    }

    /// Records that a chunk is finished.
    pub(super) fn finish_chunk(self, chunk: usize) {
        // ORD(done): SeqCst: Release of the chunk's moves, Acquire of a swing's root (see
        // `is_complete_after_swing`), and one order among words: of two threads that finish the
        // last chunks of two words, one sees both.
        self.bitmap(chunk / BITS).fetch_or(1 << (chunk % BITS), Ordering::SeqCst);
    }

    /// Whether every chunk is finished. A function of the bitmap alone; the cursor only saves
    /// looking twice.
    pub(super) fn is_complete(self) -> bool {
        // ORD(done): SeqCst, paired with `finish_chunk`: whoever swings comes after every move.
        self.complete_by(|bitmap| bitmap.load(Ordering::SeqCst))
    }

    /// As [`is_complete`](Self::is_complete), right after the root was swung to this table: by a
    /// read-modify-write, so that it sees a chunk finished before it, and a chunk finished after
    /// it sees the root. One of the two cannot miss the other.
    pub(super) fn is_complete_after_swing(self) -> bool {
        // ORD(done): SeqCst, as above; Release hands the root to `finish_chunk`.
        self.complete_by(|bitmap| bitmap.fetch_or(0, Ordering::SeqCst))
    }

    fn complete_by(self, read: impl Fn(&AtomicU64) -> u64) -> bool {
        let cursor = &self.helpers().cursor;
        // ORD(cursor): Acquire, paired with the store: the words before it were seen full, and
        // what their readers acquired is handed on.
        let start = cursor.load(Ordering::Acquire);
        for word in start..self.bitmap_words() {
            if read(self.bitmap(word)) != self.full(word) {
                if word > start {
                    // ORD(cursor): Release, as above.
                    cursor.store(word, Ordering::Release);
                }
                return false;
            }
        }
        true
    }
}
