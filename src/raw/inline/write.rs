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
use super::straight::{Decided, Done, Left};
use super::walk::{Found, find_from};
use super::word::{Held, Key, Pattern};
use crate::error::{AllocError, TryReserveError};
use crate::reclaim::{CallGuard, Guard, Pin, Reclaim};
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

/// What a write came to, and what else the verb said last.
pub(crate) type Outcome<T> = Result<(Written, T), TryReserveError>;

impl Written {
    pub(super) fn kept(old: Option<u64>) -> Written {
        Written { old, new: old, changed: false }
    }
}

impl<R: Reclaim> RawMap<R, Inline> {
    /// Does to a key's value what `decide` wants, and returns what else that said last. `decide` is user
    /// code: it may run more than once, may panic, and may use the map. A write that never `puts` leaves
    /// a map without a table without one.
    ///
    /// It pins, unless the caller has a pin; its guard ends with the call, whose result is what `end` makes of
    /// the outcome. Both go along where a write leaves the straight line, so that nothing is left to do here: it is
    /// a jump, and no register need be kept.
    #[inline(always)]
    pub(crate) fn write<'g, T, X>(
        &'g self,
        kept: Option<Pin<'g>>,
        key: Key,
        puts: bool,
        mut decide: impl FnMut(Option<u64>) -> (Change, T),
        end: impl FnOnce(Outcome<T>) -> X,
    ) -> X {
        let Some(guard) = CallGuard::try_new(&self.reclaim, kept) else {
            return self.pin_and_write(key, puts, decide, end);
        };
        // SAFETY: what is found under the pin is used up before the guard is, wherever that is moved.
        let pin: Pin<'g> = unsafe { guard.as_pin().with_lifetime() };
        let mut decided = None;
        match (self.straight(pin, key, &mut decide, &mut decided), decided) {
            (Ok(Done { written, with, uncounted: None }), _) => {
                self.settle_and_leave(guard, end(Ok((written, with))))
            }
            (Ok(Done { written, with, uncounted: Some(table) }), _) => {
                self.count_and_leave(guard, table, end(Ok((written, with))))
            }
            (Err(left), None) => self.go_on(guard, key, puts, decide, end, left),
            (Err(left), Some(decided)) => {
                self.go_on_decided(guard, key, puts, (Some(decided), decide), end, left)
            }
        }
    }

    /// A thread's first write.
    #[cold]
    #[inline(never)]
    fn pin_and_write<T, X>(
        &self,
        key: Key,
        puts: bool,
        decide: impl FnMut(Option<u64>) -> (Change, T),
        end: impl FnOnce(Outcome<T>) -> X,
    ) -> X {
        let guard = CallGuard::new(&self.reclaim, None);
        self.go_on(guard, key, puts, decide, end, Left::Anew)
    }

    /// Counts a slot that was taken, where that takes more than a compare: the last thing that a write does.
    #[cold]
    #[inline(never)]
    fn count_and_leave<'g, X>(
        &'g self,
        guard: impl Guard,
        table: Table<'g, Inline>,
        value: X,
    ) -> X {
        // SAFETY: as in `write`.
        let pin: Pin<'g> = unsafe { guard.as_pin().with_lifetime() };
        if let Some(local) = self.locals.peek(pin.index()) {
            self.count_and_look(pin, local, table);
            self.settle(local);
        }
        guard.leave_with(value)
    }

    /// A write that left the straight line. `decide` is moved in: what is lent would have to be in memory on the
    /// straight line, too.
    #[cold]
    #[inline(never)]
    fn go_on<'g, T, X>(
        &'g self,
        guard: CallGuard<'g, R>,
        key: Key,
        puts: bool,
        decide: impl FnMut(Option<u64>) -> (Change, T),
        end: impl FnOnce(Outcome<T>) -> X,
        left: Left<'g>,
    ) -> X {
        self.go_on_decided(guard, key, puts, (None, decide), end, left)
    }

    /// As `go_on`, where the verb was asked, perhaps. Apart from it, because what was decided goes through memory.
    #[cold]
    #[inline(never)]
    fn go_on_decided<'g, T, X>(
        &'g self,
        guard: CallGuard<'g, R>,
        key: Key,
        puts: bool,
        (decided, decide): (Option<Decided<T>>, impl FnMut(Option<u64>) -> (Change, T)),
        end: impl FnOnce(Outcome<T>) -> X,
        left: Left<'g>,
    ) -> X {
        // SAFETY: as in `write`.
        let pin: Pin<'g> = unsafe { guard.as_pin().with_lifetime() };
        let decide = Decided::before(decided, decide);
        guard.leave_with(end(self.attempt_all(pin, key, puts, decide, left)))
    }

    /// A write from where the straight line left it.
    fn attempt_all<'g, T>(
        &'g self,
        pin: Pin<'g>,
        key: Key,
        puts: bool,
        mut decide: impl FnMut(Option<u64>) -> (Change, T),
        left: Left<'g>,
    ) -> Outcome<T> {
        let writer = self.writer(pin, key)?;
        if let Left::Uncounted(table) = left {
            self.count_and_look(pin, writer.local, table);
        }
        let (table, met) = match left {
            Left::Beyond(table) => (Some(table), 1),
            Left::Anew | Left::Uncounted(_) => (self.root(pin), 0),
        };
        if let Some(table) = table.filter(|table| table.next(pin).is_none()) {
            let target = match find_from(table, key, met) {
                Found::Own(slot) => Target::own(slot),
                Found::End(slot, Pattern::VIRGIN) => Some(Target::Virgin(table, slot)),
                Found::End(..) | Found::Exhausted => None,
            };
            if let Some(target) = target
                && let Some(done) = attempt(&writer, target, &mut decide)?
            {
                self.settle(writer.local);
                return Ok(done);
            }
        }
        self.insist(writer, puts, decide)
    }

    /// A write that something is in the way of.
    #[cold]
    fn insist<'g, T>(
        &'g self,
        writer: Writer<'g, R, Inline>,
        puts: bool,
        mut decide: impl FnMut(Option<u64>) -> (Change, T),
    ) -> Outcome<T> {
        let done = writer.insist(puts, |place| match *place {
            Place::At(table, slot, seen) => {
                let target = match seen.state() {
                    State::Empty => Target::Virgin(table, slot),
                    _ => Target::Own(slot, seen.held),
                };
                attempt(&writer, target, &mut decide)
            }
            Place::Nowhere(_) => attempt(&writer, Target::Nowhere, &mut decide),
        });
        self.settle(writer.local);
        Ok(match done? {
            Some(done) => done,
            // There is no table, and so no value.
            None => (Written::kept(None), decide(None).1),
        })
    }
}

