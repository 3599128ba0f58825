//! A map under test, its type forgotten: what the rounds go over.

use crate::footprint::{self, Bytes};
use crate::keys::{Keys, Share, part};
use crate::map::{Map, hasher};
use crate::pool::Pool;
use crate::script::{Script, Tally, play};
use crate::tail::{self, Tail};
use crate::value::Value;
use crate::workload::{Cell, FIRST, Shape, Workload};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Acquire, Ordering::Release};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Calls of a thread in one round, about: long against a context switch, short against a
/// neighbour's job.
pub const CALLS: usize = 50_000;

/// Iterations in a round, at most, while others insert.
const MOST_PASSES: usize = 20;

/// What a round is about, for every map.
pub struct Step<'a, K> {
    pub cell: &'a Cell,
    pub round: usize,
    pub keys: &'a Arc<Keys<K>>,
    pub script: Option<Arc<Script<K>>>,
    pub pool: &'a Pool,
}

/// What a round gave.
pub struct Sample {
    /// Nanoseconds a call of each thread.
    pub ns: f64,
    /// Of the kinds of a script.
    pub tallies: Option<[Tally; 4]>,
}

impl Sample {
    pub fn new(elapsed: Duration, calls: usize) -> Self {
        Sample { ns: elapsed.as_nanos() as f64 / calls as f64, tallies: None }
    }
}

pub trait Subject<K> {
    fn name(&self) -> &'static str;

    fn suits(&self, workload: Workload, threads: usize) -> bool;

    /// What to say beside its figures.
    fn note(&self, workload: Workload) -> Option<&'static str>;

    /// Gets a map ready for rounds of this cell, with the hasher of this seed.
    fn build(&mut self, step: &Step<K>, seed: u64);

    /// Measures a round. Panics if not every call found what it must.
    fn measure(&mut self, step: &Step<K>) -> Sample;

    /// Drops the map.
    fn discard(&mut self, pool: &Pool);

    /// Live heap bytes, an entry at each of these sizes.
    fn bytes(&self, sizes: &[usize]) -> Bytes;

    /// One thread grows a map to this size, one reads.
    fn tail(&self, size: usize, seed: u64, pool: &Pool) -> Tail;

    /// Runs one thread over one workload for a profiler, and returns the number of calls.
    fn solo(&self, workload: Workload, keys: &Keys<K>, repeats: usize) -> usize;
}

/// The subject for a type of map.
pub struct Of<M> {
    map: Option<Arc<M>>,
    seed: u64,
    /// What a map of counters has been asked to count since it was built.
    counted: u64,
}

impl<M> Default for Of<M> {
    fn default() -> Self {
        Of { map: None, seed: 0, counted: 0 }
    }
}

impl<M: Map> Subject<M::Key> for Of<M> {
    fn name(&self) -> &'static str {
        M::NAME
    }

    fn suits(&self, workload: Workload, threads: usize) -> bool {
        threads <= M::MOST_THREADS && workload.suits::<M>()
    }

    fn note(&self, workload: Workload) -> Option<&'static str> {
        (workload.batch().is_some() && !M::BATCHES).then_some("single")
    }

    fn build(&mut self, step: &Step<M::Key>, seed: u64) {
        self.discard(step.pool);
        (self.seed, self.counted) = (seed, 0);
        if !step.cell.workload.begins_empty() {
            let map = self.make(step);
            insert_all(&map, step);
            if step.cell.workload != Workload::Getpending {
                map.settle();
            }
        }
    }

    fn measure(&mut self, step: &Step<M::Key>) -> Sample {
        match step.cell.workload.shape() {
            Shape::Asks => self.ask(step),
            Shape::Insertions => self.fill(step),
            Shape::Script => self.play(step),
            Shape::Iteration => self.iterate(step),
            Shape::IterationOfGrowing => self.iterate_growing(step),
            Shape::Other => unreachable!("it has no rounds"),
        }
    }

    fn discard(&mut self, pool: &Pool) {
        if let Some(map) = self.map.take() {
            drop_there(map, pool);
        }
    }

    fn bytes(&self, sizes: &[usize]) -> Bytes {
        footprint::measure::<M>(sizes, footprint::WINDOW)
    }

    fn tail(&self, size: usize, seed: u64, pool: &Pool) -> Tail {
        let map = Arc::new(M::with_capacity(0, hasher(seed)));
        let tail = tail::measure(&map, size, seed, pool);
        drop_there(map, pool);
        tail
    }

    fn solo(&self, workload: Workload, keys: &Keys<M::Key>, repeats: usize) -> usize {
        let map = M::with_capacity(0, hasher(1));
        for key in &keys.inserted {
            map.insert(key.clone(), M::Value::of(1));
        }
        let warm = if workload.begins_empty() { Workload::Get } else { workload };
        warm.run(&map, &keys.asked, 1);
        let room = if workload == Workload::Fill { keys.asked.len() } else { 0 };
        let fresh = M::with_capacity(room, hasher(1));
        let (map, repeats) = if workload.begins_empty() { (&fresh, 1) } else { (&map, repeats) };
        let calls = keys.asked.len() * repeats * workload.calls_per_key();
        assert_eq!(the_measured_calls(workload, map, &keys.asked, repeats), calls as u64);
        calls
    }
}

