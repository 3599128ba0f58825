//! One configuration: rounds of calls, each checked before the next begins.

use crate::keys::Hashing;
use crate::verbs::{NAMES, Verb};
use crate::worker::{Mix, Rng, Worker};
use dolmen_histories::clock::Clock;
use dolmen_histories::record::{Record, Recorder};
use dolmen_histories::rounds::History;
use dolmen_histories::{Event, Left, Saw, State};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Barrier, LazyLock};
use std::time::{Duration, Instant};

/// What is run.
#[derive(Clone, Debug)]
pub struct Config {
    pub mix: Mix,
    pub hashing: Hashing,
    pub keys: u32,
    pub threads: usize,
    /// Threads that do nothing but resize.
    pub resizers: usize,
    pub seed: u64,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub recorded: usize,
    pub checked: usize,
    /// Of them, calls that began while another was under way at their key.
    pub overlaps: usize,
    /// Changes of the capacity that somebody saw: there were at least as many resizes.
    pub resizes: usize,
    pub largest: usize,
    pub recording: Duration,
    pub checking: Duration,
    /// Wrong answers that were planted in a copy of a round, and noticed.
    pub noticed: usize,
    /// Records by verb.
    pub verbs: Vec<usize>,
}

/// A map or a set under test.
pub trait Subject: Sync {
    /// Bits that make a value large, where that makes a difference.
    const LARGE: u64 = 0;

    fn with_hashing(hashing: Hashing) -> Self;
    /// A run of calls, written down; as many as the worker likes.
    fn work(&self, worker: &mut Worker);
    fn capacity(&self) -> usize;
    fn reserve(&self, additional: usize);
    fn shrink_to_fit(&self);
    fn finish_resize(&self);
    /// What a key has.
    fn holds(&self, key: u32) -> State;
    /// How many there are, by `len` and by iterating.
    fn counts(&self) -> (usize, usize);
}

/// Chosen once: that takes a while where others keep the machine busy.
pub static CLOCK: LazyLock<Clock> = LazyLock::new(Clock::new);

/// Records of a round.
const ROUND: usize = 1_000_000;

/// Lends a configuration its recorders, so that their memory is used again.
pub type Recorders = Vec<Recorder>;

impl Config {
    /// Records and checks so many calls; `Err` is a description of what is wrong.
    pub fn run<S: Subject>(
        &self,
        operations: usize,
        cores: usize,
        recorders: &mut Recorders,
    ) -> Result<Figures, String> {
        let map = S::with_hashing(self.hashing.clone());
        let mut seeds = Rng(self.seed | 1);
        let mut workers: Vec<Worker> = (0..self.threads)
            .map(|thread| {
                let fresh = || Recorder::new(*CLOCK, thread as u8);
                let place = recorders.iter().position(|r| usize::from(r.thread()) == thread);
                let mut recorder = place.map_or_else(fresh, |place| recorders.swap_remove(place));
                recorder.large = S::LARGE;
                let seed = seeds.below(u64::MAX >> 32) << 20;
                Worker::new(recorder, seed, self.keys, self.mix)
            })
            .collect();
        let mut history = History::new(self.keys as usize);
        let mut figures = Figures { verbs: vec![0; NAMES.len()], ..Figures::default() };
        let rounds = operations.div_ceil(ROUND);
        for round in 0..rounds {
            let quota = operations.div_ceil(rounds * self.threads);
            let start = Instant::now();
            figures.resizes += self.record(&map, &mut workers, round, quota);
            figures.recording += start.elapsed();
            let start = Instant::now();
            let records: Vec<&[Record]> =
                workers.iter().map(|worker| &worker.recorder.records[..]).collect();
            for record in records.iter().copied().flatten() {
                figures.recorded += 1;
                figures.verbs[usize::from(record.verb)] += 1;
            }
            let before = (round == 0).then(|| history.clone());
            history.check(&records, cores).map_err(|violation| {
                format!("in round {round} of {rounds}: {}", violation.describe(NAMES))
            })?;
            if let Some(before) = before {
                figures.noticed += notices_a_change(before, &records, cores)?;
            }
            at_rest(&map, &history)?;
            figures.checking += start.elapsed();
        }
        (figures.checked, figures.largest) = (history.checked, history.largest);
        figures.overlaps = history.overlaps;
        recorders.extend(workers.into_iter().map(|worker| worker.recorder));
        Ok(figures)
    }

