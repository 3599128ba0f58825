//! Writing: one loop, under every verb.
//!
//! A write finds the one place where its ident may be written (`locate`), shows the verb what is
//! there, and tries one compare-exchange. If that is lost, somebody else's write or move has
//! succeeded, and it looks again: lock-free.
//!
//! User code (key comparison, a verb's closure) runs between the load and the exchange, on a pinned
//! node, with nothing half-done; so it may run more than once, may panic, and may use the map.

use super::count::Local;
use super::kind::{SlotKind, State};
use super::linked::Linked;
use super::node::{Fresh, Node, Nodes};
use super::verb::{Decision, Nursery, Outcome, Verb};
use super::walk::{Glance, Spot, glance, ident_of_node};
use super::word::{Ident, Word};
use super::{RawMap, Table};
use crate::error::{AllocError, TryReserveError};
use crate::reclaim::{Pin, Reclaim};
use crate::sync::limits::BACK_OFF;
use crate::sync::probe::{Branch, Fault, hit, planted};
use crate::sync::{Ordering, back_off, fence};
use core::mem::ManuallyDrop;
use core::ptr::NonNull;

/// Where an ident may be written.
pub(super) enum Place<'g, K: SlotKind = Linked> {
    /// In this slot of the newest table it may be in; the word is EMPTY, TOMB or LIVE.
    At(Table<'g, K>, K::Slot<'g>, K::Word),
    /// Nowhere before there is a table with room: every slot of this one is another ident's.
    Nowhere(Table<'g, K>),
}

/// One write: what its steps share. What is out of line takes it by value: a reference would have the
/// straight line keep it in memory.
pub(crate) struct Writer<'g, R: Reclaim, K: SlotKind = Linked> {
    pub(super) map: &'g RawMap<R, K>,
    pub(super) pin: Pin<'g>,
    pub(super) local: &'g Local<R::Bag>,
    pub(super) ident: K::Ident,
}

impl<R: Reclaim, K: SlotKind> Clone for Writer<'_, R, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R: Reclaim, K: SlotKind> Copy for Writer<'_, R, K> {}

impl<R: Reclaim, K: SlotKind> RawMap<R, K> {
    /// Begins a write of `ident`.
    #[inline(always)]
    pub(crate) fn writer<'g>(
        &'g self,
        pin: Pin<'g>,
        ident: K::Ident,
    ) -> Result<Writer<'g, R, K>, AllocError> {
        Ok(Writer { map: self, pin, local: self.local(pin)?, ident })
    }
}

impl<'g, R: Reclaim, K: SlotKind> Writer<'g, R, K> {
    /// Makes an `attempt` through whatever is in the way: a migration, another writer, no table yet;
    /// `None` where there is no table and the write `puts` nothing in. An attempt that was lost says
    /// `None`, too, and is made again.
    #[cold]
    pub(super) fn insist<T>(
        &self,
        puts: bool,
        mut attempt: impl FnMut(&Place<'g, K>) -> Result<Option<T>, AllocError>,
    ) -> Result<Option<T>, TryReserveError> {
        let mut table = match self.map.root(self.pin) {
            Some(root) => root,
            None if puts => self.map.first_table(self.pin)?,
            None => return Ok(None),
        };
        let mut helped = false;
        let mut moment = 1;
        loop {
            let place = self.locate_in_chain(table, &mut helped)?;
            if let Some(outcome) = attempt(&place)? {
                return Ok(Some(outcome));
            }
            table = match place {
                Place::At(table, ..) => {
                    // Whoever won has the line: a few writes there cost less than fetching it here
                    // for one that may be lost again.
                    back_off(moment);
                    moment = (2 * moment).min(BACK_OFF);
                    table
                }
                Place::Nowhere(table) => {
                    self.map.make_room(self.pin, self.local, table)?;
                    table
                }
            };
        }
    }

    /// The place for the ident, from `table` on. In every table that migrates, brings the ident's
    /// own slot to a terminal state before it goes on (I4). Helps a migration, once per operation.
    fn locate_in_chain(
        &self,
        mut table: Table<'g, K>,
        helped: &mut bool,
    ) -> Result<Place<'g, K>, TryReserveError> {
        loop {
            let next = table.next(self.pin);
            if let (Some(next), false) = (next, *helped) {
                *helped = true;
                // Without memory the help stays undone, and others will try; the write goes on.
                let _ = self.map.help(self.pin, self.local, table, next);
            }
            match K::walk(table, self.ident) {
                Spot::Node(slot, word) | Spot::Dead(slot, word) | Spot::End(slot, word) => {
                    match K::state(word) {
                        State::Moved | State::Sealed => {}
                        State::Empty | State::Tomb | State::Live if next.is_none() => {
                            return Ok(Place::At(table, slot, word));
                        }
                        _ if next.is_some() && planted(Fault::GoOnEarly) => {}
                        // A frozen word is proof of a successor, whatever `next` was.
                        _ => {
                            hit(Branch::OwnSlotMoved);
                            self.map.move_slot(self.pin, self.local, table, slot)?;
                            // Again: a slot that was EMPTY may have gone to another ident
                            // meanwhile, and then ours still has a place here.
                            continue;
                        }
                    }
                }
                Spot::Exhausted => {
                    if table.next(self.pin).is_none() {
                        return Ok(Place::Nowhere(table));
                    }
                }
            }
            // ORD(onward): SeqCst: that the old slot is MOVED (a Release store, perhaps another
            // thread's) comes before our write in the successor, in the one order of all
            // linearization points; so no read after that write finds the old slot FROZEN.
            fence(Ordering::SeqCst);
            table = table.next(self.pin).expect("MOVED, SEALED and exhausted have a successor");
        }
    }

