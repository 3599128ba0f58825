//! The straight line of a write: a table that does not migrate, a key whose slot shows at first sight, values
//! that fit, and nobody in the way.
//!
//! It is in line in whatever writes, and small: what few writes need is elsewhere. Beyond the caches a processor has
//! as many calls under way as it has room for their loads and stores, whichever they are; a register that is kept
//! for what is called is one of each.

use super::super::count::Local;
use super::super::write::Writer;
use super::super::{RawMap, Table};
use super::Inline;
use super::slot::Pair;
use super::walk::{Found, glance};
use super::word::{Held, Key, Pattern};
use super::write::{Change, Written};
use crate::reclaim::{Pin, Reclaim};
use crate::sync::probe::{Branch, hit};

/// What was decided of a value, and not done: a value that does not fit, and what else the verb said.
pub(super) struct Decided<T> {
    pub(super) old: Option<u64>,
    pub(super) value: u64,
    pub(super) with: T,
}

/// Where a write that has no effect yet has to go on: from group 1 of the key's walk in this table (of it
/// alone: it may be the root no more), or from the beginning.
pub(super) type Left<'g> = Option<Table<'g, Inline>>;

/// What became of a write on the straight line.
type Straight<'g, T> = Result<(Written, T), Left<'g>>;

impl<R: Reclaim> RawMap<R, Inline> {
    /// A write, if it can be done on the straight line. `decided` gets what was decided, and not done.
    #[inline(always)]
    pub(super) fn straight<'g, T>(
        &'g self,
        pin: Pin<'g>,
        key: Key,
        decide: &mut impl FnMut(Option<u64>) -> (Change, T),
        decided: &mut Option<Decided<T>>,
    ) -> Straight<'g, T> {
        // A stale answer of `next` is harmless: an exchange that can still be won is on a word that the
        // migration must also win.
        let root = self.root(pin).filter(|root| root.next(pin).is_none()).ok_or(None)?;
        let local = self.locals.peek(pin.index()).ok_or(None)?;
        match glance(root, key).map_err(|met| (met == 1).then_some(root))? {
            Found::Own(slot) => {
                let held = slot.value();
                if held.is_plain() {
                    let old = held.as_inline();
                    match decide(old) {
                        (Change::Put(value), with) => {
                            let Some(next) = Held::inline(value) else {
                                *decided = Some(Decided { old, value, with });
                                return Err(None);
                            };
                            exchange(slot, held, next)?;
                            self.settle(local);
                            Ok((Written { old, new: Some(value), changed: true }, with))
                        }
                        (Change::Remove, with) => {
                            exchange(slot, held, Held::TOMB)?;
                            local.add_len(-1);
                            self.settle(local);
                            Ok((Written { old, new: None, changed: true }, with))
                        }
                        (Change::Keep, with) => {
                            self.settle(local);
                            Ok((Written::kept(old), with))
                        }
                    }
                } else if held == Held::TOMB {
                    let (value, next, with) = match self.wanted(local, decide, decided) {
                        Ok(wanted) => wanted,
                        Err(end) => return end,
                    };
                    exchange(slot, held, next)?;
                    local.add_len(1);
                    self.settle(local);
                    Ok((Written { old: None, new: Some(value), changed: true }, with))
                } else {
                    Err(None)
                }
            }
            Found::End(slot, Pattern::VIRGIN) => {
                let (value, next, with) = match self.wanted(local, decide, decided) {
                    Ok(wanted) => wanted,
                    Err(end) => return end,
                };
                self.put_first(pin, key, local, root, slot, next)?;
                self.settle(local);
                Ok((Written { old: None, new: Some(value), changed: true }, with))
            }
            _ => Err(None),
        }
    }

    /// What is to become the value of a key that has none; or how the write ends without.
    #[inline(always)]
    fn wanted<'g, T>(
        &'g self,
        local: &'g Local<R::Bag>,
        decide: &mut impl FnMut(Option<u64>) -> (Change, T),
        decided: &mut Option<Decided<T>>,
    ) -> Result<(u64, Held, T), Straight<'g, T>> {
        match decide(None) {
            (Change::Put(value), with) => match Held::inline(value) {
                Some(next) => Ok((value, next, with)),
                None => {
                    *decided = Some(Decided { old: None, value, with });
                    Err(Err(None))
                }
            },
            (_, with) => {
                self.settle(local);
                Err(Ok((Written::kept(None), with)))
            }
        }
    }

    /// Claims a slot for a key that has none, and gives it its value.
    #[inline(always)]
    fn put_first<'g>(
        &'g self,
        pin: Pin<'g>,
        key: Key,
        local: &'g Local<R::Bag>,
        table: Table<'g, Inline>,
        slot: &Pair,
        next: Held,
    ) -> Result<(), Left<'g>> {
        if slot.claim(key.pattern()).is_err() {
            hit(Branch::WriteLost);
            return Err(None);
        }
        let written = exchange(slot, Held::VOID, next);
        // Whether the value got in or not: the key has the slot.
        Writer { map: self, pin, local, ident: key }.count_used(table);
        written?;
        local.add_len(1);
        Ok(())
    }
}

#[inline(always)]
fn exchange<'g>(slot: &Pair, held: Held, next: Held) -> Result<(), Left<'g>> {
    slot.replace(held, next).map_err(|_| {
        hit(Branch::WriteLost);
        None
    })
}
