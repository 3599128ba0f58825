//! Sizes: what a small map costs, what cannot be had, and what must not grow.

mod common;

use common::{Constant, Identity, Pairs, Random, scaled};
use dolmen::{DefaultHashBuilder, HashMap, TryInsertError, WordMap};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The system's allocator, which counts this thread's bytes, and fails when it is told to.
struct Counting;

thread_local! {
    static BYTES: Cell<isize> = const { Cell::new(0) };
    static BLOCKS: Cell<isize> = const { Cell::new(0) };
    /// How many more allocations succeed.
    static ALLOWANCE: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// Whether this allocation may succeed.
fn allowed(layout: Layout) -> bool {
    if layout.size() > 1 << 40 {
        // Nobody has as much, and a sanitizer would end the process instead of refusing.
        return false;
    }
    let left = ALLOWANCE.get();
    if left != usize::MAX && left > 0 {
        ALLOWANCE.set(left - 1);
    }
    left > 0
}

fn count(blocks: isize, bytes: usize) {
    BLOCKS.set(BLOCKS.get() + blocks);
    BYTES.set(BYTES.get() + blocks * bytes as isize);
}

// SAFETY: the system's allocator does the work; a refusal is a null pointer, as it may be.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !allowed(layout) {
            return std::ptr::null_mut();
        }
        count(1, layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !allowed(layout) {
            return std::ptr::null_mut();
        }
        count(1, layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        count(-1, layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(ptr, layout) };
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes and blocks that `f` leaves allocated.
fn cost<T>(f: impl FnOnce() -> T) -> (T, isize, isize) {
    let (bytes, blocks) = (BYTES.get(), BLOCKS.get());
    let result = f();
    (result, BYTES.get() - bytes, BLOCKS.get() - blocks)
}

/// Runs `f` with `n` allocations to succeed, and all later ones to fail.
fn with_memory_for<T>(n: usize, f: impl FnOnce() -> T) -> T {
    ALLOWANCE.set(n);
    let result = f();
    ALLOWANCE.set(usize::MAX);
    result
}

/// One test at a time: a pin in another thread would keep what this one counts as freed.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the process pays once, and the thread once, is not the map's.
fn pay_for_the_thread() {
    let map: HashMap<u64, u64> = HashMap::new();
    map.insert(1, 1);
    map.remove(&1);
}

#[test]
fn an_empty_map_costs_nothing() {
    let _alone = alone();
    pay_for_the_thread();
    let (map, bytes, _) = cost(HashMap::<u64, u64>::new);
    assert_eq!(bytes, 0);
    // What there is no table for makes none, and no place for this thread.
    let calls = || (map.finish_resize(), map.shrink_to_fit(), map.reserve(0));
    let (_, bytes, blocks) = cost(calls);
    assert_eq!((bytes, blocks), (0, 0));
    let ((), bytes, _) = cost(|| {
        assert!(map.get(&1).is_none() && map.remove(&1).is_none() && map.is_empty());
        assert!(map.iter().next().is_none() && map.capacity() == 0);
        map.clear();
        map.shrink_to_fit();
        map.finish_resize();
        map.reserve(0);
        map.flush();
    });
    println!("an empty map that was only asked: {bytes} bytes");
    assert!(bytes <= 512);
    let ((), total, blocks) = cost(|| drop(map));
    assert!(total == -bytes && blocks <= 0);
}

#[test]
fn a_small_map_is_small() {
    let _alone = alone();
    pay_for_the_thread();
    let (map, one, blocks) = cost(|| {
        let map: HashMap<u64, u64> = HashMap::new();
        map.insert(1, 1);
        map
    });
    println!("one insert: {one} bytes in {blocks} blocks");
    assert!(one <= 1024);
    let ((), more, blocks) = cost(|| drop(map.remove(&1)));
    println!("and one remove: {more} bytes more, in {blocks} blocks; {} in all", one + more);
    assert!(one + more <= 512);
    let ((), after, _) = cost(|| drop(map));
    assert_eq!(after, -(one + more), "a map leaves nothing behind");
}

#[test]
fn nothing_is_left_behind() {
    let _alone = alone();
    fn life<S: BuildHasher + Default>(keys: u64) {
        let map = HashMap::<u64, u64, S>::default();
        for round in 0..3 {
            (0..keys).for_each(|n| drop(map.insert(n, round)));
            (0..keys).for_each(|n| drop(map.remove(&(n * 2))));
            map.reserve(keys as usize);
            map.shrink_to_fit();
        }
        let owned = map.pin_owned();
        assert_eq!(owned.iter().count(), map.len());
    }
    life::<Identity>(10); // a participant of its own for the owned pin
    for keys in [0, 1, 7, 8, 100, 5000] {
        let ((), bytes, blocks) = cost(|| life::<DefaultHashBuilder>(keys));
        assert_eq!((bytes, blocks), (0, 0), "{keys} keys");
        let ((), bytes, blocks) = cost(|| life::<Pairs>(keys));
        assert_eq!((bytes, blocks), (0, 0), "{keys} keys in pairs");
        let ((), bytes, blocks) = cost(|| life::<Constant>(keys.min(100)));
        assert_eq!((bytes, blocks), (0, 0), "{keys} keys in a list");
    }
}

#[test]
fn capacities_that_cannot_be() {
    let _alone = alone();
    let overflow = |f: &dyn Fn()| {
        let panic = catch_unwind(AssertUnwindSafe(f)).expect_err("too much");
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"capacity overflow"));
    };
    let map: HashMap<u64, u64> = (0..10).map(|n| (n, n)).collect();
    let capacity = map.capacity();
    for n in [usize::MAX, usize::MAX / 2 + 1, usize::MAX / 8, isize::MAX as usize, 1 << 61] {
        overflow(&|| drop(HashMap::<u64, u64>::with_capacity(n)));
        overflow(&|| drop(HashMap::<u64, u64, _>::with_capacity_and_hasher(n, Identity)));
        overflow(&|| map.reserve(n));
        overflow(&|| map.pin().reserve(n));
        assert_eq!(map.try_reserve(n).unwrap_err().to_string(), "capacity overflow");
        assert!(HashMap::<u64, u64>::new().try_reserve(n).is_err());
    }
    // A size that is possible and more than there is.
    let error = map.try_reserve(1 << 52).unwrap_err().to_string();
    assert!(error.starts_with("memory allocation of"), "{error}");
    assert_eq!((map.len(), map.capacity(), map.stats().migration), (10, capacity, None));
    assert!((0..10).all(|n| *map.get(&n).unwrap() == n));
    map.insert(10, 10);
    assert_eq!(map.len(), 11);
}

