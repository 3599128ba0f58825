//! The straight line of a write: a table that does not migrate, a key whose slot shows at first sight, values
//! that fit, and nobody in the way.
//!
//! It is in line in whatever writes, and small: what few writes need is elsewhere, and said in the answer (`Left`,
//! `uncounted`), so that nothing is called from here. Beyond the caches a processor has as many calls under way as it
//! has room for all that they do.

use super::super::count::Local;
use super::super::{RawMap, Table};
use super::Inline;
use super::slot::Pair;
use super::walk::{Found, glance};
use super::word::{Held, Key, Pattern};
use super::write::{Change, Written};
use crate::reclaim::{Pin, Reclaim};
use crate::sync::probe::{Branch, hit};

/// What was decided of a value, and not done: the value to be does not fit, or the thread has no entry yet to count in.
pub(super) struct Decided<T> {
    pub(super) old: Option<u64>,
    pub(super) change: Change,
    pub(super) with: T,
}

impl<T> Decided<T> {
    /// As `decide`, but that what was `decided` of the same value is not asked again.
    pub(super) fn before(
        mut decided: Option<Self>,
        mut decide: impl FnMut(Option<u64>) -> (Change, T),
    ) -> impl FnMut(Option<u64>) -> (Change, T) {
        move |current| match decided.take() {
            Some(Decided { old, change, with }) if old == current => (change, with),
            _ => decide(current),
        }
    }
}

/// Where a write that has no effect yet has to go on.
#[derive(Clone, Copy)]
pub(super) enum Left<'g> {
    /// From the beginning.
    Anew,
    /// From group 1 of the key's walk in this table; of it alone: it may be the root no more.
    Beyond(Table<'g, Inline>),
    /// From the beginning, once a slot of this table is counted that the key has taken.
    Uncounted(Table<'g, Inline>),
}

/// What was done on the straight line.
pub(super) struct Done<'g, T> {
    pub(super) written: Written,
    pub(super) with: T,
    /// A slot of this table was taken, and is to be counted.
    pub(super) uncounted: Option<Table<'g, Inline>>,
}

/// What became of a write on the straight line.
type Straight<'g, T> = Result<Done<'g, T>, Left<'g>>;

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
        let root = self.root(pin).filter(|root| root.next(pin).is_none()).ok_or(Left::Anew)?;
        match glance(root, key)
            .map_err(|met| if met == 1 { Left::Beyond(root) } else { Left::Anew })?
        {
            Found::Own(slot) => {
                let held = slot.value();
                if held.is_plain() {
                    let old = held.as_inline();
                    match decide(old) {
                        (Change::Put(value), with) => {
                            let Some(next) = Held::inline(value) else {
                                *decided = Some(Decided { old, change: Change::Put(value), with });
                                return Err(Left::Anew);
                            };
                            exchange(slot, held, next)?;
                            done(Written { old, new: Some(value), changed: true }, with)
                        }
                        (Change::Remove, with) => {
                            let Ok(local) = self.own(pin) else {
                                *decided = Some(Decided { old, change: Change::Remove, with });
                                return Err(Left::Anew);
                            };
                            exchange(slot, held, Held::TOMB)?;
                            local.add_len(-1);
                            done(Written { old, new: None, changed: true }, with)
                        }
                        (Change::Keep, with) => done(Written::kept(old), with),
                    }
                } else if held == Held::TOMB {
                    let local = self.own(pin)?;
                    let (value, next, with) = match wanted(decide, decided) {
                        Ok(wanted) => wanted,
                        Err(end) => return end,
                    };
                    exchange(slot, held, next)?;
                    local.add_len(1);
                    done(Written { old: None, new: Some(value), changed: true }, with)
                } else {
                    Err(Left::Anew)
                }
            }
            Found::End(slot, Pattern::VIRGIN) => {
                let local = self.own(pin)?;
                let (value, next, with) = match wanted(decide, decided) {
                    Ok(wanted) => wanted,
                    Err(end) => return end,
                };
                let uncounted = put_first(key, local, root, slot, next)?;
                let written = Written { old: None, new: Some(value), changed: true };
                Ok(Done { written, with, uncounted })
            }
            _ => Err(Left::Anew),
        }
    }

    /// What the map keeps for the pin's owner, to count in.
    #[inline(always)]
    fn own<'g>(&'g self, pin: Pin<'g>) -> Result<&'g Local<R::Bag>, Left<'g>> {
        self.locals.peek(pin.index()).ok_or(Left::Anew)
    }
}

#[inline(always)]
fn done<'g, T>(written: Written, with: T) -> Straight<'g, T> {
    Ok(Done { written, with, uncounted: None })
}

/// Claims a slot for a key that has none, and gives it its value. The table, if that is to be counted yet.
#[inline(always)]
fn put_first<'g, B>(
    key: Key,
    local: &Local<B>,
    table: Table<'g, Inline>,
    slot: Pair<'_>,
    next: Held,
) -> Result<Option<Table<'g, Inline>>, Left<'g>> {
    // It is in the key's home group, so there is no overflow to be told of.
    if slot.claim(key.pattern()).is_err() {
        hit(Branch::WriteLost);
        return Err(Left::Anew);
    }
    // Whether the value gets in or not: the key has the slot.
    let uncounted = if local.try_add_used(table) { None } else { Some(table) };
    match exchange(slot, Held::VOID, next) {
        Ok(()) => {
            local.add_len(1);
            Ok(uncounted)
        }
        Err(_) => Err(uncounted.map_or(Left::Anew, Left::Uncounted)),
    }
}

#[inline(always)]
fn exchange<'g>(slot: Pair<'_>, held: Held, next: Held) -> Result<(), Left<'g>> {
    slot.replace(held, next).map_err(|_| {
        hit(Branch::WriteLost);
        Left::Anew
    })
}

/// What is to become the value of a key that has none; or how the write ends without.
#[inline(always)]
fn wanted<'g, T>(
    decide: &mut impl FnMut(Option<u64>) -> (Change, T),
    decided: &mut Option<Decided<T>>,
) -> Result<(u64, Held, T), Straight<'g, T>> {
    match decide(None) {
        (Change::Put(value), with) => match Held::inline(value) {
            Some(next) => Ok((value, next, with)),
            None => {
                *decided = Some(Decided { old: None, change: Change::Put(value), with });
                Err(Err(Left::Anew))
            }
        },
        (_, with) => Err(done(Written::kept(None), with)),
    }
}
