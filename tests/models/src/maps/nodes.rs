//! Maps of nodes.

use super::{Id, Map, removed};
use crate::history::{Left, Saw};
use crate::keys::Placed;
use crate::ledger::{Ledger, Value};
use crate::plan::Op;
use dolmen::model::{self, Branch};
use dolmen::{Compute, HashMap, Operation, Reclaim, TryInsertError};
use std::cell::Cell;
use std::sync::Arc;

/// A map of nodes, with a ledger of its values.
pub struct Nodes<R: Reclaim> {
    map: HashMap<u64, Value, Placed, R>,
    ledger: Arc<Ledger>,
}

impl<R: Reclaim + 'static> Map for Nodes<R>
where
    Self: Send + Sync,
{
    const NEVER: &'static [Branch] = &[Branch::VoidMet, Branch::ClosedVoidMet, Branch::VoidSeen];
    const CLAIMS: bool = false;

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
            // Nothing is claimed that has no node yet.
            Op::Claim(..) => {}
            _ => unreachable!("{op:?} has a key"),
        }
    }

    fn count(&self) -> usize {
        self.map.len()
    }

    fn slots_used(&self) -> usize {
        self.map.slots_used()
    }

    fn chain(&self) -> Vec<String> {
        self.map.chain()
    }

    fn close(self) {
        drop(self.map);
        self.ledger.balance();
    }
}
