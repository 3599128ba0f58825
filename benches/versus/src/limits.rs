//! What no map can beat: reads of memory without a map around it, and one shared counter.

use crate::keys::{below, draws, mix};
use crate::pool::Pool;
use crate::subject::CALLS;
use crate::workload::{Cell, Workload};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Bytes of memory for each key: about what the maps take for an entry of two words.
pub const BYTES_PER_KEY: usize = 48;
/// Lines asked for at once.
const BATCH: usize = 32;

/// Runs on all threads, in a round: nanoseconds a call of each thread.
type Loop = Box<dyn Fn(&Pool, usize) -> f64>;

/// A loop to measure beside the maps.
pub struct Limit {
    pub name: &'static str,
    pub measure: Loop,
}

pub const MEMORY: [&str; 3] = ["independent lines", "dependent lines", "prefetched lines"];
pub const COUNTER: &str = "fetch_add";

/// The limits that go with a cell.
pub fn of(cell: &Cell) -> Vec<Limit> {
    match cell.workload {
        Workload::Get if cell.value == 8 => memory(cell.size),
        Workload::Hot => vec![counter()],
        _ => Vec::new(),
    }
}

/// A line of cache, with the number of another.
#[repr(align(64))]
#[derive(Clone, Copy)]
struct Line(usize);

/// One cycle through all lines in random order.
fn cycle(lines: usize) -> Vec<Line> {
    let mut cycle: Vec<Line> = (0..lines).map(Line).collect();
    let mut draws = draws(1);
    for end in (1..lines).rev() {
        let other = below(&mut draws, end);
        cycle.swap(end, other);
    }
    cycle
}

fn memory(size: usize) -> Vec<Limit> {
    let lines = Arc::new(cycle((size * BYTES_PER_KEY).div_ceil(size_of::<Line>())));
    let limit = |name, read: fn(&[Line], u64) -> u64| {
        let lines = lines.clone();
        let measure = move |pool: &Pool, round| {
            let lines = lines.clone();
            let seed = move |thread| mix((round * 1_000 + thread) as u64);
            let (elapsed, _) = pool.run(Arc::new(move |thread| read(&lines, seed(thread))));
            elapsed.as_nanos() as f64 / CALLS as f64
        };
        Limit { name, measure: Box::new(measure) }
    };
    let [first, second, third] = MEMORY;
    vec![limit(first, independent), limit(second, dependent), limit(third, prefetched)]
}

/// A place for a random number, by its high bits.
fn place(lines: &[Line], random: u64) -> usize {
    ((u128::from(random) * lines.len() as u128) >> 64) as usize
}

/// The processor knows all addresses in advance and overlaps the waits as far as it can.
#[inline(never)]
fn independent(lines: &[Line], seed: u64) -> u64 {
    (0..CALLS as u64)
        .map(|i| lines[place(lines, mix(seed ^ i))].0 as u64)
        .fold(0, u64::wrapping_add)
}

/// Each line says which is next.
#[inline(never)]
fn dependent(lines: &[Line], seed: u64) -> u64 {
    (0..CALLS).fold(place(lines, seed), |at, _| lines[at].0) as u64
}

/// All lines of a batch are asked for, then read.
#[inline(never)]
fn prefetched(lines: &[Line], seed: u64) -> u64 {
    let mut sum = 0u64;
    let mut places = [0; BATCH];
    for batch in 0..CALLS.div_ceil(BATCH) {
        for (i, at) in places.iter_mut().enumerate() {
            *at = place(lines, mix(seed ^ (batch * BATCH + i) as u64));
            prefetch(&lines[*at]);
        }
        sum = places.iter().fold(sum, |sum, at| sum.wrapping_add(lines[*at].0 as u64));
    }
    sum
}

#[cfg(target_arch = "x86_64")]
fn prefetch(line: &Line) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: a prefetch of any address changes nothing.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(line).cast()) }
}

/// Elsewhere the processor has to see for itself.
#[cfg(not(target_arch = "x86_64"))]
fn prefetch(_: &Line) {}

/// All threads add to one counter.
fn counter() -> Limit {
    let measure = |pool: &Pool, _| {
        let counter = Arc::new(AtomicU64::new(0));
        let add = move |_| {
            (0..CALLS).for_each(|_| _ = counter.fetch_add(1, Relaxed));
            counter.load(Relaxed)
        };
        let (elapsed, _) = pool.run(Arc::new(add));
        elapsed.as_nanos() as f64 / CALLS as f64
    };
    Limit { name: COUNTER, measure: Box::new(measure) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cycle_goes_through_every_line() {
        let lines = cycle(1_000);
        let (mut at, mut steps) = (0, 0);
        loop {
            (at, steps) = (lines[at].0, steps + 1);
            if at == 0 {
                break;
            }
        }
        assert_eq!(steps, 1_000);
    }

    #[test]
    fn places_are_everywhere() {
        let lines = cycle(100);
        let mut hit = [false; 100];
        (0..2_000).for_each(|i| hit[place(&lines, mix(i))] = true);
        assert!(hit.iter().all(|&hit| hit));
    }
}
