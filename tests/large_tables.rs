//! Tables of 2 MiB and more: had from the system, given back part by part; and when there is none.

#![cfg(all(any(target_os = "linux", target_os = "android"), not(miri)))]

use dolmen::{HashMap, WordMap};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Barrier, Mutex, MutexGuard, OnceLock, PoisonError};

const MIB: usize = 1 << 20;

/// One test at a time: pins, mapped bytes and the limit are the process's.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn mapped<K, V>(map: &HashMap<K, V>) -> usize {
    map.stats().mapped_bytes
}

fn has_all(map: &HashMap<u64, u64>, keys: u64) {
    assert_eq!(map.len() as u64, keys);
    assert!((0..keys).all(|n| map.get(&n).is_some_and(|value| *value == n)));
}

#[test]
fn a_large_table_is_the_systems_and_goes_back() {
    let _alone = alone();
    let map = HashMap::<u64, u64>::new();
    assert_eq!(mapped(&map), 0);
    map.reserve(500_000);
    // 2^20 slots of 8 bytes.
    let bytes = mapped(&map);
    assert!((8 * MIB..9 * MIB).contains(&bytes), "{bytes}");
    (0..500_000).for_each(|n| drop(map.insert(n, n)));
    has_all(&map, 500_000);
    map.reserve(2_000_000);
    map.flush();
    map.flush();
    let bytes = mapped(&map);
    assert!((32 * MIB..33 * MIB).contains(&bytes), "{bytes}");
    has_all(&map, 500_000);
    drop(map);
    assert_eq!(mapped(&HashMap::<u64, u64>::new()), 0);
}

/// A write gives back a part, not all.
#[test]
fn no_call_gives_back_much() {
    let _alone = alone();
    let map = HashMap::<u64, u64>::new();
    map.reserve(2_000_000);
    (0..1000).for_each(|n| drop(map.insert(n, n)));
    // Under a pin, so that it does not go at once.
    map.pin().reserve(4_000_000);
    let (all, mut last, mut parts) = (mapped(&map), mapped(&map), 0);
    assert!(all > 96 * MIB, "32 and 64 MiB: {all}");
    // Each of these retires a node: a bag is full now and then.
    for n in 0..20_000 {
        map.insert(n % 1000, n % 1000);
        let now = dolmen::HashMap::<u64, u64>::new().stats().mapped_bytes;
        assert!(last - now <= 2 * MIB + MIB / 2, "{last} to {now}");
        parts += usize::from(now < last);
        last = now;
    }
    assert!(parts >= 16 && last < 65 * MIB, "{parts} parts, {last} of {all}");
    has_all(&map, 1000);
}

/// Calls about the whole map give the table back that they leave, though nobody writes afterwards.
#[test]
fn calls_on_all_give_back_at_once() {
    let _alone = alone();
    fn check(call: &str, bytes: usize, retired: usize, tables: core::ops::Range<usize>) {
        assert!(
            retired < MIB / 16 && tables.contains(&(bytes / MIB)),
            "{call}: {retired}, {bytes}"
        );
    }
    let map = HashMap::<u64, u64>::with_capacity(4_000_000);
    (0..1000).for_each(|n| drop(map.insert(n, n)));
    let words = WordMap::<u64, u64>::with_capacity(2_000_000);
    (0..1000).for_each(|n| assert!(words.insert(n, n).is_none()));
    let stats = || (map.stats(), words.stats());
    map.shrink_to(500_000);
    words.shrink_to(250_000);
    let (s, w) = stats();
    check("shrink_to", s.mapped_bytes, s.retired_bytes + w.retired_bytes, 16..18);
    map.reserve(1_000_000);
    words.reserve(500_000);
    let (s, w) = stats();
    check("reserve", s.mapped_bytes, s.retired_bytes + w.retired_bytes, 32..34);
    map.shrink_to_fit();
    words.shrink_to_fit();
    let (s, w) = stats();
    check("shrink_to_fit", s.mapped_bytes, s.retired_bytes + w.retired_bytes, 0..1);
    (0..600_000).for_each(|n| drop(map.insert(n, n)));
    (0..300_000).for_each(|n| assert_eq!(words.insert(n, n).is_some(), n < 1000));
    map.finish_resize();
    words.finish_resize();
    let (s, w) = stats();
    check("finish_resize", s.mapped_bytes, s.retired_bytes + w.retired_bytes, 16..34);
    // Not while a pin may still see it: then with later writes, or a flush.
    let pin = words.pin();
    words.reserve(1_000_000);
    drop(pin);
    assert!(words.stats().retired_bytes > 4 * MIB);
    words.flush();
    assert_eq!(words.stats().retired_bytes, 0);
    has_all(&map, 600_000);
}

