//! Writing: one loop, under every verb.
//!
//! A write finds the one place where its ident may be written (`locate`), shows the verb what is
//! there, and tries one compare-exchange. If that is lost, somebody else's write or move has
//! succeeded, and it looks again: lock-free.
//!
//! User code (key comparison, a verb's closure) runs between the load and the exchange, on a pinned
//! node, with nothing half-done; so it may run more than once, may panic, and may use the map.

use super::count::{Local, is_crowded};
use super::kind::{SlotKind, State};
use super::linked::Linked;
use super::node::{Fresh, List, NewList, Node, Nodes};
use super::verb::{Decision, Nursery, Outcome, Verb};
use super::walk::{Glance, Spot, glance, ident_of_node};
use super::word::Word;
use super::{RawMap, Table};
use crate::error::{AllocError, TryReserveError};
use crate::reclaim::{Pin, Reclaim};
use crate::sync::limits::BACK_OFF;
use crate::sync::probe::{Branch, Fault, hit, planted};
use crate::sync::{Ordering, back_off, fence};
use core::ptr::NonNull;

/// Where an ident may be written.
pub(super) enum Place<'g, K: SlotKind = Linked> {
    /// In this slot of the newest table it may be in; the word is EMPTY, TOMB or LIVE.
    At(Table<'g, K>, &'g K::Slot, K::Word),
    /// Nowhere before there is a table with room: every slot of this one is another ident's.
    Nowhere(Table<'g, K>),
}

/// One write: what its steps share.
pub(crate) struct Writer<'g, R: Reclaim, K: SlotKind = Linked> {
    pub(super) map: &'g RawMap<R, K>,
    pub(super) pin: Pin<'g>,
    pub(super) local: &'g Local<R::Bag>,
    pub(super) ident: K::Ident,
}

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
        self.local.add_used(table);
        if is_crowded(&self.map.locals, self.local, table) {
            // Without memory the table stays crowded, and the next write tries again.
            let _ = self.map.make_room(self.pin, self.local, table);
        }
    }
}

impl<'g, R: Reclaim> Writer<'g, R> {
    /// Where the verb's nodes come from.
    #[inline(always)]
    pub(crate) fn nursery(&self) -> Nursery<'g, R::Bag> {
        Nursery::new(self.local, self.ident)
    }

    /// Runs a verb.
    ///
    /// # Safety
    /// The map's nodes hold `E`s.
    #[inline(always)]
    pub(crate) unsafe fn run<E, V: Verb<E>>(
        self,
        verb: &mut V,
    ) -> Result<Outcome<'g, E>, TryReserveError> {
        // The straight line first: a table that does not migrate, and no other writer in the way.
        if let Some(place) = self.map.root(self.pin).and_then(|root| self.locate(root)) {
            // SAFETY: the caller's promise.
            if let Some(outcome) = unsafe { self.attempt(&place, verb) }? {
                self.map.settle(self.local);
                return Ok(outcome);
            }
        }
        // SAFETY: the caller's promise.
        let outcome = self.insist(V::PUTS, |place| unsafe { self.attempt(place, verb) });
        self.map.settle(self.local);
        Ok(outcome?.unwrap_or(Outcome::Kept(None)))
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
        let Place::At(table, slot, word) = *place else {
            fresh.into_iter().for_each(|fresh| verb.lost(fresh));
            return Ok(None);
        };
        let add = fresh.as_ref().map(Fresh::as_ptr);
        let next = match self.next_word(word, found, alone, add) {
            Ok(next) => next,
            Err(error) => {
                fresh.into_iter().for_each(|fresh| verb.lost(fresh));
                return Err(error);
            }
        };
        if slot.replace(word, next.word).is_err() {
            hit(Branch::WriteLost);
            drop(next);
            fresh.into_iter().for_each(|fresh| verb.lost(fresh));
            return Ok(None);
        }
        if let Some(list) = next.list {
            hit(Branch::ListWritten);
            list.publish();
        }
        let new = fresh.map(Fresh::publish);
        // SAFETY: the exchange unlinked the node found, and the list around it; they are ours, and
        // `next_word` made room for both.
        unsafe {
            if let Some(old) = found {
                self.map.retire(self.local, Node::retired(old, self.map.hook), Node::<E>::size());
            }
            if word.is_list() {
                let list = List::<E>::retired(word.head());
                self.map.retire(self.local, list, size_of::<List<E>>());
            }
        }
        Ok(Some(self.account(table, word, new, current)))
    }

    /// The word that follows `word` when `old` goes and `add` comes. `alone`: no other node than
    /// `old` is there.
    #[inline(always)]
    fn next_word<E>(
        &self,
        word: Word,
        old: Option<NonNull<Node<E>>>,
        alone: bool,
        add: Option<NonNull<Node<E>>>,
    ) -> Result<Next<E>, AllocError> {
        if word.has_node() {
            self.map.reserve_bag(self.local, 2)?;
        }
        let word = match add {
            _ if !alone => return self.next_list(word, old, add),
            Some(node) => Word::live(node.as_ptr().cast(), self.ident, false),
            None => Word::tomb(self.ident),
        };
        Ok(Next { word, list: None })
    }

    /// As `next_word`, where nodes with other keys share the ident.
    #[cold]
    fn next_list<E>(
        &self,
        word: Word,
        old: Option<NonNull<Node<E>>>,
        add: Option<NonNull<Node<E>>>,
    ) -> Result<Next<E>, AllocError> {
        // SAFETY: as in `attempt`.
        let nodes = unsafe { Nodes::<E>::of(word) };
        let nodes = nodes.as_slice();
        let skip = old.and_then(|old| nodes.iter().position(|node| *node == old));
        if let (&[a, b], Some(skip), None) = (nodes, skip, add) {
            let rest = if skip == 0 { b } else { a };
            let word = Word::live(rest.as_ptr().cast(), self.ident, false);
            return Ok(Next { word, list: None });
        }
        let list = List::build(self.ident, nodes, skip, add)?;
        Ok(Next { word: list.word(self.ident), list: Some(list) })
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
/// The word is from a table under a pin for `'g`, in a map of `E`s.
#[inline(always)]
unsafe fn look<E>(word: Word, verb: &mut impl Verb<E>) -> (Option<NonNull<Node<E>>>, bool) {
    if !word.has_node() {
        return (None, true);
    }
    if word.is_list() {
        // SAFETY: the caller's promise.
        return (unsafe { look_in_list(word, verb) }, false);
    }
    // SAFETY: the caller's promise.
    let same = verb.same(unsafe { Node::<E>::of(word.head()) }.entry());
    if same { (NonNull::new(word.head().cast()), true) } else { (None, false) }
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

/// A word to be written, and the list it points at if that is new.
struct Next<E> {
    word: Word,
    list: Option<NewList<E>>,
}
