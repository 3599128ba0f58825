//! Maps of words: keys and values at the edges, types of one's own, counting as atomics do, closures
//! that panic or use the map, what goes in and out.

mod common;
#[path = "common/fuse.rs"]
mod fuse;

use common::{Reclaimer, within};
use dolmen::words::{FixedMix, Mix, RandomMix};
use dolmen::{Compute, HashMap, Operation, TryInsertError, Word, WordMap, WordSet};
use fuse::{Code, at_every_call, tick};
use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;
use std::num::NonZero;
use std::sync::atomic::{AtomicI8, AtomicI64, AtomicU8, AtomicU64, Ordering::SeqCst};
use std::time::Duration;

fn map<K: dolmen::words::WordKey, V: Word, R: Reclaimer>() -> WordMap<K, V, RandomMix, R> {
    WordMap::default()
}

/// What goes in comes out, as a key and as a value, beside all the others.
fn all_at_once<T: Word + dolmen::words::WordKey + Ord + std::fmt::Debug, R: Reclaimer>(
    edges: &[T],
) {
    let keys = map::<T, u64, R>();
    let values = map::<u64, T, R>();
    for (i, edge) in (0u64..).zip(edges) {
        assert_eq!(keys.insert(*edge, i), None);
        assert_eq!(values.insert(i, *edge), None);
    }
    for (i, edge) in (0u64..).zip(edges) {
        assert_eq!(keys.get(*edge), Some(i));
        assert_eq!(values.get(i), Some(*edge));
        // Each over each: between values that fit and values that do not.
        for other in edges {
            assert_eq!(values.insert(i, *other), values.swap(i, *edge).map(|_| *edge));
            assert_eq!(values.compare_exchange(i, *edge, *other).unwrap(), *other);
            assert_eq!(values.remove(i), Some(*other));
            assert_eq!(values.insert(i, *edge), None);
        }
    }
    let expected: BTreeSet<T> = edges.iter().copied().collect();
    assert_eq!(keys.keys().collect::<BTreeSet<T>>(), expected);
    assert_eq!(values.values().collect::<BTreeSet<T>>(), expected);
    keys.reserve(10_000);
    values.reserve(10_000);
    assert_eq!(keys.into_iter().map(|(key, _)| key).collect::<BTreeSet<T>>(), expected);
    assert_eq!(values.into_iter().map(|(_, value)| value).collect::<BTreeSet<T>>(), expected);
}

fn edges_of_every_type<R: Reclaimer>() {
    all_at_once::<u64, R>(&[
        0,
        1,
        2,
        (1 << 61) - 1,
        1 << 61,
        (1 << 62) - 1,
        1 << 62,
        1 << 63,
        !1,
        !0,
    ]);
    let edge = 1i64 << 61;
    all_at_once::<i64, R>(&[0, 1, -1, edge - 1, edge, -edge, -edge - 1, i64::MAX, i64::MIN]);
    all_at_once::<isize, R>(&[0, 1, -1, isize::MAX, isize::MIN]);
    all_at_once::<usize, R>(&[0, 1, usize::MAX]);
    all_at_once::<u8, R>(&(0..=u8::MAX).collect::<Vec<_>>());
    all_at_once::<i8, R>(&(i8::MIN..=i8::MAX).collect::<Vec<_>>());
    all_at_once::<u16, R>(&[0, 1, u16::MAX]);
    all_at_once::<i16, R>(&[0, -1, i16::MIN, i16::MAX]);
    all_at_once::<u32, R>(&[0, 1, u32::MAX]);
    all_at_once::<i32, R>(&[0, -1, i32::MIN, i32::MAX]);
    all_at_once::<bool, R>(&[false, true]);
    all_at_once::<char, R>(&['\0', 'a', '\u{d7ff}', '\u{e000}', char::MAX]);
    all_at_once::<NonZero<u64>, R>(&[NonZero::<u64>::MIN, NonZero::<u64>::MAX]);
    all_at_once::<NonZero<i64>, R>(&[NonZero::<i64>::MIN, NonZero::<i64>::MAX]);
    all_at_once::<Option<NonZero<u64>>, R>(&[0, 1, u64::MAX].map(NonZero::new));
    all_at_once::<Option<NonZero<i8>>, R>(&[0, 1, -1, i8::MIN].map(NonZero::new));
    all_at_once::<(), R>(&[()]);
    static NUMBERS: [u64; 3] = [7, 8, 9];
    all_at_once::<&'static u64, R>(&NUMBERS.each_ref());
    all_at_once::<Option<&'static u64>, R>(&[None, Some(&NUMBERS[0]), Some(&NUMBERS[1])]);
    all_at_once::<*const u64, R>(&[std::ptr::null(), &raw const NUMBERS[1]]);
    all_at_once::<*mut u64, R>(&[std::ptr::null_mut(), std::ptr::dangling_mut()]);
}

