//! Threads that stay, as a program's do: a new one for each round would bring a new allocator heap.

use std::hint;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::AcqRel, Ordering::Acquire};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Work for each thread, given its number; returns how many calls found what they should.
pub type Job = Arc<dyn Fn(usize) -> u64 + Send + Sync>;

pub struct Pool {
    workers: Vec<Sender<(Job, Arc<Gate>)>>,
    results: Receiver<Lap>,
}

struct Lap {
    start: Instant,
    end: Instant,
    /// Time on a core.
    worked: Duration,
    found: u64,
}

/// All threads start together. They spin: to be woken takes longer than a short round.
struct Gate {
    missing: AtomicUsize,
}

impl Gate {
    fn pass(&self) {
        self.missing.fetch_sub(1, AcqRel);
        let mut spins = 0;
        while self.missing.load(Acquire) > 0 {
            spins += 1;
            if spins % 1024 == 0 {
                thread::yield_now();
            }
            hint::spin_loop();
        }
    }
}

impl Pool {
    pub fn new(threads: usize) -> Self {
        let (send, results) = channel();
        let workers = (0..threads)
            .map(|thread| {
                let (jobs, inbox) = channel();
                let send = send.clone();
                thread::spawn(move || work(thread, &inbox, &send));
                jobs
            })
            .collect();
        Pool { workers, results }
    }

    pub fn threads(&self) -> usize {
        self.workers.len()
    }

    /// Runs a job on all threads: how long it took, and all that was found.
    ///
    /// For one thread this is time on the core, so that other programs' turns do not count; for
    /// more, from the first start to the last end, for they may wait for each other.
    pub fn run(&self, job: Job) -> (Duration, u64) {
        self.run_on(self.threads(), job)
    }

    /// The same, on the first `threads` threads.
    pub fn run_on(&self, threads: usize, job: Job) -> (Duration, u64) {
        let gate = Arc::new(Gate { missing: AtomicUsize::new(threads) });
        for worker in &self.workers[..threads] {
            worker.send((job.clone(), gate.clone())).expect("the worker lives");
        }
        drop(job);
        let lap = || self.results.recv().expect("no worker panicked");
        let laps: Vec<Lap> = (0..threads).map(|_| lap()).collect();
        let found = laps.iter().map(|lap| lap.found).sum();
        if let [lap] = &laps[..] {
            return (lap.worked, found);
        }
        let start = laps.iter().map(|lap| lap.start).min().expect("a thread");
        let end = laps.iter().map(|lap| lap.end).max().expect("a thread");
        (end - start, found)
    }
}

fn work(thread: usize, jobs: &Receiver<(Job, Arc<Gate>)>, results: &Sender<Lap>) {
    for (job, gate) in jobs {
        gate.pass();
        let (start, worked) = (Instant::now(), time_on_core());
        let found = job(thread);
        let (worked, end) = (time_on_core().saturating_sub(worked), Instant::now());
        // Before it is reported: the map may be dropped next.
        drop(job);
        if results.send(Lap { start, end, worked, found }).is_err() {
            return;
        }
    }
}

/// The time that this thread has had a core.
#[cfg(unix)]
fn time_on_core() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Where there is no such clock: the time that passes.
#[cfg(not(unix))]
fn time_on_core() -> Duration {
    static BEGIN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    BEGIN.get_or_init(Instant::now).elapsed()
}
