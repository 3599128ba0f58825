//! Calls on the whole map, against their contracts (`docs/linearizability.md`, "Whole-map calls").
//!
//! Each contract speaks of every key by itself, so a call on the whole map is written down as one
//! call on each key of the plan: an iteration as a read of each (of *absent*, where nothing was
//! yielded), `clear`, `retain` and `drain` as a removal or a read of each. Then the histories of
//! keys must be linearizable. What is left: no key comes twice, and `len` stays between its bounds.

use crate::subject::{Met, Subject};
use dolmen::model;
use dolmen_histories::sweep::is_linearizable;
use dolmen_histories::{Event, Left, Saw};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

/// One call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Put(u64),
    Take(u64),
    Get(u64),
    /// The entries, the keys, the values; of the map, or under a pin.
    Iter(bool),
    Keys(bool),
    Values(bool),
    /// Keeps about half.
    Retain(bool),
    Clear(bool),
    Drain,
    /// Drops the drain when so many have come.
    DrainSome(usize),
    Len,
    /// Begins a migration to so many slots.
    Resize(usize),
    Help,
    Finish,
}

/// Calls that come first, and what each thread does.
#[derive(Clone, Debug)]
pub struct Plan {
    pub before: Vec<Act>,
    pub threads: Vec<Vec<Act>>,
}

/// A subject with all that is recorded of it, in memory that shuttle does not see.
pub struct Whole<S> {
    pub subject: S,
    keys: Vec<u64>,
    clock: AtomicU64,
    log: Mutex<Log>,
}

#[derive(Debug, Default)]
struct Log {
    /// By key.
    events: BTreeMap<u64, Vec<Event>>,
    /// What may have been counted: when, the least and the most.
    counts: Vec<(u64, u64, isize, isize)>,
    /// What `len` said: when, and what.
    lens: Vec<(u64, u64, usize)>,
}

impl<S: Subject> Whole<S> {
    fn tick(&self) -> u64 {
        self.clock.fetch_add(1, SeqCst)
    }

    fn note(&self, key: u64, begin: u64, end: u64, saw: Saw, left: Left) {
        let (least, most) = match (saw, left) {
            (_, Left::Same | Left::Added(_)) => (0, 0),
            (Saw::Is(Some(_)), Left::Value(_) | Left::Counted(_)) => (0, 0),
            (_, Left::Value(_)) | (Saw::Is(None), Left::Counted(_)) => (1, 1),
            (Saw::Is(_), Left::Nothing) => (-1, -1),
            // It may have removed something, or put it in, or not.
            (_, Left::Nothing) => (-1, 0),
            (_, Left::Counted(_)) => (0, 1),
        };
        let mut log = self.log.lock().unwrap();
        log.counts.push((begin, end, least, most));
        log.events.entry(key).or_default().push(Event { begin, end, saw, left });
    }

    /// Makes a call and writes it down.
    pub fn act(&self, act: Act) {
        let begin = self.tick();
        match act {
            Act::Put(key) => {
                let id = begin << 32 | key;
                let old = self.subject.put(key, id);
                self.note(key, begin, self.tick(), Saw::Is(old), Left::Value(id));
            }
            Act::Take(key) => {
                let old = self.subject.take(key);
                let left = if old.is_some() { Left::Nothing } else { Left::Same };
                self.note(key, begin, self.tick(), Saw::Is(old), left);
            }
            Act::Get(key) => {
                let found = self.subject.get(key);
                self.note(key, begin, self.tick(), Saw::Is(found), Left::Same);
            }
            Act::Iter(_) | Act::Keys(_) | Act::Values(_) => self.each(begin, Left::Same, |met| {
                self.subject.iterate(act, met);
                true
            }),
            Act::Drain => self.each(begin, Left::Nothing, |met| {
                self.subject.drain(usize::MAX, met);
                true
            }),
            Act::DrainSome(most) => self.each(begin, Left::Nothing, |met| {
                let mut came = 0;
                self.subject.drain(most, &mut |key, id| {
                    came += 1;
                    met(key, id);
                });
                // Of what did not come it says something only if it ran to its end.
                came < most
            }),
            Act::Clear(pinned) => {
                self.subject.clear(pinned);
                let end = self.tick();
                for key in &self.keys {
                    self.note(*key, begin, end, Saw::Any, Left::Nothing);
                }
            }
            Act::Retain(pinned) => self.retain(pinned, begin),
            Act::Len => {
                let len = self.subject.count();
                let end = self.tick();
                self.log.lock().unwrap().lens.push((begin, end, len));
            }
            Act::Resize(_) | Act::Help | Act::Finish => self.subject.resize(act),
        }
    }