/// Where a write may put its value.
enum Target<'g> {
    /// The key's slot, with this value word.
    Own(Pair<'g>, Held),
    /// A slot to claim first.
    Virgin(Table<'g, Inline>, Pair<'g>),
    /// Nowhere before there is a table with room.
    Nowhere,
}

impl<'g> Target<'g> {
    /// The key's slot, unless it is being moved.
    fn own(slot: Pair<'g>) -> Option<Self> {
        let held = slot.value();
        (!held.is_frozen()).then_some(Target::Own(slot, held))
    }
}

/// Shows the verb what is at the place and does what it wants; `None` if that was lost.
#[inline(always)]
fn attempt<'g, R: Reclaim, T>(
    writer: &Writer<'g, R, Inline>,
    target: Target<'g>,
    decide: &mut impl FnMut(Option<u64>) -> (Change, T),
) -> Result<Option<(Written, T)>, AllocError> {
    let old = match target {
        Target::Own(_, held) => value_of(writer.pin, held),
        Target::Virgin(..) | Target::Nowhere => None,
    };
    let (change, with) = decide(old);
    let new = match change {
        Change::Put(value) => Some(value),
        Change::Remove if old.is_some() => None,
        Change::Remove | Change::Keep => return Ok(Some((Written::kept(old), with))),
    };
    let next = Next::of(writer.local, writer.ident, new)?;
    let written = match target {
        Target::Own(slot, held) => {
            if held.as_wide().is_some() {
                writer.map.reserve_bag(writer.local, 1, 0)?;
            }
            // SAFETY: room was made if the value word has a node.
            unsafe { publish(writer, slot, held, next) }
        }
        Target::Virgin(table, slot) if table.claim(slot, writer.ident).is_ok() => {
            // SAFETY: VOID has no node.
            let written = unsafe { publish(writer, slot, Held::VOID, next) };
            // Whether the value got in or not: the key has the slot.
            writer.count_used(table);
            written
        }
        Target::Virgin(..) => false,
        Target::Nowhere => return Ok(None),
    };
    if !written {
        hit(Branch::WriteLost);
        return Ok(None);
    }
    match (old, new) {
        (None, Some(_)) => writer.local.add_len(1),
        (Some(_), None) => writer.local.add_len(-1),
        _ => {}
    }
    Ok(Some((Written { old, new, changed: true }, with)))
}

/// Exchanges the value word; false if that was lost. Retires the node that a wide value was in.
///
/// # Safety
/// If `from` has a node, there is room in the bag for it.
#[inline(always)]
unsafe fn publish<R: Reclaim>(
    writer: &Writer<'_, R, Inline>,
    slot: Pair<'_>,
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
        // SAFETY: the exchange unlinked the node, which is ours; there is room (the caller's promise).
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
