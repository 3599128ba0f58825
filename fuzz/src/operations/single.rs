//! Calls on one key, and on a surface as a whole: each against the model, with panics and with calls
//! from within closures.

use super::state::{Nested, State};
use super::surface::{Found, Held, Surface};
use crate::fuse::{Code, burn, tick};
use crate::input::Input;
use crate::ledger::{Key, Value};
use dolmen::{Compute, Operation};
use std::cell::Cell;
use std::collections::BTreeMap;

/// What a call has done to the model.
#[derive(Clone, Copy)]
enum Effect {
    Nothing,
    Put(Found),
    Remove(u16),
}

/// How many kinds of calls there are.
pub const KINDS: u8 = 34;

/// A call that is being made.
struct Call<'a> {
    state: &'a State,
    surface: &'a dyn Surface,
    id: u16,
    key: Cell<Option<Key>>,
    /// The offered key and value by number, and the value's data.
    offered: Found,
    value: Cell<Option<Value>>,
    /// What the closure saw and made at its last run, and how often it ran.
    saw: Cell<Option<Option<Found>>>,
    made: Cell<Option<Held>>,
    runs: Cell<usize>,
}

impl<'a> Call<'a> {
    fn new(state: &'a State, surface: &'a dyn Surface, input: &mut Input) -> Self {
        let id = input.below(state.keys) as u16;
        let (key, value) = (state.key(id), state.value(input.byte() % 8));
        let offered = (id, key.serial(), (value.serial(), value.data));
        Call {
            state,
            surface,
            id,
            key: Cell::new(Some(key)),
            offered,
            value: Cell::new(Some(value)),
            saw: Cell::new(None),
            made: Cell::new(None),
            runs: Cell::new(0),
        }
    }

    fn key(&self) -> Key {
        self.key.take().expect("offered once")
    }

    fn value(&self) -> Value {
        self.value.take().expect("offered once")
    }

    fn before(&self) -> Option<Found> {
        self.state.entry(self.id)
    }

    /// In each closure: counts, does what is planned for it, panics if that is planned.
    fn closure(&self, saw: Option<Found>) {
        tick(Code::Closure);
        self.runs.set(self.runs.get() + 1);
        assert_eq!(saw, self.before(), "shown and not there");
        self.saw.set(Some(saw));
        if let Some(nested) = self.state.nested.take() {
            nest(self.state, self.surface, nested);
        }
    }

    /// In a closure: makes a value.
    fn make(&self, data: u8) -> Value {
        let value = self.state.value(data);
        self.made.set(Some((value.serial(), value.data)));
        value
    }

    /// The entry of the offered key with what a closure made.
    fn made(&self) -> Found {
        (self.id, self.offered.1, self.made.get().expect("the closure made a value"))
    }

    /// What the closure saw last is what is there, once all is done that it did itself: where the
    /// call has changed something. One that changes nothing may answer for the moment before.
    fn saw_what_is_there(&self) {
        assert_eq!(self.saw.get(), Some(self.before()));
    }

    /// Runs the call and, if it ends, the check of its answer, which says what has changed.
    fn run<T>(&self, call: impl FnOnce() -> T, check: impl FnOnce(T) -> Effect) {
        let fuse = self.state.fuse.take();
        let before = self.before();
        match burn(fuse, call) {
            Ok(answer) => self.apply(check(answer)),
            // It is as if the call had not been made; of a destructor, it may have been made.
            Err(Code::Drop) => self.look(before),
            Err(_) => {}
        }
    }

    fn apply(&self, effect: Effect) {
        match effect {
            Effect::Nothing => {}
            Effect::Put(entry) => self.state.put(entry),
            Effect::Remove(id) => drop(self.state.remove(id)),
        }
    }

    /// A destructor has panicked: the key is as it was, or as the call leaves it.
    fn look(&self, before: Option<Found>) {
        match self.surface.get_key_value(self.id) {
            now if now == before => {}
            None => self.apply(Effect::Remove(self.id)),
            Some(now) => {
                let value = now.2;
                assert_eq!((now.0, now.1), (self.id, self.offered.1));
                assert!(value == self.offered.2 || Some(value) == self.made.get());
                self.apply(Effect::Put(now));
            }
        }
    }
}

