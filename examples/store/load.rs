//! The load: threads that use the store for a while.

use crate::args::{Args, Kind, Sabotage};
use crate::ledger::Ledger;
use crate::store::{Store, Value, Word};
use crate::words::Words;
use hdrhistogram::Histogram;
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// How often the progress is drawn.
const TICK: Duration = Duration::from_millis(100);
/// How many operations a thread makes between looks at the clock's word that it is over.
const BATCH: u64 = 64;

/// Counts every word of the text, all threads at once, into an empty store.
pub fn count_words(store: &Store, words: &Words, threads: usize) -> Duration {
    let start = Instant::now();
    thread::scope(|scope| {
        for part in words.text.chunks(words.text.len().div_ceil(threads)) {
            scope.spawn(move || {
                for &number in part {
                    store.count(words.word(number));
                }
            });
        }
    });
    start.elapsed()
}

/// What one thread reports.
pub struct Tally {
    pub ledger: Ledger,
    pub kinds: [KindTally; 4],
}

/// What one thread reports of one kind of operation.
pub struct KindTally {
    /// Latencies in nanoseconds.
    pub times: Histogram<u64>,
    /// Operations that found their key.
    pub found: u64,
}

/// Everything that the threads share.
pub struct Load<'a> {
    pub store: &'a Store,
    pub words: &'a Words,
    pub args: &'a Args,
}

impl Load<'_> {
    /// Runs all threads for as long as was asked.
    pub fn run(&self) -> (Vec<Tally>, Duration) {
        let (stop, done) = (AtomicBool::new(false), AtomicU64::new(0));
        let start = Instant::now();
        let tallies = thread::scope(|scope| {
            let (stop, done) = (&stop, &done);
            let run = |thread| move || Worker::new(self, thread).run(stop, done);
            let workers: Vec<_> =
                (0..self.args.threads).map(|thread| scope.spawn(run(thread))).collect();
            show_progress(start, self.args.seconds, done);
            stop.store(true, Relaxed);
            workers.into_iter().map(|worker| worker.join().expect("a worker panicked")).collect()
        });
        (tallies, start.elapsed())
    }
}

fn show_progress(start: Instant, seconds: Duration, done: &AtomicU64) {
    let bar = ProgressBar::new(seconds.as_millis() as u64);
    let style = "{elapsed_precise} {wide_bar} {msg}";
    bar.set_style(ProgressStyle::with_template(style).expect("a valid template"));
    while let Some(left) = seconds.checked_sub(start.elapsed()).filter(|left| !left.is_zero()) {
        thread::sleep(left.min(TICK));
        let elapsed = start.elapsed();
        bar.set_position(elapsed.as_millis() as u64);
        let rate = done.load(Relaxed) as f64 / elapsed.as_secs_f64() / 1e6;
        bar.set_message(format!("{rate:.2} M operations/s"));
    }
    bar.finish_and_clear();
}

/// One thread of the load.
struct Worker<'a> {
    load: &'a Load<'a>,
    tally: Tally,
    random: Random,
    /// What is still to be broken.
    sabotage: Option<Sabotage>,
}

impl<'a> Worker<'a> {
    fn new(load: &'a Load<'a>, thread: usize) -> Self {
        let ledger = Ledger::new(thread, load.args.threads, load.words);
        let kind = || KindTally {
            times: Histogram::new_with_bounds(1, 60_000_000_000, 3).expect("valid bounds"),
            found: 0,
        };
        Worker {
            load,
            tally: Tally { ledger, kinds: std::array::from_fn(|_| kind()) },
            random: Random::new(load.args.seed, thread),
            sabotage: load.args.sabotage,
        }
    }

    fn run(mut self, stop: &AtomicBool, done: &AtomicU64) -> Tally {
        while !stop.load(Relaxed) {
            for _ in 0..BATCH {
                self.step();
            }
            done.fetch_add(BATCH, Relaxed);
        }
        self.tally
    }

    /// One operation: draws it, times the store, and books what it answered.
    fn step(&mut self) {
        let kind = self.load.args.mix.kind(self.random.below(100) as u8);
        let place = self.random.below(self.load.words.text.len() as u64);
        let drawn = self.load.words.text[place as usize];
        let number = if kind == Kind::Get { drawn } else { self.tally.ledger.writable(drawn) };
        let word = self.load.words.word(number);
        let credit = self.tally.ledger.credit_for(number, self.random.next());
        let start = Instant::now();
        let answer = self.call(kind, word, credit);
        let nanos = start.elapsed().as_nanos() as u64;
        self.book(kind, number, credit, answer);
        let tally = &mut self.tally.kinds[kind as usize];
        tally.times.saturating_record(nanos);
        tally.found += u64::from(answer.is_some());
    }

    fn call(&mut self, kind: Kind, word: Word, credit: u64) -> Option<Value> {
        let store = self.load.store;
        match (kind, self.sabotage) {
            (Kind::Update, Some(Sabotage::LoseUpdate)) => {
                let old = store.get(word.name)?.open(word.number)?;
                self.sabotage = None;
                Some(Value::new(word.number, old + 1))
            }
            (Kind::Delete, Some(Sabotage::ReviveKey)) => {
                let old = store.delete(word.name)?;
                self.sabotage = None;
                store.put(word, old.open(word.number)?);
                Some(old)
            }
            (Kind::Put, _) => store.put(word, credit),
            (Kind::Get, _) => store.get(word.name),
            (Kind::Update, _) => store.update(word),
            (Kind::Delete, _) => store.delete(word.name),
        }
    }

    fn book(&mut self, kind: Kind, word: u32, credit: u64, answer: Option<Value>) {
        let ledger = &mut self.tally.ledger;
        match kind {
            Kind::Put => ledger.put(word, credit, answer),
            Kind::Get => ledger.read(word, answer),
            Kind::Update => ledger.update(word, answer),
            Kind::Delete => ledger.delete(word, answer),
        }
    }
}

/// SplitMix64: enough to draw words with.
struct Random(u64);

impl Random {
    fn new(seed: u64, thread: usize) -> Self {
        Random(seed.wrapping_mul(0xd134_2543_de82_ef95) ^ (thread as u64) << 32)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(end)) >> 64) as u64
    }
}