/// A thread that only inserts, and retires nothing of its own, frees what one that is gone has retired.
#[test]
fn who_only_inserts_frees_what_others_left() {
    let _alone = alone();
    let words = WordMap::<u64, u64>::new();
    // Beside this thread, so that its number is not that of the one below.
    assert_eq!(words.insert(0, 0), None);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let words = words.pin();
            (1..300_000).for_each(|n| assert_eq!(words.insert(n, n), None));
            words.finish_resize();
        });
    });
    assert!(words.stats().retired_bytes > MIB);
    (300_000..450_000).for_each(|n| assert_eq!(words.insert(n, n), None));
    let waits = words.stats().retired_bytes;
    assert!(waits < MIB, "{waits}");
    let map = HashMap::<u64, u64>::with_capacity(250_000);
    map.insert(0, 0);
    map.pin_owned().reserve(500_000);
    assert!(map.stats().retired_bytes > MIB);
    (1..400_000).for_each(|n| drop(map.insert(n, n)));
    let waits = map.stats().retired_bytes;
    assert!(waits < MIB, "{waits}");
}

/// A thread that only counts, and so retires nothing at all, frees what one has retired that writes no more,
/// whether it wrote before that or not.
#[test]
fn who_only_counts_frees_what_others_left() {
    let _alone = alone();
    let other = WordMap::<u64, u64>::new();
    for wrote_before in [true, false] {
        let (words, turn) = (WordMap::<u64, u64>::new(), Barrier::new(2));
        let pin = other.pin_owned();
        if wrote_before {
            assert_eq!(words.insert(0, 0), None);
        }
        std::thread::scope(|scope| {
            // Idle in the end, and not gone: so its number is not that of who counts.
            scope.spawn(|| {
                (1..260_000).for_each(|n| assert_eq!(words.insert(n, n), None));
                turn.wait();
                turn.wait();
            });
            turn.wait();
            drop(pin);
            assert!(words.stats().migration.is_none() && words.stats().retired_bytes > 3 * MIB);
            (0..20_000)
                .for_each(|n| assert_eq!(words.fetch_add(n, 1).is_some(), n > 0 || wrote_before));
            let waits = words.stats().retired_bytes;
            turn.wait();
            assert!(waits < MIB, "{waits}");
        });
    }
}

/// Values whose destructors remove the next one, and call for less room: what those free is freed by the call
/// that runs them, not inside each other.
#[test]
fn destructors_that_shrink_the_map_do_not_nest() {
    static MAP: OnceLock<HashMap<u64, Next>> = OnceLock::new();
    static DEPTH: [AtomicUsize; 2] = [AtomicUsize::new(0), AtomicUsize::new(0)];
    struct Next(u64);
    impl Drop for Next {
        fn drop(&mut self) {
            let [now, most] = &DEPTH;
            most.fetch_max(now.fetch_add(1, Relaxed) + 1, Relaxed);
            let map = MAP.get().expect("it was made");
            map.remove(&(self.0 + 1));
            map.reserve(20_000 + self.0 as usize % 2 * 100_000);
            map.shrink_to_fit();
            now.fetch_sub(1, Relaxed);
        }
    }
    let _alone = alone();
    let map = MAP.get_or_init(HashMap::new);
    (0..100).for_each(|n| drop(map.insert(n, Next(n))));
    map.remove(&0);
    map.shrink_to_fit();
    map.flush();
    let most = DEPTH[1].load(Relaxed);
    assert!((1..10).contains(&most), "{most} destructors in each other");
    map.clear();
}