fn nest(state: &State, surface: &dyn Surface, nested: Nested) {
    let insert = |id: u16| {
        let (key, value) = (state.key(id), state.value(0));
        let entry = (id, key.serial(), (value.serial(), value.data));
        assert_eq!(surface.insert(key, value), state.entry(id).map(|e| e.2));
        state.put(entry);
    };
    match nested {
        Nested::Insert(id) => insert(id),
        Nested::Remove(id) => {
            assert_eq!(surface.remove(id), state.entry(id).map(|e| e.2));
            state.remove(id);
        }
        Nested::Fill(id) => {
            (0..30).for_each(|i| insert((id + i) % state.keys as u16));
        }
        Nested::Clear => {
            surface.clear();
            state.remove_all();
        }
        Nested::Reserve(n) => surface.reserve(n.into()),
        Nested::Shrink => surface.shrink_to_fit(),
    }
}

/// Makes a call of the kind and checks it.
pub fn call(state: &State, surface: &dyn Surface, kind: u8, input: &mut Input) {
    if kind >= 26 {
        whole(state, surface, kind, input);
    } else {
        let call = Call::new(state, surface, input);
        match kind {
            0..=7 => insert(&call, kind, input.byte()),
            8..=11 => update(&call, kind, input.byte()),
            12..=14 => compute(&call, input.byte()),
            15 | 16 => compare_exchange(&call, input.byte() % 8),
            17..=22 => remove(&call, kind, input.byte()),
            _ => get(&call, kind),
        }
    }
    // For this call only.
    state.nested.take();
    state.fuse.take();
    state.ledger.settle();
    assert_eq!((surface.len(), surface.is_empty()), (state.len(), state.len() == 0));
}

fn insert(call: &Call<'_>, kind: u8, data: u8) {
    let (surface, before) = (call.surface, call.before());
    // What is there when all is done that the closure did.
    let there_or_put = |entry: Found, answer: Held| match call.before() {
        Some(there) => {
            assert_eq!(answer, there.2);
            Effect::Nothing
        }
        None => {
            assert_eq!(answer, entry.2);
            Effect::Put(entry)
        }
    };
    match kind {
        0..=3 => call.run(
            || surface.insert(call.key(), call.value()),
            |old| {
                assert_eq!(old, before.map(|e| e.2));
                Effect::Put(call.offered)
            },
        ),
        4 => call.run(
            || surface.try_insert(call.key(), call.value()),
            |answer| match answer {
                Ok(new) => {
                    assert_eq!((before, new), (None, call.offered.2));
                    Effect::Put(call.offered)
                }
                Err((current, key, value)) => {
                    assert_eq!(Some(current), before.map(|e| e.2));
                    let back = (key.id(), key.serial(), (value.serial(), value.data));
                    assert_eq!(back, call.offered);
                    Effect::Nothing
                }
            },
        ),
        5 => call.run(
            || surface.get_or_insert(call.key(), call.value()),
            |answer| there_or_put(call.offered, answer),
        ),
        6 => call.run(
            || {
                surface.get_or_insert_with(call.key(), &mut |()| {
                    call.closure(None);
                    call.make(data % 8)
                })
            },
            |answer| {
                assert_eq!(call.runs.get(), usize::from(before.is_none()));
                if call.runs.get() == 0 {
                    assert_eq!(Some(answer), before.map(|e| e.2));
                    return Effect::Nothing;
                }
                there_or_put(call.made(), answer)
            },
        ),
        _ => call.run(
            || {
                surface.get_or_try_insert_with(call.key(), &mut |()| {
                    call.closure(None);
                    if data & 8 == 0 { Ok(call.make(data % 8)) } else { Err(data) }
                })
            },
            |answer| match answer {
                Err(error) => {
                    assert_eq!((error, call.runs.get(), before), (data, 1, None));
                    Effect::Nothing
                }
                Ok(answer) if call.runs.get() == 0 => {
                    assert_eq!(Some(answer), before.map(|e| e.2));
                    Effect::Nothing
                }
                Ok(answer) => there_or_put(call.made(), answer),
            },
        ),
    }
}

