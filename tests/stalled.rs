//! A reader that never unpins while others remove: memory grows by what they remove and by nothing
//! else, their pace does not slacken, what the reader holds stays good, and all goes when it goes.
//!
//! `DOLMEN_REMOVALS` says how many; at 100 million it takes 6 GB.

mod common;
#[path = "common/heap.rs"]
mod heap;

use common::{Identity, eventually};
use dolmen::HashMap;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

#[global_allocator]
static HEAP: heap::Heap = heap::Heap;

const WRITERS: u32 = 2;
/// Keys that each writer has in the map at a time.
const LIVE: u32 = 500;
const TENTHS: u32 = 10;
/// What one removal may keep: a node of 16 bytes, its place of 8 in a bag, and its share of the tables
/// that were purged of tombstones.
const KEPT: isize = 44;

fn removals() -> u32 {
    match std::env::var("DOLMEN_REMOVALS") {
        Ok(number) => number.parse().expect("DOLMEN_REMOVALS is a number"),
        Err(_) => 1_000_000,
    }
}

/// The processor time of this thread, as others may have the processor for a while.
#[cfg(target_os = "linux")]
fn spent() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[cfg(not(target_os = "linux"))]
fn spent() -> Duration {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// Passes that many keys through the map, `LIVE` at a time; returns the time of each tenth.
fn pass(map: &HashMap<u32, (), Identity>, lane: u32, keys: u32, tenth: impl Fn()) -> Vec<Duration> {
    let key = |n: u32| 1 + n * WRITERS + lane;
    let pass_tenth = |t| {
        let start = spent();
        for n in t * (keys / TENTHS)..(t + 1) * (keys / TENTHS) {
            assert!(map.insert(key(n), ()).is_none());
            if let Some(old) = n.checked_sub(LIVE) {
                assert!(map.remove(&key(old)).is_some(), "{old} got lost");
            }
        }
        let time = spent() - start;
        tenth();
        time
    };
    (0..TENTHS).map(pass_tenth).collect()
}

#[test]
fn a_reader_that_never_unpins() {
    let removals = removals();
    let map: HashMap<u32, (), Identity> = HashMap::default();
    let text: HashMap<u64, String, Identity> = (0..100).map(|n| (n, n.to_string())).collect();
    let before = heap::bytes();
    let pinned = Barrier::new(WRITERS as usize + 2);
    let done = Barrier::new(WRITERS as usize + 2);
    let start = Instant::now();
    thread::scope(|scope| {
        let (map, text, pinned, done) = (&map, &text, &pinned, &done);
        scope.spawn(move || {
            let m = text.pin();
            let held: Vec<&String> = m.values().collect();
            pinned.wait();
            done.wait();
            held.iter().for_each(|text| assert!(text.parse::<u64>().is_ok_and(|n| n < 100)));
            assert_eq!(held.len(), 100);
        });
        let writers: Vec<_> = (0..WRITERS)
            .map(|lane| {
                scope.spawn(move || {
                    pinned.wait();
                    text.clear();
                    let times = pass(map, lane, removals / WRITERS, || {
                        if lane == 0 {
                            let (bytes, waits) = (heap::bytes() - before, map.stats().retired);
                            println!("{:6.1?}: {waits} wait, {bytes} bytes", start.elapsed());
                        }
                    });
                    done.wait();
                    times
                })
            })
            .collect();
        pinned.wait();
        done.wait();
        for writer in writers {
            let times = writer.join().expect("it lost nothing");
            println!("processor time of each tenth: {times:.1?}");
            let (first, last) = (times[0], times[TENTHS as usize - 1]);
            assert!(last < 3 * first + Duration::from_millis(50), "{first:?}, then {last:?}");
        }
    });
    let bytes = heap::bytes() - before;
    let (waits, live) = (map.stats().retired, (WRITERS * LIVE) as usize);
    println!("{removals} removals: {waits} wait, {bytes} bytes, {:.1?}", start.elapsed());
    assert_eq!(map.len(), live);
    assert!(waits >= removals as usize - live, "only {waits} wait, whatever the pin");
    assert!(bytes < removals as isize * KEPT + 1_000_000, "{bytes} bytes for {removals} removals");
    let start = Instant::now();
    eventually(|| {
        map.flush();
        map.stats().retired == 0
    });
    let left = heap::bytes() - before;
    println!("{left} bytes {:.1?} after the unpin", start.elapsed());
    assert!(left < 500_000, "{left} bytes are left");
}
