//! Is a history of calls linearizable, key by key? Brute force, with a memo of dead ends: histories
//! are short.

use std::collections::{BTreeSet, HashSet};

/// What a call left at its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    Same,
    Value(u32),
    Nothing,
}

/// What a call found there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saw {
    Is(Option<u32>),
    /// Nothing, or this.
    NoneOr(u32),
}

/// A call on a key; from when to when, by a clock that never stands still.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    pub key: u16,
    pub saw: Saw,
    pub left: Left,
    pub begin: usize,
    pub end: usize,
}

/// The most events of one key.
pub const MOST: usize = 64;

/// Panics if some key's events cannot be put in a line that respects their order in time and in
/// which each saw what the one before it had left.
pub fn check(events: &[Event]) {
    for key in events.iter().map(|event| event.key).collect::<BTreeSet<_>>() {
        let events: Vec<Event> = events.iter().filter(|e| e.key == key).copied().collect();
        assert!(linearizable(&events), "no order explains key {key}: {events:#?}");
    }
}

pub fn linearizable(events: &[Event]) -> bool {
    assert!(events.len() <= MOST, "the mask is too small");
    // Who must have come before whom, as one mask for each event.
    let before = |b: &Event| {
        let earlier = events.iter().enumerate().filter(|(_, a)| a.end < b.begin);
        earlier.fold(0, |mask, (i, _)| mask | 1 << i)
    };
    let needs: Vec<u64> = events.iter().map(before).collect();
    search(events, &needs, 0, None, &mut HashSet::new())
}

fn search(
    events: &[Event],
    needs: &[u64],
    done: u64,
    state: Option<u32>,
    dead: &mut HashSet<(u64, Option<u32>)>,
) -> bool {
    if done.count_ones() as usize == events.len() {
        return true;
    }
    if dead.contains(&(done, state)) {
        return false;
    }
    for (i, event) in events.iter().enumerate() {
        let agrees = match event.saw {
            Saw::Is(saw) => saw == state,
            Saw::NoneOr(value) => state.is_none_or(|state| state == value),
        };
        if done & 1 << i != 0 || needs[i] & !done != 0 || !agrees {
            continue;
        }
        let next = match event.left {
            Left::Same => state,
            Left::Value(value) => Some(value),
            Left::Nothing => None,
        };
        if search(events, needs, done | 1 << i, next, dead) {
            return true;
        }
    }
    dead.insert((done, state));
    false
}

/// Whether the key was there from `begin` to `end` in every order that explains its events: a value
/// was put in before, and nothing that could have come after that took it out.
pub fn present_throughout(events: &[Event], key: u16, begin: usize, end: usize) -> bool {
    let of_key = || events.iter().filter(move |event| event.key == key);
    of_key().filter(|put| matches!(put.left, Left::Value(_)) && put.end < begin).any(|put| {
        let mut takes = of_key().filter(|event| event.left == Left::Nothing);
        takes.all(|take| take.end < put.begin || take.begin > end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(saw: Option<u32>, left: Left, begin: usize, end: usize) -> Event {
        Event { key: 0, saw: Saw::Is(saw), left, begin, end }
    }

    #[test]
    fn histories_are_told_apart() {
        let put = event(None, Left::Value(1), 0, 5);
        assert!(linearizable(&[
            put,
            event(None, Left::Same, 1, 2),
            event(Some(1), Left::Same, 3, 4)
        ]));
        // Seen, and then no more.
        assert!(!linearizable(&[
            put,
            event(Some(1), Left::Same, 1, 2),
            event(None, Left::Same, 3, 4)
        ]));
        // Two who both found nothing there.
        assert!(!linearizable(&[put, event(None, Left::Value(2), 1, 2)]));
        assert!(linearizable(&[put, event(Some(1), Left::Value(2), 1, 2)]));
        // Taken twice.
        let take = event(Some(1), Left::Nothing, 6, 8);
        assert!(linearizable(&[put, take]));
        assert!(!linearizable(&[put, take, Event { begin: 7, end: 9, ..take }]));
        let declined = Event { saw: Saw::NoneOr(1), left: Left::Nothing, ..take };
        assert!(linearizable(&[put, take, declined]) && linearizable(&[put, declined]));
        assert!(!linearizable(&[put, Event { saw: Saw::NoneOr(2), ..declined }]));
    }

    #[test]
    fn presence_is_told() {
        let put = event(None, Left::Value(1), 0, 1);
        let take = event(Some(1), Left::Nothing, 5, 6);
        assert!(present_throughout(&[put, take], 0, 2, 4));
        assert!(!present_throughout(&[put, take], 0, 2, 5));
        assert!(!present_throughout(&[put], 0, 1, 2));
        assert!(!present_throughout(&[put], 1, 2, 4));
    }
}
