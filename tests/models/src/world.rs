//! A map under test, with all that is recorded about it.

use crate::checker::ORDER;
use crate::history::{self, Event, Left, Saw};
use crate::keys::Placed;
use crate::ledger::{Ledger, Value};
use crate::plan::Op;
use dolmen::{Compute, HashMap, Operation, Reclaim, TryInsertError, model};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

/// A map, its history and its ledger. Recording uses nothing that a checker sees.
pub struct World<R: Reclaim> {
    pub map: HashMap<u64, Value, Placed, R>,
    ledger: Arc<Ledger>,
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

impl<R: Reclaim> World<R> {
    pub fn new(threads: usize, steady: BTreeSet<u64>) -> Self {
        World {
            map: model::new_map(Placed, threads),
            ledger: Arc::default(),
            history: Mutex::default(),
            clock: AtomicUsize::new(1),
            steady,
        }
    }

    fn tick(&self) -> usize {
        self.clock.fetch_add(1, SeqCst)
    }

    /// Does an operation and records it.
    pub fn perform(&self, who: Who, op: Op) {
        let begin = self.tick();
        // Unique: the ids of values name the operations that wrote them. A closure that runs more
        // than once makes a new one each time.
        let fresh = Cell::new(begin as u64 * 100);
        let id = || {
            fresh.set(fresh.get() + 1);
            fresh.get()
        };
        if let Op::InsertOwned(key) = op {
            let new = id();
            let old = self.map.pin_owned().insert(key, self.ledger.make(new)).map(Value::id);
            return self.record(who, key, Saw::Is(old), Left::Value(new), begin);
        }
        let m = self.map.pin();
        let (key, saw, left) = match op {
            Op::Get(key) => (key, Saw::Is(m.get(&key).map(Value::id)), Left::Same),
            Op::Insert(key) => {
                let new = id();
                let old = m.insert(key, self.ledger.make(new)).map(Value::id);
                (key, Saw::Is(old), Left::Value(new))
            }
            Op::TryInsert(key) => {
                let new = id();
                match m.try_insert(key, self.ledger.make(new)) {
                    Ok(_) => (key, Saw::Is(None), Left::Value(new)),
                    Err(TryInsertError::Occupied { current, .. }) => {
                        (key, Saw::Is(Some(current.id())), Left::Same)
                    }
                    Err(error) => panic!("{error}"),
                }
            }
            Op::Update(key) => {
                let saw = Cell::new(None);
                let new = m.update(key, |_, old| {
                    saw.set(Some(old.id()));
                    self.ledger.make(id())
                });
                match new.map(Value::id) {
                    Some(new) => (key, Saw::Is(saw.get()), Left::Value(new)),
                    None => (key, Saw::Is(None), Left::Same),
                }
            }
            Op::Compute(key) => {
                let outcome = m.compute(key, |entry| match entry {
                    Some(_) => Operation::<_, ()>::Remove,
                    None => Operation::Insert(self.ledger.make(id())),
                });
                match outcome {
                    Compute::Inserted((_, new)) => (key, Saw::Is(None), Left::Value(new.id())),
                    Compute::Removed((_, old)) => (key, Saw::Is(Some(old.id())), Left::Nothing),
                    other => panic!("{other:?}"),
                }
            }
            Op::Remove(key) => match m.remove(&key).map(Value::id) {
                Some(old) => (key, Saw::Is(Some(old)), Left::Nothing),
                None => (key, Saw::Is(None), Left::Same),
            },
            Op::RemoveIf(key) => {
                // What the writers of `before` put in is wanted, the rest declined.
                let declined = Cell::new(None);
                let removed = m.remove_if(&key, |_, value| {
                    let wanted = value.id() % 200 < 100;
                    declined.set((!wanted).then(|| value.id()));
                    wanted
                });
                match (removed.map(|(_, old)| old.id()), declined.get()) {
                    (Some(old), _) => (key, Saw::Is(Some(old)), Left::Nothing),
                    (None, Some(declined)) => (key, Saw::NoneOr(declined), Left::Same),
                    (None, None) => (key, Saw::Is(None), Left::Same),
                }
            }
            Op::Iter => {
                let entries = m.iter().map(|(key, value)| (*key, value.id()));
                return self.iterate(entries, who.phase > 0);
            }
            Op::Resize(slots) => return self.map.start_resize(slots),
            Op::Help => return self.map.help_resize(),
            Op::Move(nth, slot) => return self.map.move_slot(nth, slot),
            Op::Finish => return self.map.finish_resize(),
            Op::InsertOwned(_) => unreachable!("done above"),
            Op::Flush => {
                drop(m);
                return self.map.flush();
            }
        };
        self.record(who, key, saw, left, begin);
    }

    fn record(&self, who: Who, key: u64, saw: Saw, left: Left, begin: usize) {
        let end = self.tick();
        let Who { thread, phase } = who;
        let event = Event { key, saw, left, thread, phase, begin, end };
        self.history.lock().unwrap().push(event);
    }

    /// No key twice, and none missed that was there throughout.
    fn iterate(&self, entries: impl Iterator<Item = (u64, u64)>, begun: bool) {
        let mut seen = BTreeSet::new();
        for (key, value) in entries {
            assert!(value >= 100, "a value that nobody wrote");
            assert!(seen.insert(key), "{key:#x} was yielded twice");
        }
        for key in self.steady.iter().filter(|_| begun) {
            assert!(seen.contains(key), "{key:#x} was missed");
        }
    }

    /// When all threads have ended: every key is read, the migrations are ended, and all is
    /// counted.
    pub fn finish(self, keys: &BTreeSet<u64>) {
        let who = Who { thread: 0, phase: 2 };
        keys.iter().for_each(|key| self.perform(who, Op::Get(*key)));
        self.map.finish_resize();
        keys.iter().for_each(|key| self.perform(who, Op::Get(*key)));
        let chain = self.map.chain();
        assert!(chain.len() <= 1, "finished, and still {chain:?}");
        assert!(!chain.concat().contains(['F', 'M', 'S']), "finished, and still {chain:?}");
        let m = self.map.pin();
        let mut there: Vec<u64> = m.iter().map(|(key, _)| *key).collect();
        there.sort_unstable();
        let found: Vec<u64> = keys.iter().copied().filter(|key| m.contains_key(key)).collect();
        assert_eq!(there, found, "what iterating yields is not what reading finds");
        assert_eq!(m.len(), there.len(), "the count is off");
        drop(m);
        let history = self.history.into_inner().unwrap();
        if let Err((key, events)) = history::check(&history, ORDER) {
            let lines: String = events.iter().map(|event| format!("{event:?}\n")).collect();
            panic!("{key:#x} is not linearizable:\n{lines}");
        }
        drop(self.map);
        self.ledger.balance();
    }
}
