//! What "order" means to each checker, on histories whose answer is known. The search itself is
//! checked in `tests/histories`.

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
