//! The linearizability checker, checked: on histories whose answer is known, and against trying
//! every order of many small random ones.

use dolmen_models::history::{Event, Left, Order, Saw, check};

fn event(saw: Saw, left: Left, thread: usize, begin: usize, end: usize) -> Event {
    Event { key: 1, saw, left, thread, phase: 1, begin, end }
}

fn put(saw: Option<u64>, value: u64, thread: usize, begin: usize, end: usize) -> Event {
    event(Saw::Is(saw), Left::Value(value), thread, begin, end)
}

fn get(saw: Option<u64>, thread: usize, begin: usize, end: usize) -> Event {
    event(Saw::Is(saw), Left::Same, thread, begin, end)
}

fn good(events: &[Event], order: Order) -> bool {
    check(events, order).is_ok()
}

#[test]
fn a_stale_read_is_found_where_there_is_a_clock() {
    let stale = [put(None, 7, 1, 1, 2), get(None, 2, 3, 4)];
    assert!(!good(&stale, Order::Clock));
    // Under loom's memory a stale read is a legal one.
    assert!(good(&stale, Order::Program));
    assert!(good(&[put(None, 7, 1, 1, 3), get(None, 2, 2, 4)], Order::Clock));
}

#[test]
fn a_thread_cannot_forget_what_it_read() {
    let forgotten = [put(None, 7, 1, 1, 9), get(Some(7), 2, 2, 3), get(None, 2, 4, 5)];
    assert!(!good(&forgotten, Order::Clock));
    assert!(!good(&forgotten, Order::Program));
}

#[test]
fn a_lost_update_and_a_resurrection_are_found() {
    let lost = [put(None, 1, 1, 1, 2), put(Some(1), 2, 1, 3, 9), put(Some(1), 3, 2, 4, 8)];
    assert!(!good(&lost, Order::Clock));
    let remove = event(Saw::Is(Some(1)), Left::Nothing, 1, 3, 4);
    let back = [put(None, 1, 1, 1, 2), remove, get(Some(1), 1, 5, 6)];
    assert!(!good(&back, Order::Program));
}

#[test]
fn a_declined_removal_saw_nothing_or_what_it_declined() {
    let declined = event(Saw::NoneOr(5), Left::Same, 2, 3, 4);
    assert!(good(&[put(None, 5, 1, 1, 2), declined], Order::Clock));
    assert!(!good(&[put(None, 6, 1, 1, 2), declined], Order::Clock));
    assert!(good(&[declined], Order::Clock));
}

#[test]
fn phases_and_keys_are_kept_apart() {
    let mut after = get(None, 0, 8, 9);
    after.phase = 2;
    assert!(!good(&[put(None, 7, 1, 1, 2), after], Order::Program));
    after.key = 2;
    assert!(good(&[put(None, 7, 1, 1, 2), after], Order::Program));
}

/// The definition, word for word: is there an order of the events that will do?
fn by_definition(events: &[Event], done: &mut Vec<Event>, state: Option<u64>) -> bool {
    if done.len() == events.len() {
        return true;
    }
    for event in events {
        let is = |other: &Event| other.begin == event.begin;
        let early =
            events.iter().any(|e| e.end < event.begin && !done.iter().any(|d| d.begin == e.begin));
        if done.iter().any(is) || early || event.saw != Saw::Is(state) {
            continue;
        }
        let next = match event.left {
            Left::Same => state,
            Left::Value(value) => Some(value),
            Left::Nothing => None,
        };
        done.push(*event);
        if by_definition(events, done, next) {
            return true;
        }
        done.pop();
    }
    false
}

#[test]
fn agrees_with_the_definition_on_random_histories() {
    let mut seed = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = move |n: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % n
    };
    let mut yes = 0;
    for _ in 0..20_000 {
        let n = 2 + random(5) as usize;
        let mut times: Vec<usize> = (0..2 * n).collect();
        for i in (1..times.len()).rev() {
            times.swap(i, random(i as u64 + 1) as usize);
        }
        let events: Vec<Event> = (0..n)
            .map(|i| {
                let (a, b) = (times[2 * i], times[2 * i + 1]);
                let saw = random(3).checked_sub(1);
                let left = match random(4) {
                    0 | 1 => Left::Same,
                    2 => Left::Nothing,
                    _ => Left::Value(random(2)),
                };
                event(Saw::Is(saw), left, i, a.min(b), a.max(b))
            })
            .collect();
        let expected = by_definition(&events, &mut Vec::new(), None);
        assert_eq!(good(&events, Order::Clock), expected, "{events:#?}");
        yes += usize::from(expected);
    }
    assert!((1000..19_000).contains(&yes), "{yes} of 20000 shows little");
}