fn floats_come_back_bit_by_bit<R: Reclaimer>() {
    let edges =
        [0.0, -0.0, 1.0, -1.5, f64::MAX, f64::MIN_POSITIVE, 5e-324, f64::INFINITY, f64::NAN];
    let with_payload = f64::from_bits(f64::NAN.to_bits() | 0xdead);
    let map = map::<u32, f64, R>();
    for (i, value) in (0..).zip(edges.into_iter().chain([with_payload])) {
        for value in [value, -value] {
            map.insert(i, value);
            assert_eq!(map.get(i).unwrap().to_bits(), value.to_bits());
            // By bits: a NaN is itself, and zero is not minus zero.
            assert!(map.compare_exchange(i, -value, 1.0).is_err());
            assert!(map.compare_exchange(i, value, -value).is_ok());
        }
    }
}

/// Keys whose mixed words mean something else in a slot, from any seed.
fn reserved_keys_are_keys<R: Reclaimer>() {
    for seed in 0..20 {
        let mix = FixedMix::new(seed);
        let reserved = [0, !0, 1, 2, !1].map(|mixed| mix.unmix(mixed));
        let map = WordMap::<u64, u64>::builder().mix(mix).reclaimer::<R>().build();
        for round in 0..3 {
            for (i, key) in (0u64..).zip(reserved) {
                assert_eq!(map.get(key), None);
                assert_eq!(map.remove(key), None);
                assert_eq!(map.insert(key, i), None);
                assert_eq!(map.fetch_add(key, 10), Some(i));
                assert_eq!(map.insert(key, u64::MAX - i), Some(i + 10));
                assert_eq!(map.update(key, |v| v - 1), Some(u64::MAX - i - 1));
            }
            assert_eq!(map.len(), reserved.len());
            assert_eq!(map.keys().collect::<BTreeSet<_>>(), reserved.into_iter().collect());
            // Through several resizes, with them in and out.
            (0..500 * (round + 1)).for_each(|n| _ = map.insert(reserved[0] ^ (n + 1), n));
            for (i, key) in (0u64..).zip(reserved) {
                assert!(map.get(key).is_some(), "seed {seed}, {i}");
            }
            map.clear();
            map.shrink_to_fit();
        }
    }
}

/// An index of something borrowed: a word of one's own, with a lifetime and a type parameter.
struct Index<'a, T>(u32, PhantomData<&'a T>);

impl<T> Clone for Index<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Index<'_, T> {}

impl<T> Word for Index<'_, T> {
    type Repr = u32;

    fn into_repr(self) -> u32 {
        self.0
    }

    fn from_repr(repr: u32) -> Self {
        Index(repr, PhantomData)
    }
}

#[test]
fn words_of_ones_own() {
    let names = ["a", "b", "c"];
    let next: WordMap<Index<'_, &str>, Index<'_, &str>> = WordMap::new();
    for i in 0..3 {
        next.insert(Index(i, PhantomData), Index((i + 1) % 3, PhantomData));
    }
    let after = next.get(Index(2, PhantomData)).unwrap();
    assert_eq!(names[after.0 as usize], "a");
    assert_eq!(
        next.fetch_add_or(Index(9, PhantomData), Index(2, PhantomData), after).map(|i| i.0),
        None
    );
    assert_eq!(next.get(Index(9, PhantomData)).unwrap().0, 2);
}

/// Its conversions panic when they are told to.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Touchy(u64);

impl Word for Touchy {
    type Repr = u64;

    fn into_repr(self) -> u64 {
        tick(Code::Clone);
        self.0
    }

    fn from_repr(repr: u64) -> Self {
        tick(Code::Eq);
        Touchy(repr)
    }
}

