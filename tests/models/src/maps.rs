//! The maps under test, behind one surface, so that one body of plans serves them all.

use crate::history::{Left, Saw};
use crate::keys::Placed;
use crate::ledger::{Ledger, Value};
use crate::plan::Op;
use dolmen::model::{self, Branch};
use dolmen::{Compute, HashMap, Operation, Reclaim, TryInsertError};
use std::cell::Cell;
use std::sync::Arc;

/// The id of a value names the write that made it.
#[derive(Clone, Copy, Debug)]
pub struct Id {
    /// When the call began.
    pub begin: usize,
    /// 0 before the threads run side by side, then a thread's number and one more.
    pub writer: usize,
    /// A closure that runs more than once makes a new value each time.
    pub nth: usize,
}

impl Id {
    pub fn pack(self) -> u64 {
        (self.begin as u64) << 16 | (self.writer as u64) << 8 | self.nth as u64
    }

    pub fn of(id: u64) -> Id {
        let byte = |shift: u32| (id >> shift & 0xff) as usize;
        Id { begin: (id >> 16) as usize, writer: byte(8), nth: byte(0) }
    }

    /// What `RemoveIf` removes: about half of all values.
    pub fn is_wanted(id: u64) -> bool {
        Id::of(id).begin.is_multiple_of(2)
    }
}

/// A map under test. Recording what becomes of values uses nothing that a checker sees.
pub trait Map: Send + Sync + Sized + 'static {
    /// Rare branches that maps of this kind do not have.
    const NEVER: &'static [Branch];

    /// A map in which the first `threads` threads have their entries.
    fn new(threads: usize) -> Self;

    /// A call on one key: what it saw, and what it left. `id` names the value that is written, a new
    /// one each time.
    fn call(&self, op: Op, key: u64, id: &dyn Fn() -> u64) -> (Saw, Left);

    /// Iterates: keys, and the ids of their values.
    fn each(&self, met: &mut dyn FnMut(u64, u64));

    /// Does what concerns no key.
    fn step(&self, op: Op);

    fn count(&self) -> usize;

    /// The tables, as `dolmen::HashMap::chain` has them.
    fn chain(&self) -> Vec<String>;

    /// Drops the map; panics unless each value that was made is gone, once.
    fn close(self);
}

/// A map of nodes, with a ledger of its values.
pub struct Nodes<R: Reclaim> {
    map: HashMap<u64, Value, Placed, R>,
    ledger: Arc<Ledger>,
}

impl<R: Reclaim + 'static> Map for Nodes<R>
where
    Self: Send + Sync,
{
    const NEVER: &'static [Branch] = &[];

    fn new(threads: usize) -> Self {
        Nodes { map: model::new_map(Placed, threads), ledger: Arc::default() }
    }

    fn call(&self, op: Op, key: u64, id: &dyn Fn() -> u64) -> (Saw, Left) {
        if let Op::InsertOwned(_) = op {
            let new = id();
            let old = self.map.pin_owned().insert(key, self.ledger.make(new)).map(Value::id);
            return (Saw::Is(old), Left::Value(new));
        }
        let m = self.map.pin();
        match op {
            Op::Get(_) => (Saw::Is(m.get(&key).map(Value::id)), Left::Same),
            Op::Insert(_) => {
                let new = id();
                let old = m.insert(key, self.ledger.make(new)).map(Value::id);
                (Saw::Is(old), Left::Value(new))
            }
            Op::TryInsert(_) => {
                let new = id();
                match m.try_insert(key, self.ledger.make(new)) {
                    Ok(_) => (Saw::Is(None), Left::Value(new)),
                    Err(TryInsertError::Occupied { current, .. }) => {
                        (Saw::Is(Some(current.id())), Left::Same)
                    }
                    Err(error) => panic!("{error}"),
                }
            }
            Op::Update(_) => {
                let saw = Cell::new(None);
                let new = m.update(key, |_, old| {
                    saw.set(Some(old.id()));
                    self.ledger.make(id())
                });
                match new.map(Value::id) {
                    Some(new) => (Saw::Is(saw.get()), Left::Value(new)),
                    None => (Saw::Is(None), Left::Same),
                }
            }
            Op::Compute(_) => {
                let outcome = m.compute(key, |entry| match entry {
                    Some(_) => Operation::<_, ()>::Remove,
                    None => Operation::Insert(self.ledger.make(id())),
                });
                match outcome {
                    Compute::Inserted((_, new)) => (Saw::Is(None), Left::Value(new.id())),
                    Compute::Removed((_, old)) => (Saw::Is(Some(old.id())), Left::Nothing),
                    other => panic!("{other:?}"),
                }
            }
            Op::Remove(_) => removed(m.remove(&key).map(Value::id), None),
            Op::RemoveIf(_) => {
                let declined = Cell::new(None);
                let old = m.remove_if(&key, |_, value| {
                    let wanted = Id::is_wanted(value.id());
                    declined.set((!wanted).then(|| value.id()));
                    wanted
                });
                removed(old.map(|(_, old)| old.id()), declined.get())
            }
            _ => unreachable!("{op:?} has no key"),
        }
    }

    fn each(&self, met: &mut dyn FnMut(u64, u64)) {
        self.map.pin().iter().for_each(|(key, value)| met(*key, value.id()));
    }

    fn step(&self, op: Op) {
        match op {
            Op::Resize(slots) => self.map.start_resize(slots),
            Op::Help => self.map.help_resize(),
            Op::Move(nth, slot) => self.map.move_slot(nth, slot),
            Op::Finish => self.map.finish_resize(),
            Op::Flush => self.map.flush(),
            _ => unreachable!("{op:?} has a key"),
        }
    }

    fn count(&self) -> usize {
        self.map.len()
    }

    fn chain(&self) -> Vec<String> {
        self.map.chain()
    }

    fn close(self) {
        drop(self.map);
        self.ledger.balance();
    }
}

/// What a removal saw and left: of what it removed, or declined to.
fn removed(old: Option<u64>, declined: Option<u64>) -> (Saw, Left) {
    match (old, declined) {
        (Some(_), _) => (Saw::Is(old), Left::Nothing),
        (None, Some(declined)) => (Saw::NoneOr(declined), Left::Same),
        (None, None) => (Saw::Is(None), Left::Same),
    }
}
