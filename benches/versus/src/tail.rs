//! Latencies of single calls while a map grows: an average hides what a resize costs one call.

use crate::keys::{Key, below, draws};
use crate::map::Map;
use crate::pool::Pool;
use crate::value::Value;
use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Acquire, Ordering::Release};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Two threads: one writes, one reads.
pub const THREADS: usize = 2;
/// The slices of the time line.
const SLICE: Duration = Duration::from_millis(2);
/// After so many inserts the reader is told of them.
const TOLD: u64 = 256;

/// Where latencies are reported, in percent.
pub const PERCENTILES: [f64; 15] = [
    10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.5, 99.9, 99.95, 99.99, 99.995, 99.999, 99.9999,
    100.0,
];

/// What one thread saw.
pub struct Seen {
    pub calls: Histogram<u32>,
    pub slices: Vec<Slice>,
}

/// What happened in a stretch of time. A pair in JSON: there are thousands.
#[derive(Clone, Copy, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(from = "(u64, u64)", into = "(u64, u64)")]
pub struct Slice {
    pub calls: u64,
    /// Nanoseconds of the slowest call that ended here.
    pub worst: u64,
}

impl From<(u64, u64)> for Slice {
    fn from((calls, worst): (u64, u64)) -> Self {
        Slice { calls, worst }
    }
}

impl From<Slice> for (u64, u64) {
    fn from(Slice { calls, worst }: Slice) -> Self {
        (calls, worst)
    }
}

/// A run: the writer's and the reader's.
pub struct Tail {
    pub write: Seen,
    pub read: Seen,
}

impl Seen {
    pub fn new() -> Self {
        let calls = Histogram::new_with_bounds(1, 10_000_000_000, 3).expect("valid bounds");
        Seen { calls, slices: Vec::with_capacity(100_000) }
    }

    /// Makes a call, and notes how long it took and when it ended.
    #[inline(always)]
    fn time<T>(&mut self, origin: Instant, call: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = call();
        let end = Instant::now();
        let ns = (end - start).as_nanos() as u64;
        self.calls.saturating_record(ns.max(1));
        let slice = ((end - origin).as_nanos() / SLICE.as_nanos()) as usize;
        if slice >= self.slices.len() {
            self.slices.resize(slice + 1, Slice::default());
        }
        let slice = &mut self.slices[slice];
        slice.calls += 1;
        slice.worst = slice.worst.max(ns);
        result
    }

    /// Nanoseconds at each of the percentiles.
    pub fn percentiles(&self) -> Vec<f64> {
        PERCENTILES.iter().map(|&at| self.calls.value_at_percentile(at) as f64).collect()
    }
}

/// Slices of this many seconds.
pub fn slice_seconds() -> f64 {
    SLICE.as_secs_f64()
}

/// Grows the map to `size`, while another thread reads what is there.
pub fn measure<M: Map>(map: &Arc<M>, size: usize, seed: u64, pool: &Pool) -> Tail {
    let (write, read) = (map.clone(), map.clone());
    let tail = run(
        pool,
        move |seen, origin, told| {
            for number in 0..size as u64 {
                let key = M::Key::of(number);
                let was = seen.time(origin, || write.insert(key, M::Value::of(1)));
                assert!(!was, "{} doubled a key", M::NAME);
                if (number + 1).is_multiple_of(TOLD) {
                    told.store(number + 1, Release);
                }
            }
        },
        move |seen, origin, there, draw| {
            let key = M::Key::of(draw % there);
            let got = seen.time(origin, || read.get(&key));
            assert!(got.is_some(), "{} lost a key", M::NAME);
        },
        seed,
    );
    assert_eq!(map.len(), size, "{} lost or doubled a key", M::NAME);
    tail
}

/// The same two threads without a map, for so long: what the machine does to them.
pub fn control(time: Duration, seed: u64, pool: &Pool) -> Tail {
    run(
        pool,
        move |seen, origin, told| {
            told.store(TOLD, Release);
            let mut number = 0;
            loop {
                number = seen.time(origin, || std::hint::black_box(u64::of(number)));
                if origin.elapsed() >= time {
                    break;
                }
            }
        },
        |seen, origin, there, draw| {
            seen.time(origin, || std::hint::black_box(u64::of(draw % there)));
        },
        seed,
    )
}

fn run(
    pool: &Pool,
    write: impl Fn(&mut Seen, Instant, &AtomicU64) + Send + Sync + 'static,
    read: impl Fn(&mut Seen, Instant, u64, u64) + Send + Sync + 'static,
    seed: u64,
) -> Tail {
    let seen = Arc::new([Mutex::new(Seen::new()), Mutex::new(Seen::new())]);
    let (told, done) = (AtomicU64::new(0), AtomicBool::new(false));
    let (origin, results) = (Instant::now(), seen.clone());
    pool.run_on(
        THREADS,
        Arc::new(move |thread| {
            let mut seen = seen[thread].lock().expect("each has its own");
            if thread == 0 {
                write(&mut seen, origin, &told);
                done.store(true, Release);
                return 0;
            }
            let mut draws = draws(seed);
            while !done.load(Acquire) {
                match told.load(Acquire) {
                    0 => std::hint::spin_loop(),
                    there => {
                        let draw = below(&mut draws, there as usize) as u64;
                        read(&mut seen, origin, there, draw);
                    }
                }
            }
            0
        }),
    );
    let take = |thread: usize| {
        let mut seen = results[thread].lock().expect("each has its own");
        std::mem::replace(&mut *seen, Seen::new())
    };
    Tail { write: take(0), read: take(1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::hasher;

    #[test]
    fn every_call_is_seen_once() {
        let map =
            Arc::new(<crate::maps::dolmen::Map<u64, [u64; 1]> as Map>::with_capacity(0, hasher(1)));
        let tail = measure(&map, 20_000, 1, &Pool::new(THREADS));
        let slices = |seen: &Seen| seen.slices.iter().map(|slice| slice.calls).sum::<u64>();
        assert_eq!((tail.write.calls.len(), slices(&tail.write)), (20_000, 20_000));
        assert_eq!(tail.read.calls.len(), slices(&tail.read));
        let percentiles = tail.write.percentiles();
        assert!(percentiles.is_sorted() && percentiles[0] > 0.0);
        let worst = tail.write.slices.iter().map(|slice| slice.worst).max().unwrap();
        let last = percentiles[PERCENTILES.len() - 1];
        assert!((last / worst as f64 - 1.0).abs() < 0.01, "{last} {worst}");
    }

    #[test]
    fn the_control_runs_for_its_time() {
        let (start, time) = (Instant::now(), Duration::from_millis(20));
        let tail = control(time, 1, &Pool::new(THREADS));
        assert!(start.elapsed() >= time && !tail.write.calls.is_empty());
    }
}
