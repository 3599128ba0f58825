//! Guards, iterators and entries that are held across calls.

use super::state::{Progress, State};
use super::surface::{Found, Map, OnOwnedPin, OnPin, Surface, found, of_ref, value};
use crate::hashers::Hashing;
use crate::input::Input;
use crate::ledger::{Guarded, Id, Key, Value};
use dolmen::{Drain, Entry, Iter, MappedRef, Reclaim, Ref, TryInsertError};
use std::cell::RefCell;
use std::rc::Rc;

/// Something that is held, and what it must go on to show.
pub enum Held<'m, R: Reclaim + 'm> {
    Ref(Ref<'m, Key, Value, R>, Found, Guarded),
    Part(MappedRef<'m, Value, R>, super::surface::Held, Guarded),
    Pin(OnPin<'m, R>, Guarded),
    OwnedPin(OnOwnedPin<'m, R>, Guarded),
    Iter(Iter<'m, Key, Value, R>, Rc<RefCell<Progress>>, Guarded),
    Drain(Drain<'m, Key, Value, Hashing, R>, Rc<RefCell<Progress>>, Guarded),
    Entry(Entry<'m, Key, Value, Hashing, R>, u16, Option<(Found, Guarded)>),
}

/// All that is held of one map.
pub struct Hands<'m, R: Reclaim> {
    pub map: &'m Map<R>,
    pub state: &'m State,
    pub held: RefCell<Vec<Held<'m, R>>>,
}

impl<'m, R: Reclaim> Hands<'m, R> {
    fn hold(&self, held: Held<'m, R>) {
        self.held.borrow_mut().push(held);
        let many = self.held.borrow().len() > 12;
        if many {
            self.release(0);
        }
    }

    fn hold_ref(&self, entry: Option<Ref<'m, Key, Value, R>>, expected: Option<Found>) {
        assert_eq!(entry.as_ref().map(of_ref), expected);
        if let (Some(entry), Some(found)) = (entry, expected) {
            self.hold(Held::Ref(entry, found, self.state.ledger.guard()));
        }
    }

    fn id(&self, input: &mut Input) -> u16 {
        input.below(self.state.keys) as u16
    }

    /// Gets hold of something.
    pub fn take(&self, kind: u8, input: &mut Input) {
        let (map, state) = (self.map, self.state);
        match kind {
            0 => {
                let id = self.id(input);
                self.hold_ref(map.get(&Id(id)), state.entry(id));
            }
            1 => {
                let (key, value) = (state.key(self.id(input)), state.value(input.byte() % 8));
                let entry = found(&key, &value);
                let before = state.entry(entry.0);
                self.hold_ref(map.insert(key, value), before);
                state.put(entry);
            }
            2 => {
                let id = self.id(input);
                self.hold_ref(map.remove(&Id(id)), state.entry(id));
                state.remove(id);
            }
            3 => self.hold(Held::Pin(OnPin(map.pin()), state.ledger.guard())),
            4 => self.hold(Held::OwnedPin(OnOwnedPin(map.pin_owned()), state.ledger.guard())),
            5 => {
                let guard = state.ledger.guard();
                self.hold(Held::Iter(map.iter(), state.begin_iteration(), guard));
            }
            6 => {
                let guard = state.ledger.guard();
                self.hold(Held::Drain(map.drain(), state.begin_iteration(), guard));
            }
            7 => {
                let id = self.id(input);
                let entry = map.entry(state.key(id));
                assert_eq!(entry.key().id(), id);
                let seen = state.entry(id);
                match &entry {
                    Entry::Occupied(entry) => {
                        assert_eq!(Some(value(entry.get())), seen.map(|e| e.2));
                    }
                    Entry::Vacant(_) => assert_eq!(seen, None),
                }
                let seen = seen.map(|entry| (entry, state.ledger.guard()));
                self.hold(Held::Entry(entry, id, seen));
            }
            _ => self.twice(input),
        }
    }

    /// Clones a held reference, or makes one of a part of it.
    fn twice(&self, input: &mut Input) {
        let Some(i) = self.choose(input, |held| matches!(held, Held::Ref(..) | Held::Part(..)))
        else {
            return;
        };
        let second = match &self.held.borrow()[i] {
            Held::Ref(entry, found, guard) if input.flag() => {
                Held::Ref(entry.clone(), *found, guard.clone())
            }
            Held::Ref(entry, found, guard) => {
                Held::Part(entry.clone().map(|value| value), found.2, guard.clone())
            }
            Held::Part(part, value, guard) => Held::Part(part.clone(), *value, guard.clone()),
            _ => unreachable!("just chosen"),
        };
        self.hold(second);
    }

    /// One of those that are as wanted.
    fn choose(&self, input: &mut Input, wanted: impl Fn(&Held<'m, R>) -> bool) -> Option<usize> {
        let held = self.held.borrow();
        let fitting: Vec<usize> = (0..held.len()).filter(|i| wanted(&held[*i])).collect();
        (!fitting.is_empty()).then(|| fitting[input.below(fitting.len())])
    }

    /// Looks at what is held: it shows what it showed.
    pub fn look(&self) {
        for held in &*self.held.borrow() {
            match held {
                Held::Ref(entry, found, _) => assert_eq!(of_ref(entry), *found),
                Held::Part(part, expected, _) => assert_eq!(value(part), *expected),
                Held::Entry(Entry::Occupied(entry), id, seen) => {
                    assert_eq!(entry.key().id(), *id);
                    let (seen, _) = seen.as_ref().expect("it was there");
                    assert_eq!(value(entry.get()), seen.2);
                }
                Held::Entry(Entry::Vacant(entry), id, _) => assert_eq!(entry.key().id(), *id),
                Held::Pin(..) | Held::OwnedPin(..) | Held::Iter(..) | Held::Drain(..) => {}
            }
        }
    }

    /// Lets one go.
    pub fn release(&self, i: usize) {
        let held = self.held.borrow_mut().remove(i);
        if let Held::Iter(_, progress, _) | Held::Drain(_, progress, _) = &held {
            self.state.end_iteration(progress);
        }
        match held {
            Held::Ref(entry, _, guard) => let_go(entry, guard),
            Held::Part(part, _, guard) => let_go(part, guard),
            Held::Pin(pin, guard) => let_go(pin, guard),
            Held::OwnedPin(pin, guard) => let_go(pin, guard),
            Held::Iter(iter, _, guard) => let_go(iter, guard),
            Held::Drain(drain, _, guard) => let_go(drain, guard),
            Held::Entry(entry, _, Some((_, guard))) => let_go(entry, guard),
            Held::Entry(entry, _, None) => drop(entry),
        }
    }

    pub fn release_one(&self, input: &mut Input) {
        if let Some(i) = self.choose(input, |_| true) {
            self.release(i);
        }
    }

    pub fn release_all(&self) {
        loop {
            let left = self.held.borrow().len();
            if left == 0 {
                break;
            }
            self.release(left - 1);
        }
    }

    /// A held pin to make calls under, for as long as `f` runs.
    pub fn with_pin(&self, input: &mut Input, f: impl FnOnce(&dyn Surface, &mut Input)) -> bool {
        let Some(i) = self.choose(input, |h| matches!(h, Held::Pin(..) | Held::OwnedPin(..)))
        else {
            return false;
        };
        match &self.held.borrow()[i] {
            Held::Pin(pin, _) => f(pin, input),
            Held::OwnedPin(pin, _) => f(pin, input),
            _ => unreachable!("just chosen"),
        }
        true
    }

    /// Goes some steps on with a held iterator; lets it go at its end.
    pub fn advance(&self, steps: usize, input: &mut Input) {
        let Some(i) = self.choose(input, |h| matches!(h, Held::Iter(..) | Held::Drain(..))) else {
            return;
        };
        for _ in 0..steps {
            // A removal settles nothing while this is borrowed: destructors do not come here.
            let ended = match &mut self.held.borrow_mut()[i] {
                Held::Iter(iter, progress, _) => match iter.next() {
                    Some(entry) => {
                        self.state.came(progress, of_ref(&entry));
                        None
                    }
                    None => Some(progress.clone()),
                },
                Held::Drain(drain, progress, _) => match drain.next() {
                    Some(entry) => {
                        let found = of_ref(&entry);
                        assert_eq!(self.state.entry(found.0), Some(found), "drained and not there");
                        self.state.came(progress, found);
                        self.state.remove(found.0);
                        None
                    }
                    None => Some(progress.clone()),
                },
                _ => unreachable!("just chosen"),
            };
            if let Some(progress) = ended {
                let due = &progress.borrow().due;
                assert!(due.is_empty(), "{due:?} did not come, and were there throughout");
                self.release(i);
                break;
            }
        }
    }

    /// Exchanges the value of a held entry, if it is still the key's, and this very one.
    pub fn exchange(&self, input: &mut Input) {
        let Some(i) = self.choose(input, |held| matches!(held, Held::Ref(..))) else { return };
        let Held::Ref(seen, (id, serial, _), _) = &self.held.borrow()[i] else {
            unreachable!("just chosen")
        };
        let state = self.state;
        // Sometimes another key than the entry's.
        let id = if input.byte().is_multiple_of(8) { self.id(input) } else { *id };
        let (key, new) = (state.key(id), state.value(input.byte() % 8));
        let (entry, before) = (found(&key, &new), state.entry(id));
        match self.map.compare_exchange_entry(key, seen, new) {
            Ok(put) => {
                assert_eq!(before.map(|e| e.1), Some(*serial));
                assert_eq!(of_ref(&put), entry);
                state.put(entry);
            }
            Err(error) => {
                assert_eq!(error.current.as_ref().map(of_ref), before);
                assert_ne!(before.map(|e| e.1), Some(*serial));
                assert_eq!(found(&error.key, &error.new), entry);
            }
        }
    }

    /// Does with a held entry what entries are for.
    pub fn use_entry(&self, input: &mut Input) {
        let Some(i) = self.choose(input, |held| matches!(held, Held::Entry(..))) else { return };
        let Held::Entry(entry, id, seen) = self.held.borrow_mut().remove(i) else {
            unreachable!("just chosen")
        };
        let (state, now) = (self.state, self.state.entry(id));
        let (how, data) = (input.byte(), input.byte() % 8);
        let seen = seen.map(|(seen, _guard)| seen);
        let key = match &entry {
            Entry::Occupied(entry) => entry.key().serial(),
            Entry::Vacant(entry) => entry.key().serial(),
        };
        match entry {
            entry if how % 4 == 0 => {
                let value = state.value(data);
                let offered = found_with(id, key, &value);
                let got = of_ref(&entry.or_insert(value));
                match seen.or(now) {
                    Some(there) => assert_eq!(got, there),
                    None => self.puts(got, offered),
                }
            }
            Entry::Occupied(entry) if how % 4 == 1 => {
                let removed = entry.remove();
                let expected = now.filter(|now| Some(*now) == seen);
                assert_eq!(removed.as_ref().map(of_ref), expected, "that very entry, or none");
                if expected.is_some() {
                    state.remove(id);
                }
            }
            Entry::Occupied(entry) if how % 4 == 2 => {
                let value = state.value(data);
                let offered = found_with(id, key, &value);
                assert_eq!(entry.insert(value).as_ref().map(of_ref), now);
                state.put(offered);
            }
            Entry::Occupied(entry) => assert_eq!(Some(of_ref(&entry.into_ref())), seen),
            Entry::Vacant(entry) if how % 4 == 3 => assert_eq!(entry.into_key().id(), id),
            Entry::Vacant(entry) => {
                let value = state.value(data);
                let offered = found_with(id, key, &value);
                match entry.insert(value) {
                    Ok(got) => {
                        assert_eq!(now, None);
                        self.puts(of_ref(&got), offered);
                    }
                    Err(TryInsertError::Occupied { current, key, value }) => {
                        assert_eq!((Some(of_ref(&current)), found(&key, &value)), (now, offered));
                    }
                    Err(TryInsertError::Full { error, .. }) => panic!("{error}"),
                }
            }
        }
    }

    fn puts(&self, got: Found, offered: Found) {
        assert_eq!(got, offered);
        self.state.put(offered);
    }

    /// `and_modify` on an entry that was just looked at.
    pub fn modify(&self, input: &mut Input) {
        let (state, id) = (self.state, self.id(input));
        let key = state.key(id);
        let serial = key.serial();
        let before = state.entry(id);
        let mut made = None;
        let entry = self.map.entry(key).and_modify(|old| {
            let value = state.value(old.data.wrapping_add(1) % 8);
            made = Some((value.serial(), value.data));
            value
        });
        assert_eq!(made.is_some(), before.is_some());
        match entry {
            Entry::Occupied(entry) => {
                let now = of_ref(&entry.into_ref());
                assert_eq!(Some(now.2), made);
                state.put(now);
            }
            Entry::Vacant(entry) => {
                assert_eq!((before, entry.key().serial()), (None, serial));
            }
        }
    }
}

fn found_with(id: u16, key: u32, new: &Value) -> Found {
    (id, key, value(new))
}

/// Drops what the map gave out. The record's guard goes first: what the other frees is freed when
/// nobody is pinned.
fn let_go<G>(held: G, guard: Guarded) {
    drop(guard);
    drop(held);
}

/// A reference under a pin, and what it must go on to show.
pub struct Shown<'p>(pub &'p Value, pub super::surface::Held, pub u16);

/// What a pin shows by plain references, while it lives.
pub struct Frame<'p, 'm, R: Reclaim> {
    pub pin: &'p OnPin<'m, R>,
    pub state: &'p State,
    pub shown: Vec<Shown<'p>>,
}

impl<R: Reclaim> Frame<'_, '_, R> {
    fn show(&mut self, id: u16, entry: Option<Found>) {
        let seen = self.pin.0.get(&Id(id));
        assert_eq!(seen.map(value), entry.map(|e| e.2));
        if let (Some(seen), Some(entry)) = (seen, entry) {
            self.shown.push(Shown(seen, entry.2, id));
        }
    }

    pub fn step(&mut self, input: &mut Input) {
        let (state, id) = (self.state, input.below(self.state.keys) as u16);
        let (pin, entry) = (&self.pin.0, state.entry(id));
        match input.byte() % 4 {
            0 => self.show(id, entry),
            1 => {
                let removed = pin.remove(&Id(id));
                assert_eq!(removed.map(value), entry.map(|e| e.2));
                if let (Some(removed), Some(entry)) = (removed, state.remove(id)) {
                    self.shown.push(Shown(removed, entry.2, id));
                }
            }
            2 => {
                let (key, new) = (state.key(id), state.value(input.byte() % 8));
                let offered = found(&key, &new);
                let old = pin.insert(key, new);
                assert_eq!(old.map(value), entry.map(|e| e.2));
                state.put(offered);
                if let (Some(old), Some(entry)) = (old, entry) {
                    self.shown.push(Shown(old, entry.2, id));
                }
                self.show(id, Some(offered));
            }
            _ => self.exchange(input),
        }
        self.look();
    }

    fn exchange(&mut self, input: &mut Input) {
        if self.shown.is_empty() {
            return;
        }
        let Shown(seen, (serial, _), id) = self.shown[input.below(self.shown.len())];
        let (key, new) = (self.state.key(id), self.state.value(input.byte() % 8));
        let (offered, now) = (found(&key, &new), self.state.entry(id));
        let is_it = now.is_some_and(|e| e.2.0 == serial);
        match self.pin.0.compare_exchange_entry(key, seen, new) {
            Ok(put) => {
                assert_eq!((is_it, value(put)), (true, offered.2));
                self.state.put(offered);
            }
            Err(error) => {
                assert_eq!((is_it, error.current.map(value)), (false, now.map(|e| e.2)));
                assert_eq!(found(&error.key, &error.new), offered);
            }
        }
    }

    pub fn look(&self) {
        self.shown.iter().for_each(|Shown(seen, expected, _)| assert_eq!(value(seen), *expected));
    }
}
