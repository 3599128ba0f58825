//! Is a history linearizable?
//!
//! A map is linearizable if each key is, taken alone. Of one key, an event says what the operation
//! saw and what it left; the history is linearizable if the events can be put in a line that
//! respects their order in time and in which each sees what the one before it left.
//!
//! "Order in time" is the one thing that differs between the checkers. Under shuttle every
//! operation has a beginning and an end on one clock. Under loom there is no such clock: a thread
//! may read a value that is stale to whoever watches the whole, as on real machines, so that only
//! the order within a thread, and before spawning and after joining, counts.
//!
//! The search is brute force with a memo of dead ends: histories here are short.

use std::collections::HashSet;

/// What an operation found at its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Saw {
    /// This value, or none.
    Is(Option<u64>),
    /// None, or this value, which it did not want (a conditional removal that declined).
    NoneOr(u64),
}

/// What it left there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Left {
    Same,
    Value(u64),
    Nothing,
}

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

impl Order {
    fn before(self, a: &Event, b: &Event) -> bool {
        let earlier = a.end < b.begin;
        match self {
            Order::Clock => earlier,
            Order::Program => a.phase < b.phase || (a.thread == b.thread && earlier),
        }
    }
}

/// Checks a history; `Err` has the key that is wrong and its events.
pub fn check(events: &[Event], order: Order) -> Result<(), (u64, Vec<Event>)> {
    let keys: HashSet<u64> = events.iter().map(|event| event.key).collect();
    for key in keys {
        let of_key: Vec<Event> = events.iter().filter(|e| e.key == key).copied().collect();
        assert!(of_key.len() <= 64, "a longer history needs a larger mask");
        // Who must have come before whom, as one mask for each event.
        let needs: Vec<u64> = of_key
            .iter()
            .map(|b| {
                let earlier = of_key.iter().enumerate().filter(|(_, a)| order.before(a, b));
                earlier.fold(0, |mask, (i, _)| mask | 1 << i)
            })
            .collect();
        if !search(&of_key, &needs, 0, None, &mut HashSet::new()) {
            return Err((key, of_key));
        }
    }
    Ok(())
}

fn search(
    events: &[Event],
    needs: &[u64],
    done: u64,
    state: Option<u64>,
    dead: &mut HashSet<(u64, Option<u64>)>,
) -> bool {
    if done.count_ones() as usize == events.len() {
        return true;
    }
    if dead.contains(&(done, state)) {
        return false;
    }
    for (i, event) in events.iter().enumerate() {
        let ready = done & 1 << i == 0 && needs[i] & !done == 0;
        let agrees = match event.saw {
            Saw::Is(saw) => saw == state,
            Saw::NoneOr(value) => state.is_none() || state == Some(value),
        };
        if ready && agrees {
            let next = match event.left {
                Left::Same => state,
                Left::Value(value) => Some(value),
                Left::Nothing => None,
            };
            if search(events, needs, done | 1 << i, next, dead) {
                return true;
            }
        }
    }
    dead.insert((done, state));
    false
}
