//! What no map can beat: reads of memory without a map around it, and shared counters.

use crate::keys::{Key, KeyKind, Keys, Share, below, draws, mix};
use crate::pool::Pool;
use crate::subject::CALLS;
use crate::workload::{Cell, Workload};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Maps, and the bytes of memory for each key that their reads are compared with: about what an entry
/// of two words takes in them.
pub const FOOTPRINTS: [(&str, usize); 2] = [("dolmen", 48), ("dolmen-words", 32)];
/// Lines asked for at once.
const BATCH: usize = 32;

/// Runs on all threads, in a round: nanoseconds a call of each thread.
type Loop = Box<dyn Fn(&Pool, usize) -> f64>;

/// A loop to measure beside the maps.
pub struct Limit {
    pub name: String,
    pub measure: Loop,
}

pub const MEMORY: [&str; 3] = ["independent lines", "dependent lines", "prefetched lines"];
pub const COUNTER: &str = "fetch_add";
/// Counters without a map, each on a line of its own, or not; the caller knows which.
pub const ARRAYS: [&str; 2] = ["padded array", "array"];

/// The limits that go with a cell.
pub fn of(cell: &Cell) -> Vec<Limit> {
    match cell.workload {
        Workload::Get if cell.key == KeyKind::U64 && cell.value == 8 => {
            FOOTPRINTS.iter().flat_map(|(_, bytes)| memory(cell.size, *bytes)).collect()
        }
        Workload::Hot => vec![counter()],
        Workload::Counters => {
            let asked = cell.workload.asked(cell.theta);
            let places = Arc::new(Keys::new(cell.size, 0, asked, size_of::<Place>()));
            vec![array::<Padded>(ARRAYS[0], &places), array::<AtomicU64>(ARRAYS[1], &places)]
        }
        _ => Vec::new(),
    }
}

/// The name of a loop over lines of so many bytes a key.
pub fn memory_name(kind: &str, bytes: usize) -> String {
    format!("{kind}, {bytes} B")
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

fn memory(size: usize, bytes: usize) -> [Limit; 3] {
    let lines = Arc::new(cycle((size * bytes).div_ceil(size_of::<Line>())));
    let limit = |kind, read: fn(&[Line], u64) -> u64| {
        let lines = lines.clone();
        let measure = move |pool: &Pool, round| {
            let lines = lines.clone();
            let seed = move |thread| mix((round * 1_000 + thread) as u64);
            let (elapsed, _) = pool.run(Arc::new(move |thread| read(&lines, seed(thread))));
            elapsed.as_nanos() as f64 / CALLS as f64
        };
        Limit { name: memory_name(kind, bytes), measure: Box::new(measure) }
    };
    let [first, second, third] = MEMORY;
    [limit(first, independent), limit(second, dependent), limit(third, prefetched)]
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
    Limit { name: COUNTER.into(), measure: Box::new(measure) }
}

/// A place in an array, in the order in which the maps are asked for their keys.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Place(usize);

impl Key for Place {
    fn of(number: u64) -> Self {
        Place(number as usize)
    }
}

/// A counter on a line of its own.
#[repr(align(64))]
#[derive(Default)]
struct Padded(AtomicU64);

trait Count: Default + Send + Sync + 'static {
    fn count(&self) -> u64;
}

impl Count for Padded {
    fn count(&self) -> u64 {
        self.0.count()
    }
}

impl Count for AtomicU64 {
    fn count(&self) -> u64 {
        self.fetch_add(1, Relaxed)
    }
}

/// All threads add to counters in an array.
fn array<C: Count>(name: &str, places: &Arc<Keys<Place>>) -> Limit {
    let counters: Arc<[C]> = places.inserted.iter().map(|_| C::default()).collect();
    let places = places.clone();
    let measure = move |pool: &Pool, round| {
        let (counters, places, threads) = (counters.clone(), places.clone(), pool.threads());
        let (elapsed, counted) = pool.run(Arc::new(move |thread| {
            let (places, repeats) = places.to_ask(Share { thread, threads, round }, CALLS);
            let count = |place: &Place| _ = black_box(counters[black_box(place).0].count());
            (0..repeats).for_each(|_| places.iter().for_each(count));
            (places.len() * repeats) as u64
        }));
        elapsed.as_nanos() as f64 * threads as f64 / counted as f64
    };
    Limit { name: name.into(), measure: Box::new(measure) }
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
    fn arrays_have_every_place_that_is_asked_for() {
        for (size, theta) in [(1, 0.0), (16, 0.99), (1_000, 0.0)] {
            let cell = Cell { theta, ..crate::results::tests::cell(Workload::Counters, size, 2) };
            for limit in of(&cell) {
                assert!((limit.measure)(&Pool::new(2), 1) > 0.0, "{}", limit.name);
            }
        }
    }

    #[test]
    fn places_are_everywhere() {
        let lines = cycle(100);
        let mut hit = [false; 100];
        (0..2_000).for_each(|i| hit[place(&lines, mix(i))] = true);
        assert!(hit.iter().all(|&hit| hit));
    }
}
