//! Is the history of a model linearizable?
//!
//! What an operation saw and left, and the search, are those of `tests/histories`, which says why a
//! map may be checked one key at a time. "Order in time" is the one thing that differs between the
//! checkers. Under shuttle every operation has a beginning and an end on one clock. Under loom
//! there is no such clock: a thread may read a value that is stale to whoever watches the whole, as
//! on real machines, so that only the order within a thread, and before spawning and after joining,
//! counts.

pub use dolmen_histories::{Left, Saw};

use dolmen_histories::orders::can_be_lined_up;
use dolmen_histories::sweep::is_linearizable;
use std::collections::HashSet;

/// One operation on one key.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    pub key: u64,
    pub saw: Saw,
    pub left: Left,
    /// The thread, and whether it was before (0), while (1) or after (2) threads ran side by side.
    pub thread: usize,
    pub phase: u8,
    /// Beginning and end, by a clock that never stands still.
    pub begin: usize,
    pub end: usize,
}

/// When an event is known to come before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// When it ended before the other began.
    Clock,
    /// When its phase is earlier, or it came first in the same thread.
    Program,
}

/// Checks a history; `Err` has the key that is wrong and its events.
pub fn check(events: &[Event], order: Order) -> Result<(), (u64, Vec<Event>)> {
    let keys: HashSet<u64> = events.iter().map(|event| event.key).collect();
    for key in keys {
        let of_key: Vec<Event> = events.iter().filter(|e| e.key == key).copied().collect();
        let good = match order {
            Order::Clock => is_linearizable(&of_key.iter().map(Event::timed).collect::<Vec<_>>()),
            Order::Program => in_program_order(&of_key),
        };
        if !good {
            return Err((key, of_key));
        }
    }
    Ok(())
}

impl Event {
    fn timed(&self) -> dolmen_histories::Event {
        let (begin, end) = (self.begin as u64, self.end as u64);
        dolmen_histories::Event { begin, end, saw: self.saw, left: self.left }
    }

    /// In the order of the program.
    fn before(&self, other: &Event) -> bool {
        self.phase < other.phase || (self.thread == other.thread && self.end < other.begin)
    }
}

fn in_program_order(events: &[Event]) -> bool {
    let calls: Vec<(Saw, Left)> = events.iter().map(|event| (event.saw, event.left)).collect();
    // Who must have come before whom, as one mask for each event.
    let needs: Vec<u64> = events
        .iter()
        .map(|later| {
            let earlier = events.iter().enumerate().filter(|(_, event)| event.before(later));
            earlier.fold(0, |mask, (i, _)| mask | 1 << i)
        })
        .collect();
    can_be_lined_up(&calls, &needs)
}