type Calls<K, V> = [(&'static str, fn(&WordMap<K, V>)); 12];

/// Each of them calls what may panic.
fn calls() -> Calls<Touchy, Touchy> {
    fn plus(v: Touchy) -> Touchy {
        tick(Code::Closure);
        Touchy(v.0 + 1)
    }
    fn ticks(_: Touchy) -> bool {
        tick(Code::Closure);
        true
    }
    [
        ("get", |m| _ = m.get(Touchy(1))),
        ("insert", |m| _ = m.insert(Touchy(1), Touchy(7))),
        ("insert new", |m| _ = m.insert(Touchy(1000), Touchy(u64::MAX))),
        ("update", |m| _ = m.update(Touchy(1), plus)),
        ("update_or_insert", |m| _ = m.update_or_insert(Touchy(1000), plus, Touchy(1))),
        ("get_or_insert_with", |m| _ = m.get_or_insert_with(Touchy(1000), || plus(Touchy(1)))),
        ("compute", |m| {
            let step = |v: Option<Touchy>| Operation::<_, ()>::Insert(plus(v.unwrap()));
            _ = m.compute(Touchy(2), step);
        }),
        ("compare_exchange", |m| _ = m.compare_exchange(Touchy(1), Touchy(1), Touchy(2))),
        ("remove", |m| _ = m.remove(Touchy(1))),
        ("remove_if", |m| _ = m.remove_if(Touchy(1), ticks)),
        ("fetch_add_or", |m| _ = m.fetch_add_or(Touchy(1), Touchy(5), Touchy(1))),
        ("get_many", |m| m.get_many(&[Touchy(1), Touchy(2)], |_, _| tick(Code::Closure))),
    ]
}

/// A call that panics has changed nothing; the next one goes through.
#[test]
fn panics_change_nothing() {
    let contents = |map: &WordMap<Touchy, Touchy>| -> BTreeMap<u64, u64> {
        map.iter().map(|(k, v)| (k.0, v.0)).collect()
    };
    let full = || -> WordMap<Touchy, Touchy> { (0..40).map(|n| (Touchy(n), Touchy(n))).collect() };
    for (name, call) in calls() {
        let mut panics = 0;
        for code in [Code::Clone, Code::Eq, Code::Closure] {
            panics += at_every_call(
                code,
                full,
                |map| call(map),
                |map, panicked, at| {
                    if panicked {
                        assert_eq!(contents(&map), contents(&full()), "{name}, {at}");
                    }
                    call(&map);
                    assert!(map.len() >= 39, "{name}, {at}");
                },
            );
        }
        assert!(panics > 0, "{name} panicked");
    }
}

/// A closure that panics in `retain` leaves what was removed removed, and the rest in the map.
#[test]
fn a_panic_ends_a_retain() {
    let map: WordMap<u64, u64> = (0..100).map(|n| (n, n)).collect();
    let mut asked = 0;
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        map.retain(|_, _| {
            asked += 1;
            assert!(asked < 50);
            false
        });
    }));
    assert!(result.is_err());
    assert_eq!(map.len(), 51);
    assert_eq!(map.iter().count(), 51);
}

fn closures_may_use_the_map<R: Reclaimer>() {
    within(Duration::from_secs(60), || {
        let map = map::<u64, u64, R>();
        (0..100).for_each(|n| _ = map.insert(n, n));
        // Other keys, the same key once, and a resize.
        let mut first = true;
        let new = map.update(1, |v| {
            assert_eq!(map.get(1), Some(v));
            map.insert(v + 1000, v);
            if std::mem::take(&mut first) {
                map.insert(1, 50);
                map.reserve(10_000);
            }
            v + 1
        });
        assert_eq!((new, map.get(1)), (Some(51), Some(51)));
        let done = map.compute(2, |v| {
            assert_eq!(map.remove(3), if v == Some(2) { map.get(3).or(Some(3)) } else { None });
            Operation::<u64, ()>::Remove
        });
        assert_eq!(done, Compute::Removed(2));
        assert_eq!(map.get_or_insert_with(2, || map.insert(2, 7).map_or(9, |_| 8)), 7);
        assert_eq!(map.remove_if(4, |v| map.update(5, |w| w + v).is_some()), Some(4));
        map.retain(|k, _| {
            map.fetch_add_or(5000 + k % 3, 1, 0);
            k % 2 == 0
        });
        map.get_many(&[6, 8], |_, value| {
            map.pin().insert(value.unwrap(), 1);
            map.clear();
            (0..10).for_each(|n| _ = map.insert(n, n));
        });
        for (key, _) in &map {
            map.insert(key + 1, key);
            map.shrink_to_fit();
        }
        assert!(!map.is_empty());
    });
}

