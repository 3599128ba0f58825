//! The calls of one thread, and what it saw.

use super::history::{Event, Left, Saw};
use super::live::{Id, Ledger, Value};
use super::{Map, OTHERS_OF, RECORDED};
use crate::fuse::{Code, tick};
use crate::input::Input;
use dolmen::{Compute, Entry, Operation, Reclaim, Ref, TryInsertError};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// A call to make.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    kind: u8,
    key: u16,
    argument: u8,
}

impl Call {
    pub fn new(kind: u8, input: &mut Input) -> Call {
        let byte = input.byte();
        Call { kind: kind % 40, key: u16::from(byte) % RECORDED, argument: byte >> 2 }
    }
}

/// A walk over all entries: what it met, from when to when.
#[derive(Debug)]
pub struct Pass {
    pub met: Vec<u16>,
    pub begin: usize,
    pub end: usize,
}

/// What a thread saw, and how many other entries it put in.
#[derive(Default)]
pub struct Record {
    pub events: Vec<Event>,
    pub passes: Vec<Pass>,
    pub others: u16,
    pub drained: Vec<u16>,
}

/// The most events of a key that one thread records; with those of the other, and a few at the
/// beginning and the end, what the checker can take.
const MOST: usize = 24;

pub struct Player<'m, R: Reclaim> {
    map: &'m Map<R>,
    ledger: &'m Arc<Ledger>,
    clock: &'m AtomicUsize,
    me: usize,
    record: Record,
    held: Vec<(Ref<'m, super::Key, Value, R>, u16, u32)>,
    /// The value that was last seen, to be exchanged.
    last: u32,
}

impl<'m, R: Reclaim> Player<'m, R> {
    pub fn new(
        map: &'m Map<R>,
        ledger: &'m Arc<Ledger>,
        clock: &'m AtomicUsize,
        me: usize,
    ) -> Self {
        let record = Record::default();
        Player { map, ledger, clock, me, record, held: Vec::new(), last: 0 }
    }

    fn now(&self) -> usize {
        self.clock.fetch_add(1, SeqCst)
    }

    fn push(&mut self, key: u16, saw: Saw, left: Left, begin: usize) {
        if let Saw::Is(Some(value)) = saw {
            self.last = value;
        }
        let end = self.now();
        if key < RECORDED {
            self.record.events.push(Event { key, saw, left, begin, end });
        }
    }

    /// A value of its own, and its number.
    fn value(&self) -> (Value, u32) {
        let value = self.ledger.value();
        let number = value.number();
        (value, number)
    }

    fn look(&self) {
        for (entry, key, number) in &self.held {
            assert_eq!((entry.key().id(), entry.number()), (*key, *number));
        }
    }

    pub fn end(mut self) -> Record {
        self.look();
        self.held.clear();
        self.record
    }

    pub fn play(&mut self, call: Call) {
        let events = &self.record.events;
        if (0..RECORDED).any(|key| events.iter().filter(|e| e.key == key).count() > MOST) {
            return;
        }
        let Call { kind, key, argument } = call;
        match kind {
            0..=2 => self.get(key, argument),
            3..=5 => self.insert(key),
            6..=8 => self.offer(key, argument),
            9..=12 => self.update(key, argument),
            13..=15 => self.compute(key, argument),
            16 | 17 => self.exchange(key),
            18 => self.exchange_held(key),
            19..=21 => self.remove(key),
            22 | 23 => self.remove_if(key, argument),
            24 => self.entry(key, argument),
            25 => self.get_many(key),
            26..=28 => self.iterate(),
            29 => self.retain(argument),
            30 => self.drain(argument),
            31..=33 => self.others(argument),
            34 => self.map.reserve(usize::from(argument) * 8),
            35 => self.map.shrink_to_fit(),
            36 => self.map.finish_resize(),
            37 => self.map.flush(),
            38 => self.look(),
            _ => drop((self.held.pop(), self.map.stats(), self.map.len())),
        }
    }

    fn get(&mut self, key: u16, argument: u8) {
        let begin = self.now();
        let entry = match argument % 4 {
            0 => self.map.get_key_value(&Id(key)),
            _ => self.map.get(&Id(key)),
        };
        let number = entry.as_ref().map(|entry| entry.number());
        self.push(key, Saw::Is(number), Left::Same, begin);
        if let (Some(entry), Some(number), 1 | 2) = (entry, number, argument % 4) {
            self.held.push((entry, key, number));
        }
    }

    fn insert(&mut self, key: u16) {
        let (value, number) = self.value();
        let begin = self.now();
        let old = self.map.insert(self.ledger.key(key), value);
        let saw = old.as_ref().map(|old| old.number());
        self.push(key, Saw::Is(saw), Left::Value(number), begin);
        if let (Some(old), Some(number)) = (old, saw) {
            self.held.push((old, key, number));
        }
    }

