//! What is retired, and when it is freed.
//!
//! A write ends by `settle`, which collects if that is due: a bag is full, or something large waits, which nothing
//! that is retired later may ask for.

use super::RawMap;
use super::count::{Local, Private};
use super::depth::{Flushing, Freeing};
use super::kind::SlotKind;
use crate::reclaim::{Guard, Reclaim, Retired, as_owner, give_back, go_on};
use crate::sync::MODELLED;
use crate::sync::limits::{BAG_BYTES, PATIENCE};
use core::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Collections of one map and participant that run inside each other at most.
const NESTED: u8 = 4;
/// Writes that pass before one more is tried, where there are as many.
const REFUSED: u16 = if PATIENCE > 0 { 64 } else { 0 };

impl<R: Reclaim, K: SlotKind> RawMap<R, K> {
    /// Hands an unlinked object to the reclaimer; it is freed by a later `settle`.
    ///
    /// # Safety
    /// The caller has unlinked the object and owns it; `local` is its own, and in its bag there is room that
    /// `reserve_bag` has made. Of what a map retires, nodes alone are blocks, and each has the map's hook.
    #[inline(always)]
    pub(super) unsafe fn retire(&self, local: &Local<R::Bag>, object: Retired, bytes: usize) {
        // SAFETY: the caller's promise.
        let is_full =
            unsafe { local.own.with(move |own| self.reclaim.retire(&mut own.bag, object, bytes)) };
        if is_full {
            self.ask(local);
        }
        if object.is_block() {
            // SAFETY: as above.
            local.set_open(unsafe { local.own.with(|own| R::pending(&own.bag)) });
        }
    }

    /// Has this operation collect when it is done. `local` is the caller's own.
    #[cold]
    fn ask(&self, local: &Local<R::Bag>) {
        // SAFETY: as in `reserve_bag`.
        unsafe { local.own.with(|own| own.pause = 0) };
        local.set_due();
    }

    /// Frees what may be freed, if a bag is full. The last thing in an operation, because
    /// destructors are user code.
    #[inline(always)]
    pub(super) fn settle(&self, local: &Local<R::Bag>) {
        if local.is_due() {
            self.settle_due(local);
        }
    }

    /// As `settle`, where the write had no use for its entry; the last thing before the guard's end.
    #[inline(always)]
    pub(super) fn settle_and_leave<T>(&self, guard: impl Guard, value: T) -> T {
        if MODELLED || guard.as_pin().is_due() {
            self.look_and_leave(guard, value)
        } else {
            guard.leave_with(value)
        }
    }

    /// As `settle_and_leave`, where something is due, here or in another map.
    #[cold]
    #[inline(never)]
    fn look_and_leave<T>(&self, guard: impl Guard, value: T) -> T {
        if let Some(local) = self.locals.peek(guard.as_pin().index()) {
            self.settle(local);
        }
        guard.leave_with(value)
    }

    /// As `settle`, where something is due: perhaps not yet.
    #[cold]
    #[inline(never)]
    fn settle_due(&self, local: &Local<R::Bag>) {
        let is_time = |own: &mut Private<R::Bag>| {
            let is_time = own.pause == 0;
            own.pause = own.pause.saturating_sub(1);
            is_time
        };
        // SAFETY: as in `reserve_bag`.
        if unsafe { local.own.with(is_time) } {
            self.collect(local);
        }
    }

    /// Seals this participant's bag and frees what may be freed.
    #[cold]
    pub(super) fn collect(&self, local: &Local<R::Bag>) {
        // In this order: who is told behind the first is due again.
        let (told, held) = (local.take_due(), self.holds_large());
        let large = told && held;
        // SAFETY: as in `reserve_bag`, here and below: sealing runs no user code, and keeping a block neither.
        let begun = unsafe { local.own.with(|own| self.begin(local, own, large)) };
        let Some((advance, _freeing)) = begun else { return };
        let collect = AssertUnwindSafe(|| {
            self.reclaim.collect(advance, &mut |blocks, layout| {
                // SAFETY: as above.
                unsafe { local.own.with(|own| own.pool.put(blocks, layout)) };
            })
        });
        // Destructors may panic: what is left then waits for the next look, too.
        let more = catch_unwind(collect);
        let is_gone = self.calm_if_gone(held);
        let end = |own: &mut Private<R::Bag>| {
            own.nested -= 1;
            own.patience = if is_gone { 0 } else { own.patience };
            self.look_again(local, own, !matches!(more, Ok(false)));
        };
        // SAFETY: as above.
        unsafe { local.own.with(end) };
        go_on(more.map(drop));
    }

    /// Where a large table was `held` and is no more: has nobody look for it. A thread that writes elsewhere from now
    /// on would have this map due for ever. Says whether it is so.
    fn calm_if_gone(&self, held: bool) -> bool {
        if PATIENCE == 0 || !held || self.holds_large() {
            return false;
        }
        self.locals.iter().for_each(|(_, local)| local.calm());
        let holds_another = self.holds_large();
        if holds_another {
            // It came meanwhile, and some who were told of it may be calm.
            self.nudge_all();
        }
        !holds_another
    }

    /// Has all participants look for a large table.
    fn nudge_all(&self) {
        if PATIENCE > 0 {
            self.locals.iter().for_each(|(_, local)| local.nudge());
        }
    }

