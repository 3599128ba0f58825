//! The same for maps of words, which take keys and values and give values.

use crate::keys::{Hashing, Key, pause};
use crate::many::{batch, whole};
use crate::run::Subject;
use crate::verbs::{Pair, Shown, Verb, perform};
use crate::worker::{Rng, Worker, session};
use dolmen::words::{FixedMix, Mix, OwnedPinned, Pinned};
use dolmen::{
    CompareExchangeError, Compute, Operation, Reclaim, TryInsertError, TryRemove, TryUpdate, Word,
    WordMap,
};
use dolmen_histories::record::Recorder;
use dolmen_histories::{Left, Saw, State};
use std::hash::BuildHasher;

type Map<R> = WordMap<Placed, Value, FixedMix, R>;

/// A map of words, and where its keys are sent.
pub struct Words<R: Reclaim> {
    map: Map<R>,
    hashing: Hashing,
}

/// Known, so that keys can be chosen by what becomes of them.
static MIX: FixedMix = FixedMix::new(7);

/// A key, by its number, and the word that it is.
#[derive(Clone, Copy, Debug)]
pub struct Placed(pub u32, u64);

impl Placed {
    /// The map sees the mixed word: in its low bits a hash, in the twelve high ones the number. Two of
    /// the hashers send the first two keys to the side: to the mixed words that are no keys elsewhere.
    fn new(number: u32, hashing: &Hashing) -> Placed {
        let aside = matches!(hashing, Hashing::Identity | Hashing::High | Hashing::Low);
        let mixed = match number {
            0 if aside => 0,
            1 if aside => !0,
            _ => u64::from(number) << 52 | hashing.hash_one(Key(number)) & !0 >> 12,
        };
        Placed(number, MIX.unmix(mixed))
    }
}

impl Word for Placed {
    type Repr = u64;

    fn into_repr(self) -> u64 {
        self.1
    }

    fn from_repr(word: u64) -> Placed {
        let mixed = MIX.mix(word);
        Placed(if mixed == !0 { 1 } else { (mixed >> 52) as u32 }, word)
    }
}

/// A value, which may give way to another thread whenever a call looks at it: between its load and
/// its exchange, too.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value(u64);

impl Word for Value {
    type Repr = u64;

    fn into_repr(self) -> u64 {
        self.0
    }

    #[inline(always)]
    fn from_repr(word: u64) -> Value {
        pause(256);
        Value(word)
    }
}

impl Shown for Value {
    fn shown(&self) -> u64 {
        self.0
    }
}

impl Pair for (Placed, Value) {
    fn numbers(&self) -> (u32, u64) {
        (self.0.0, self.1.0)
    }
}

/// Closures see references there.
fn by_reference(mut f: impl FnMut(&(), &u64) -> u64) -> impl FnMut(Value) -> Value {
    move |value| Value(f(&(), &value.0))
}