    /// The calls that insert where the key is absent.
    fn offer(&mut self, key: u16, argument: u8) {
        let (value, number) = self.value();
        let begin = self.now();
        let new = self.ledger.key(key);
        let there = match argument % 3 {
            0 => match self.map.try_insert(new, value) {
                Ok(entry) => entry.number(),
                Err(TryInsertError::Occupied { current, .. }) => current.number(),
                Err(TryInsertError::Full { error, .. }) => panic!("{error}"),
            },
            1 => self.map.get_or_insert(new, value).number(),
            _ => {
                let make = || {
                    tick(Code::Closure);
                    value
                };
                self.map.get_or_insert_with(new, make).number()
            }
        };
        if there == number {
            self.push(key, Saw::Is(None), Left::Value(number), begin);
        } else {
            self.push(key, Saw::Is(Some(there)), Left::Same, begin);
        }
    }

    fn update(&mut self, key: u16, argument: u8) {
        let begin = self.now();
        let (saw, made) = (Cell::new(None), Cell::new(0));
        let make = || {
            let (value, number) = self.value();
            made.set(number);
            tick(Code::Closure);
            value
        };
        let f = |_: &super::Key, old: &Value| {
            saw.set(Some(old.number()));
            make()
        };
        let new = self.ledger.key(key);
        let answer = match argument % 2 {
            0 => self.map.update(new, f).map(|entry| entry.number()),
            _ => {
                // The value made here is put in, or `f`'s later one.
                let spare = self.ledger.value();
                let number = spare.number();
                let there = self.map.update_or_insert(new, f, spare).number();
                if there == number {
                    saw.set(None);
                    made.set(number);
                }
                Some(there)
            }
        };
        match answer {
            Some(number) => {
                assert_eq!(number, made.get(), "the last that was made was put in");
                self.push(key, Saw::Is(saw.get()), Left::Value(number), begin);
            }
            None => self.push(key, Saw::Is(None), Left::Same, begin),
        }
    }

    fn compute(&mut self, key: u16, argument: u8) {
        let begin = self.now();
        let (saw, made) = (Cell::new(None), Cell::new(0));
        let f = |entry: Option<(&super::Key, &Value)>| {
            saw.set(entry.map(|(_, value)| value.number()));
            tick(Code::Closure);
            let how = if entry.is_some() { argument & 3 } else { argument >> 2 & 3 };
            match how {
                0 | 1 => {
                    let (value, number) = self.value();
                    made.set(number);
                    Operation::Insert(value)
                }
                2 => Operation::Remove,
                _ => Operation::Abort(()),
            }
        };
        let (old, left) = match self.map.compute(self.ledger.key(key), f) {
            Compute::Inserted(new) => (None, Left::Value(new.number())),
            Compute::Updated { old, new } => (Some(old.number()), Left::Value(new.number())),
            Compute::Removed(old) => (Some(old.number()), Left::Nothing),
            Compute::Absent => (None, Left::Same),
            Compute::Aborted(()) => (saw.get(), Left::Same),
        };
        assert_eq!(old, saw.get(), "what the closure saw last");
        assert!(left == Left::Value(made.get()) || !matches!(left, Left::Value(_)));
        self.push(key, Saw::Is(old), left, begin);
    }

    fn exchange(&mut self, key: u16) {
        let (new, number) = self.value();
        let current = self.ledger.equal_to(self.last);
        let begin = self.now();
        match self.map.compare_exchange(self.ledger.key(key), &current, new) {
            Ok(entry) => {
                assert_eq!(entry.number(), number);
                self.push(key, Saw::Is(Some(self.last)), Left::Value(number), begin);
            }
            Err(error) => {
                let found = error.current.map(|entry| entry.number());
                assert_ne!(found, Some(self.last));
                self.push(key, Saw::Is(found), Left::Same, begin);
            }
        }
    }

    fn exchange_held(&mut self, otherwise: u16) {
        let Some((seen, key, old)) = self.held.pop() else { return self.exchange(otherwise) };
        let (new, number) = self.value();
        let begin = self.now();
        match self.map.compare_exchange_entry(self.ledger.key(key), &seen, new) {
            Ok(entry) => {
                assert_eq!(entry.number(), number);
                self.push(key, Saw::Is(Some(old)), Left::Value(number), begin);
            }
            Err(error) => {
                let found = error.current.map(|entry| entry.number());
                assert_ne!(found, Some(old));
                self.push(key, Saw::Is(found), Left::Same, begin);
            }
        }
    }

    fn remove(&mut self, key: u16) {
        let begin = self.now();
        let old = self.map.remove(&Id(key));
        let saw = old.as_ref().map(|old| old.number());
        let left = if saw.is_some() { Left::Nothing } else { Left::Same };
        self.push(key, Saw::Is(saw), left, begin);
        if let (Some(old), Some(number)) = (old, saw) {
            self.held.push((old, key, number));
        }
    }

