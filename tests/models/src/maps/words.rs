//! Maps of words: key and value in the slot. Values that do not fit are boxed; what becomes of the boxes
//! is known to the reclaimer and to the memory that is left at the end.

use super::{Id, Map, removed};
use crate::history::{Left, Saw};
use crate::keys::{ONE, ONES, ZERO};
use crate::plan::Op;
use crate::scenarios::Scenario;
use dolmen::Reclaim;
use dolmen::model::{self, Branch};
use std::cell::Cell;

/// Which values fit a slot: all of them, or those of some writers.
pub const ALL_INLINE: u8 = 0;
/// What is there before the threads run does not; of two threads, the second one's does.
pub const WIDE_FIRST: u8 = 1;
/// The other way round.
pub const INLINE_FIRST: u8 = 2;

/// A map of words, whose values are wide as `WIDTH` says.
pub struct Words<R: Reclaim, const WIDTH: u8> {
    map: model::Words<R>,
}

/// The top bit, which no slot has room for.
const WIDE: u64 = 1 << 63;

/// The word of a value.
fn encode<const WIDTH: u8>(id: u64) -> u64 {
    let first = Id::of(id).writer & 2 == 0;
    match WIDTH {
        WIDE_FIRST if first => id | WIDE,
        INLINE_FIRST if !first => id | WIDE,
        _ => id,
    }
}

fn decode(word: u64) -> u64 {
    word & !WIDE
}

/// The key whose own word is what stands for the key 0 on the side: 1, and the library takes the halves exchanged.
/// (No other key is placed so: none has neither tag nor twin.)
const LOOKS_LIKE_ZERO: u64 = 1 << 32;

/// The mixed key. Keys keep their homes; twins are neighbours here.
fn mixed(key: u64) -> u64 {
    match key {
        ZERO => 0,
        ONES => !0,
        ONE => LOOKS_LIKE_ZERO,
        _ => model::word_for(key >> 16, (key & 0xffff) + 1),
    }
}

impl<R: Reclaim, const WIDTH: u8> Words<R, WIDTH> {
    fn key_of(word: u64) -> u64 {
        match word {
            0 => ZERO,
            u64::MAX => ONES,
            LOOKS_LIKE_ZERO => ONE,
            _ => {
                let (home, rest) = model::placed(word);
                home << 16 | (rest - 1)
            }
        }
    }

    /// A call on one key: shows what is there and writes what `decide` says. Returns the values before
    /// and after.
    fn write(
        &self,
        op: Op,
        key: u64,
        puts: bool,
        mut decide: impl FnMut(Option<u64>) -> Option<Option<u64>>,
    ) -> (Option<u64>, Option<u64>) {
        let owned = matches!(op, Op::InsertOwned(_));
        let (old, new) = self.map.write(owned, mixed(key), puts, |old| {
            decide(old.map(decode)).map(|new| new.map(encode::<WIDTH>))
        });
        (old.map(decode), new.map(decode))
    }
}

impl<R: Reclaim + 'static, const WIDTH: u8> Map for Words<R, WIDTH>
where
    Self: Send + Sync,
{
    const NEVER: &'static [Branch] = &[Branch::ListWritten];
    const CLAIMS: bool = true;
    const SHARE: usize = 5;

    fn preemptions(scenario: &Scenario) -> usize {
        scenario.preemptions.min(scenario.of_words)
    }

    fn new(threads: usize) -> Self {
        Words { map: model::Words::new(threads) }
    }

    fn call(&self, op: Op, key: u64, id: &dyn Fn() -> u64) -> (Saw, Left) {
        match op {
            Op::Get(_) => (Saw::Is(self.map.get(mixed(key)).map(decode)), Left::Same),
            Op::Insert(_) | Op::InsertOwned(_) => {
                let new = id();
                let (old, _) = self.write(op, key, true, |_| Some(Some(new)));
                (Saw::Is(old), Left::Value(new))
            }
            Op::TryInsert(_) => {
                let new = id();
                let put = |old: Option<u64>| old.is_none().then_some(Some(new));
                match self.write(op, key, true, put).0 {
                    None => (Saw::Is(None), Left::Value(new)),
                    old => (Saw::Is(old), Left::Same),
                }
            }
            Op::Update(_) => {
                let (old, new) = self.write(op, key, false, |old| old.map(|_| Some(id())));
                let left = new.filter(|_| old.is_some()).map_or(Left::Same, Left::Value);
                (Saw::Is(old), left)
            }
            Op::Compute(_) => {
                let change = |old: Option<u64>| Some(old.is_none().then(id));
                let (old, new) = self.write(op, key, true, change);
                (Saw::Is(old), new.map_or(Left::Nothing, Left::Value))
            }
            Op::Remove(_) => removed(self.write(op, key, false, |_| Some(None)).0, None),
            Op::RemoveIf(_) => {
                let declined = Cell::new(None);
                let (old, _) = self.write(op, key, false, |old| {
                    declined.set(old.filter(|old| !Id::is_wanted(*old)));
                    declined.get().is_none().then_some(None)
                });
                removed(old.filter(|_| declined.get().is_none()), declined.get())
            }
            _ => unreachable!("{op:?} has no key"),
        }
    }

    fn each(&self, met: &mut dyn FnMut(u64, u64)) {
        self.map.entries(|key, value| met(Self::key_of(key), decode(value)));
    }

    fn step(&self, op: Op) {
        match op {
            Op::Resize(slots) => self.map.start_resize(slots),
            // The slots on the side are a chunk of their own: a helping more comes as far.
            Op::Help => (0..2).for_each(|_| self.map.help_resize()),
            Op::Move(nth, slot) => self.map.move_slot(nth, slot),
            Op::Claim(nth, key) => self.map.claim(nth, mixed(key)),
            Op::Finish => self.map.finish_resize(),
            Op::Flush => self.map.flush(),
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
    }
}