fn update(call: &Call<'_>, kind: u8, data: u8) {
    let surface = call.surface;
    let mut f = |saw: Found| {
        call.closure(Some(saw));
        call.make(saw.2.1.wrapping_add(data) % 8)
    };
    let updated = |answer: Held| {
        call.saw_what_is_there();
        assert_eq!(answer, call.made().2);
        Effect::Put(call.made())
    };
    match kind {
        8 | 9 => call.run(
            || surface.update(call.key(), &mut f),
            |answer| match answer {
                Some(new) => updated(new),
                None => {
                    assert_eq!(call.before(), None);
                    Effect::Nothing
                }
            },
        ),
        10 => call.run(
            || surface.update_or_insert(call.key(), &mut f, call.value()),
            |answer| match call.before() {
                Some(_) => updated(answer),
                None => {
                    assert_eq!(answer, call.offered.2);
                    Effect::Put(call.offered)
                }
            },
        ),
        _ => {
            let spare = Cell::new(None);
            let mut make = |()| {
                call.closure(None);
                let value = call.make(7);
                assert!(spare.replace(call.made.get()).is_none(), "made twice");
                value
            };
            call.run(
                || surface.update_or_insert_with(call.key(), &mut f, &mut make),
                |answer| match call.before() {
                    Some(_) => updated(answer),
                    None => {
                        let made = spare.get().expect("it was made");
                        assert_eq!(answer, made);
                        Effect::Put((call.id, call.offered.1, made))
                    }
                },
            );
        }
    }
}

fn compute(call: &Call<'_>, how: u8) {
    let step = |saw: Option<Found>| {
        let how = if saw.is_some() { how % 4 } else { how / 4 % 4 };
        match how {
            0 | 1 => Operation::Insert(call.make(how)),
            2 => Operation::Remove,
            _ => Operation::Abort(how),
        }
    };
    let mut f = |saw: Option<Found>| {
        call.closure(saw);
        step(saw)
    };
    call.run(
        || call.surface.compute(call.key(), &mut f),
        |answer| {
            let saw = call.saw.get().expect("the closure was asked");
            match answer {
                Compute::Inserted(new) => {
                    call.saw_what_is_there();
                    assert_eq!((saw, new), (None, call.made()));
                    Effect::Put(new)
                }
                Compute::Updated { old, new } => {
                    call.saw_what_is_there();
                    assert_eq!((saw, new), (Some(old), call.made()));
                    Effect::Put(new)
                }
                Compute::Removed(old) => {
                    call.saw_what_is_there();
                    assert_eq!((saw, how % 4), (Some(old), 2));
                    Effect::Remove(call.id)
                }
                Compute::Absent => {
                    assert_eq!((saw, how / 4 % 4), (None, 2));
                    Effect::Nothing
                }
                Compute::Aborted(with) => {
                    let asked = if saw.is_some() { how % 4 } else { how / 4 % 4 };
                    assert_eq!((with, asked), (3, 3));
                    Effect::Nothing
                }
            }
        },
    );
}

fn compare_exchange(call: &Call<'_>, data: u8) {
    let (before, current) = (call.before(), call.state.value(data));
    call.run(
        || call.surface.compare_exchange(call.key(), &current, call.value()),
        |answer| match answer {
            Ok(new) => {
                assert_eq!(before.map(|e| e.2.1), Some(data));
                assert_eq!(new, call.offered.2);
                Effect::Put(call.offered)
            }
            Err((found, key, value)) => {
                assert_eq!(found, before.map(|e| e.2));
                assert_ne!(found.map(|f| f.1), Some(data));
                assert_eq!((key.id(), key.serial(), (value.serial(), value.data)), call.offered);
                Effect::Nothing
            }
        },
    );
}

fn remove(call: &Call<'_>, kind: u8, data: u8) {
    let (surface, before) = (call.surface, call.before());
    match kind {
        17..=19 => call.run(
            || surface.remove(call.id),
            |old| {
                assert_eq!(old, before.map(|e| e.2));
                Effect::Remove(call.id)
            },
        ),
        20 => call.run(
            || surface.remove_entry(call.id),
            |old| {
                assert_eq!(old, before);
                Effect::Remove(call.id)
            },
        ),
        _ => {
            let holds = |entry: Found| entry.2.1 >= data % 8;
            let mut condition = |saw: Found| {
                call.closure(Some(saw));
                holds(saw)
            };
            call.run(
                || surface.remove_if(call.id, &mut condition),
                |old| match (old, call.saw.get().flatten()) {
                    (Some(old), saw) => {
                        call.saw_what_is_there();
                        assert!(saw == Some(old) && holds(old));
                        Effect::Remove(call.id)
                    }
                    // It was refused; or the condition held of what it removed itself.
                    (None, Some(saw)) => {
                        assert!(!holds(saw) || call.before().is_none());
                        Effect::Nothing
                    }
                    (None, None) => {
                        assert_eq!(before, None);
                        Effect::Nothing
                    }
                },
            );
        }
    }
}

