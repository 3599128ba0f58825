//! Every call on one key, made and written down: on a map, and on the same map under both kinds of
//! pin.

use crate::keys::{Key, pause};
use dolmen::{MappedRef, Reclaim, Ref};
use dolmen_histories::State;
use dolmen_histories::record::TRIES;
use std::cell::Cell;

/// The verbs and their names.
macro_rules! verbs {
    ($($name:ident),* $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Verb { $($name),* }

        pub const NAMES: &[&str] = &[$(stringify!($name)),*];
        const ALL: &[Verb] = &[$(Verb::$name),*];
    };
}

verbs! {
    // On maps of words.
    Swap, FetchAdd, FetchSub, FetchMax, FetchMin, FetchAnd, FetchOr, FetchXor,
    FetchAddOr, FetchSubOr, FetchMaxOr, FetchMinOr, FetchAndOr, FetchOrOr, FetchXorOr,
    FetchAddMany, FetchAddManyOr,
    // On maps of both kinds: on one key, and on many.
    Get, Contains, Insert, TryInsert, GetOrInsert, GetOrInsertWith, GetOrTryInsertWith,
    Update, TryUpdate, UpdateOrInsert, UpdateOrInsertWith, Compute, CompareExchange,
    Remove, RemoveIf, TryRemove,
    GetMany, GetManyInto, ContainsMany, InsertMany, RemoveMany,
    // On maps of nodes.
    GetKeyValue, GetCloned, View, CompareExchangeEntry, RemoveEntry, Entry,
    // On the whole map.
    Iter, Keys, Values, Retain, Clear, Drain,
}

/// Those that are not on the whole map, of maps of words and of nodes.
pub const ON_WORDS: &[Verb] = ALL.split_at(Verb::GetKeyValue as usize).0;
pub const ON_NODES: &[Verb] = ALL.split_at(Verb::Iter as usize).0.split_at(Verb::Get as usize).1;

impl Verb {
    /// On one key, and not of one kind of map.
    pub fn is_common(self) -> bool {
        (Verb::Get as u8..=Verb::TryRemove as u8).contains(&(self as u8))
    }
}

/// What a call answers, as the number of the value in it.
pub trait Shown {
    fn shown(&self) -> u64;
}

impl Shown for u64 {
    fn shown(&self) -> u64 {
        *self
    }
}

impl Shown for &u64 {
    fn shown(&self) -> u64 {
        **self
    }
}

/// A key and a value, where a call answers with both.
pub trait Pair {
    fn numbers(&self) -> (u32, u64);
}

impl Pair for (&Key, &u64) {
    fn numbers(&self) -> (u32, u64) {
        (self.0.0, *self.1)
    }
}

impl<R: Reclaim> Pair for Ref<'_, Key, u64, R> {
    fn numbers(&self) -> (u32, u64) {
        (self.key().0, *self.value())
    }
}

impl Shown for (&Key, &u64) {
    fn shown(&self) -> u64 {
        *self.1
    }
}

impl<R: Reclaim> Shown for Ref<'_, Key, u64, R> {
    fn shown(&self) -> u64 {
        *self.value()
    }
}

impl<R: Reclaim> Shown for MappedRef<'_, u64, R> {
    fn shown(&self) -> u64 {
        **self
    }
}

/// The values that one call's closures make, and what they saw.
pub struct Tries {
    base: u64,
    made: Cell<u64>,
    /// What the closure saw when it ran last.
    pub saw: Cell<State>,
    /// What was made where nothing was.
    pub anew: Cell<State>,
}

impl Tries {
    pub fn new(base: u64) -> Tries {
        Tries { base, made: Cell::new(0), saw: Cell::new(None), anew: Cell::new(None) }
    }

    /// A closure runs, with this before it: a new value.
    pub fn next(&self, saw: State) -> u64 {
        pause(64);
        self.saw.set(saw);
        self.made.set(self.made.get() + 1);
        // Never the base itself, which is a value of its own.
        self.base + 1 + self.made.get() % (TRIES - 1)
    }

    /// A closure makes the value for a key that is absent.
    pub fn anew(&self) -> u64 {
        let value = self.next(None);
        self.anew.set(Some(value));
        value
    }
}

