//! Calls on one key, on the map or under a pin.

use super::{Play, value};
use crate::input::Input;
use dolmen::{Compute, Operation, Reclaim, TryInsertError, TryRemove, TryUpdate};

/// The same call on the map or on its pinned form.
macro_rules! on {
    ($play:expr, $pinned:expr, |$m:ident| $call:expr) => {
        if $pinned {
            let $m = $play.map.pin();
            $call
        } else {
            let $m = &$play.map;
            $call
        }
    };
}

/// Each `fetch` call, with what it makes of a value.
macro_rules! fetches {
    ($play:expr, $pinned:expr, $which:expr, $key:expr, $by:expr, $start:expr, {
        $($n:literal: $fetch:ident, $fetch_or:ident, $made:expr;)+
    }) => {
        match $which {
            $($n => {
                let made: fn(u64, u64) -> u64 = $made;
                let old = $play.get($key);
                match $start {
                    None => {
                        old.and_then(|old| $play.put($key, made(old, $by)));
                        assert_eq!(on!($play, $pinned, |m| m.$fetch($key, $by)), old);
                    }
                    Some(start) => {
                        $play.put($key, made(old.unwrap_or(start), $by));
                        assert_eq!(on!($play, $pinned, |m| m.$fetch_or($key, $by, start)), old);
                    }
                }
            })+
            _ => unreachable!(),
        }
    };
}

impl<R: Reclaim> Play<R> {
    pub(super) fn single(&self, input: &mut Input) {
        let (which, how, key) = (input.byte() % 24, input.byte(), self.key(input));
        let pinned = how & 1 == 1;
        match which {
            0..=2 => {
                let new = value(input);
                assert_eq!(on!(self, pinned, |m| m.insert(key, new)), self.put(key, new));
            }
            3..=5 => assert_eq!(on!(self, pinned, |m| m.remove(key)), self.take(key)),
            6 | 7 => self.inserts(how, key, input),
            8 => {
                let new = value(input);
                let old = self.get(key).and_then(|_| self.put(key, new));
                assert_eq!(on!(self, pinned, |m| m.swap(key, new)), old);
            }
            9 | 10 => self.compares(how, key, input),
            11..=14 => self.updates(how, key, input),
            15 | 16 => self.computes(how, key, input),
            17 | 18 => self.removes_if(how, key, input),
            _ => {
                let (by, start) = (value(input), (how & 2 == 0).then(|| value(input)));
                fetches!(self, pinned, how / 4 % 7, key, by, start, {
                    0: fetch_add, fetch_add_or, u64::wrapping_add;
                    1: fetch_sub, fetch_sub_or, u64::wrapping_sub;
                    2: fetch_max, fetch_max_or, u64::max;
                    3: fetch_min, fetch_min_or, u64::min;
                    4: fetch_and, fetch_and_or, |old, by| old & by;
                    5: fetch_or, fetch_or_or, |old, by| old | by;
                    6: fetch_xor, fetch_xor_or, |old, by| old ^ by;
                });
            }
        }
        self.nested.set(None);
        assert_eq!(on!(self, !pinned, |m| m.get(key)), self.get(key));
        assert_eq!(on!(self, pinned, |m| m.contains_key(key)), self.get(key).is_some());
    }

    /// Puts an entry in where there is none.
    fn inserts(&self, how: u8, key: u64, input: &mut Input) {
        let (pinned, new) = (how & 1 == 1, value(input));
        let there = self.get(key);
        match how / 2 % 4 {
            0 => match on!(self, pinned, |m| m.try_insert(key, new)) {
                Ok(value) => assert_eq!((there, self.put(key, value)), (None, None)),
                Err(TryInsertError::Occupied { current, key: same, value }) => {
                    assert_eq!((Some(current), same, value), (there, key, new));
                }
                Err(error) => panic!("{error}"),
            },
            1 => {
                let found = on!(self, pinned, |m| m.get_or_insert(key, new));
                assert_eq!(found, there.unwrap_or(new));
                self.put(key, found);
            }
            2 => {
                self.set_nested(input);
                let make = || {
                    self.inside_of(key, None);
                    new
                };
                let found = self.burn(|| on!(self, pinned, |m| m.get_or_insert_with(key, make)));
                if let Some(found) = found {
                    // The closure itself may have inserted it.
                    assert_eq!(found, self.get(key).unwrap_or(new));
                    self.put(key, found);
                }
            }
            _ => {
                self.set_nested(input);
                let make = || {
                    self.inside_of(key, None);
                    if how & 64 == 0 { Ok(new) } else { Err("no") }
                };
                let found =
                    self.burn(|| on!(self, pinned, |m| m.get_or_try_insert_with(key, make)));
                match found {
                    Some(Ok(found)) => {
                        assert_eq!(found, self.get(key).unwrap_or(new));
                        self.put(key, found);
                    }
                    Some(Err(_)) => assert_eq!(there, None),
                    None => {}
                }
            }
        }
    }

