//! Room that was asked for is there, and `capacity` says what std's does.

mod common;
#[path = "common/heap.rs"]
mod heap;

use common::{Constant, Identity, Pairs, scaled};
use dolmen::{DefaultHashBuilder, HashMap};
use std::hash::BuildHasher;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

#[global_allocator]
static HEAP: heap::Heap = heap::Heap;

/// Whatever was removed before: so many more fit, and what there was stays.
#[test]
fn reserved_room_is_there_among_tombstones() {
    fn reserve<S: BuildHasher + Default>(live: u64, dead: u64, more: u64) {
        let map = HashMap::<u64, u64, S>::default();
        (0..live + dead).for_each(|n| drop(map.insert(n, n)));
        map.finish_resize();
        (live..live + dead).for_each(|n| drop(map.remove(&n)));
        let before = map.capacity();
        map.reserve(more as usize);
        let capacity = map.capacity();
        assert!(capacity >= before, "{live}, {dead}, {more}: {capacity} after {before}");
        assert!(capacity >= (live + more) as usize, "{live}, {dead}, {more}: {capacity}");
        (1_000_000..1_000_000 + more).for_each(|n| drop(map.insert(n, n)));
        assert_eq!((map.capacity(), map.stats().migration), (capacity, None));
        assert_eq!(map.len() as u64, live + more);
    }
    for live in [0, 1, 50] {
        for dead in [0, 7, 28, 112, 1000] {
            for more in [1, 6, 10, 100, 500] {
                reserve::<DefaultHashBuilder>(live, dead, more);
                reserve::<Identity>(live, dead, more);
                reserve::<Pairs>(live, dead, more);
            }
            reserve::<Constant>(live, dead.min(100), 100);
        }
    }
}

/// Of those who ask at once for a map without a table, each gets its room.
#[test]
fn reserved_room_is_there_whoever_comes_first() {
    for round in 0..scaled(5000) {
        let map = HashMap::<u64, u64>::default();
        let start = std::sync::Barrier::new(2);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                start.wait();
                // At some moment while the other makes its table.
                (0..round % 200 * 10).for_each(|_| std::hint::spin_loop());
                map.insert(1, 1);
            });
            start.wait();
            map.reserve(100_000);
            assert!(map.capacity() >= 100_000, "{}", map.capacity());
        });
    }
}

/// Room that others take away at once is asked for again, not twice as much of it: that would end
/// in tables of gigabytes.
#[test]
fn reserving_against_shrinkers_asks_for_no_more_than_it_needs() {
    const ROOM: usize = 20_000;
    let (map, most) = (HashMap::<u64, u64>::default(), AtomicUsize::new(0));
    let start = Barrier::new(4);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let (map, most, start) = (&map, &most, &start);
            scope.spawn(move || {
                start.wait();
                for n in 0..scaled(10_000) {
                    let key = n as u64 * 4 + writer;
                    map.insert(key, key);
                    match n % 4 {
                        0 | 1 => map.reserve(n * 7919 % ROOM),
                        2 => map.shrink_to_fit(),
                        _ => map.finish_resize(),
                    }
                    map.remove(&key);
                    // While the next table can still be had.
                    if most.fetch_max(map.capacity(), Relaxed) > 100 * ROOM {
                        break;
                    }
                }
            });
        }
    });
    let most = most.into_inner();
    // Others put in what they like while one that reserves sleeps.
    assert!(most <= 16 * ROOM, "room for {most}");
}

/// Nor does it make table after table, each too late, where others go from one small table to the next:
/// before it kept the one that lost, a call made up to a thousand.
#[test]
fn reserving_against_churn_makes_few_tables() {
    const ROOM: usize = 20_000;
    let (map, done) = (HashMap::<u64, u64>::default(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0.. {
                map.insert(n, n);
                map.remove(&n);
                if done.load(Relaxed) {
                    break;
                }
            }
        });
        let mut most = 0;
        for _ in 0..scaled(500) {
            // The churn gives the room up in time.
            while map.capacity() >= ROOM {
                std::thread::yield_now();
            }
            let before = heap::large_blocks();
            map.reserve(ROOM);
            most = most.max(heap::large_blocks() - before);
        }
        done.store(true, Relaxed);
        assert!((1..=10).contains(&most), "{most} tables in one call");
    });
}

/// As `std`'s: no map holds more than its capacity, where keys share slots either.
#[test]
fn a_map_holds_no_more_than_its_capacity() {
    fn fill<S: BuildHasher + Default>(keys: u64) {
        let map = HashMap::<u64, u64, S>::default();
        for n in 0..keys {
            map.insert(n, n);
            assert!(map.len() <= map.capacity(), "{}", map.stats());
        }
        map.shrink_to_fit();
        assert!(map.len() <= map.capacity(), "{}", map.stats());
    }
    fill::<DefaultHashBuilder>(1000);
    fill::<Constant>(100);
    fill::<Pairs>(1000);
}

/// Room that cannot be had is not there to be kept: shrinking to it changes nothing.
#[test]
fn shrinking_to_more_than_there_is_changes_nothing() {
    for capacity in [100, 1 << 61, usize::MAX] {
        let map: HashMap<u64, u64> = (0..20).map(|n| (n, n)).collect();
        let before = map.capacity();
        map.shrink_to(capacity);
        assert_eq!((map.capacity(), map.len()), (before, 20), "{capacity}");
        let set: dolmen::HashSet<u64> = (0..20).collect();
        set.shrink_to(capacity);
        assert_eq!((set.capacity(), set.len()), (before, 20), "{capacity}");
    }
}
