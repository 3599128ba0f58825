//! Keys and values whose lives are on record: made when, removed when, dropped once, and not while a
//! guard may see them. For one thread; guards are told by the tick in which they were made.

use crate::fuse::{Code, tick};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// A number for each key and value.
pub type Serial = u32;

/// How far something has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Made, and not in a map.
    Fresh,
    /// In the map.
    In,
    /// Removed, or replaced, in this tick.
    Out(u32),
    /// Handed out by value.
    Handed,
}

#[derive(Clone, Copy, Debug)]
struct Life {
    stage: Stage,
    dropped: bool,
    /// It came to the map's hook.
    reclaimed: bool,
}

/// The record.
pub struct Ledger {
    lives: RefCell<Vec<Life>>,
    now: Cell<u32>,
    /// Guards that live, by the tick they were made in.
    guards: RefCell<BTreeMap<u32, usize>>,
    /// What was dropped since the last look, and the tick of the oldest guard at that moment.
    drops: RefCell<Vec<(Serial, u32)>>,
    twice: Cell<Option<Serial>>,
    /// Removed entries are to come to the map's hook.
    hooked: Cell<bool>,
}

impl Ledger {
    pub fn new(hooked: bool) -> Rc<Ledger> {
        Rc::new(Ledger {
            lives: RefCell::default(),
            now: Cell::new(0),
            guards: RefCell::default(),
            drops: RefCell::default(),
            twice: Cell::new(None),
            hooked: Cell::new(hooked),
        })
    }

    /// Whether removed entries are to come to a hook, from now on.
    pub fn set_hooked(&self, hooked: bool) {
        self.hooked.set(hooked);
    }

    pub fn is_hooked(&self) -> bool {
        self.hooked.get()
    }

    fn make(self: &Rc<Self>) -> Token {
        let mut lives = self.lives.borrow_mut();
        lives.push(Life { stage: Stage::Fresh, dropped: false, reclaimed: false });
        let serial = lives.len() as Serial - 1;
        Token { serial: Box::new(serial), ledger: self.clone() }
    }

    pub fn key(self: &Rc<Self>, id: u16) -> Key {
        Key { id, token: self.make() }
    }

    pub fn value(self: &Rc<Self>, data: u8) -> Value {
        Value { data, token: self.make() }
    }

    /// Begins the next call.
    pub fn begin(&self) {
        self.now.set(self.now.get() + 1);
    }

    pub fn now(&self) -> u32 {
        self.now.get()
    }

    /// Says that a guard is made in this tick, and lives as long as what is returned.
    pub fn guard(self: &Rc<Self>) -> Guarded {
        *self.guards.borrow_mut().entry(self.now()).or_insert(0) += 1;
        Guarded { since: self.now(), ledger: self.clone() }
    }

    pub fn no_guard_lives(&self) -> bool {
        self.guards.borrow().is_empty()
    }

    fn set(&self, serials: [Serial; 2], from: Stage, to: Stage) {
        for serial in serials {
            let stage = &mut self.lives.borrow_mut()[serial as usize].stage;
            assert_eq!(*stage, from, "the ledger's own mistake");
            *stage = to;
        }
    }

    /// The map took this key and value.
    pub fn enters(&self, serials: [Serial; 2]) {
        self.set(serials, Stage::Fresh, Stage::In);
    }

    /// The map gave them up in this tick.
    pub fn leaves(&self, serials: [Serial; 2]) {
        self.set(serials, Stage::In, Stage::Out(self.now()));
    }

    /// The map handed them out by value.
    pub fn handed(&self, serials: [Serial; 2]) {
        self.set(serials, Stage::In, Stage::Handed);
    }

    /// Whether it was in the map at some moment since a tick.
    pub fn was_in_since(&self, serial: Serial, since: u32) -> bool {
        match self.lives.borrow()[serial as usize].stage {
            Stage::In => true,
            Stage::Out(tick) => tick >= since,
            Stage::Fresh | Stage::Handed => false,
        }
    }