#[test]
fn reserved_room_is_there() {
    let _alone = alone();
    for n in [1, 7, 8, 14, 100, 1000, 10_000] {
        let map: HashMap<u64, u64> = HashMap::with_capacity(n as usize);
        let capacity = map.capacity();
        assert!(capacity >= n as usize);
        (0..n).for_each(|k| drop(map.insert(k, k)));
        assert_eq!((map.capacity(), map.stats().migration), (capacity, None));
        map.reserve(n as usize);
        let capacity = map.capacity();
        assert!(capacity >= 2 * n as usize);
        (n..2 * n).for_each(|k| drop(map.insert(k, k)));
        assert_eq!((map.capacity(), map.stats().migration), (capacity, None));
    }
}

/// Of large tables of words less is used, and they are so much larger.
#[test]
fn reserved_room_is_there_in_large_tables_of_words() {
    let _alone = alone();
    for n in [786_432, 786_433, 917_505] {
        let map = WordMap::<u64, u64>::with_capacity(n);
        let capacity = map.capacity();
        assert_eq!(capacity, if n == 786_432 { n } else { 2 * 786_432 });
        // Where all are too dear, some show little more than that the map works.
        (0..scaled(n) as u64).for_each(|k| assert_eq!(map.insert(k, k), None));
        assert_eq!((map.capacity(), map.stats().migration), (capacity, None));
    }
}

/// Keys that come and go take the slots that they had (I3).
#[test]
fn recurring_keys_take_no_new_slots() {
    let _alone = alone();
    fn recur<S: BuildHasher + Default>(keys: u64) {
        let map = HashMap::<u64, u64, S>::default();
        (0..keys).for_each(|n| drop(map.insert(n, n)));
        map.finish_resize();
        let (capacity, load) = (map.capacity(), map.stats().load);
        let mut random = Random::new(keys);
        for round in 0..scaled(2000) as u64 {
            (0..keys).for_each(|n| drop(map.remove(&n)));
            assert_eq!((map.len(), map.stats().load), (0, load));
            (0..keys).for_each(|n| drop(map.insert(n, round)));
            for _ in 0..keys {
                let n = random.below(keys);
                map.remove(&n);
                map.try_insert(n, n).expect("it was removed");
            }
            assert_eq!((map.capacity(), map.stats().load), (capacity, load));
            assert_eq!(map.stats().migration, None);
        }
    }
    recur::<DefaultHashBuilder>(100);
    recur::<Identity>(7);
    recur::<Pairs>(100);
    recur::<Constant>(10);
}