/// One call, on one key, of a verb that maps of both kinds have; see `Worker` for what the names are.
macro_rules! perform {
    ($m:expr, $r:expr, $rng:expr, $verb:expr, $key:expr) => {{
        use dolmen::{Compute, Operation, TryInsertError, TryRemove, TryUpdate};
        use dolmen_histories::record::TRIES;
        use dolmen_histories::{Left, Saw};
        use $crate::keys::pause;
        use $crate::verbs::{Shown, Tries};
        let (m, r, key, verb) = ($m, &mut *$r, $key, $verb);
        let (k, v) = (key.0, verb as u8);
        let fresh = r.fresh(k);
        let tries = Tries::new(fresh);
        // Absent, and put in; or found.
        let put_or_found = |value: u64, ours: Option<u64>| {
            if Some(value) == ours {
                (Saw::Is(None), Left::Value(value))
            } else {
                (Saw::Is(Some(value)), Left::Same)
            }
        };
        let (span, (saw, left)) = match verb {
            Verb::Get => {
                let (span, found) = r.time(|| m.get(&key));
                (span, (Saw::Is(found.map(|found| found.shown())), Left::Same))
            }
            Verb::Contains => {
                let (span, found) = r.time(|| m.contains_key(&key));
                (span, (if found { Saw::Present } else { Saw::Is(None) }, Left::Same))
            }
            Verb::Insert => {
                let (span, old) = r.time(|| m.insert(key, fresh));
                (span, (Saw::Is(old.map(|old| old.shown())), Left::Value(fresh)))
            }
            Verb::TryInsert => {
                let (span, answer) = r.time(|| m.try_insert(key, fresh));
                let seen = match answer {
                    Ok(new) => (Saw::Is(None), Left::Value(new.shown())),
                    Err(TryInsertError::Occupied { current, .. }) => {
                        (Saw::Is(Some(current.shown())), Left::Same)
                    }
                    Err(error) => panic!("{error}"),
                };
                (span, seen)
            }
            Verb::GetOrInsert => {
                let (span, value) = r.time(|| m.get_or_insert(key, fresh));
                (span, put_or_found(value.shown(), Some(fresh)))
            }
            Verb::GetOrInsertWith => {
                let (span, value) = r.time(|| m.get_or_insert_with(key, || tries.anew()));
                (span, put_or_found(value.shown(), tries.anew.get()))
            }
            Verb::GetOrTryInsertWith => {
                let fails = $rng.below(4) == 0;
                let make = || if fails { Err(()) } else { Ok(tries.anew()) };
                let (span, value) = r.time(|| m.get_or_try_insert_with(key, make));
                let seen = match value {
                    Ok(value) => put_or_found(value.shown(), tries.anew.get()),
                    Err(()) => (Saw::Is(None), Left::Same),
                };
                (span, seen)
            }
            Verb::Update => {
                let (span, new) = r.time(|| m.update(key, |_, old| tries.next(Some(*old))));
                let seen = match new.map(|new| new.shown()) {
                    Some(new) => (Saw::Is(tries.saw.get()), Left::Value(new)),
                    None => (Saw::Is(None), Left::Same),
                };
                (span, seen)
            }
            Verb::TryUpdate => {
                let odd = $rng.below(2);
                let update = |_: &_, old: &u64| {
                    let new = tries.next(Some(*old));
                    (*old / TRIES % 2 == odd).then_some(new)
                };
                let (span, outcome) = r.time(|| m.try_update(key, update));
                let seen = match outcome {
                    TryUpdate::Updated { old, new } => {
                        (Saw::Is(Some(old.shown())), Left::Value(new.shown()))
                    }
                    TryUpdate::Kept(old) => (Saw::Is(Some(old.shown())), Left::Same),
                    TryUpdate::Absent => (Saw::Is(None), Left::Same),
                };
                (span, seen)
            }
            Verb::UpdateOrInsert => {
                let update = |_: &_, old: &u64| tries.next(Some(*old));
                let (span, new) = r.time(|| m.update_or_insert(key, update, fresh));
                let new = new.shown();
                let saw = if new == fresh { None } else { tries.saw.get() };
                (span, (Saw::Is(saw), Left::Value(new)))
            }
            Verb::UpdateOrInsertWith => {
                let update = |_: &_, old: &u64| tries.next(Some(*old));
                let make = || tries.anew();
                let (span, new) = r.time(|| m.update_or_insert_with(key, update, make));
                let new = new.shown();
                let saw = if Some(new) == tries.anew.get() { None } else { tries.saw.get() };
                (span, (Saw::Is(saw), Left::Value(new)))
            }
            Verb::Compute => {
                let choice = $rng.below(4);
                let (span, outcome) = r.time(|| {
                    m.compute(key, |entry| {
                        let saw = entry.map(|(_, value)| *value);
                        match choice {
                            0 | 1 => Operation::Insert(tries.next(saw)),
                            2 => Operation::Remove,
                            _ => Operation::Abort(saw),
                        }
                    })
                });
                let seen = match outcome {
                    Compute::Inserted(new) => (Saw::Is(None), Left::Value(new.shown())),
                    Compute::Updated { old, new } => {
                        (Saw::Is(Some(old.shown())), Left::Value(new.shown()))
                    }
                    Compute::Removed(old) => (Saw::Is(Some(old.shown())), Left::Nothing),
                    Compute::Absent => (Saw::Is(None), Left::Same),
                    Compute::Aborted(saw) => (Saw::Is(saw), Left::Same),
                };
                (span, seen)
            }
            Verb::CompareExchange => {
                let (span, found) = r.time(|| m.get(&key).map(|found| found.shown()));
                r.note(k, Verb::Get as u8, span, Saw::Is(found), Left::Same);
                pause(64);
                let expected = found.unwrap_or(fresh);
                let (span, answer) = r.time(|| m.compare_exchange(key, &expected, fresh));
                let seen = match answer {
                    Ok(new) => (Saw::Is(Some(expected)), Left::Value(new.shown())),
                    Err(error) => {
                        let current = error.current.map(|current| current.shown());
                        assert_ne!(current, Some(expected), "refused, and it was as expected");
                        (Saw::Is(current), Left::Same)
                    }
                };
                (span, seen)
            }
            Verb::Remove => {
                let (span, old) = r.time(|| m.remove(&key));
                let old = old.map(|old| old.shown());
                (span, (Saw::Is(old), if old.is_some() { Left::Nothing } else { Left::Same }))
            }
            Verb::RemoveIf | Verb::TryRemove => {
                let odd = $rng.below(2);
                let wanted = |_: &_, value: &u64| {
                    pause(64);
                    let wanted = *value / TRIES % 2 == odd;
                    tries.saw.set((!wanted).then_some(*value));
                    wanted
                };
                if verb == Verb::RemoveIf {
                    let (span, old) = r.time(|| m.remove_if(&key, wanted));
                    let seen = match old.map(|old| old.shown()) {
                        Some(old) => (Saw::Is(Some(old)), Left::Nothing),
                        // What it declined, if that was the last that it was asked.
                        None => (Saw::Is(tries.saw.get()), Left::Same),
                    };
                    (span, seen)
                } else {
                    let (span, outcome) = r.time(|| m.try_remove(&key, wanted));
                    let seen = match outcome {
                        TryRemove::Removed(old) => (Saw::Is(Some(old.shown())), Left::Nothing),
                        TryRemove::Kept(old) => (Saw::Is(Some(old.shown())), Left::Same),
                        TryRemove::Absent => (Saw::Is(None), Left::Same),
                    };
                    (span, seen)
                }
            }
            other => unreachable!("{other:?} is not on one key of every map"),
        };
        r.note(k, v, span, saw, left);
    }};
}

