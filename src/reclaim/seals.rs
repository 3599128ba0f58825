//! When it is worth while to end an epoch: by what a participant has sealed in it.

use crate::sync::limits::{BAG_BYTES, SEALS};
use std::cell::Cell;

/// The epoch in which a participant sealed last, and what it has sealed in that: in bags of all maps together.
/// Its owner's alone; the next owner goes on with it, or threads that seal little would never end one.
#[derive(Default)]
pub(super) struct Seals(Cell<(usize, usize)>);

impl Seals {
    /// Counts a bag of so many bytes as sealed in `epoch`; true if that makes so much by now that the epoch
    /// should end. If others end it, this participant need not.
    pub(super) fn count(&self, epoch: usize, bytes: usize) -> bool {
        let (last, bags) = self.0.get();
        let before = if last == epoch { bags } else { 0 };
        // More is not told apart.
        let bags = (before + (bytes / BAG_BYTES).clamp(1, SEALS)).min(SEALS);
        self.0.set((epoch, bags));
        bags == SEALS
    }
}

#[cfg(all(test, not(any(dolmen_loom, dolmen_shuttle, dolmen_real))))]
mod tests {
    use super::*;

    #[test]
    fn it_is_time_after_a_few_bags_of_one_epoch() {
        let seals = Seals::default();
        for epoch in [1, 2, 1 << 16, 1 + (1 << 16)] {
            assert!((1..SEALS).all(|_| !seals.count(epoch, 8)), "{epoch}");
            // From then on, while nobody could.
            assert!((0..1000).all(|_| seals.count(epoch, BAG_BYTES)), "{epoch}");
        }
        assert!(!seals.count(3, BAG_BYTES));
        assert!(seals.count(4, SEALS * BAG_BYTES) && seals.count(5, usize::MAX));
    }
}