    /// A round: all threads begin together. Returns how many resizes somebody saw.
    fn record(
        &self,
        map: &impl Subject,
        workers: &mut [Worker],
        round: usize,
        quota: usize,
    ) -> usize {
        let begin = Barrier::new(self.threads + self.resizers);
        let (done, resizes) = (AtomicBool::new(false), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for resizer in 0..self.resizers {
                let (begin, done, resizes) = (&begin, &done, &resizes);
                let rng = Rng((self.seed ^ (round * 8 + resizer) as u64) << 8 | 1);
                scope.spawn(move || {
                    begin.wait();
                    resizes.fetch_add(resize(map, self.keys, rng, done), Relaxed);
                });
            }
            let threads: Vec<_> = workers
                .iter_mut()
                .map(|worker| {
                    let begin = &begin;
                    scope.spawn(move || {
                        worker.recorder.begin_round(round, quota);
                        begin.wait();
                        call(map, worker)
                    })
                })
                .collect();
            for thread in threads {
                let seen = thread.join();
                // The resizers, too, where a thread panicked.
                if seen.is_err() {
                    done.store(true, Relaxed);
                }
                resizes.fetch_add(seen.expect("no panic"), Relaxed);
            }
            done.store(true, Relaxed);
        });
        resizes.into_inner()
    }
}

/// Calls until the round's quota of records is there; how often the capacity was seen to change.
fn call(map: &impl Subject, worker: &mut Worker) -> usize {
    let (mut changes, mut capacity) = (0, map.capacity());
    while !worker.recorder.is_full() {
        map.work(worker);
        let now = map.capacity();
        changes += usize::from(now != capacity);
        capacity = now;
    }
    changes
}

/// Grows and shrinks the map until the others are done; how often its capacity changed.
fn resize(map: &impl Subject, keys: u32, mut rng: Rng, done: &AtomicBool) -> usize {
    let (mut changes, mut capacity) = (0, map.capacity());
    let mut look = || {
        let now = map.capacity();
        changes += usize::from(now != capacity);
        capacity = now;
    };
    while !done.load(Relaxed) {
        match rng.below(4) {
            0 | 1 => map.reserve(rng.below(u64::from(keys) * 4 + 64) as usize),
            2 => map.shrink_to_fit(),
            _ => map.finish_resize(),
        }
        look();
        // A table that is resized all the time gets no write through it: leave some their turn.
        if rng.below(4) == 0 {
            std::thread::yield_now();
        }
    }
    changes
}

/// When nobody calls, the map holds what its history says, by every way of asking.
fn at_rest(map: &impl Subject, history: &History) -> Result<(), String> {
    let mut there = 0;
    for (key, states) in history.states().iter().enumerate() {
        let holds = map.holds(key as u32);
        there += usize::from(holds.is_some());
        if !states.contains(&holds) {
            return Err(format!("at rest: key {key} holds {holds:?}, not one of {states:?}"));
        }
    }
    let (len, met) = map.counts();
    if (len, met) != (there, there) {
        return Err(format!("at rest: {there} keys are present, len is {len}, iter has {met}"));
    }
    Ok(())
}

/// The check is worth something only if it notices: one answer of a real round is changed to a
/// value that the same thread has since seen replaced. How many were: a mix may have no place for
/// it.
fn notices_a_change(
    mut history: History,
    records: &[&[Record]],
    cores: usize,
) -> Result<usize, String> {
    let mut round: Vec<Vec<Record>> = records.iter().map(|records| records.to_vec()).collect();
    // As long as nobody wrote that value again.
    let is_once = |key, value| {
        let writes = records.iter().copied().flatten().filter(|record| record.key == key);
        writes.filter(|record| record.event().left == Left::Value(value)).count() < 2
    };
    let stale = |records: &mut Vec<Record>| make_stale(records, is_once);
    let Some(changed) = round.iter_mut().find_map(stale) else { return Ok(0) };
    let round: Vec<&[Record]> = round.iter().map(Vec::as_slice).collect();
    match history.check(&round, cores) {
        Err(violation) if violation.key == changed => Ok(1),
        _ => Err(format!("a stale read was planted at key {changed}, and not noticed")),
    }
}

/// Three reads of a thread, the first two of different values: the third becomes the first again.
fn make_stale(records: &mut [Record], is_once: impl Fn(u32, u64) -> bool) -> Option<u32> {
    let mut candidates = 64;
    let mut seen: std::collections::HashMap<u32, (u64, Option<u64>)> = Default::default();
    for record in records.iter_mut().skip(1000).filter(|r| r.verb == Verb::Get as u8) {
        let event = record.event();
        let (Saw::Is(Some(value)), Left::Same) = (event.saw, event.left) else { continue };
        match seen.get_mut(&record.key) {
            None => drop(seen.insert(record.key, (value, None))),
            Some((first, None)) if *first != value => seen.get_mut(&record.key)?.1 = Some(value),
            Some((_, None)) => {}
            Some((first, Some(_))) if !is_once(record.key, *first) => {
                candidates -= 1;
                if candidates == 0 {
                    return None;
                }
                seen.remove(&record.key);
            }
            Some((first, Some(_))) => {
                let event = Event { saw: Saw::Is(Some(*first)), ..event };
                *record = Record::new(record.key, record.verb, record.thread, event);
                return Some(record.key);
            }
        }
    }
    None
}
