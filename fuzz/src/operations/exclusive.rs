//! Calls on a map that nobody else has, its copies, and its end.

use super::state::State;
use super::surface::{Found, Map, found, of_ref};
use crate::input::Input;
use crate::ledger::{Id, Key, Value};
use dolmen::{HashMap, Reclaim};
use std::collections::BTreeSet;

pub fn step<R: Reclaim>(map: &mut Map<R>, state: &State, input: &mut Input) {
    state.ledger.begin();
    state.may_go_on(state.len());
    match input.byte() % 10 {
        0 | 1 => get_mut(map, state, input),
        2 => iter_mut(map, state),
        3 => {
            map.values_mut().for_each(|value| value.data = 0);
            state.model.borrow_mut().values_mut().for_each(|entry| entry.2.1 = 0);
        }
        4 => into_iter(std::mem::replace(map, empty(state)), state, input),
        5 => {
            let keys: BTreeSet<u32> = take(map, state).into_keys().map(|k| k.serial()).collect();
            assert!(handed(state).map(|entry| entry.1).eq(keys), "keys");
        }
        6 => {
            let values = take(map, state).into_values();
            let values: BTreeSet<_> = values.map(|v| (v.serial(), v.data)).collect();
            let expected: BTreeSet<_> = handed(state).map(|entry| entry.2).collect();
            assert_eq!(values, expected);
        }
        7 => {
            let copy = map.clone();
            state.ledger.begin();
            state.remove_all();
            *map = copy;
            // The copy has no hook, and keys and values of its own.
            state.ledger.settle();
            state.ledger.set_hooked(false);
            map.iter().for_each(|entry| state.put(of_ref(&entry)));
        }
        8 => {
            let id = |i: u8| (usize::from(i) * 7 % state.keys) as u16;
            let entries = (0..input.byte()).map(|i| (state.key(id(i)), state.value(i % 8)));
            let entries: Vec<(Key, Value)> = entries.collect();
            let numbers: Vec<Found> = entries.iter().map(|(k, v)| found(k, v)).collect();
            map.extend(entries);
            numbers.into_iter().for_each(|entry| state.put(entry));
            assert_eq!(map.stats().migration, None);
        }
        _ => {}
    }
}

/// A map for the one that is taken, with the same hook or none.
fn empty<R: Reclaim>(state: &State) -> Map<R> {
    let builder = HashMap::builder().hasher(state.hashing).reclaimer::<R>();
    match state.ledger.is_hooked() {
        true => builder.on_reclaim(crate::ledger::reclaimed).build(),
        false => builder.build(),
    }
}

/// The map, to be taken apart, and an empty one in its place.
fn take<R: Reclaim>(map: &mut Map<R>, state: &State) -> Map<R> {
    for entry in state.model.borrow().values() {
        state.ledger.handed([entry.1, entry.2.0]);
    }
    std::mem::replace(map, empty(state))
}

/// What was in the map that was taken apart.
fn handed(state: &State) -> impl Iterator<Item = Found> {
    let mut entries: Vec<Found> =
        std::mem::take(&mut *state.model.borrow_mut()).into_values().collect();
    entries.sort_unstable_by_key(|entry| entry.1);
    entries.into_iter()
}

fn get_mut<R: Reclaim>(map: &mut Map<R>, state: &State, input: &mut Input) {
    let (id, data) = (input.below(state.keys) as u16, input.byte() % 8);
    let value = map.get_mut(&Id(id));
    assert_eq!(value.as_ref().map(|v| (v.serial(), v.data)), state.entry(id).map(|e| e.2));
    if let Some(value) = value {
        value.data = data;
        state.model.borrow_mut().get_mut(&id).expect("it is there").2.1 = data;
    }
}

fn iter_mut<R: Reclaim>(map: &mut Map<R>, state: &State) {
    let mut met = BTreeSet::new();
    for (key, value) in &mut *map {
        assert_eq!(Some(found(key, value)), state.entry(key.id()));
        assert!(met.insert(key.id()), "{key:?} came twice");
        value.data = (value.data + 1) % 8;
    }
    assert_eq!(met.len(), state.len());
    for entry in state.model.borrow_mut().values_mut() {
        entry.2.1 = (entry.2.1 + 1) % 8;
    }
}

/// Some of the entries are handed out, the rest go with the iterator.
fn into_iter<R: Reclaim>(map: Map<R>, state: &State, input: &mut Input) {
    let mut entries = map.into_iter();
    let mut kept = Vec::new();
    for _ in 0..input.byte() {
        assert_eq!(entries.len(), state.len());
        let Some((key, value)) = entries.next() else { break };
        let entry = found(&key, &value);
        assert_eq!(state.model.borrow_mut().remove(&entry.0), Some(entry));
        state.ledger.handed([entry.1, entry.2.0]);
        kept.push((key, value));
    }
    // Nobody else can see what is left.
    state.remove_all();
    drop(entries);
    state.ledger.settle();
    assert_eq!(state.ledger.alive(), 2 * kept.len());
}

/// A copy is equal, with keys and values of its own, and goes its own way.
pub fn copy<R: Reclaim>(map: &Map<R>, state: &State) {
    let copy = map.clone();
    assert!(copy == *map);
    assert!(*map == copy);
    assert_eq!(format!("{map:?}").is_empty(), format!("{copy:?}").is_empty());
    for entry in &copy {
        let (id, key, (value, data)) = of_ref(&entry);
        let there = state.entry(id).expect("it is a copy");
        assert!(there.1 != key && there.2.0 != value && there.2.1 == data);
    }
    match copy.iter().next().map(|entry| entry.key().id()) {
        Some(id) => drop(copy.remove(&Id(id))),
        None => drop(copy.insert(state.key(0), state.value(0))),
    }
    assert!(copy != *map);
    assert!(*map != copy);
}

/// The map drops, and with it all that is left; nothing was dropped twice, nothing is forgotten.
pub fn end<R: Reclaim>(map: Map<R>, state: &State) {
    state.ledger.begin();
    state.remove_all();
    drop(map);
    state.ledger.settle();
    assert_eq!(state.ledger.alive(), 0, "something was not dropped");
}