    /// Ends a call: looks at all that was dropped in it.
    pub fn settle(&self) {
        if let Some(serial) = self.twice.get() {
            panic!("{serial} was dropped twice");
        }
        for (serial, oldest) in self.drops.borrow_mut().drain(..) {
            let life = self.lives.borrow()[serial as usize];
            match life.stage {
                Stage::Fresh | Stage::Handed => {
                    assert!(!life.reclaimed, "{serial} came to the hook, and never was removed");
                }
                Stage::In => panic!("{serial} was dropped, and is in the map"),
                Stage::Out(tick) => {
                    assert!(oldest > tick, "{serial} was dropped while a guard may see it");
                    assert_eq!(life.reclaimed, self.hooked.get(), "{serial}: a matter of the hook");
                }
            }
        }
    }

    /// How many have not been dropped.
    pub fn alive(&self) -> usize {
        self.lives.borrow().iter().filter(|life| !life.dropped).count()
    }
}

/// A guard that lives.
pub struct Guarded {
    pub since: u32,
    ledger: Rc<Ledger>,
}

impl Clone for Guarded {
    fn clone(&self) -> Self {
        *self.ledger.guards.borrow_mut().entry(self.since).or_insert(0) += 1;
        Guarded { since: self.since, ledger: self.ledger.clone() }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let mut guards = self.ledger.guards.borrow_mut();
        let count = guards.get_mut(&self.since).expect("it lives");
        *count -= 1;
        if *count == 0 {
            guards.remove(&self.since);
        }
    }
}

/// Somebody in the record. The number is on the heap, where AddressSanitizer watches it.
struct Token {
    serial: Box<Serial>,
    ledger: Rc<Ledger>,
}

impl Token {
    #[track_caller]
    fn serial(&self) -> Serial {
        let serial = *self.serial;
        assert!(
            !self.ledger.lives.borrow()[serial as usize].dropped,
            "{serial} read after its drop"
        );
        serial
    }

    fn reclaimed(&self) {
        let life = &mut self.ledger.lives.borrow_mut()[*self.serial as usize];
        assert!(!life.reclaimed && !life.dropped, "{} came to the hook before", self.serial);
        life.reclaimed = true;
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        let ledger = &self.ledger;
        let life = &mut ledger.lives.borrow_mut()[*self.serial as usize];
        if life.dropped {
            ledger.twice.set(Some(*self.serial));
        }
        life.dropped = true;
        let oldest = ledger.guards.borrow().keys().next().copied();
        ledger.drops.borrow_mut().push((*self.serial, oldest.unwrap_or(u32::MAX)));
    }
}

/// A key: a number, and a token by which equal ones are told apart.
pub struct Key {
    id: u16,
    token: Token,
}

/// A value, equal to others with the same data.
pub struct Value {
    pub data: u8,
    token: Token,
}

impl Key {
    #[track_caller]
    pub fn id(&self) -> u16 {
        self.token.serial();
        self.id
    }

    #[track_caller]
    pub fn serial(&self) -> Serial {
        self.token.serial()
    }
}

impl Value {
    #[track_caller]
    pub fn serial(&self) -> Serial {
        self.token.serial()
    }
}

/// For the map's hook.
pub fn reclaimed(key: Key, value: Value) {
    key.token.reclaimed();
    value.token.reclaimed();
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        tick(Code::Eq);
        self.id() == other.id()
    }
}

impl Eq for Key {}

impl Clone for Key {
    fn clone(&self) -> Self {
        tick(Code::Clone);
        self.token.ledger.key(self.id())
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        tick(Code::Drop);
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        tick(Code::Eq);
        assert!(self.serial() != other.serial(), "compared with itself");
        self.data == other.data
    }
}

impl Eq for Value {}

impl Clone for Value {
    fn clone(&self) -> Self {
        tick(Code::Clone);
        self.serial();
        self.token.ledger.value(self.data)
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        tick(Code::Drop);
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}#{}", self.id, self.serial())
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}#{}", self.data, self.serial())
    }
}

/// Looks a [`Key`] up by its number.
#[derive(Hash)]
pub struct Id(pub u16);

impl dolmen::Equivalent<Key> for Id {
    fn equivalent(&self, key: &Key) -> bool {
        tick(Code::Eq);
        self.0 == key.id()
    }
}
