//! Writing: one loop under every verb, which goes through chains of tables as that of nodes does
//! (`Writer::insist`). It finds the key's slot, shows the verb what is there, and tries one
//! compare-exchange of the value word; a key without a slot first claims one.

use super::super::count::Local;
use super::super::kind::State;
use super::super::node::{Fresh, Node};
use super::super::word::Ident;
use super::super::write::{Place, Writer};
use super::super::{RawMap, Table};
use super::Inline;
use super::read::value_of;
use super::slot::Pair;
use super::walk::{Glance, glance};
use super::word::{Held, Key, Pattern, Seen};
use crate::error::{AllocError, TryReserveError};
use crate::reclaim::{Pin, Reclaim};
use crate::sync::probe::{Branch, hit};
use core::ptr::NonNull;

/// What a verb wants done.
pub(crate) enum Change {
    /// Make this the key's value.
    Put(u64),
    /// Make the key absent.
    Remove,
    /// Leave everything as it is.
    Keep,
}

/// What became of a write: the value that the verb was shown last, and the value after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) old: Option<u64>,
    pub(crate) new: Option<u64>,
    /// Whether anything was written.
    pub(crate) changed: bool,
}

impl Written {
    pub(super) fn kept(old: Option<u64>) -> Written {
        Written { old, new: old, changed: false }
    }
}

impl<R: Reclaim> RawMap<R, Inline> {
    /// Does to a key's value what `decide` wants. `decide` is user code: it may run more than once, may
    /// panic, and may use the map. A write that never `puts` leaves a map without a table without one.
    #[inline(always)]
    pub(crate) fn write<'g>(
        &'g self,
        pin: Pin<'g>,
        key: Key,
        puts: bool,
        mut decide: impl FnMut(Option<u64>) -> Change,
    ) -> Result<Written, TryReserveError> {
        let writer = self.writer(pin, key)?;
        // The straight line first: a table that does not migrate, and no other writer in the way.
        let place = self.root(pin).and_then(|root| locate(&writer, root));
        let written = match place {
            Some(place) => attempt(&writer, &place, &mut decide)?,
            None => None,
        };
        let written = match written {
            Some(written) => written,
            None => {
                let again = writer.insist(puts, |place| attempt(&writer, place, &mut decide));
                self.settle(writer.local);
                return Ok(again?.unwrap_or(Written::kept(None)));
            }
        };
        self.settle(writer.local);
        Ok(written)
    }
}

/// The place for the key in a table that does not migrate, if it shows at first sight.
#[inline(always)]
fn locate<'g, R: Reclaim>(
    writer: &Writer<'g, R, Inline>,
    table: Table<'g, Inline>,
) -> Option<Place<'g, Inline>> {
    // A stale answer is harmless: an exchange that can still be won is on a word that the migration
    // must also win.
    if table.next(writer.pin).is_some() {
        return None;
    }
    match glance(table, writer.ident) {
        Glance::Own(slot) => {
            let seen = Seen { pattern: writer.ident.pattern(), side: false, held: slot.value() };
            (!seen.held.is_frozen()).then_some(Place::At(table, slot, seen))
        }
        Glance::Virgin(slot) => Some(Place::At(table, slot, Seen::end(Pattern::VIRGIN))),
        Glance::Unclear => None,
    }
}

/// Shows the verb what is at the place and does what it wants; `None` if that was lost.
#[inline(always)]
fn attempt<'g, R: Reclaim>(
    writer: &Writer<'g, R, Inline>,
    place: &Place<'g, Inline>,
    decide: &mut impl FnMut(Option<u64>) -> Change,
) -> Result<Option<Written>, AllocError> {
    let old = match place {
        Place::At(_, _, seen) => value_of(writer.pin, seen.held),
        Place::Nowhere(_) => None,
    };
    let new = match decide(old) {
        Change::Put(value) => Some(value),
        Change::Remove if old.is_some() => None,
        Change::Remove | Change::Keep => return Ok(Some(Written::kept(old))),
    };
    let Place::At(table, slot, seen) = *place else { return Ok(None) };
    let next = Next::of(writer.local, writer.ident, new)?;
    if seen.held.as_wide().is_some() {
        writer.map.reserve_bag(writer.local, 1)?;
    }
    let claims = seen.state() == State::Empty;
    if claims && slot.claim(writer.ident.pattern()).is_err() {
        hit(Branch::WriteLost);
        return Ok(None);
    }
    let written = publish(writer, slot, seen.held, next);
    if claims {
        // Whether the value got in or not: the key has the slot.
        writer.count_used(table);
    }
    if !written {
        hit(Branch::WriteLost);
        return Ok(None);
    }
    match (old, new) {
        (None, Some(_)) => writer.local.add_len(1),
        (Some(_), None) => writer.local.add_len(-1),
        _ => {}
    }
    Ok(Some(Written { old, new, changed: true }))
}

/// Exchanges the value word; false if that was lost. Retires the node that a wide value was in.
#[inline(always)]
fn publish<R: Reclaim>(
    writer: &Writer<'_, R, Inline>,
    slot: &Pair,
    from: Held,
    next: Next,
) -> bool {
    if slot.replace(from, next.held).is_err() {
        return false;
    }
    if let Some(node) = next.node {
        // The slot's from now on.
        let _ = node.publish();
    }
    if let Some(node) = from.as_wide().and_then(NonNull::new) {
        // SAFETY: the exchange unlinked the node, which is ours; `attempt` made room for it.
        unsafe {
            let retired = Node::retired(node, writer.map.hook);
            writer.map.retire(writer.local, retired, Node::<u64>::size());
        }
    }
    true
}

/// A word to be written, and the node that it points at.
struct Next {
    held: Held,
    node: Option<Fresh<u64>>,
}

impl Next {
    #[inline(always)]
    fn of<B>(local: &Local<B>, key: Key, new: Option<u64>) -> Result<Next, AllocError> {
        let Some(value) = new else { return Ok(Next { held: Held::TOMB, node: None }) };
        match Held::inline(value) {
            Some(held) => Ok(Next { held, node: None }),
            None => Next::wide(local, key, value),
        }
    }

    #[cold]
    fn wide<B>(local: &Local<B>, key: Key, value: u64) -> Result<Next, AllocError> {
        // SAFETY: `local` is the writer's own; nothing runs inside.
        let block = unsafe { local.own.with(|own| own.pool.take()) };
        let node = Fresh::new(block, Ident::new(key.get()), value).map_err(|(error, _)| error)?;
        Ok(Next { held: Held::wide(node.as_ptr().as_ptr()), node: Some(node) })
    }
}