/// Every `fetch_`, against the atomic of the type.
macro_rules! against_atomics {
    ($T:ident, $Atomic:ident) => {{
        let values = [0, 1, 2, $T::MIN, $T::MAX, $T::MAX / 2, $T::MAX / 2 + 1, $T::MAX - 1];
        let map: WordMap<u8, $T> = WordMap::new();
        for start in values {
            for by in values {
                against_atomics!(@ map, start, by, $Atomic; fetch_add fetch_add_or, fetch_sub fetch_sub_or,
                    fetch_max fetch_max_or, fetch_min fetch_min_or, fetch_and fetch_and_or,
                    fetch_or fetch_or_or, fetch_xor fetch_xor_or);
            }
        }
    }};
    (@ $map:ident, $start:ident, $by:ident, $Atomic:ident; $($fetch:ident $fetch_or:ident),+) => {$(
        let atomic = $Atomic::new($start);
        assert_eq!($map.$fetch(1, $by), None, "{} of nothing", stringify!($fetch));
        assert!($map.is_empty());
        assert_eq!($map.$fetch_or(1, $by, $start), None);
        assert_eq!(atomic.$fetch($by, SeqCst), $start);
        assert_eq!($map.get(1), Some(atomic.load(SeqCst)), "{}", stringify!($fetch_or));
        assert_eq!($map.$fetch_or(1, $by, 0), Some(atomic.$fetch($by, SeqCst)));
        assert_eq!($map.pin().$fetch(1, $by), Some(atomic.$fetch($by, SeqCst)));
        assert_eq!($map.remove(1), Some(atomic.load(SeqCst)), "{}", stringify!($fetch));
    )+};
}

#[test]
fn counting_is_that_of_atomics() {
    against_atomics!(u64, AtomicU64);
    against_atomics!(i64, AtomicI64);
    against_atomics!(u8, AtomicU8);
    against_atomics!(i8, AtomicI8);
}

#[test]
fn offers_and_exchanges_say_what_is_there() {
    let map = WordMap::from([(1, u64::MAX)]);
    let error = map.try_insert(1, 2).unwrap_err();
    assert!(matches!(error, TryInsertError::Occupied { current: u64::MAX, key: 1, value: 2 }));
    assert_eq!(error.to_string(), "the key is present");
    let error = map.compare_exchange(1, 1, 2).unwrap_err();
    assert_eq!((error.current, error.key, error.new), (Some(u64::MAX), 1, 2));
    assert_eq!(map.compare_exchange(2, 1, 2).unwrap_err().to_string(), "the key is absent");
    assert_eq!(map.len(), 1);
}

#[test]
fn a_value_is_made_once() {
    let map: WordMap<u64, u64> = WordMap::new();
    let mut made = 0;
    assert_eq!(
        map.update_or_insert_with(
            1,
            |v| v + 1,
            || {
                made += 1;
                7
            }
        ),
        7
    );
    assert_eq!(map.update_or_insert_with(1, |v| v + 1, || unreachable!()), 8);
    // Lost to a write by the closure itself: what was made is offered again where it is needed.
    let value = map.update_or_insert_with(
        2,
        |v| v + 1,
        || {
            made += 1;
            map.insert(2, 50);
            7
        },
    );
    assert_eq!((value, made), (51, 2));
}

/// Values that fit into a slot, and such as do not, after each other: whatever a closure is shown, it is once
/// where nobody is in the way, and each is shown what the one before said.
#[test]
fn closures_run_once_for_values_of_any_size() {
    let values = [0, 1, (1 << 62) - 1, 1 << 62, 1 << 63, u64::MAX];
    let map: WordMap<u64, u64> = WordMap::with_capacity(1000);
    for key in 0..100 {
        let mut seen = None;
        for new in values.into_iter().chain(values.into_iter().rev()) {
            let mut runs = 0;
            let done = map.compute(key, |current| {
                runs += 1;
                assert_eq!(current, seen);
                Operation::<u64, ()>::Insert(new)
            });
            assert_eq!(runs, 1, "from {seen:?} to {new}");
            match done {
                Compute::Inserted(value) => assert_eq!((seen, value), (None, new)),
                Compute::Updated { old, new: value } => assert_eq!((seen, value), (Some(old), new)),
                _ => unreachable!("it inserts"),
            }
            seen = Some(new);
            // Again from a key that has a slot, and no value.
            if key % 2 == 1 {
                assert_eq!(map.remove(key), seen.take());
            }
        }
    }
    assert_eq!(map.len(), 50);
}