    /// Counts a slot of `table` that was EMPTY, and begins to grow if the table is crowded.
    #[inline(always)]
    pub(super) fn count_used(&self, table: Table<'g, K>) {
        if !self.local.try_add_used(table) {
            self.map.count_and_look(self.pin, self.local, table);
        }
    }
}

impl<R: Reclaim, K: SlotKind> RawMap<R, K> {
    /// Counts a slot that was EMPTY where it takes more than a compare, and begins to grow a crowded table.
    #[cold]
    #[inline(never)]
    pub(super) fn count_and_look<'g>(
        &'g self,
        pin: Pin<'g>,
        local: &'g Local<R::Bag>,
        table: Table<'g, K>,
    ) {
        if local.add_used_and_look(&self.locals, table) {
            // Without memory the table stays crowded, and the next write tries again.
            let _ = self.make_room(pin, local, table);
        }
    }
}

impl<'g, R: Reclaim> Writer<'g, R> {
    /// Where the verb's nodes come from.
    #[inline(always)]
    pub(crate) fn nursery(&self) -> Nursery<'g, R::Bag> {
        Nursery::new(self.local, self.ident)
    }

    /// Runs a verb, which comes back.
    ///
    /// # Safety
    /// The map's nodes hold `E`s.
    #[inline(always)]
    pub(crate) unsafe fn run<E, V: Verb<E>>(self, mut verb: V) -> (Done<'g, E>, V) {
        // The straight line first: a table that does not migrate, and no other writer in the way.
        if let Some(place) = self.map.root(self.pin).and_then(|root| self.locate(root)) {
            // SAFETY: the caller's promise.
            match unsafe { self.attempt(&place, &mut verb) } {
                Ok(None) => {}
                Ok(Some(outcome)) => {
                    self.map.settle(self.local);
                    return (Ok(outcome), verb);
                }
                Err(error) => return (Err(error.into()), verb),
            }
        }
        // SAFETY: the caller's promise.
        unsafe { Self::run_on(self.map, self.pin, self.local, self.ident, verb) }
    }

    /// As `run`, where something is in the way. The writer comes in parts: as a whole it would have to be in
    /// memory on the straight line, too.
    ///
    /// # Safety
    /// As there.
    #[cold]
    #[inline(never)]
    unsafe fn run_on<E, V: Verb<E>>(
        map: &'g RawMap<R>,
        pin: Pin<'g>,
        local: &'g Local<R::Bag>,
        ident: Ident,
        mut verb: V,
    ) -> (Done<'g, E>, V) {
        let writer = Writer { map, pin, local, ident };
        // SAFETY: the caller's promise.
        let done = writer.insist(V::PUTS, |place| unsafe { writer.attempt(place, &mut verb) });
        map.settle(local);
        (done.map(|outcome| outcome.unwrap_or(Outcome::Kept(None))), verb)
    }

    /// The place for the ident in a table that does not migrate, if it shows at first sight.
    #[inline(always)]
    fn locate(&self, table: Table<'g>) -> Option<Place<'g>> {
        // A stale answer is harmless: an exchange that can still be won is on a word that the
        // migration must also win.
        if table.next(self.pin).is_some() {
            return None;
        }
        match glance(table, self.ident) {
            Glance::Node(slot, word) if ident_of_node(word) == self.ident => {
                Some(Place::At(table, slot, word))
            }
            Glance::Tomb(slot, word) => Some(Place::At(table, slot, word)),
            Glance::Empty(slot) => Some(Place::At(table, slot, Word::EMPTY)),
            Glance::Node(..) | Glance::Unclear => None,
        }
    }

    /// Shows the verb what is at the place and does what it wants; `None` if that was lost.
    ///
    /// # Safety
    /// The map's nodes hold `E`s.
    #[inline(always)]
    unsafe fn attempt<E>(
        &self,
        place: &Place<'g>,
        verb: &mut impl Verb<E>,
    ) -> Result<Option<Outcome<'g, E>>, AllocError> {
        let (found, alone) = match place {
            // SAFETY: the word is from a table under the pin, and the map holds `E`s.
            Place::At(_, _, word) => unsafe { look(*word, verb) },
            Place::Nowhere(_) => (None, true),
        };
        // SAFETY: as above.
        let current = found.map(|node| unsafe { Node::of(node.as_ptr().cast()) });
        let fresh = match verb.decide(current.map(Node::entry), self.nursery())? {
            Decision::Put(fresh) => Some(fresh),
            Decision::Remove if current.is_some() => None,
            Decision::Remove | Decision::Keep => return Ok(Some(Outcome::Kept(current))),
        };
        let lost = |verb: &mut _, fresh: Option<_>, why| {
            fresh.into_iter().for_each(|fresh| Verb::lost(verb, fresh));
            why
        };
        let Place::At(table, slot, word) = *place else { return lost(verb, fresh, Ok(None)) };
        if let Err(error) = self.make_room_for(found) {
            return lost(verb, fresh, Err(error));
        }
        // From the exchange on the node may be the table's: until that is known, nothing drops it.
        let fresh = fresh.map(ManuallyDrop::new);
        let taken = |fresh: Option<_>| fresh.map(ManuallyDrop::into_inner);
        let add = fresh.as_ref().map(|fresh| fresh.as_ptr());
        let won = if alone {
            // SAFETY: the word is from the slot, under the pin, and what `look` said of it holds as long as
            // it stands there; there is room.
            unsafe { self.exchange(slot, word, found, add) }
        } else {
            // SAFETY: as above; and where there is another node, the word is LIVE.
            match unsafe { self.exchange_in_list(slot, word, found, add) } {
                Ok(won) => won,
                Err(error) => return lost(verb, taken(fresh), Err(error)),
            }
        };
        if !won {
            hit(Branch::WriteLost);
            return lost(verb, taken(fresh), Ok(None));
        }
        let new = taken(fresh).map(Fresh::publish);
        Ok(Some(self.account(table, word, new, current)))
    }

    /// Counts a write that was won, and begins to grow if the table is crowded.
    #[inline(always)]
    fn account<E>(
        &self,
        table: Table<'g>,
        from: Word,
        new: Option<&'g Node<E>>,
        old: Option<&'g Node<E>>,
    ) -> Outcome<'g, E> {
        match (new, old) {
            (Some(new), Some(_)) => return Outcome::Put { new, old },
            (None, Some(old)) => {
                self.local.add_len(-1);
                return Outcome::Removed(old);
            }
            (Some(_), None) => self.local.add_len(1),
            (None, None) => unreachable!("a removal has a node to remove"),
        }
        if from == Word::EMPTY {
            self.count_used(table);
        }
        Outcome::Put { new: new.expect("matched above"), old: None }
    }
}