    fn compares(&self, how: u8, key: u64, input: &mut Input) {
        let there = self.get(key);
        let expected = if how & 2 == 0 { there.unwrap_or(3) } else { value(input) };
        let new = value(input);
        match on!(self, how & 1 == 1, |m| m.compare_exchange(key, expected, new)) {
            Ok(value) => {
                assert_eq!((there, value), (Some(expected), new));
                self.put(key, new);
            }
            Err(error) => {
                assert_ne!(there, Some(expected));
                assert_eq!((error.current, error.key, error.new), (there, key, new));
            }
        }
    }

    fn updates(&self, how: u8, key: u64, input: &mut Input) {
        let (pinned, step, start) = (how & 1 == 1, value(input), value(input));
        self.set_nested(input);
        let f = |old: u64| {
            self.inside_of(key, Some(old));
            old.rotate_left(1) ^ step
        };
        let make = || {
            self.inside_of(key, None);
            start
        };
        // Nothing but a panic leaves the map as it was.
        let after = |new: u64| assert_eq!(self.map.get(key), Some(new));
        match how / 2 % 4 {
            0 => {
                let new = self.burn(|| on!(self, pinned, |m| m.update(key, f)));
                if let Some(new) = new {
                    assert_eq!(new, self.get(key).map(|old| old.rotate_left(1) ^ step));
                    new.and_then(|new| self.put(key, new));
                }
            }
            1 => {
                let declines = how & 64 != 0;
                let f = |old: u64| {
                    let new = f(old);
                    (!declines).then_some(new)
                };
                let done = self.burn(|| on!(self, pinned, |m| m.try_update(key, f)));
                match done {
                    Some(TryUpdate::Updated { old, new }) => {
                        assert_eq!((self.put(key, new), declines), (Some(old), false));
                        assert_eq!(new, old.rotate_left(1) ^ step);
                    }
                    Some(TryUpdate::Kept(old)) => {
                        assert_eq!((self.seen.get(), declines), (Some(old), true));
                    }
                    Some(TryUpdate::Absent) => assert_eq!(self.get(key), None),
                    None => {}
                }
            }
            2 => {
                let new = self.burn(|| on!(self, pinned, |m| m.update_or_insert(key, f, start)));
                if let Some(new) = new {
                    let old = self.put(key, new);
                    assert_eq!(new, old.map_or(start, |old| old.rotate_left(1) ^ step));
                    after(new);
                }
            }
            _ => {
                let call = || on!(self, pinned, |m| m.update_or_insert_with(key, f, make));
                if let Some(new) = self.burn(call) {
                    let old = self.put(key, new);
                    assert_eq!(new, old.map_or(start, |old| old.rotate_left(1) ^ step));
                    after(new);
                }
            }
        }
    }

    fn computes(&self, how: u8, key: u64, input: &mut Input) {
        let (pinned, new) = (how & 1 == 1, value(input));
        self.set_nested(input);
        let f = |current: Option<u64>| {
            self.inside_of(key, current);
            match how / 2 % 4 {
                0 | 1 => Operation::Insert(new),
                2 => Operation::Remove,
                _ => Operation::Abort(current),
            }
        };
        let Some(done) = self.burn(|| on!(self, pinned, |m| m.compute(key, f))) else { return };
        match done {
            Compute::Inserted(value) => assert_eq!((self.put(key, value), value), (None, new)),
            Compute::Updated { old, new: value } => {
                assert_eq!((self.put(key, value), value), (Some(old), new));
            }
            Compute::Removed(old) => assert_eq!(self.take(key), Some(old)),
            // Whatever the closure did behind its own back.
            Compute::Absent => assert_eq!(self.seen.get(), None),
            Compute::Aborted(current) => assert_eq!(self.seen.get(), current),
        }
    }

    fn removes_if(&self, how: u8, key: u64, input: &mut Input) {
        let (pinned, holds) = (how & 1 == 1, how & 4 == 0);
        self.set_nested(input);
        let condition = |current: u64| {
            self.inside_of(key, Some(current));
            holds
        };
        if how & 2 == 0 {
            if let Some(removed) = self.burn(|| on!(self, pinned, |m| m.remove_if(key, condition)))
            {
                assert_eq!(removed, self.get(key).filter(|_| holds));
                removed.and_then(|_| self.take(key));
            }
            return;
        }
        match self.burn(|| on!(self, pinned, |m| m.try_remove(key, condition))) {
            Some(TryRemove::Removed(old)) => assert_eq!((self.take(key), holds), (Some(old), true)),
            Some(TryRemove::Kept(old)) => assert_eq!((self.seen.get(), holds), (Some(old), false)),
            Some(TryRemove::Absent) => assert_eq!(self.get(key), None),
            None => {}
        }
    }
}