/// A map, or a pinned one, called as maps of nodes are.
macro_rules! calls {
    ($Calls:ident($($life:lifetime)?) for $M:ty) => {
        struct $Calls<'p, $($life,)? R: Reclaim>(&'p $M, &'p Hashing);

        impl<$($life,)? R: Reclaim> $Calls<'_, $($life,)? R> {
            fn map(&self) -> &Self {
                self
            }

            fn get(&self, key: &Placed) -> Option<Value> {
                self.0.get(*key)
            }

            fn contains_key(&self, key: &Placed) -> bool {
                self.0.contains_key(*key)
            }

            fn insert(&self, key: Placed, value: u64) -> Option<Value> {
                self.0.insert(key, Value(value))
            }

            fn try_insert(
                &self,
                key: Placed,
                value: u64,
            ) -> Result<Value, TryInsertError<Value, Placed, Value>> {
                self.0.try_insert(key, Value(value))
            }

            fn get_or_insert(&self, key: Placed, value: u64) -> Value {
                self.0.get_or_insert(key, Value(value))
            }

            fn get_or_insert_with(&self, key: Placed, make: impl FnOnce() -> u64) -> Value {
                self.0.get_or_insert_with(key, || Value(make()))
            }

            fn get_or_try_insert_with<X>(
                &self,
                key: Placed,
                make: impl FnOnce() -> Result<u64, X>,
            ) -> Result<Value, X> {
                self.0.get_or_try_insert_with(key, || make().map(Value))
            }

            fn update(&self, key: Placed, f: impl FnMut(&(), &u64) -> u64) -> Option<Value> {
                self.0.update(key, by_reference(f))
            }

            fn try_update(
                &self,
                key: Placed,
                mut f: impl FnMut(&(), &u64) -> Option<u64>,
            ) -> TryUpdate<Value> {
                self.0.try_update(key, |value| f(&(), &value.0).map(Value))
            }

            fn update_or_insert(
                &self,
                key: Placed,
                f: impl FnMut(&(), &u64) -> u64,
                value: u64,
            ) -> Value {
                self.0.update_or_insert(key, by_reference(f), Value(value))
            }

            fn update_or_insert_with(
                &self,
                key: Placed,
                f: impl FnMut(&(), &u64) -> u64,
                make: impl FnOnce() -> u64,
            ) -> Value {
                self.0.update_or_insert_with(key, by_reference(f), || Value(make()))
            }

            fn compute<T>(
                &self,
                key: Placed,
                mut f: impl FnMut(Option<((), &u64)>) -> Operation<u64, T>,
            ) -> Compute<Value, T> {
                self.0.compute(key, |value| match f(value.as_ref().map(|value| ((), &value.0))) {
                    Operation::Insert(value) => Operation::Insert(Value(value)),
                    Operation::Remove => Operation::Remove,
                    Operation::Abort(reason) => Operation::Abort(reason),
                })
            }

            fn compare_exchange(
                &self,
                key: Placed,
                current: &u64,
                new: u64,
            ) -> Result<Value, CompareExchangeError<Value, Placed, Value>> {
                self.0.compare_exchange(key, Value(*current), Value(new))
            }

            fn remove(&self, key: &Placed) -> Option<Value> {
                self.0.remove(*key)
            }

            fn remove_if(
                &self,
                key: &Placed,
                mut condition: impl FnMut(&(), &u64) -> bool,
            ) -> Option<Value> {
                self.0.remove_if(*key, |value| condition(&(), &value.0))
            }

            fn try_remove(
                &self,
                key: &Placed,
                mut condition: impl FnMut(&(), &u64) -> bool,
            ) -> TryRemove<Value> {
                self.0.try_remove(*key, |value| condition(&(), &value.0))
            }

            fn get_many(&self, keys: &[Placed], mut f: impl FnMut(usize, Option<&u64>)) {
                self.0.get_many(keys, |i, value| f(i, value.as_ref().map(|value| &value.0)));
            }

            fn get_many_into(&self, keys: &[Placed], found: &mut Vec<Option<Value>>) {
                self.0.get_many_into(keys, found);
            }

            fn contains_many(&self, keys: &[Placed]) -> usize {
                self.0.contains_many(keys)
            }

            fn insert_many(&self, entries: impl IntoIterator<Item = (Placed, u64)>) -> usize {
                self.0.insert_many(entries.into_iter().map(|(key, value)| (key, Value(value))))
            }

            fn remove_many(&self, keys: &[Placed]) -> usize {
                self.0.remove_many(keys)
            }

            fn iter(&self) -> impl Iterator<Item = (Placed, Value)> {
                self.0.iter()
            }

            fn keys(&self) -> impl Iterator<Item = Placed> {
                self.0.keys()
            }

            fn values(&self) -> impl Iterator<Item = Value> {
                self.0.values()
            }

            fn retain(&self, mut keep: impl FnMut(&Placed, &u64) -> bool) {
                self.0.retain(|key, value| keep(&key, &value.0));
            }

            fn clear(&self) {
                self.0.clear();
            }

            fn drain(&self) -> impl Iterator<Item = (Placed, Value)> {
                self.0.drain()
            }

            /// A call that only maps of words have, on one key: what was there.
            fn fetch(&self, verb: Verb, key: Placed, by: Value, start: Value) -> Option<Value> {
                let m = self.0;
                match verb {
                    Verb::Swap => m.swap(key, by),
                    Verb::FetchAdd => m.fetch_add(key, by),
                    Verb::FetchSub => m.fetch_sub(key, by),
                    Verb::FetchMax => m.fetch_max(key, by),
                    Verb::FetchMin => m.fetch_min(key, by),
                    Verb::FetchAnd => m.fetch_and(key, by),
                    Verb::FetchOr => m.fetch_or(key, by),
                    Verb::FetchXor => m.fetch_xor(key, by),
                    Verb::FetchAddOr => m.fetch_add_or(key, by, start),
                    Verb::FetchSubOr => m.fetch_sub_or(key, by, start),
                    Verb::FetchMaxOr => m.fetch_max_or(key, by, start),
                    Verb::FetchMinOr => m.fetch_min_or(key, by, start),
                    Verb::FetchAndOr => m.fetch_and_or(key, by, start),
                    Verb::FetchOrOr => m.fetch_or_or(key, by, start),
                    Verb::FetchXorOr => m.fetch_xor_or(key, by, start),
                    other => unreachable!("{other:?} is not on one key"),
                }
            }

            fn fetch_add_many(&self, verb: Verb, entries: &[(Placed, Value)]) -> usize {
                match verb {
                    Verb::FetchAddMany => self.0.fetch_add_many(entries),
                    _ => self.0.fetch_add_many_or(entries, Value(0)),
                }
            }
        }
    };
}