/// The node with the verb's key, and whether there is no other.
///
/// # Safety
/// The word is EMPTY, TOMB or LIVE, from a table under a pin for `'g`, in a map of `E`s.
#[inline(always)]
unsafe fn look<E>(word: Word, verb: &mut impl Verb<E>) -> (Option<NonNull<Node<E>>>, bool) {
    if word == Word::EMPTY {
        return (None, true);
    }
    if word.is_plain() {
        // SAFETY: the caller's promise; a word with a node has its address.
        let node = unsafe { NonNull::new_unchecked(word.head().cast::<Node<E>>()) };
        // SAFETY: as above.
        let same = verb.same(unsafe { Node::<E>::of(word.head()) }.entry());
        return if same { (Some(node), true) } else { (None, false) };
    }
    if word.is_dead() {
        return (None, true);
    }
    // SAFETY: the caller's promise.
    (unsafe { look_in_list(word, verb) }, false)
}

/// As `look`, in a list.
///
/// # Safety
/// As there.
#[cold]
unsafe fn look_in_list<E>(word: Word, verb: &mut impl Verb<E>) -> Option<NonNull<Node<E>>> {
    // SAFETY: the caller's promise.
    let nodes = unsafe { Nodes::<E>::of(word) };
    // SAFETY: as above.
    let same = |node: &&NonNull<Node<E>>| verb.same(unsafe { node.as_ref() }.entry());
    nodes.as_slice().iter().find(same).copied()
}

/// What became of a write.
pub(crate) type Done<'g, E> = Result<Outcome<'g, E>, TryReserveError>;
