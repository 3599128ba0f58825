//! Calls on a map against std's (a model of which key and which value is there), with guards held
//! across them, panics and calls from within closures, and the life of each key and value on record.

mod exclusive;
mod held;
mod single;
mod state;
mod surface;

use crate::fuse::Code;
use crate::hashers::Hashing;
use crate::input::Input;
use crate::ledger::{Ledger, reclaimed};
use dolmen::{CrossbeamEpoch, Epoch, HashMap, Reclaim, Seize};
use held::{Frame, Hands};
use state::{Nested, State};
use std::any::TypeId;
use std::cell::RefCell;
use surface::{Map, OnMap, OnOwnedPin, OnPin};

pub fn run(input: &[u8]) {
    let _alone = crate::alone();
    let mut input = Input::new(input);
    match input.byte() % 4 {
        0 | 1 => play::<Epoch>(input),
        2 => play::<CrossbeamEpoch>(input),
        _ => play::<Seize>(input),
    }
}

/// Whether a reclaimer frees what nobody can read at the next `flush`, and lets the panic of a
/// destructor out of the call that freed. The others have their own rhythm.
fn is_prompt<R: 'static>() -> bool {
    TypeId::of::<R>() == TypeId::of::<Epoch>()
}

fn play<R: Reclaim + 'static>(mut input: Input) {
    let (hashing, how) = (Hashing::ALL[input.below(Hashing::ALL.len())], input.byte());
    let hooked = how & 1 == 1;
    let keys = [8, 40, 250, 1500][usize::from(how >> 1 & 3)].min(hashing.most_keys());
    let state = State {
        ledger: Ledger::new(hooked),
        model: RefCell::default(),
        iterations: RefCell::default(),
        hashing,
        keys,
        may_panic_in_drop: is_prompt::<R>(),
        fuse: None.into(),
        nested: None.into(),
        work: 0.into(),
    };
    let mut builder = HashMap::builder().hasher(hashing).reclaimer::<R>();
    if hooked {
        builder = builder.on_reclaim(reclaimed);
    }
    let mut map: Map<R> = builder.capacity((how >> 3).into()).build();
    // A pin elsewhere in the process, which keeps everything from being freed.
    let other: HashMap<u8, u8> = HashMap::new();
    while !input.is_over() && state.may_go_on(1) {
        let elsewhere = input.byte().is_multiple_of(8).then(|| other.pin());
        let alone = elsewhere.is_none() && is_prompt::<R>();
        {
            let hands = Hands { map: &map, state: &state, held: RefCell::default() };
            while step(&hands, &mut input, alone, 0) {}
            state.ledger.begin();
            hands.look();
            hands.release_all();
        }
        drop(elsewhere);
        state.ledger.settle();
        exclusive::step(&mut map, &state, &mut input);
        state.ledger.settle();
        assert_eq!(map.len(), state.len());
    }
    exclusive::end(map, &state);
}

/// Makes a call; false when it is time to let everything go, for calls on the map alone.
fn step<R: Reclaim>(hands: &Hands<'_, R>, input: &mut Input, alone: bool, depth: usize) -> bool {
    let (state, map) = (hands.state, hands.map);
    if input.is_over() || !state.may_go_on(1) {
        return false;
    }
    state.ledger.begin();
    match input.byte() % 80 {
        kind @ 0..single::KINDS => call(hands, kind, input),
        34..=36 => fill(hands, input),
        37 | 38 => take(hands, input),
        39 => extend(hands, input),
        40..=49 => hands.take(input.byte() % 9, input),
        50 | 51 => hands.release_one(input),
        52 | 53 => hands.advance(1, input),
        54 => hands.advance(7, input),
        55 => hands.advance(usize::MAX, input),
        56 => hands.look(),
        57 | 58 => hands.exchange(input),
        59 | 60 => hands.use_entry(input),
        61 => hands.modify(input),
        62..=65 => arm(state, input),
        66..=68 => nest(state, input),
        69 | 70 if depth < 3 => return frame(hands, input, alone, depth),
        71 => map.flush(),
        72 | 73 => quiesce(hands, alone && depth == 0),
        74 => {
            let stats = map.stats();
            assert_eq!((stats.len, stats.capacity), (state.len(), map.capacity()));
            assert!(stats.load <= 1.0 && stats.mean_walk <= stats.longest_walk as f64);
            assert!(stats.migration.is_none_or(|done| (0.0..=1.0).contains(&done)));
            assert!(stats.tombstones <= map.capacity() + map.capacity() / 7 + 8);
        }
        75 => {
            state.may_go_on(4 * state.len());
            exclusive::copy(map, state);
        }
        _ => return false,
    }
    state.ledger.settle();
    assert_eq!(map.len(), state.len());
    true
}

