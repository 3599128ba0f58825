//! The checkers, checked: on histories whose answer is known, and against trying all orders of
//! many small random ones.

mod common;

use common::{Rng, by_definition, random_history};
use dolmen_histories::orders::can_be_lined_up;
use dolmen_histories::sweep::{Stuck, Sweep, is_linearizable};
use dolmen_histories::{Event, Left, Saw};

fn event(saw: Saw, left: Left, begin: u64, end: u64) -> Event {
    Event { begin, end, saw, left }
}

fn put(saw: Option<u64>, value: u64, begin: u64, end: u64) -> Event {
    event(Saw::Is(saw), Left::Value(value), begin, end)
}

fn get(saw: Option<u64>, begin: u64, end: u64) -> Event {
    event(Saw::Is(saw), Left::Same, begin, end)
}

fn remove(saw: Option<u64>, begin: u64, end: u64) -> Event {
    event(Saw::Is(saw), Left::Nothing, begin, end)
}

/// By the order of time, for a checker that knows relations only.
fn by_orders(events: &[Event]) -> bool {
    let calls: Vec<(Saw, Left)> = events.iter().map(|event| (event.saw, event.left)).collect();
    let needs: Vec<u64> = events
        .iter()
        .map(|later| {
            let earlier = events.iter().enumerate().filter(|(_, e)| e.end < later.begin);
            earlier.fold(0, |mask, (i, _)| mask | 1 << i)
        })
        .collect();
    can_be_lined_up(&calls, &needs)
}

#[test]
fn a_stale_read_is_found_once_it_is_late() {
    assert!(!is_linearizable(&[put(None, 7, 1, 2), get(None, 3, 4)]));
    assert!(is_linearizable(&[put(None, 7, 1, 3), get(None, 2, 4)]), "they overlap");
    assert!(is_linearizable(&[put(None, 7, 1, 2), get(None, 2, 4)]), "equal times overlap");
}

#[test]
fn what_was_read_cannot_be_unread() {
    assert!(!is_linearizable(&[put(None, 7, 1, 9), get(Some(7), 2, 3), get(None, 4, 5)]));
    assert!(is_linearizable(&[put(None, 7, 1, 9), get(None, 2, 3), get(Some(7), 4, 5)]));
}

#[test]
fn a_lost_update_is_found() {
    let both = [put(None, 1, 1, 2), put(Some(1), 2, 3, 9), put(Some(1), 3, 4, 8)];
    assert!(!is_linearizable(&both));
}

#[test]
fn a_resurrected_key_is_found() {
    assert!(!is_linearizable(&[put(None, 1, 1, 2), remove(Some(1), 3, 4), get(Some(1), 5, 6)]));
}

#[test]
fn two_inserts_into_one_absence_are_found() {
    assert!(!is_linearizable(&[put(None, 1, 1, 9), put(None, 2, 2, 8)]));
    let between = [put(None, 1, 1, 9), put(None, 2, 2, 8), remove(Some(1), 3, 4)];
    assert!(is_linearizable(&between), "a removal between them");
}

#[test]
fn one_value_is_removed_once() {
    assert!(!is_linearizable(&[put(None, 1, 1, 2), remove(Some(1), 3, 9), remove(Some(1), 4, 8)]));
}

#[test]
fn an_addition_that_was_lost_is_found() {
    let add = |left, begin, end| event(Saw::Any, left, begin, end);
    let both = [add(Left::Counted(3), 1, 4), add(Left::Counted(5), 2, 3)];
    let sum = |value| [both[0], both[1], get(Some(value), 5, 6)];
    assert!(is_linearizable(&sum(8)));
    assert!(!is_linearizable(&sum(5)) && !is_linearizable(&sum(3)));
    let late = |value| [put(None, u64::MAX, 1, 2), add(Left::Added(3), 3, 4), get(value, 5, 6)];
    assert!(is_linearizable(&late(Some(2))), "it wraps around");
    assert!(!is_linearizable(&late(Some(u64::MAX))) && !is_linearizable(&late(None)));
    assert!(is_linearizable(&[add(Left::Added(3), 1, 2), get(None, 3, 4)]), "to nothing");
    assert!(!is_linearizable(&[add(Left::Counted(3), 1, 2), get(None, 3, 4)]));
}

