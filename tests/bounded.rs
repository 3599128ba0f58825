//! Many threads and many maps, one after the other: what they leave behind does not grow.

mod common;
#[path = "common/heap.rs"]
mod heap;

use common::{Pairs, Reclaimer, scaled};
use dolmen::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

#[global_allocator]
static HEAP: heap::Heap = heap::Heap;

/// One test at a time: the heap is the process's.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

type Map<R> = HashMap<u64, Box<u64>, Pairs, R>;

/// A little of everything.
fn use_map<R: Reclaimer>(map: &Map<R>, seed: u64) {
    for n in 0..40 {
        let key = (seed * 31 + n) % 100;
        map.insert(key, Box::new(n));
        map.remove(&(key * 3 % 100));
        assert!(map.get(&key).is_none_or(|v| **v < 100));
    }
    if seed.is_multiple_of(3) {
        drop(map.pin_owned());
    }
}

/// `count` threads use the map and exit, eight at a time. Joined one by one, because a scope does not
/// wait for thread-local destructors.
fn threads<R: Reclaimer>(map: &Map<R>, count: usize) {
    for batch in 0..count as u64 / 8 {
        thread::scope(|scope| {
            let use_it = |t| scope.spawn(move || use_map(map, batch * 8 + t));
            let threads: Vec<_> = (0..8).map(use_it).collect();
            threads.into_iter().for_each(|thread| thread.join().expect("no assertion failed"));
        });
    }
}

/// Participants, bags and pools of threads that have exited go to those that come: the first
/// thousand threads take all the memory that ten thousand need.
fn threads_that_come_and_go<R: Reclaimer>() {
    let _alone = alone();
    let map = Map::<R>::default();
    let count = scaled(10_000);
    let sample = |count| {
        threads(&map, count);
        (0..5).for_each(|_| map.flush());
        heap::bytes()
    };
    // In three parts, each of which may take what chance left free in the one before.
    let first = sample(count / 10);
    let second = sample(count / 2);
    let last = sample(count * 2 / 5);
    println!("{count} threads: {first}, then {second}, then {last} bytes");
    // A participant and its place in a map are 400 bytes at least; pools hold 16 KiB each.
    assert!(last < second + 64 * 1024 && last < first + 512 * 1024, "memory grows by the thread");
}

/// A map that is used by one thread and dropped leaves nothing.
fn maps_of_one_thread<R: Reclaimer>() {
    let _alone = alone();
    let life = |n| {
        let map = Map::<R>::default();
        use_map(&map, n);
        assert!(map.stats().len == map.len());
    };
    (0..3).for_each(life);
    let before = heap::bytes();
    let count = scaled(10_000);
    (0..count as u64).for_each(life);
    let after = heap::bytes();
    println!("{count} maps: {before}, then {after} bytes");
    // The test harness has a heap, too, and begins and ends tests meanwhile: less than any block that
    // each map could leave.
    assert!(after < before + 16 * count as isize, "memory grows by the map");
}

/// Nor do maps that four threads share, each of which uses a thousand.
fn maps_of_many_threads<R: Reclaimer>() {
    let _alone = alone();
    let lives = |count: usize| {
        let maps: Vec<Map<R>> = (0..4).map(|_| Map::<R>::default()).collect();
        for round in 0..count as u64 / 4 {
            let maps: &[Map<R>] = &maps;
            let fresh = Map::<R>::default();
            thread::scope(|scope| {
                let fresh = &fresh;
                let use_them = |t: u64| {
                    scope.spawn(move || {
                        use_map(fresh, round + t);
                        use_map(&maps[t as usize], round);
                        // And one that nobody else sees.
                        use_map(&Map::<R>::default(), round);
                    })
                };
                let threads: Vec<_> = (0..4).map(use_them).collect();
                threads.into_iter().for_each(|thread| thread.join().expect("no assertion failed"));
            });
        }
    };
    let sample = |count| {
        lives(count);
        heap::bytes()
    };
    sample(8);
    let first = sample(scaled(1000));
    let last = sample(scaled(4000));
    println!("{} maps: {first}, then {last} bytes", scaled(5000));
    // As above; there are three maps to a round.
    assert!(last < first + 16 * scaled(4000) as isize, "memory grows by the map");
}

on_each_reclaimer!(threads_that_come_and_go, maps_of_one_thread, maps_of_many_threads);