impl<M: Map> Of<M> {
    fn make(&mut self, step: &Step<M::Key>) -> Arc<M> {
        let map = Arc::new(M::with_capacity(step.cell.capacity(), hasher(self.seed)));
        self.map = Some(map.clone());
        map
    }

    fn map(&self) -> Arc<M> {
        self.map.clone().expect("it was built")
    }

    fn ask(&mut self, step: &Step<M::Key>) -> Sample {
        // What the other maps' turns have left of a small map in the caches says nothing about it.
        if step.cell.size <= CALLS {
            self.ask_once(step);
        }
        self.ask_once(step)
    }

    fn ask_once(&mut self, step: &Step<M::Key>) -> Sample {
        let (workload, threads, round) = (step.cell.workload, step.cell.threads, step.round);
        let (map, keys) = (self.map(), step.keys.clone());
        let share = move |thread| Share { thread, threads, round };
        let calls: Vec<usize> = (0..threads)
            .map(|thread| keys.to_ask(share(thread), CALLS))
            .map(|(keys, repeats)| keys.len() * repeats * workload.calls_per_key())
            .collect();
        let (elapsed, found) = step.pool.run(Arc::new(move |thread| {
            let (keys, repeats) = keys.to_ask(share(thread), CALLS);
            workload.run(&*map, keys, repeats)
        }));
        assert_eq!(found, calls.iter().sum::<usize>() as u64, "{} misses", M::NAME);
        assert_eq!(self.map().len(), step.cell.size, "{} has another size", M::NAME);
        if workload.counts() {
            self.counted += found;
            self.check_counters(step.cell.size);
        }
        Sample::new(elapsed, calls.into_iter().max().unwrap_or(1))
    }

    /// No count is lost or doubled.
    fn check_counters(&self, size: usize) {
        let mut sum = 0;
        self.map().for_each(|_, value| sum += value.read());
        assert_eq!(sum, size as u64 * FIRST + self.counted, "{} lost a count", M::NAME);
    }

    fn fill(&mut self, step: &Step<M::Key>) -> Sample {
        let map = self.make(step);
        let elapsed = insert_all(&map, step);
        assert_eq!(map.len(), step.cell.size, "{} has another size", M::NAME);
        drop(map);
        self.discard(step.pool);
        Sample::new(elapsed, step.cell.size.div_ceil(step.cell.threads))
    }

    fn play(&mut self, step: &Step<M::Key>) -> Sample {
        let script = step.script.clone().expect("a script");
        let map = if step.cell.workload.begins_empty() { self.make(step) } else { self.map() };
        let (size, calls) = (script.size, script.threads[0].len());
        let tallies = Arc::new(Mutex::new([Tally::default(); 4]));
        let (played, all) = (map.clone(), tallies.clone());
        let (elapsed, _) = step.pool.run(Arc::new(move |thread| {
            let tallies = play(&*played, &script.threads[thread]);
            add(&mut all.lock().expect("nobody panics with the lock"), &tallies);
            0
        }));
        let len = map.len();
        assert!(size.is_none_or(|size| size == len), "{} has another size: {len}", M::NAME);
        drop(map);
        if step.cell.workload.begins_empty() {
            self.discard(step.pool);
        }
        let tallies = *tallies.lock().expect("nobody panics with the lock");
        Sample { tallies: Some(tallies), ..Sample::new(elapsed, calls) }
    }

