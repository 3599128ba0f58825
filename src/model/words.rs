//! Maps of words, without the types above them: keys are what the mix would have made of them, so that
//! a model decides where they go.

use crate::raw::{Change, Key, RawWords};
use crate::reclaim::{Guard, Pin, Reclaim};

/// See the module.
pub struct Words<R: Reclaim> {
    raw: RawWords<R>,
}

// SAFETY: keys and values are words, on whichever thread; all else is atomic, or a participant's own, but
// for the hook, which is null.
unsafe impl<R: Reclaim + Send> Send for Words<R> {}
// SAFETY: as above.
unsafe impl<R: Reclaim + Sync> Sync for Words<R> {}

impl<R: Reclaim> Words<R> {
    /// A map with a reclaimer of its own, in which the first `threads` threads have their entries.
    pub fn new(threads: usize) -> Self {
        let raw = RawWords::with_reclaimer(R::default());
        raw.enroll(threads);
        Words { raw }
    }

    fn pinned<T>(&self, call: impl FnOnce(Pin<'_>) -> T) -> T {
        call(self.raw.reclaim.pin().as_pin())
    }

    pub fn get(&self, key: u64) -> Option<u64> {
        self.raw.get(None, Key::turned(key), |value| value)
    }

    /// Shows `decide` the value, and does what it says: nothing, or puts in or takes out. Returns the
    /// value before and after. Under a pin of the thread's, or an owned one.
    pub fn write(
        &self,
        owned: bool,
        key: u64,
        puts: bool,
        mut decide: impl FnMut(Option<u64>) -> Option<Option<u64>>,
    ) -> (Option<u64>, Option<u64>) {
        let mut change = |old| match decide(old) {
            None => (Change::Keep, ()),
            Some(None) => (Change::Remove, ()),
            Some(Some(value)) => (Change::Put(value), ()),
        };
        let key = Key::turned(key);
        let written = if owned {
            let guard = self.raw.reclaim.pin_owned();
            self.raw.write(Some(guard.as_pin()), key, puts, &mut change, |done| done)
        } else {
            self.raw.write(None, key, puts, &mut change, |done| done)
        };
        let (written, ()) = written.expect("memory");
        (written.old, written.new)
    }

    /// Adds to a value that is there, and returns what it was.
    pub fn fetch_add(&self, key: u64, by: u64) -> Option<u64> {
        self.write(false, key, false, |old| old.map(|old| Some(old.wrapping_add(by)))).0
    }

    /// Iterates under one pin.
    pub fn entries(&self, mut met: impl FnMut(u64, u64)) {
        self.pinned(|pin| {
            self.raw.entries(pin).for_each(|(key, value)| met(key.turned_back(), value))
        });
    }

    pub fn len(&self) -> usize {
        self.raw.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn flush(&self) {
        self.raw.flush_once();
    }

    /// Begins a migration to a table of so many slots, unless one is under way.
    pub fn start_resize(&self, slots: usize) {
        self.pinned(|pin| self.raw.model_start(pin, slots));
    }

    /// Moves one chunk.
    pub fn help_resize(&self) {
        self.pinned(|pin| self.raw.model_help(pin));
    }

    /// Ends every migration.
    pub fn finish_resize(&self) {
        self.pinned(|pin| self.raw.finish(pin)).expect("memory");
    }

    /// Moves one slot of the `nth` table from the root.
    pub fn move_slot(&self, nth: usize, slot: usize) {
        self.pinned(|pin| self.raw.model_move(pin, nth, slot));
    }

    /// Claims a key in the `nth` table from the root, and writes no value.
    pub fn claim(&self, nth: usize, key: u64) {
        self.pinned(|pin| self.raw.model_claim(pin, nth, Key::turned(key)));
    }

    /// Slots that are counted as used in the root.
    pub fn slots_used(&self) -> usize {
        self.pinned(|pin| self.raw.model_used(pin))
    }

    /// The tables from the root on, a letter a slot: `.LFTMS`.
    pub fn chain(&self) -> Vec<String> {
        self.pinned(|pin| self.raw.model_chain(pin))
    }
}

impl<R: Reclaim> Drop for Words<R> {
    fn drop(&mut self) {
        // SAFETY: guards borrow the map; so none lives.
        unsafe { self.raw.drop_all() };
    }
}