/// A call on one of the surfaces.
fn call<R: Reclaim>(hands: &Hands<'_, R>, kind: u8, input: &mut Input) {
    let (state, map) = (hands.state, hands.map);
    match input.byte() % 8 {
        0..=3 => single::call(state, &OnMap(map), kind, input),
        4 => single::call(state, &OnPin(map.pin()), kind, input),
        5 => single::call(state, &OnOwnedPin(map.pin_owned()), kind, input),
        _ => {
            if !hands.with_pin(input, |pin, input| single::call(state, pin, kind, input)) {
                single::call(state, &OnMap(map), kind, input);
            }
        }
    }
}

/// Inserts many keys in a row: the way to meet a resize half-way.
fn fill<R: Reclaim>(hands: &Hands<'_, R>, input: &mut Input) {
    let (state, first, length) = (hands.state, input.below(hands.state.keys), input.byte().into());
    state.may_go_on(length);
    for i in 0..length.min(2 * state.keys) {
        let (key, value) = (state.key(((first + i) % state.keys) as u16), state.value(i as u8 % 8));
        let entry = surface::found(&key, &value);
        let old = hands.map.insert(key, value);
        assert_eq!(old.as_deref().map(surface::value), state.entry(entry.0).map(|e| e.2));
        state.put(entry);
    }
}

fn take<R: Reclaim>(hands: &Hands<'_, R>, input: &mut Input) {
    let (state, first, length) = (hands.state, input.below(hands.state.keys), input.byte().into());
    state.may_go_on(length);
    for i in 0..length.min(2 * state.keys) {
        let id = ((first + i) % state.keys) as u16;
        let old = hands.map.remove(&crate::ledger::Id(id));
        assert_eq!(old.as_ref().map(surface::of_ref), state.entry(id));
        state.remove(id);
    }
}

fn extend<R: Reclaim>(hands: &Hands<'_, R>, input: &mut Input) {
    let (state, mut map) = (hands.state, hands.map);
    let (first, length) = (input.below(state.keys), input.byte().into());
    state.may_go_on(length);
    let id = |i: usize| ((first + i * i) % state.keys) as u16;
    let entries: Vec<_> = (0..length).map(|i| (state.key(id(i)), state.value(1))).collect();
    let numbers: Vec<_> = entries.iter().map(|(k, v)| surface::found(k, v)).collect();
    map.extend(entries);
    numbers.into_iter().for_each(|entry| state.put(entry));
    assert_eq!(map.stats().migration, None, "`extend` ends its resizes");
}

/// The next call has a panic in user code.
fn arm(state: &State, input: &mut Input) {
    let code = match input.byte() % 8 {
        0 | 1 => Code::Hash,
        2 | 3 => Code::Eq,
        4 | 5 => Code::Closure,
        6 => Code::Clone,
        _ if state.may_panic_in_drop => Code::Drop,
        _ => return,
    };
    state.fuse.set(Some((code, input.below(3))));
    state.nested.set(None);
}

/// The next closure has a call in it.
fn nest(state: &State, input: &mut Input) {
    let (kind, id) = (input.byte() % 8, input.below(state.keys) as u16);
    state.nested.set(Some(match kind {
        0 | 1 => Nested::Insert(id),
        2 | 3 => Nested::Remove(id),
        4 => Nested::Fill(id),
        5 => Nested::Clear,
        6 => Nested::Reserve(id),
        _ => Nested::Shrink,
    }));
    state.fuse.set(None);
}

/// Makes calls under a pin whose references are kept to its end.
fn frame<R: Reclaim>(hands: &Hands<'_, R>, input: &mut Input, alone: bool, depth: usize) -> bool {
    let (state, pin) = (hands.state, OnPin(hands.map.pin()));
    let guard = state.ledger.guard();
    let mut frame = Frame { pin: &pin, state, shown: Vec::new() };
    let mut goes_on = true;
    while goes_on && !input.is_over() && state.may_go_on(1) {
        match input.byte() % 8 {
            0 => break,
            1..=4 => {
                state.ledger.begin();
                frame.step(input);
                state.ledger.settle();
            }
            _ => goes_on = step(hands, input, alone, depth + 1),
        }
        frame.look();
    }
    drop(guard);
    goes_on
}

/// With every guard gone, `flush` leaves what is in the map, and nothing else.
fn quiesce<R: Reclaim>(hands: &Hands<'_, R>, alone: bool) {
    let state = hands.state;
    hands.look();
    hands.release_all();
    hands.map.flush();
    state.ledger.settle();
    if alone {
        assert!(state.ledger.no_guard_lives());
        assert_eq!(state.ledger.alive(), 2 * state.len(), "`flush` leaves something behind");
        let stats = hands.map.stats();
        assert_eq!((stats.retired, stats.retired_bytes), (0, 0));
    }
}