/// A destructor that panics in the collection which frees a part of the table: the rest goes with the
/// writes that follow.
#[test]
fn a_panicking_destructor_does_not_keep_it() {
    struct Bomb(bool);
    impl Drop for Bomb {
        fn drop(&mut self) {
            if self.0 {
                // Not `panic!`, which would print.
                resume_unwind(Box::new(()));
            }
        }
    }
    let _alone = alone();
    let map = HashMap::<u64, Bomb>::with_capacity(2_000_000);
    map.insert(1, Bomb(false));
    map.insert(2, Bomb(true));
    map.remove(&2);
    // Under a pin, so that the table does not go at once.
    map.pin().shrink_to_fit();
    assert!(map.stats().mapped_bytes > 32 * MIB);
    // A write that retires nothing.
    let keep = || drop(map.remove_if(&1, |_, _| false));
    let panics = (0..10_000).filter(|_| catch_unwind(AssertUnwindSafe(keep)).is_err()).count();
    assert_eq!((panics, map.stats().mapped_bytes / MIB), (1, 0));
    // And in the flush that a call about the whole map ends with: the next such call flushes, too.
    map.insert(3, Bomb(true));
    map.remove(&3);
    map.reserve(2_000_000);
    assert!(catch_unwind(AssertUnwindSafe(|| map.shrink_to_fit())).is_err());
    map.reserve(2_000_000);
    map.shrink_to_fit();
    assert_eq!(map.stats().mapped_bytes / MIB, 0);
}

/// A map that only grows gives its last table back, too.
#[test]
fn who_only_grows_gives_back() {
    let _alone = alone();
    let map = HashMap::<u64, u64>::new();
    (0..600_000).for_each(|n| drop(map.insert(n, n)));
    assert!(map.stats().migration.is_none());
    let bytes = mapped(&map);
    assert!((16 * MIB..17 * MIB).contains(&bytes), "{bytes}");
    has_all(&map, 600_000);
}

/// One writer moves a chunk of 64 slots with a call, and never makes up for others.
#[test]
fn one_writer_moves_one_chunk_a_call() {
    let _alone = alone();
    macro_rules! check {
        ($map:ty) => {
            let map = <$map>::new();
            let (mut done, mut slots, mut steps) = (0.0, 0.0, 0);
            for n in 0..5_000 {
                let before = map.capacity();
                map.insert(n, n);
                let migration = map.stats().migration;
                if map.capacity() != before {
                    // A resize began, from a table with 8/7 of the room.
                    (done, slots) = (0.0, before as f64 * 8.0 / 7.0);
                    continue;
                }
                let now = migration.unwrap_or(1.0);
                if done < 1.0 && slots > 64.0 {
                    assert!((now - done) * slots < 64.5, "at {n}: {done} to {now} of {slots}");
                    steps += 1;
                }
                done = now;
            }
            assert!(steps > 32, "{steps}");
        };
    }
    check!(HashMap<u64, u64>);
    check!(WordMap<u64, u64>);
}

/// So it is where nearly all that fills a table is tombstones, and its successor is much smaller.
#[test]
fn one_writer_moves_one_chunk_a_call_to_a_small_table() {
    let _alone = alone();
    macro_rules! check {
        ($map:expr, $n:ident => $key:expr) => {
            let (map, mut keys) = ($map, 0_u64..);
            let capacity = map.capacity();
            while map.capacity() == capacity {
                let $n = keys.next().expect("there are more");
                map.insert($n, $n);
                if map.capacity() == capacity {
                    map.remove($key);
                }
            }
            assert!(map.capacity() < 1_000, "{}", map.capacity());
            // The write that began it moved nothing, or a chunk.
            let (mut before, mut steps) = (map.stats().migration, 0);
            assert!(before.is_some_and(|done| done * 8192.0 < 64.5), "{before:?}");
            while let Some(done) = before {
                let n = keys.next().expect("there are more");
                map.insert(n, n);
                before = map.stats().migration;
                // 8192 slots are for 7000 keys.
                let moved = (before.unwrap_or(1.0) - done) * 8192.0;
                assert!(moved < 64.5, "from {done} to {before:?}");
                steps += 1;
            }
            assert!(steps > 120, "{steps}");
        };
    }
    check!(HashMap::<u64, u64>::with_capacity(7_000), n => &n);
    check!(WordMap::<u64, u64>::with_capacity(7_000), n => n);
}

