//! loom: every order of steps up to a number of preemptions, with the stale values that the memory
//! model allows.

use super::Effort;
use crate::history::Order;
use crate::plan::Plan;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

pub use loom::thread::{JoinHandle, spawn};

/// What time means: see [`Order`].
pub const ORDER: Order = Order::Program;
/// Not drawn here.
pub(super) const SCHEDULES: usize = 0;

pub(super) fn plans(plan: &Plan) -> Vec<Plan> {
    vec![plan.clone()]
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

/// Explores `body` in full, up to so many preemptions. A model that is not finished in ten minutes
/// fails: a part of the search is no answer.
pub fn explore(name: &str, effort: Effort, body: impl Fn() + Send + Sync + Clone + 'static) {
    let preemptions = effort.asked().preemptions;
    let executions = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    // Beyond it loom panics.
    builder.max_branches = 20_000;
    // These would end the search with success.
    builder.max_duration = None;
    builder.max_permutations = None;
    builder.checkpoint_file = None;
    let (counter, label) = (executions.clone(), name.to_string());
    builder.check(move || {
        let n = counter.fetch_add(1, Relaxed) + 1;
        let cut = start.elapsed() > Duration::from_secs(600);
        assert!(!cut, "{label}: cut off after {n} executions");
        body();
    });
    let n = executions.load(Relaxed);
    let time = start.elapsed().as_secs_f64();
    println!("{name}: {n} executions, all there are up to {preemptions} preemptions, {time:.1} s");
}