    fn remove_if(&mut self, key: u16, argument: u8) {
        let begin = self.now();
        let last = Cell::new(None);
        let condition = |_: &super::Key, value: &Value| {
            let (number, bit) = (value.number(), u32::from(argument & 1));
            let holds = number & 1 == bit;
            last.set(Some((number, holds)));
            tick(Code::Closure);
            holds
        };
        let old = self.map.remove_if(&Id(key), condition).map(|old| old.number());
        let (saw, left) = match (old, last.get()) {
            (Some(old), last) => {
                assert_eq!(last, Some((old, true)), "the condition held of what was removed");
                (Some(old), Left::Nothing)
            }
            (None, Some((number, false))) => (Some(number), Left::Same),
            // It held of what somebody else has removed.
            (None, _) => (None, Left::Same),
        };
        self.push(key, Saw::Is(saw), left, begin);
    }

    /// An entry, which is one call to get, and one to use.
    fn entry(&mut self, key: u16, argument: u8) {
        let begin = self.now();
        let entry = self.map.entry(self.ledger.key(key));
        let seen = match &entry {
            Entry::Occupied(entry) => Some(entry.get().number()),
            Entry::Vacant(_) => None,
        };
        self.push(key, Saw::Is(seen), Left::Same, begin);
        tick(Code::Closure);
        let (value, number) = self.value();
        let begin = self.now();
        match entry {
            Entry::Occupied(entry) if argument & 1 == 0 => {
                // If it returns none: another entry is there, or none; it does not say.
                if let Some(old) = entry.remove().map(|old| old.number()) {
                    assert_eq!(Some(old), seen);
                    self.push(key, Saw::Is(seen), Left::Nothing, begin);
                }
            }
            Entry::Occupied(entry) => {
                let old = entry.insert(value).map(|old| old.number());
                self.push(key, Saw::Is(old), Left::Value(number), begin);
            }
            Entry::Vacant(entry) => match entry.insert(value) {
                Ok(_) => self.push(key, Saw::Is(None), Left::Value(number), begin),
                Err(TryInsertError::Occupied { current, .. }) => {
                    let current = current.number();
                    self.push(key, Saw::Is(Some(current)), Left::Same, begin);
                }
                Err(TryInsertError::Full { error, .. }) => panic!("{error}"),
            },
        }
    }

    fn get_many(&mut self, key: u16) {
        let keys: Vec<u16> = (0..3).map(|i| (key + i) % RECORDED).collect();
        let ids: Vec<Id> = keys.iter().map(|key| Id(*key)).collect();
        let mut found = Vec::new();
        let begin = self.now();
        self.map.get_many(&ids, |_, value| {
            tick(Code::Closure);
            found.push(value.map(|value| value.number()));
        });
        assert_eq!(found.len(), keys.len());
        for (key, value) in keys.into_iter().zip(found) {
            self.push(key, Saw::Is(value), Left::Same, begin);
        }
    }

    fn iterate(&mut self) {
        let (begin, mut met) = (self.now(), Vec::new());
        for entry in self.map {
            tick(Code::Closure);
            let key = entry.key().id();
            assert!(!met.contains(&key), "{key} came twice");
            met.push(key);
            self.push(key, Saw::Is(Some(entry.number())), Left::Same, begin);
        }
        let end = self.now();
        self.record.passes.push(Pass { met, begin, end });
    }

    fn retain(&mut self, argument: u8) {
        let begin = self.now();
        let mut asked: BTreeMap<u16, (u32, bool)> = BTreeMap::new();
        self.map.retain(|key, value| {
            let (key, number) = (key.id(), value.number());
            let kept = key >= RECORDED || argument & 1 << key != 0;
            asked.insert(key, (number, kept));
            if key < RECORDED {
                tick(Code::Closure);
            }
            kept
        });
        let met = asked.keys().copied().collect();
        for (key, (number, kept)) in asked {
            match kept {
                true => self.push(key, Saw::Is(Some(number)), Left::Same, begin),
                // Removed, or gone when it was to be removed.
                false => self.push(key, Saw::NoneOr(number), Left::Nothing, begin),
            }
        }
        let end = self.now();
        self.record.passes.push(Pass { met, begin, end });
    }

    fn drain(&mut self, argument: u8) {
        let mut entries = self.map.drain();
        for _ in 0..argument % 8 {
            let begin = self.now();
            let Some(entry) = entries.next() else { break };
            let key = entry.key().id();
            if key >= RECORDED {
                self.record.drained.push(key);
            }
            self.push(key, Saw::Is(Some(entry.number())), Left::Nothing, begin);
        }
    }

    /// Inserts others, so that tables grow and moves go on.
    fn others(&mut self, argument: u8) {
        for _ in 0..=argument % 32 {
            let key = OTHERS_OF[self.me] + self.record.others;
            self.record.others += 1;
            assert!(self.map.insert(self.ledger.key(key), self.ledger.value()).is_none());
        }
    }
}