/// The system refuses a large table: what there was stays, and the map goes on.
#[test]
#[cfg(target_os = "linux")]
fn without_memory_everything_stays() {
    /// Address space that this process may take on top of what it has, until the value drops.
    struct Limit(libc::rlimit);
    impl Limit {
        fn set(more: usize) -> Self {
            let pages = std::fs::read_to_string("/proc/self/statm").expect("Linux");
            let pages: usize = pages.split(' ').next().expect("a size").parse().expect("a number");
            let mut old = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
            // SAFETY: both are limits that the call reads or writes.
            unsafe {
                assert_eq!(libc::getrlimit(libc::RLIMIT_AS, &mut old), 0);
                let page = libc::sysconf(libc::_SC_PAGESIZE) as usize;
                let new = libc::rlimit { rlim_cur: (pages * page + more) as _, ..old };
                assert_eq!(libc::setrlimit(libc::RLIMIT_AS, &new), 0);
            }
            Limit(old)
        }
    }
    impl Drop for Limit {
        fn drop(&mut self) {
            // SAFETY: a limit that the call reads.
            unsafe { libc::setrlimit(libc::RLIMIT_AS, &self.0) };
        }
    }

    let _alone = alone();
    let map = HashMap::<u64, u64>::new();
    map.reserve(229_000);
    // 2^18 slots take 229376 entries.
    assert_eq!(map.capacity(), 229_376);
    (0..229_370).for_each(|n| drop(map.insert(n, n)));
    {
        let _limit = Limit::set(4 * MIB);
        map.try_reserve(2_000_000).expect_err("32 MiB");
        has_all(&map, 229_370);
        // The table grows too full, and every further write tries to grow.
        (229_370..229_500).for_each(|n| drop(map.insert(n, n)));
        assert_eq!(map.capacity(), 229_376.max(map.len()));
        has_all(&map, 229_500);
    }
    (229_500..300_000).for_each(|n| drop(map.insert(n, n)));
    map.try_reserve(2_000_000).expect("memory");
    has_all(&map, 300_000);
}

/// A map of ten keys in a large table.
fn sparse() -> WordMap<u64, u64> {
    let map = WordMap::with_capacity(300_000);
    map.insert_many((0..10).map(|key| (key, 1)));
    map
}

#[test]
fn a_map_that_retires_nothing_more_gives_its_old_tables_back() {
    let _alone = alone();
    let map = sparse();
    map.shrink_to_fit();
    // Additions in place retire nothing.
    (0..100).for_each(|n| assert!(map.fetch_add(n % 10, 1).is_some()));
    assert_eq!(map.stats().retired_bytes, 0, "{}", map.stats());
}

/// As above, where a pin outlasts the resize and many of the additions: another map's, or that under
/// which they are made.
#[test]
fn it_gives_them_back_whatever_pin_was_in_the_way() {
    let _alone = alone();
    for of_another in [true, false] {
        let (map, other) = (sparse(), WordMap::<u64, u64>::new());
        let add = |n: u64| assert!(map.fetch_add(n % 10, 1).is_some());
        let pins = (of_another.then(|| other.pin_owned()), (!of_another).then(|| map.pin()));
        map.shrink_to_fit();
        (0..20_000).for_each(add);
        assert!(map.stats().retired_bytes > MIB, "{}", map.stats());
        drop(pins);
        (0..5_000).for_each(add);
        assert_eq!(map.stats().retired_bytes, 0, "{}", map.stats());
    }
}