    fn iterate(&self, step: &Step<M::Key>) -> Sample {
        let (map, size) = (self.map(), step.cell.size);
        let (elapsed, met) = step.pool.run(Arc::new(move |_| iterate_once(&*map)));
        assert_eq!(met, (size * step.cell.threads) as u64, "{} missed an entry", M::NAME);
        Sample::new(elapsed, size)
    }

    /// The first thread iterates, the others insert as many keys as there are: or fewer, where
    /// inserting waits for an iteration.
    fn iterate_growing(&self, step: &Step<M::Key>) -> Sample {
        let (map, keys) = (self.map(), step.keys.clone());
        let (size, threads) = (step.cell.size, step.cell.threads);
        let (spent, met) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let (grown, enough) = (AtomicBool::new(false), AtomicBool::new(false));
        let seen = (spent.clone(), met.clone());
        let (_, inserted) = step.pool.run(Arc::new(move |thread| {
            if thread > 0 {
                let fresh = part(size, thread - 1, threads - 1).map(|n| (size + n) as u64);
                let fresh = fresh.take_while(|_| !enough.load(Acquire));
                let insert = |n| u64::from(!map.insert(keys.key(n), M::Value::of(1)));
                let inserted = fresh.map(insert).sum();
                grown.store(true, Release);
                return inserted;
            }
            let (start, mut passes, mut met) = (Instant::now(), 0, 0);
            while passes == 0 || passes < MOST_PASSES && !grown.load(Acquire) {
                met += iterate_once(&*map);
                passes += 1;
            }
            enough.store(true, Release);
            seen.0.store(start.elapsed().as_nanos() as u64, Release);
            seen.1.store(met, Release);
            0
        }));
        let (spent, met) = (spent.load(Acquire), met.load(Acquire));
        assert_eq!(self.map().len() as u64, size as u64 + inserted, "{} lost a key", M::NAME);
        assert!(met >= size as u64, "{} missed an entry", M::NAME);
        Sample::new(Duration::from_nanos(spent), met as usize)
    }
}

fn iterate_once<M: Map>(map: &M) -> u64 {
    let (mut met, mut sum) = (0, 0u64);
    map.for_each(|_, value| {
        met += 1;
        sum = sum.wrapping_add(value.read());
    });
    std::hint::black_box(sum);
    met
}

fn add(all: &mut [Tally; 4], more: &[Tally; 4]) {
    for (all, more) in all.iter_mut().zip(more) {
        all.calls += more.calls;
        all.hits += more.hits;
    }
}

/// Drops the map on a thread that filled it: blocks go back to their own heap.
fn drop_there<M: Map>(map: Arc<M>, pool: &Pool) {
    let map = Mutex::new(Some(map));
    let take = move |_| map.lock().map_or(0, |mut map| map.take().map_or(0, |_| 1));
    pool.run_on(1, Arc::new(take));
}

/// Inserts all keys, each thread its part.
fn insert_all<M: Map>(map: &Arc<M>, step: &Step<M::Key>) -> Duration {
    let (map, keys, threads) = (map.clone(), step.keys.clone(), step.cell.threads);
    let all = keys.inserted.len() as u64;
    let insert = move |thread| Workload::Grow.run(&*map, keys.to_insert(thread, threads), 1);
    let (elapsed, fresh) = step.pool.run(Arc::new(insert));
    assert_eq!(fresh, all, "{} lost or doubled a key", M::NAME);
    elapsed
}

/// What a profiler collects in, and where a simulator begins to count.
#[inline(never)]
fn the_measured_calls<M: Map>(workload: Workload, map: &M, keys: &[M::Key], repeats: usize) -> u64 {
    workload.run(map, keys, repeats)
}