/// A thread has nothing to count in yet, and no pin, when it writes for the first time.
#[test]
fn closures_run_once_in_a_threads_first_write() {
    let map: WordMap<u64, u64> = (0..100).map(|key| (key, key)).collect();
    let in_a_thread = |write: &(dyn Fn(&mut u32) + Sync)| {
        let mut runs = 0;
        std::thread::scope(|scope| scope.spawn(|| write(&mut runs)).join().expect("no panic"));
        assert_eq!(runs, 1);
    };
    for key in 0..20 {
        in_a_thread(&|runs| {
            let removed = map.remove_if(key, |_| {
                *runs += 1;
                true
            });
            assert_eq!(removed, Some(key));
        });
        in_a_thread(&|runs| {
            let updated = map.update(key + 20, |value| {
                *runs += 1;
                value + 1
            });
            assert_eq!(updated, Some(key + 21));
        });
        in_a_thread(&|runs| {
            let made = map.compute(key, |current| {
                *runs += 1;
                assert_eq!(current, None);
                Operation::<u64, ()>::Insert(key)
            });
            assert!(matches!(made, Compute::Inserted(_)));
        });
    }
    assert_eq!(map.len(), 100);
}

fn built_as_told<R: Reclaimer>() {
    let mix = FixedMix::new(3);
    let builder = WordMap::<u32, u32>::builder().capacity(500).mix(mix).reclaimer::<R>();
    assert!(format!("{builder:?}").contains("500"));
    let map = builder.build();
    assert!(map.capacity() >= 500 && map.is_empty());
    assert_eq!(map.mix().mix(1), mix.mix(1));
    assert_eq!(map.clone().mix().mix(1), mix.mix(1));
    let set = WordSet::<u32>::builder().capacity(500).mix(mix).reclaimer::<R>().build();
    assert!(set.capacity() >= 500 && set.is_empty());
    assert_eq!(set.mix().mix(1), mix.mix(1));
}

#[test]
fn conversions_keep_every_entry() {
    let entries: BTreeMap<u32, i64> = (0..1000).map(|n| (n, -i64::from(n))).collect();
    let words: WordMap<u32, i64> = entries.iter().map(|(k, v)| (*k, *v)).collect();
    let there: HashMap<u32, i64> = (&words).into();
    assert_eq!(there.len(), 1000);
    let back: WordMap<u32, i64> = (&there).into();
    assert_eq!(back, words);
    let owned: HashMap<u32, i64> = words.into();
    assert_eq!(owned, there);
    let back: WordMap<u32, i64> = owned.into();
    assert_eq!(back.into_iter().collect::<BTreeMap<_, _>>(), entries);
}

#[test]
fn what_is_printed() {
    let map = WordMap::from([('a', 1)]);
    assert_eq!(format!("{map:?} {:?}", map.pin()), "{'a': 1} {'a': 1}");
    assert_eq!(
        format!("{:?} {:?} {:?}", map.iter(), map.keys(), map.values()),
        "[('a', 1)] ['a'] [1]"
    );
    assert_eq!(format!("{:?} {:?}", map.pin().keys(), map.pin().values()), "['a'] [1]");
    assert_eq!(format!("{:?}", map.drain()), "[('a', 1)]");
    assert_eq!(format!("{:?}", FixedMix::new(12345)), "FixedMix { .. }");
    let set = WordSet::from(['a']);
    assert_eq!(format!("{set:?} {:?}", set.pin()), "{'a'} {'a'}");
    assert_eq!(format!("{:?} {:?}", set.iter(), set.drain()), "['a'] ['a']");
    let iter = map.iter();
    assert_eq!(iter.clone().collect::<Vec<_>>(), iter.collect::<Vec<_>>());
}

#[test]
fn a_map_in_a_static() {
    static COUNTS: WordMap<u32, u64, FixedMix> = WordMap::with_mix(FixedMix::new(9));
    static SEEN: WordSet<u32, FixedMix> = WordSet::with_mix(FixedMix::new(9));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for n in 0..1000 {
                    COUNTS.fetch_add_or(n % 10, 1, 0);
                    SEEN.insert(n);
                }
            });
        }
    });
    assert_eq!(COUNTS.values().sum::<u64>(), 4000);
    assert_eq!(SEEN.len(), 1000);
    COUNTS.clear();
}

