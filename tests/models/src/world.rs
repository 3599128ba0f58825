//! A map under test, with all that is recorded about it.

use crate::checker::ORDER;
use crate::history::{self, Event, Left, Saw};
use crate::maps::{Id, Map};
use crate::plan::Op;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// A map and its history. Recording uses nothing that a checker sees.
pub struct World<M> {
    pub map: M,
    history: Mutex<Vec<Event>>,
    clock: AtomicUsize,
    /// Keys that are there from before the threads run, and that no thread writes.
    steady: BTreeSet<u64>,
}

/// Who does something, and when.
#[derive(Clone, Copy, Debug)]
pub struct Who {
    pub thread: usize,
    pub phase: u8,
}

impl<M: Map> World<M> {
    pub fn new(threads: usize, steady: BTreeSet<u64>) -> Self {
        let clock = AtomicUsize::new(1);
        World { map: M::new(threads), history: Mutex::default(), clock, steady }
    }

    fn tick(&self) -> usize {
        self.clock.fetch_add(1, SeqCst)
    }

    /// Does an operation and records it.
    pub fn perform(&self, who: Who, op: Op) {
        let begin = self.tick();
        let Some(key) = op.key() else {
            return if op == Op::Iter { self.iterate(who.phase > 0) } else { self.map.step(op) };
        };
        let writer = if who.phase == 0 { 0 } else { who.thread + 1 };
        let nth = Cell::new(0);
        let id = || {
            nth.set(nth.get() + 1);
            Id { begin, writer, nth: nth.get() }.pack()
        };
        let (saw, left) = self.map.call(op, key, &id);
        self.record(who, key, saw, left, begin);
    }

    fn record(&self, who: Who, key: u64, saw: Saw, left: Left, begin: usize) {
        let end = self.tick();
        let Who { thread, phase } = who;
        let event = Event { key, saw, left, thread, phase, begin, end };
        self.history.lock().unwrap().push(event);
    }

    /// No key twice, and none missed that was there throughout.
    fn iterate(&self, begun: bool) {
        let mut seen = BTreeSet::new();
        self.map.each(&mut |key, value| {
            assert!(Id::of(value).begin > 0, "a value that nobody wrote");
            assert!(seen.insert(key), "{key:#x} was yielded twice");
        });
        for key in self.steady.iter().filter(|_| begun) {
            assert!(seen.contains(key), "{key:#x} was missed");
        }
    }

    /// When all threads have ended: every key is read, the migrations are ended, and all is
    /// counted.
    pub fn finish(self, keys: &BTreeSet<u64>) {
        let who = Who { thread: 0, phase: 2 };
        keys.iter().for_each(|key| self.perform(who, Op::Get(*key)));
        self.map.step(Op::Finish);
        keys.iter().for_each(|key| self.perform(who, Op::Get(*key)));
        let chain = self.map.chain();
        assert!(chain.len() <= 1, "finished, and still {chain:?}");
        assert!(!chain.concat().contains(['F', 'M', 'S']), "finished, and still {chain:?}");
        let taken = chain.concat().replace('.', "").len();
        assert_eq!(self.map.slots_used(), taken, "slots used, of {chain:?}");
        let mut there = Vec::new();
        self.map.each(&mut |key, _| there.push(key));
        there.sort_unstable();
        let none = || unreachable!("nothing is written");
        let is_there = |key: &u64| self.map.call(Op::Get(*key), *key, &none).0 != Saw::Is(None);
        let found: Vec<u64> = keys.iter().copied().filter(is_there).collect();
        assert_eq!(there, found, "what iterating yields is not what reading finds");
        assert_eq!(self.map.count(), there.len(), "the count is off");
        let history = self.history.into_inner().unwrap();
        if let Err((key, events)) = history::check(&history, ORDER) {
            let lines: String = events.iter().map(|event| format!("{event:?}\n")).collect();
            panic!("{key:#x} is not linearizable:\n{lines}");
        }
        self.map.close();
    }
}
