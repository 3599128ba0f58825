//! A map under test, its type forgotten: what the rounds go over.

use crate::alloc::Meter;
use crate::keys::{Key, Keys, Share};
use crate::map::{Map, hasher};
use crate::pool::Pool;
use crate::workload::Workload;
use std::sync::Arc;

/// One row of the result: a workload at a size and a number of threads.
#[derive(Clone, Copy)]
pub struct Cell {
    pub workload: Workload,
    pub size: usize,
    pub threads: usize,
    /// Calls of each thread in a round, about; a workload that begins empty inserts every key.
    pub calls: usize,
    /// Build by `with_capacity` where the workload itself does not say.
    pub presized: bool,
}

/// Live heap bytes of a map.
#[derive(Clone, Copy, Default)]
pub struct Bytes {
    /// With one entry.
    pub one: isize,
    /// After that entry was removed.
    pub none: isize,
    /// An entry, after growing to the size.
    pub per_entry: f64,
}

pub trait Subject<K> {
    fn name(&self) -> &'static str;

    fn suits(&self, workload: Workload, threads: usize) -> bool;

    /// Gets a map ready for rounds of this cell, with the hasher of this seed.
    fn build(&mut self, cell: &Cell, seed: u64, keys: &Arc<Keys<K>>, pool: &Pool);

    /// Measures a round, and returns nanoseconds a call of each thread. Panics if not every call
    /// found what it must.
    fn measure(&mut self, cell: &Cell, round: usize, keys: &Arc<Keys<K>>, pool: &Pool) -> f64;

    /// Drops the map.
    fn discard(&mut self, pool: &Pool);

    fn bytes(&self, keys: &Keys<K>) -> Bytes;

    /// Runs one thread over one workload for a profiler, and returns the number of calls.
    fn solo(&self, workload: Workload, keys: &Keys<K>, repeats: usize) -> usize;
}

/// The subject for a type of map.
pub struct Of<M> {
    map: Option<Arc<M>>,
    seed: u64,
}

impl<M> Default for Of<M> {
    fn default() -> Self {
        Of { map: None, seed: 0 }
    }
}

impl<M> Of<M> {
    fn empty<K: Key>(&self, cell: &Cell) -> Arc<M>
    where
        M: Map<K>,
    {
        let presized = match cell.workload {
            Workload::Fill => true,
            Workload::Grow => false,
            _ => cell.presized,
        };
        Arc::new(M::with_capacity(if presized { cell.size } else { 0 }, hasher(self.seed)))
    }

    fn map(&self) -> Arc<M> {
        self.map.clone().expect("it was built")
    }
}

impl<K: Key, M: Map<K>> Subject<K> for Of<M> {
    fn name(&self) -> &'static str {
        M::NAME
    }

    fn suits(&self, workload: Workload, threads: usize) -> bool {
        threads <= M::MOST_THREADS && workload.suits(&M::with_capacity(0, hasher(0)))
    }

    fn build(&mut self, cell: &Cell, seed: u64, keys: &Arc<Keys<K>>, pool: &Pool) {
        self.discard_map::<K>(pool);
        self.seed = seed;
        if !cell.workload.begins_empty() {
            let map = self.empty(cell);
            self.map = Some(map.clone());
            insert_all(map, keys, pool);
        }
    }

    fn measure(&mut self, cell: &Cell, round: usize, keys: &Arc<Keys<K>>, pool: &Pool) -> f64 {
        let (workload, threads) = (cell.workload, pool.threads());
        let (elapsed, calls) = if workload.begins_empty() {
            let map = self.empty(cell);
            self.map = Some(map.clone());
            let elapsed = insert_all(map, keys, pool);
            (elapsed, cell.size.div_ceil(threads))
        } else {
            let (map, keys, calls) = (self.map(), keys.clone(), cell.calls);
            let share = move |thread| Share { thread, threads, round };
            let counts: Vec<usize> = (0..threads)
                .map(|thread| keys.to_ask(share(thread), calls))
                .map(|(keys, repeats)| keys.len() * repeats * workload.calls_per_key())
                .collect();
            let (elapsed, found) = pool.run(Arc::new(move |thread| {
                let (keys, repeats) = keys.to_ask(share(thread), calls);
                workload.run(&*map, keys, repeats)
            }));
            assert_eq!(found, counts.iter().sum::<usize>() as u64, "{} misses", M::NAME);
            (elapsed, counts.into_iter().max().unwrap_or(1))
        };
        assert_eq!(self.map().len(), cell.size, "{} has another size", M::NAME);
        if workload.begins_empty() {
            self.discard_map::<K>(pool);
        }
        elapsed.as_nanos() as f64 / calls as f64
    }

    fn discard(&mut self, pool: &Pool) {
        self.discard_map::<K>(pool);
    }

    fn bytes(&self, keys: &Keys<K>) -> Bytes {
        // What the first map of a process sets up for all of them is not the second one's.
        let first = M::with_capacity(0, hasher(0));
        first.insert(keys.inserted[0].clone(), 1);
        let meter = Meter::start();
        let map = M::with_capacity(0, hasher(0));
        map.insert(keys.inserted[0].clone(), 1);
        let one = meter.live();
        map.remove(&keys.inserted[0]);
        let none = meter.live();
        for key in &keys.inserted {
            map.insert(key.clone(), 1);
        }
        let per_entry = meter.live() as f64 / keys.inserted.len() as f64;
        drop(map);
        Bytes { one, none, per_entry }
    }

    fn solo(&self, workload: Workload, keys: &Keys<K>, repeats: usize) -> usize {
        let map = M::with_capacity(0, hasher(1));
        let warm = if workload.begins_empty() { Workload::Get } else { workload };
        for key in &keys.inserted {
            map.insert(key.clone(), 1);
        }
        warm.run(&map, &keys.asked, 1);
        let fresh = M::with_capacity(
            if workload == Workload::Fill { keys.asked.len() } else { 0 },
            hasher(1),
        );
        let (map, repeats) = if workload.begins_empty() { (&fresh, 1) } else { (&map, repeats) };
        let calls = keys.asked.len() * repeats * workload.calls_per_key();
        assert_eq!(the_measured_calls(workload, map, &keys.asked, repeats), calls as u64);
        calls
    }
}

impl<M> Of<M> {
    /// Drops the map on a thread that filled it: blocks go back to their own heap.
    fn discard_map<K: Key>(&mut self, pool: &Pool)
    where
        M: Map<K>,
    {
        if let Some(map) = self.map.take() {
            let map = std::sync::Mutex::new(Some(map));
            pool.run_on(
                1,
                Arc::new(move |_| map.lock().map_or(0, |mut map| map.take().map_or(0, |_| 1))),
            );
        }
    }
}

/// Inserts all keys, each thread its part.
fn insert_all<K: Key, M: Map<K>>(
    map: Arc<M>,
    keys: &Arc<Keys<K>>,
    pool: &Pool,
) -> std::time::Duration {
    let (keys, threads) = (keys.clone(), pool.threads());
    let all = keys.inserted.len() as u64;
    let (elapsed, fresh) = pool
        .run(Arc::new(move |thread| Workload::Grow.run(&*map, keys.to_insert(thread, threads), 1)));
    assert_eq!(fresh, all, "{} lost or doubled a key", M::NAME);
    elapsed
}

/// What a profiler collects in, and where a simulator begins to count.
#[inline(never)]
fn the_measured_calls<K: Key, M: Map<K>>(
    workload: Workload,
    map: &M,
    keys: &[K],
    repeats: usize,
) -> u64 {
    workload.run(map, keys, repeats)
}