/// Fresh keys in the place of old ones make tombstones, which purges take away: no growth.
#[test]
fn churn_of_fresh_keys_is_bounded() {
    let _alone = alone();
    fn churn<S: BuildHasher + Default>(live: u64) {
        let map = HashMap::<u64, u64, S>::default();
        let mut bytes = 0;
        for n in 0..scaled(1_000_000) as u64 {
            map.insert(n, n);
            if n >= live {
                assert_eq!(*map.remove(&(n - live)).expect("it is there"), n - live);
            }
            if n % 1024 == 0 {
                assert!(map.capacity() <= 16 * (live as usize + 8), "{}", map.stats());
                bytes = bytes.max(BYTES.get());
            }
        }
        assert_eq!(map.len() as u64, live);
        // Nodes, tables, and what waits to be freed.
        println!("{live} live keys: at most {bytes} bytes");
        assert!(bytes < 150_000 + 100 * live as isize, "{bytes} bytes at the most");
    }
    churn::<DefaultHashBuilder>(1);
    churn::<DefaultHashBuilder>(1000);
    churn::<Identity>(100);
}

/// A map that has become small becomes small in memory: on request, and by and by.
#[test]
fn shrinking() {
    let _alone = alone();
    for left in [0, 1, 10, 1000] {
        let map: HashMap<u64, u64> = (0..50_000).map(|n| (n, n)).collect();
        let large = map.capacity();
        map.retain(|k, _| *k < left);
        assert_eq!(map.capacity(), large);
        let ((), bytes, _) = cost(|| {
            map.shrink_to_fit();
            map.flush();
        });
        assert!(map.capacity() >= left as usize && map.capacity() <= 2 * left as usize + 14);
        assert!(bytes < -(large as isize) * 8, "the large table is freed, not {bytes}");
        assert!((0..left).all(|n| *map.get(&n).unwrap() == n) && map.len() as u64 == left);
        let smallest = map.capacity();
        map.shrink_to_fit();
        assert_eq!(map.capacity(), smallest);
    }
    let map: HashMap<u64, u64> = (0..50_000).map(|n| (n, n)).collect();
    let large = map.capacity();
    map.clear();
    (0..2 * large as u64).for_each(|n| {
        map.insert(1_000_000 + n, n);
        map.remove(&(1_000_000 + n));
    });
    assert!(map.capacity() < large / 4, "{} after {large}", map.capacity());
}

/// The n-th allocation fails, for every n: `try_insert` and `try_reserve` say so, and change
/// nothing.
#[test]
fn without_memory() {
    let _alone = alone();
    fn starve<S: BuildHasher + Default>(keys: u64) {
        for n in 0.. {
            let map = HashMap::<u64, Box<u64>, S>::default();
            let values: Vec<_> = (0..keys).map(Box::new).collect();
            let mut refusals = 0;
            // So that the record itself needs none.
            let mut done = Vec::with_capacity(keys as usize);
            let reserved = with_memory_for(n, || {
                for value in values {
                    let key = *value;
                    match map.try_insert(key, value) {
                        Ok(new) => {
                            assert_eq!(**new, key);
                            done.push(key);
                        }
                        Err(TryInsertError::Full { key: k, value, .. }) => {
                            assert_eq!((k, *value), (key, key));
                            refusals += 1;
                        }
                        Err(TryInsertError::Occupied { .. }) => panic!("nobody inserted {key}"),
                    }
                }
                map.try_reserve(10 * keys as usize)
            });
            let model: BTreeMap<u64, u64> = done.into_iter().map(|n| (n, n)).collect();
            let contents: BTreeMap<u64, u64> = map.iter().map(|e| (*e.key(), **e)).collect();
            assert_eq!((&contents, map.len()), (&model, model.len()));
            assert!((0..keys).all(|n| map.get(&n).is_some() == model.contains_key(&n)));
            // With memory again, everything goes on.
            map.try_reserve(10 * keys as usize).expect("there is memory");
            assert!(map.capacity() >= 10 * keys as usize);
            for n in (0..keys).filter(|n| !model.contains_key(n)) {
                assert!(map.insert(n, Box::new(n)).is_none());
            }
            assert_eq!(map.len() as u64, keys);
            if refusals == 0 && reserved.is_ok() {
                assert!(n > 5, "something was allocated");
                break;
            }
        }
    }
    starve::<Identity>(100);
    starve::<Pairs>(100);
    starve::<Constant>(30);
}