#[test]
fn vague_answers_hold_what_they_say() {
    let some = |begin, end| event(Saw::Present, Left::Same, begin, end);
    assert!(is_linearizable(&[put(None, 5, 1, 2), some(3, 4)]));
    assert!(!is_linearizable(&[some(1, 2)]));
    let late = |value, left| event(Saw::NoneOr(value), left, 3, 4);
    assert!(is_linearizable(&[put(None, 5, 1, 2), late(5, Left::Nothing), get(None, 5, 6)]));
    assert!(!is_linearizable(&[put(None, 6, 1, 2), late(5, Left::Nothing)]));
    assert!(is_linearizable(&[late(5, Left::Same)]));
    let blind = event(Saw::Any, Left::Value(9), 1, 6);
    assert!(is_linearizable(&[blind, put(None, 5, 2, 3), get(Some(9), 4, 5)]));
    assert!(!is_linearizable(&[blind, put(None, 5, 2, 3), get(Some(9), 4, 5), get(Some(5), 7, 8)]));
}

/// The return at which it shows is named, and what the key may hold is carried on.
#[test]
fn states_go_from_one_history_to_the_next() {
    let (mut sweep, mut states) = (Sweep::default(), vec![None]);
    // Two writes that nobody told apart.
    let unordered = [event(Saw::Any, Left::Value(1), 1, 4), event(Saw::Any, Left::Value(2), 2, 3)];
    assert_eq!(sweep.run(&mut states, &unordered), Ok(()));
    assert_eq!(states, [Some(1), Some(2)]);
    let mut other = states.clone();
    assert_eq!(sweep.run(&mut states, &[get(Some(2), 5, 6)]), Ok(()));
    assert_eq!(states, [Some(2)]);
    assert_eq!(sweep.run(&mut other, &[get(Some(1), 5, 6)]), Ok(()));
    let stuck = sweep.run(&mut other, &[get(Some(1), 7, 8), get(Some(2), 9, 10)]);
    assert_eq!(stuck, Err(Stuck { event: 1, states: vec![Some(1)] }));
    assert_eq!(sweep.largest, 2);
}

fn agree(calls: std::ops::Range<u64>, histories: usize, ties: bool, seed: u64) {
    let mut rng = Rng(seed);
    let mut yes = 0;
    for _ in 0..histories {
        let n = calls.start + rng.below(calls.end - calls.start);
        let events = random_history(&mut rng, n as usize, ties);
        let expected = by_definition(&events);
        assert_eq!(is_linearizable(&events), expected, "{events:#?}");
        assert_eq!(by_orders(&events), expected, "{events:#?}");
        yes += usize::from(expected);
    }
    println!("{histories} histories, {yes} linearizable");
    assert!(yes > histories / 5 && yes < histories * 4 / 5, "{yes} of {histories} show little");
}

#[test]
fn both_checkers_agree_with_the_definition() {
    agree(1..6, 100_000, false, 0x9e37_79b9_7f4a_7c15);
    agree(6..8, 30_000, false, 0xd1b5_4a32_d192_ed03);
}

#[test]
fn and_where_times_are_equal() {
    agree(2..7, 60_000, true, 0x8cb9_2ba7_2f3d_8dd7);
}

/// Longer ones, where trying all orders takes too long: the two checkers against each other.
#[test]
fn the_checkers_agree_with_each_other() {
    let mut rng = Rng(0x1234_5678_9abc_def1);
    let mut yes = 0;
    for _ in 0..20_000 {
        let calls = 8 + rng.below(13) as usize;
        let events = random_history(&mut rng, calls, false);
        let expected = by_orders(&events);
        assert_eq!(is_linearizable(&events), expected, "{events:#?}");
        yes += usize::from(expected);
    }
    println!("{yes} of 20000 linearizable");
    assert!((2_000..18_000).contains(&yes));
}