    /// Seals the bag, and tells all participants if a large table is in it: this may be the last that its own does.
    /// Whether the epoch should be ended.
    fn seal(&self, local: &Local<R::Bag>, own: &mut Private<R::Bag>) -> bool {
        let is_time = self.reclaim.seal(&mut own.bag);
        local.set_open(R::pending(&own.bag));
        if mem::take(&mut own.untold) {
            self.nudge_all();
        }
        is_time
    }

    /// Seals the bag; whether the epoch should be ended, or nothing where too many collections run
    /// inside each other. Destructors may write, which frees, too: each bag that is ready could be freed inside
    /// the one before, until the stack is full. Beyond the limit what is sealed waits for those outside. There is a
    /// limit for each map and participant, and one for the thread, which may have many of both.
    fn begin(
        &self,
        local: &Local<R::Bag>,
        own: &mut Private<R::Bag>,
        large: bool,
    ) -> Option<(bool, Freeing)> {
        own.patience = own.patience.max(u16::from(large));
        let is_time = self.seal(local, own);
        match Freeing::begin() {
            Some(freeing) if own.nested < NESTED => {
                own.nested += 1;
                Some((is_time, freeing))
            }
            _ => {
                own.pause = REFUSED;
                local.set_due();
                None
            }
        }
    }

    /// Has later writes collect, too. A large table goes back in parts, `more` of which are left: one
    /// with each of the writes that follow. And it waits for two epochs to end, whatever pins are in
    /// the way, which a map that retires nothing more would not see: it looks less and less often.
    fn look_again(&self, local: &Local<R::Bag>, own: &mut Private<R::Bag>, more: bool) {
        // Not every reclaimer knows what waits; after a few looks it is for the others to tell.
        let waits = own.patience > 0
            && (own.patience < 16 || self.reclaim.status().sealed_bytes >= BAG_BYTES);
        if more {
            own.pause = 0;
            local.nudge();
        } else if waits && !local.is_due() {
            // Not where what destructors retired has filled a bag meanwhile.
            own.pause = own.patience;
            local.nudge();
        }
        own.large &= waits;
        own.patience = if waits { (2 * own.patience).min(PATIENCE) } else { 0 };
    }

    /// Whether a large object waits, sealed or in somebody's open bag.
    fn holds_large(&self) -> bool {
        let status = self.reclaim.status();
        status.sealed_bytes + status.open_bytes >= BAG_BYTES
    }

    /// Flushes, if this participant has retired a large table: at the end of a call about the whole map, after
    /// its own pin. If a pin is in the way, later writes see to it. Destructors that come here again do not.
    pub(crate) fn flush_large(&self) {
        if self.with_own(|own| own.large) != Some(true) {
            return;
        }
        let Some(_flushing) = Flushing::begin() else { return };
        self.flush();
        if self.reclaim.status().sealed_bytes < BAG_BYTES {
            self.with_own(|own| (own.large, own.patience) = (false, 0));
        }
    }

    /// Runs `f` on what this participant alone touches, if there is something. `f` runs no user code.
    pub(super) fn with_own<T>(&self, f: impl FnOnce(&mut Private<R::Bag>) -> T) -> Option<T> {
        let guard = self.reclaim.pin();
        let local = self.locals.peek(guard.as_pin().index())?;
        // SAFETY: as in `reserve_bag`.
        Some(unsafe { local.own.with(f) })
    }

    /// Frees all that was retired before, unless a pin is in the way.
    pub(crate) fn flush(&self) {
        // An epoch ends in each round, and what is retired now may be freed when two have.
        for _ in 0..3 {
            let held = self.holds_large();
            self.flush_once();
            self.calm_if_gone(held);
        }
        if !self.holds_large() {
            // Else a thread that writes here no more would be due in all that it writes.
            let guard = self.reclaim.pin();
            self.locals.peek(guard.as_pin().index()).map(Local::take_due);
        }
    }

    /// Seals every bag that can be had (this participant's, and those whose participants nobody
    /// has claimed) and frees what may be freed.
    pub(crate) fn flush_once(&self) {
        {
            let guard = self.reclaim.pin();
            for (index, local) in self.locals.iter() {
                // SAFETY: the pin's own, or `as_owner` makes us the owner of the index meanwhile.
                let seal = || unsafe {
                    local.own.with(|own| self.seal(local, own));
                };
                if index == guard.as_pin().index() {
                    seal();
                } else {
                    as_owner(index, seal);
                }
            }
        }
        // Not under a pin, which would keep its epoch from ending while destructors run.
        // SAFETY: the reclaimer gives the blocks away.
        self.reclaim.collect_all(&mut |blocks, layout| unsafe { give_back(blocks, layout) });
    }
}

#[cfg(all(test, not(any(dolmen_loom, dolmen_shuttle, dolmen_real))))]
mod tests {
    use super::super::RawWords;
    use super::*;
    use crate::Epoch;
    use crate::reclaim::Collect;

    #[test]
    fn a_flush_after_which_nothing_waits_leaves_nothing_due() {
        let mut map = RawWords::<Epoch>::new();
        let is_due = || {
            let guard = map.reclaim.pin();
            map.local(guard.as_pin()).expect("memory").is_due()
        };
        assert!(is_due(), "a new entry looks whether others have left anything");
        map.flush();
        assert!(!is_due());
        // What others say of a large table.
        map.locals.iter().for_each(|(_, local)| local.nudge());
        assert!(is_due());
        let guard = map.reclaim.pin();
        assert!(guard.as_pin().is_due());
        drop(guard);
        map.flush();
        assert!(!is_due());
        // SAFETY: no guard lives, and the map is not used again.
        unsafe { map.drop_all() };
    }
}
