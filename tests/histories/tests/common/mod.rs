//! Random histories, and the definition they are judged by.
#![allow(dead_code)] // each test binary uses its part

use dolmen_histories::{Event, Left, Saw, State};

/// xorshift64*.
#[derive(Clone, Debug)]
pub struct Rng(pub u64);

impl Rng {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) % n
    }
}

/// A history of so many calls, at times that are all different or, to have ties, all small. Half of
/// the histories are what some order of moments gives, half of those with one answer changed; the
/// rest say anything.
pub fn random_history(rng: &mut Rng, calls: usize, ties: bool) -> Vec<Event> {
    let mut times: Vec<u64> = (0..2 * calls as u64).collect();
    if ties {
        times.iter_mut().for_each(|time| *time /= 3);
    }
    for i in (1..times.len()).rev() {
        times.swap(i, rng.below(i as u64 + 1) as usize);
    }
    let mut events: Vec<Event> = times
        .chunks(2)
        .map(|pair| {
            let (saw, left) = (random_saw(rng), random_left(rng));
            Event { begin: pair[0].min(pair[1]), end: pair[0].max(pair[1]), saw, left }
        })
        .collect();
    if rng.below(2) == 0 {
        make_it_so(rng, &mut events);
        if rng.below(2) == 0 {
            let i = rng.below(calls as u64) as usize;
            events[i].saw = random_saw(rng);
        }
    }
    events
}

/// What the calls saw, had each taken effect at a random moment of its own.
fn make_it_so(rng: &mut Rng, events: &mut [Event]) {
    let mut moments: Vec<(u64, usize)> = Vec::new();
    for (i, event) in events.iter().enumerate() {
        let span = (event.end - event.begin) * 16 + 1;
        moments.push((event.begin * 16 + rng.below(span), i));
    }
    moments.sort_unstable();
    let mut state: State = None;
    for (_, i) in moments {
        events[i].saw = match rng.below(8) {
            0 if state.is_some() => Saw::Present,
            1 => Saw::NoneOr(state.unwrap_or(1)),
            2 => Saw::Any,
            _ => Saw::Is(state),
        };
        state = events[i].left.after(state);
    }
}

fn random_saw(rng: &mut Rng) -> Saw {
    match rng.below(10) {
        0 => Saw::Present,
        1 => Saw::NoneOr(rng.below(3)),
        2 => Saw::Any,
        _ => Saw::Is(rng.below(4).checked_sub(1)),
    }
}

fn random_left(rng: &mut Rng) -> Left {
    match rng.below(20) {
        0..8 => Left::Same,
        8..12 => Left::Nothing,
        12 => Left::Added(1 + rng.below(2)),
        13 => Left::Counted(1 + rng.below(2)),
        _ => Left::Value(rng.below(3)),
    }
}

/// The definition, word for word: all orders of the calls, one after the other; is there one that
/// respects time and in which each sees what the one before it left?
pub fn by_definition(events: &[Event]) -> bool {
    let mut order: Vec<usize> = (0..events.len()).collect();
    permute(&mut order, 0, &mut |order| is_witness(events, order))
}

fn is_witness(events: &[Event], order: &[usize]) -> bool {
    let mut state = None;
    for (place, i) in order.iter().enumerate() {
        let event = &events[*i];
        let too_late = order[place..].iter().any(|later| events[*later].end < event.begin);
        if too_late || !event.saw.admits(state) {
            return false;
        }
        state = event.left.after(state);
    }
    true
}

/// Whether `f` holds of some order.
fn permute(order: &mut [usize], fixed: usize, f: &mut impl FnMut(&[usize]) -> bool) -> bool {
    if fixed == order.len() {
        return f(order);
    }
    for i in fixed..order.len() {
        order.swap(fixed, i);
        if permute(order, fixed + 1, f) {
            return true;
        }
        order.swap(fixed, i);
    }
    false
}
