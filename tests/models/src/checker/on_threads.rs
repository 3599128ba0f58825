//! Real threads: the same models on the machine's own atomics, many times.

use super::Effort;
use crate::history::Order;
use crate::plan::Plan;
use std::cell::Cell;
use std::hint::{black_box, spin_loop};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Instant;

pub use std::thread::{JoinHandle, spawn};

/// What time means: see [`Order`].
pub const ORDER: Order = Order::Clock;
/// Runs of each model by hand; a push asks for fewer.
pub(super) const SCHEDULES: usize = 2_000;

/// As it is, so that two threads meet, and wider, so that the system interrupts them.
pub(super) fn plans(plan: &Plan) -> Vec<Plan> {
    vec![plan.clone(), plan.widen()]
}

/// Lets threads begin at once, as far as that can be had: the first would be done before the second
/// is made.
#[derive(Debug)]
pub struct Gate {
    awaited: usize,
    here: AtomicUsize,
}

impl Gate {
    pub fn new(awaited: usize) -> Self {
        Gate { awaited, here: AtomicUsize::new(0) }
    }

    /// Waits for the others, and then a moment of its own.
    pub fn pass(&self) {
        let place = self.here.fetch_add(1, SeqCst);
        let mut rounds = 0;
        while self.here.load(SeqCst) < self.awaited {
            rounds += 1;
            // With fewer processors than threads, the others need this one.
            if rounds % 64 == 0 { std::thread::yield_now() } else { spin_loop() }
        }
        for i in 0..draw() % (40 * (place + 1)) {
            black_box(i);
        }
    }
}

thread_local! {
    static STATE: Cell<usize> = const { Cell::new(0) };
}

/// A number that is different each time.
pub fn draw() -> usize {
    static SEEDS: AtomicUsize = AtomicUsize::new(1);
    if STATE.get() == 0 {
        STATE.set(SEEDS.fetch_add(1, SeqCst).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    }
    let mut x = STATE.get();
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    STATE.set(x);
    x >> 7
}

/// Runs `body` so many times.
pub fn explore(name: &str, effort: Effort, body: impl Fn() + Send + Sync + Clone + 'static) {
    let n = effort.asked().schedules;
    let start = Instant::now();
    let body = Arc::new(body);
    for _ in 0..n {
        body();
    }
    let time = start.elapsed().as_secs_f64();
    println!("{name}: {n} runs on real threads, {time:.1} s");
}