    /// A call that meets keys, and reads or removes each; what it does not meet was absent at some
    /// moment of it, if `call` says that it ran to its end.
    fn each(&self, begin: u64, left: Left, call: impl FnOnce(Met<'_>) -> bool) {
        let mut missing = self.keys.clone();
        let ended = call(&mut |key, id| {
            let place = missing.iter().position(|other| *other == key);
            let place = place.unwrap_or_else(|| panic!("{key:#x} came twice, or from nowhere"));
            missing.swap_remove(place);
            let saw = id.map_or(Saw::Present, |id| Saw::Is(Some(id)));
            self.note(key, begin, self.tick(), saw, left);
        });
        let end = self.tick();
        for key in missing.into_iter().filter(|_| ended) {
            self.note(key, begin, end, Saw::Is(None), Left::Same);
        }
    }

    fn retain(&self, pinned: bool, begin: u64) {
        let mut asked: Vec<(u64, u64, bool, u64)> = Vec::new();
        self.subject.retain(pinned, &mut |key, id| {
            let keep = (id >> 32).is_multiple_of(2);
            asked.push((key, id, keep, self.tick()));
            keep
        });
        let end = self.tick();
        for (i, (key, id, keep, time)) in asked.iter().copied().enumerate() {
            // What it kept, and what another write took from it, it has read; the last that it
            // refused is not there any more.
            let again = asked[i + 1..].iter().any(|(other, ..)| *other == key);
            if keep || again {
                self.note(key, begin, time, Saw::Is(Some(id)), Left::Same);
            } else {
                self.note(key, time, end, Saw::NoneOr(id), Left::Nothing);
            }
        }
        for key in self.keys.iter().filter(|key| asked.iter().all(|(other, ..)| other != *key)) {
            self.note(*key, begin, end, Saw::Is(None), Left::Same);
        }
    }

    /// When all threads have ended.
    fn finish(self) {
        self.keys.iter().for_each(|key| self.act(Act::Get(*key)));
        self.act(Act::Iter(true));
        let there = self.keys.iter().filter(|key| self.subject.get(**key).is_some()).count();
        assert_eq!(self.subject.count(), there, "len, when nobody writes");
        let log = self.log.into_inner().unwrap();
        for (key, events) in &log.events {
            assert!(is_linearizable(events), "{key:#x} is not linearizable: {events:#?}");
        }
        for (begin, end, len) in log.lens {
            let ended = log.counts.iter().filter(|count| count.1 < begin);
            let (low, high) = ended.fold((0, 0), |(low, high), c| (low + c.2, high + c.3));
            let during = log.counts.iter().filter(|count| count.1 > begin && count.0 < end);
            let (low, high) =
                during.fold((low, high), |(l, h), c| (l + c.2.min(0), h + c.3.max(0)));
            let len = len as isize;
            assert!(low.max(0) <= len && len <= high, "len is {len}, not from {low} to {high}");
        }
    }
}

impl Plan {
    pub fn new(before: &[Act], threads: &[&[Act]]) -> Plan {
        let threads = threads.iter().map(|acts| acts.to_vec()).collect();
        Plan { before: before.to_vec(), threads }
    }

    /// Runs the plan once and checks everything.
    pub fn run<S: Subject>(&self) {
        model::begin();
        let acts = || self.before.iter().chain(self.threads.iter().flatten());
        let mut keys: Vec<u64> = acts()
            .filter_map(|act| match act {
                Act::Put(key) | Act::Take(key) | Act::Get(key) => Some(*key),
                _ => None,
            })
            .collect();
        keys.sort_unstable();
        keys.dedup();
        let (subject, clock) = (S::new(self.threads.len()), AtomicU64::new(1));
        let whole = Arc::new(Whole { subject, keys, clock, log: Mutex::default() });
        self.before.iter().for_each(|act| whole.act(*act));
        let others: Vec<_> = self.threads[1..]
            .iter()
            .map(|acts| {
                let (whole, acts) = (whole.clone(), acts.clone());
                shuttle::thread::spawn(move || acts.into_iter().for_each(|act| whole.act(act)))
            })
            .collect();
        self.threads[0].iter().for_each(|act| whole.act(*act));
        others.into_iter().for_each(|thread| thread.join().unwrap());
        Arc::into_inner(whole).expect("the threads are gone").finish();
    }
}