/// One call of a verb that answers with references, on one key of a map of nodes.
macro_rules! perform_by_reference {
    ($m:expr, $r:expr, $verb:expr, $key:expr) => {{
        use dolmen_histories::{Left, Saw};
        use $crate::keys::pause;
        use $crate::verbs::Shown;
        let (m, r, key, verb) = ($m, &mut *$r, $key, $verb);
        let (k, v) = (key.0, verb as u8);
        let (span, (saw, left)) = match verb {
            Verb::GetKeyValue => {
                let (span, found) = r.time(|| m.get_key_value(&key));
                (span, (Saw::Is(found.map(|found| found.shown())), Left::Same))
            }
            Verb::GetCloned => {
                let (span, found) = r.time(|| m.get_cloned(&key));
                (span, (Saw::Is(found), Left::Same))
            }
            Verb::View => {
                let (span, found) = r.time(|| m.view(&key, |_, value| *value));
                (span, (Saw::Is(found), Left::Same))
            }
            Verb::CompareExchangeEntry => {
                let (span, found) = r.time(|| m.get(&key));
                let saw = found.as_ref().map(|found| found.shown());
                match found {
                    None => (span, (Saw::Is(None), Left::Same)),
                    Some(found) => {
                        r.note(k, Verb::Get as u8, span, Saw::Is(saw), Left::Same);
                        pause(64);
                        let fresh = r.fresh(k);
                        let (span, answer) =
                            r.time(|| m.compare_exchange_entry(key, &found, fresh));
                        let seen = match answer {
                            Ok(new) => (Saw::Is(saw), Left::Value(new.shown())),
                            Err(error) => {
                                let current = error.current.map(|current| current.shown());
                                assert_ne!(current, saw, "refused, and it was as expected");
                                (Saw::Is(current), Left::Same)
                            }
                        };
                        (span, seen)
                    }
                }
            }
            Verb::RemoveEntry => {
                let (span, old) = r.time(|| m.remove_entry(&key));
                let old = old.map(|old| old.shown());
                (span, (Saw::Is(old), if old.is_some() { Left::Nothing } else { Left::Same }))
            }
            other => unreachable!("{other:?} is not on one key"),
        };
        r.note(k, v, span, saw, left);
    }};
}

pub(crate) use {perform, perform_by_reference};