#[test]
fn capacities_that_cannot_be() {
    let map: WordMap<u64, u64> = WordMap::from([(1, 1)]);
    for capacity in [usize::MAX, usize::MAX / 2, 1 << 60] {
        assert!(map.try_reserve(capacity).is_err());
        assert!(std::panic::catch_unwind(|| map.reserve(usize::MAX)).is_err());
    }
    assert_eq!(map.get(1), Some(1));
    map.shrink_to(usize::MAX);
    assert_eq!(map.len(), 1);
}

/// A map that iteration goes over while its own pin is owned and elsewhere.
fn owned_pins_travel<R: Reclaimer>() {
    let map = map::<u64, u64, R>();
    (0..1000).for_each(|n| _ = map.insert(n, n));
    let m = map.pin_owned();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            assert_eq!(m.iter().count(), 1000);
            assert_eq!(m.drain().map(|(_, v)| v).sum::<u64>(), 499_500);
            assert!(m.is_empty() && m.map().is_empty());
            assert_eq!(m.insert(1, 1), None);
        });
    });
    assert_eq!(map.pin().into_iter().collect::<Vec<_>>(), [(1, 1)]);
}

on_each_reclaimer!(
    edges_of_every_type,
    floats_come_back_bit_by_bit,
    reserved_keys_are_keys,
    closures_may_use_the_map,
    built_as_told,
    owned_pins_travel,
);

#[cfg(feature = "serde")]
#[test]
fn formats_give_back_what_they_got() {
    let map: WordMap<u64, f64> = (0..1000).map(|n| (u64::MAX - n, n as f64 / 4.0)).collect();
    let json = serde_json::to_string(&map).unwrap();
    assert!(serde_json::from_str::<WordMap<u64, f64>>(&json).unwrap() == map);
    let bytes = postcard::to_stdvec(&map.pin()).unwrap();
    let back: WordMap<u64, f64> = postcard::from_bytes(&bytes).unwrap();
    assert!(back == map);
    assert_eq!(back.stats().migration, None);
    let set: WordSet<char> = ('a'..='z').collect();
    let bytes = postcard::to_stdvec(&set).unwrap();
    assert_eq!(bytes, postcard::to_stdvec(&set.pin()).unwrap());
    assert_eq!(postcard::from_bytes::<WordSet<char>>(&bytes).unwrap(), set);
    // Input that announces more than it brings, and input of another kind.
    assert!(postcard::from_bytes::<WordMap<u64, u64>>(&[0xff, 0xff, 0xff, 0xff, 0xff, 1]).is_err());
    assert!(serde_json::from_str::<WordMap<u64, u64>>("[1]").is_err());
    assert!(serde_json::from_str::<WordSet<u64>>("{}").is_err());
}

#[test]
fn what_a_shared_map_is_extended_by_is_there_at_once() {
    let map = WordMap::<u64, u64>::new();
    (&map).extend((0..100).map(|n| (map.len() as u64, n)));
    assert_eq!((map.len(), map.get(99)), (100, Some(99)));
    let mut set = WordSet::<u64>::new();
    (&set).extend((0..100).map(|_| set.len() as u64));
    assert_eq!(set.len(), 100);
    // Alone with it, it goes by batches.
    set.extend((0..1_000).map(|n| n % 500));
    assert_eq!(set.len(), 500);
}

#[cfg(feature = "rayon")]
#[test]
fn parallel_iterators_yield_each_entry_once() {
    use rayon::prelude::*;

    let expected: BTreeMap<u64, u64> = (0..10_000).map(|n| (n, n * n)).collect();
    let mut map: WordMap<u64, u64> = (0..5000u64).into_par_iter().map(|n| (n, n * n)).collect();
    map.par_extend((5000..10_000u64).into_par_iter().map(|n| (n, n * n)));
    assert_eq!(map.stats().migration, None);
    let m = map.pin();
    let seen: Vec<(u64, u64)> = m.par_iter().collect();
    assert_eq!(seen.len(), 10_000);
    assert_eq!(seen.into_iter().collect::<BTreeMap<_, _>>(), expected);
    drop(m);
    assert_eq!(map.into_par_iter().collect::<BTreeMap<_, _>>(), expected);
    let mut set: WordSet<u64> = (0..500u64).into_par_iter().collect();
    set.par_extend((500..1000u64).into_par_iter());
    assert_eq!(set.pin().par_iter().sum::<u64>(), 499_500);
    assert_eq!(set.into_par_iter().count(), 1000);
}
