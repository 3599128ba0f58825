//! What the map should hold, and who watches.

use super::surface::Found;
use crate::fuse::Code;
use crate::hashers::Hashing;
use crate::ledger::{Key, Ledger, Value};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher;
use std::rc::Rc;

/// How far an iteration is.
pub struct Progress {
    /// The tick it began in.
    pub since: u32,
    /// Keys that were there at its beginning, have been there since, and have not come.
    pub due: BTreeSet<u16>,
    pub came: BTreeSet<u16>,
}

/// What a closure does before it answers.
#[derive(Clone, Copy)]
pub enum Nested {
    Insert(u16),
    Remove(u16),
    Fill(u16),
    Clear,
    Reserve(u16),
    Shrink,
}

/// The model.
pub struct State {
    pub ledger: Rc<Ledger>,
    pub model: RefCell<BTreeMap<u16, Found>>,
    pub iterations: RefCell<Vec<Rc<RefCell<Progress>>>>,
    pub hashing: Hashing,
    pub keys: usize,
    /// Destructors may panic: only of `Epoch`, which promises what becomes of that.
    pub may_panic_in_drop: bool,
    /// Armed for the next call.
    pub fuse: Cell<Option<(Code, usize)>>,
    pub nested: Cell<Option<Nested>>,
    pub work: Cell<usize>,
}

impl State {
    pub fn key(&self, id: u16) -> Key {
        self.ledger.key(id)
    }

    pub fn value(&self, data: u8) -> Value {
        self.ledger.value(data)
    }

    pub fn entry(&self, id: u16) -> Option<Found> {
        self.model.borrow().get(&id).copied()
    }

    pub fn len(&self) -> usize {
        self.model.borrow().len()
    }

    /// Counts work; false when an input has had its share.
    pub fn may_go_on(&self, work: usize) -> bool {
        self.work.set(self.work.get() + work);
        self.work.get() < 6000
    }

    /// The map has taken this entry.
    pub fn put(&self, entry: Found) {
        if let Some((_, key, (value, _))) = self.model.borrow_mut().insert(entry.0, entry) {
            self.ledger.leaves([key, value]);
        }
        self.ledger.enters([entry.1, entry.2.0]);
    }

    /// The map has given this key up.
    pub fn remove(&self, id: u16) -> Option<Found> {
        let entry = self.model.borrow_mut().remove(&id)?;
        self.ledger.leaves([entry.1, entry.2.0]);
        for iteration in &*self.iterations.borrow() {
            iteration.borrow_mut().due.remove(&id);
        }
        Some(entry)
    }

    pub fn remove_all(&self) {
        let ids: Vec<u16> = self.model.borrow().keys().copied().collect();
        for id in ids {
            self.remove(id);
        }
    }

    /// Slots that the entries take: keys with one ident share one.
    pub fn slots(&self) -> usize {
        let ident = |id: &u16| dolmen::fuzz::ident_for(self.hashing.hash_one(id)) & !7 | 1 << 48;
        self.model.borrow().keys().map(ident).collect::<BTreeSet<u64>>().len()
    }

    pub fn begin_iteration(&self) -> Rc<RefCell<Progress>> {
        let progress = Rc::new(RefCell::new(Progress {
            since: self.ledger.now(),
            due: self.model.borrow().keys().copied().collect(),
            came: BTreeSet::new(),
        }));
        self.iterations.borrow_mut().push(progress.clone());
        progress
    }

    pub fn end_iteration(&self, progress: &Rc<RefCell<Progress>>) {
        self.iterations.borrow_mut().retain(|other| !Rc::ptr_eq(other, progress));
    }

    /// An iteration has yielded this.
    pub fn came(&self, progress: &RefCell<Progress>, entry: Found) {
        let progress = &mut *progress.borrow_mut();
        assert!(progress.came.insert(entry.0), "{} came twice", entry.0);
        progress.due.remove(&entry.0);
        let was_in = |serial| self.ledger.was_in_since(serial, progress.since);
        assert!(was_in(entry.1) && was_in(entry.2.0), "{entry:?} was not in the map meanwhile");
    }
}