fn get(call: &Call<'_>, kind: u8) {
    let (surface, before, id) = (call.surface, call.before(), call.id);
    call.run(
        || match kind {
            23 => assert_eq!(surface.get(id), before.map(|e| e.2)),
            24 => assert_eq!(surface.get_key_value(id), before),
            _ => {
                let cloned = surface.get_cloned(id).map(|v| v.data);
                assert_eq!(cloned, before.map(|e| e.2.1));
                assert_eq!(surface.contains(id), before.is_some());
                let mut seen = None;
                let viewed = surface.view(id, &mut |entry| {
                    call.closure(Some(entry));
                    seen = Some(entry);
                });
                assert_eq!((viewed.is_some(), seen), (before.is_some(), before));
            }
        },
        |()| Effect::Nothing,
    );
}

/// Calls on all keys, and on none.
fn whole(state: &State, surface: &dyn Surface, kind: u8, input: &mut Input) {
    // Nothing here but `retain` says what is left of it after a panic.
    if kind != 26 {
        state.fuse.take();
    }
    match kind {
        26 => retain(state, surface, input.byte()),
        27 => {
            let (capacity, len) = (surface.capacity(), state.len());
            surface.clear();
            state.remove_all();
            // Keys that shared slots were room for themselves as long as they were there.
            let shared = capacity == len && surface.capacity() < len;
            assert!(surface.capacity() == capacity || shared);
        }
        28 => {
            let additional = input.below(4000);
            surface.reserve(additional);
            assert!(surface.capacity() >= state.slots() + additional);
        }
        29 => {
            let additional = input.below(4000);
            assert!(!surface.try_reserve(usize::MAX - additional));
            assert!(surface.try_reserve(additional));
            assert!(surface.capacity() >= state.slots() + additional);
        }
        30 => shrink(state, surface, Some(input.below(2000))),
        31 => shrink(state, surface, None),
        32 => surface.finish_resize(),
        _ => entries(state, surface),
    }
}

fn shrink(state: &State, surface: &dyn Surface, to: Option<usize>) {
    let before = surface.capacity();
    match to {
        Some(capacity) => surface.shrink_to(capacity),
        None => surface.shrink_to_fit(),
    }
    let after = surface.capacity();
    assert!(after <= before && after >= state.slots() && after >= to.unwrap_or(0).min(before));
}

fn retain(state: &State, surface: &dyn Surface, modulus: u8) {
    let mut fuse = state.fuse.take();
    // A destructor may panic anywhere in it.
    if fuse.is_some_and(|(code, _)| code == Code::Drop) {
        fuse = None;
    }
    let before: Vec<u16> = state.model.borrow().keys().copied().collect();
    // By number of the key: what was asked about, and what was answered last.
    let mut asked: BTreeMap<u16, (Found, bool)> = BTreeMap::new();
    let mut keep = |entry: Found| {
        tick(Code::Closure);
        if let Some(nested) = state.nested.take().filter(|_| fuse.is_none()) {
            nest(state, surface, nested);
        }
        let kept = !(entry.2.1 ^ modulus).is_multiple_of(4);
        asked.insert(entry.0, (entry, kept));
        kept
    };
    let result = burn(fuse, || surface.retain(&mut keep));
    for id in before.iter().filter(|id| result.is_ok() && state.entry(**id).is_some()) {
        assert!(asked.contains_key(id), "{id} was not asked about");
    }
    for (id, (entry, kept)) in asked {
        match state.entry(id) {
            Some(there) if there == entry && !kept => drop(state.remove(id)),
            // Left, or given up by what was nested.
            there => assert!(kept || there.is_none(), "{entry:?} was refused; there is {there:?}"),
        }
    }
}

/// What iterators yield at one go is what is there.
pub fn entries(state: &State, surface: &dyn Surface) {
    state.may_go_on(state.len());
    let mut entries = surface.entries();
    entries.sort_unstable();
    let expected: Vec<Found> = state.model.borrow().values().copied().collect();
    assert_eq!(entries, expected);
    let mut keys = surface.keys();
    keys.sort_unstable();
    assert!(keys.into_iter().eq(expected.iter().map(|e| (e.0, e.1))));
    let mut values = surface.values();
    values.sort_unstable();
    let mut expected: Vec<Held> = expected.iter().map(|e| e.2).collect();
    expected.sort_unstable();
    assert_eq!(values, expected);
}