calls!(Unpinned() for Map<R>);
calls!(UnderPin('m) for Pinned<'m, Placed, Value, FixedMix, R>);
calls!(UnderOwnedPin('m) for OwnedPinned<'m, Placed, Value, FixedMix, R>);

/// What a call makes of a value; and of its start, if it has one, where there is none.
fn fetches(verb: Verb, by: u64, start: u64) -> (fn(u64, u64) -> u64, Option<u64>) {
    match verb {
        Verb::Swap => (|_, by| by, None),
        Verb::FetchAdd => (u64::wrapping_add, None),
        Verb::FetchSub => (u64::wrapping_sub, None),
        Verb::FetchMax => (u64::max, None),
        Verb::FetchMin => (u64::min, None),
        Verb::FetchAnd => (|old, by| old & by, None),
        Verb::FetchOr => (|old, by| old | by, None),
        Verb::FetchXor => (|old, by| old ^ by, None),
        Verb::FetchAddOr => (u64::wrapping_add, Some(start)),
        Verb::FetchSubOr => (u64::wrapping_sub, Some(start)),
        Verb::FetchMaxOr => (u64::max, Some(start)),
        Verb::FetchMinOr => (u64::min, Some(start)),
        Verb::FetchAndOr => (|old, by| old & by, Some(start)),
        Verb::FetchOrOr => (|old, by| old | by, Some(start)),
        Verb::FetchXorOr => (|old, by| old ^ by, Some(start)),
        other => unreachable!("{other:?} is not on one key (by {by})"),
    }
}

/// Any word, so that a sum of some is hardly ever one that was there before.
fn any(rng: &mut Rng) -> u64 {
    rng.below(1 << 32) << 32 | rng.below(1 << 32)
}

/// A call on one key that answers with what was there.
fn fetch(
    worker: &mut Worker,
    verb: Verb,
    key: Placed,
    call: impl FnOnce(Value, Value) -> Option<Value>,
) {
    let (r, rng) = (&mut worker.recorder, &mut worker.rng);
    let start = r.fresh(key.0);
    // What a key has, large or small, and one more; or anything.
    let by = match (verb, rng.below(4)) {
        (Verb::Swap, _) => start,
        (Verb::FetchMax | Verb::FetchMaxOr | Verb::FetchMin | Verb::FetchMinOr, _) => start,
        (_, 0) => 1,
        _ => any(rng),
    };
    let (span, old) = r.time(|| call(Value(by), Value(start)));
    let (made, start) = fetches(verb, by, start);
    let old = old.map(|old| old.0);
    let left = match old.or(start).map(|value| made(value, by)) {
        Some(new) if old == Some(new) => Left::Same,
        Some(new) => Left::Value(new),
        None => Left::Same,
    };
    r.note(key.0, verb as u8, span, Saw::Is(old), left);
}

/// Additions to many keys, which say no more than how many there were before.
fn add_many(
    worker: &mut Worker,
    verb: Verb,
    hashing: &Hashing,
    call: impl FnOnce(&[(Placed, Value)]) -> usize,
) {
    let numbers = worker.batch();
    let (r, rng) = (&mut worker.recorder, &mut worker.rng);
    let entry = |number| (Placed::new(number, hashing), Value(any(rng)));
    let entries: Vec<_> = numbers.map(entry).collect();
    let (span, count) = r.time(|| call(&entries));
    let inserts = verb == Verb::FetchAddManyOr;
    let there = if inserts { entries.len() - count } else { count };
    let saw = match there {
        0 => Saw::Is(None),
        n if n == entries.len() => Saw::Present,
        _ => Saw::Any,
    };
    for (key, Value(by)) in entries {
        let left = if inserts { Left::Counted(by) } else { Left::Added(by) };
        r.note(key.0, verb as u8, span, saw, left);
    }
}

/// A call that only maps of words have.
macro_rules! on_words {
    ($worker:expr, $m:expr, $verb:expr, $key:expr) => {
        match $verb {
            verb @ (Verb::FetchAddMany | Verb::FetchAddManyOr) => {
                add_many($worker, verb, $m.1, |entries| $m.fetch_add_many(verb, entries));
            }
            verb => fetch($worker, verb, $key, |by, start| $m.fetch(verb, $key, by, start)),
        }
    };
}

impl<R: Reclaim> Words<R> {
    fn unpinned(&self, worker: &mut Worker) {
        let m = &Unpinned(&self.map, &self.hashing);
        session!(worker, m, |number| Placed::new(number, m.1), on_words);
    }

    fn pinned(&self, worker: &mut Worker) {
        let pinned = self.map.pin();
        let m = &UnderPin(&pinned, &self.hashing);
        session!(worker, m, |number| Placed::new(number, m.1), on_words);
    }

    fn owned(&self, worker: &mut Worker) {
        let pinned = self.map.pin_owned();
        let m = &UnderOwnedPin(&pinned, &self.hashing);
        session!(worker, m, |number| Placed::new(number, m.1), on_words);
    }
}

impl<R: Reclaim + 'static> Subject for Words<R>
where
    Map<R>: Sync,
{
    /// Kept in a node of its own.
    const LARGE: u64 = 1 << 63;

    fn with_hashing(hashing: Hashing) -> Self {
        let map = WordMap::builder().mix(MIX).reclaimer::<R>().build();
        Words { map, hashing }
    }

    fn work(&self, worker: &mut Worker) {
        match worker.rng.below(32) {
            0..=14 => self.unpinned(worker),
            15..=28 => self.pinned(worker),
            29 => self.owned(worker),
            30 => worker.maintain(self),
            _ => self.map.flush(),
        }
    }

    fn capacity(&self) -> usize {
        self.map.capacity()
    }

    fn reserve(&self, additional: usize) {
        self.map.reserve(additional);
    }

    fn shrink_to_fit(&self) {
        self.map.shrink_to_fit();
    }

    fn finish_resize(&self) {
        self.map.finish_resize();
    }

    fn holds(&self, key: u32) -> State {
        self.map.get(Placed::new(key, &self.hashing)).map(|value| value.0)
    }

    fn counts(&self) -> (usize, usize) {
        (self.map.len(), self.map.iter().count())
    }
}
