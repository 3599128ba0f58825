//! shuttle: long runs in orders drawn at random, sequentially consistent.

use super::Effort;
use crate::history::Order;
use crate::plan::Plan;
use shuttle::scheduler::{
    PctScheduler, RandomScheduler, Scheduler, UncontrolledNondeterminismCheckScheduler,
};
use shuttle::{Config, MaxSteps, Runner};
use std::time::Instant;

pub use shuttle::thread::{JoinHandle, spawn};

/// What time means: see [`Order`].
pub const ORDER: Order = Order::Clock;
/// Of each scheduler, for each model, on every push.
pub(super) const SCHEDULES: usize = 2_500;

pub(super) fn plans(plan: &Plan) -> Vec<Plan> {
    vec![plan.widen()]
}

/// Real threads need it.
#[derive(Debug)]
pub struct Gate;

impl Gate {
    pub fn new(_: usize) -> Self {
        Gate
    }

    pub fn pass(&self) {}
}

/// An execution that takes more steps than this does not end.
pub fn config(max_steps: usize) -> Config {
    let mut config = Config::new();
    config.stack_size = 0x40000;
    config.max_steps = MaxSteps::FailAfter(max_steps);
    // That statics die with the execution is known and wanted.
    config.silence_warnings = true;
    config
}

/// How often a stall is tried at each step: a number that goes with that of the schedules.
pub fn stalls(usual: usize) -> usize {
    let effort = Effort { preemptions: 0, schedules: usual * 50 };
    effort.asked().schedules / 50
}

/// Runs `body` under both schedulers, and looks for nondeterminism that shuttle does not
/// control: with it, a failing schedule could not be replayed.
pub fn explore(name: &str, effort: Effort, body: impl Fn() + Send + Sync + Clone + 'static) {
    let n = effort.asked().schedules;
    run(name, "random", RandomScheduler::new(n), body.clone());
    run(name, "PCT", PctScheduler::new(3, n), body.clone());
    let twice = UncontrolledNondeterminismCheckScheduler::new(RandomScheduler::new(n / 50 + 1));
    run(name, "twice the same", twice, body);
}

fn run(
    name: &str,
    kind: &str,
    scheduler: impl Scheduler + 'static,
    body: impl Fn() + Send + Sync + 'static,
) {
    let start = Instant::now();
    let n = Runner::new(scheduler, config(20_000)).run(body);
    let time = start.elapsed().as_secs_f64();
    println!("{name}: {n} schedules, {kind}, {time:.1} s");
}
