//! One surface over the two checkers.

use crate::scenarios::Scenario;
use dolmen::model::{Branch, hits};

#[cfg(dolmen_loom)]
pub use self::under_loom::*;
#[cfg(dolmen_shuttle)]
pub use self::under_shuttle::*;

/// Runs `f` and says how often each branch was met; fails if one of `reach` was not.
pub fn reaching(name: &str, reach: &[Branch], f: impl FnOnce()) {
    let before: Vec<usize> = BRANCHES.iter().map(|branch| hits(*branch)).collect();
    f();
    let mut met = Vec::new();
    for (branch, before) in BRANCHES.into_iter().zip(before) {
        let n = hits(branch) - before;
        assert!(n > 0 || !reach.contains(&branch), "{name}: {branch:?} was never met");
        met.extend((n > 0).then(|| format!("{branch:?} {n}")));
    }
    println!("    {}", met.join(", "));
}

/// All that are counted.
pub const BRANCHES: [Branch; 13] = [
    Branch::SuccessorExhausted,
    Branch::SealedMet,
    Branch::AlreadyArrived,
    Branch::DoubleSwing,
    Branch::ChunkTakenOver,
    Branch::OwnSlotMoved,
    Branch::ReaderFollowed,
    Branch::IterFollowed,
    Branch::IterSkipped,
    Branch::WriteLost,
    Branch::ListWritten,
    Branch::BagFreed,
    Branch::AdvanceBlocked,
];

/// Explores scenarios one after the other, each in the way of this checker.
pub fn explore_all<R: dolmen::Reclaim + 'static>(scenarios: Vec<Scenario>) {
    for Scenario { name, plan, reach } in scenarios {
        reaching(&name, &reach, || explore_plan::<R>(&name, plan));
    }
}

#[cfg(dolmen_loom)]
mod under_loom {
    use crate::history::Order;
    use crate::plan::Plan;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use std::time::{Duration, Instant};

    pub use loom::thread::{JoinHandle, spawn};

    /// What time means: see [`Order`].
    pub const ORDER: Order = Order::Program;

    /// Two threads up to three preemptions, more up to two.
    pub(super) fn explore_plan<R: dolmen::Reclaim + 'static>(name: &str, plan: Plan) {
        let preemptions = if plan.threads.len() <= 2 { 3 } else { 2 };
        explore(name, preemptions, move || plan.run::<R>());
    }

    /// Explores `body` in full, up to so many preemptions; returns the number of executions. A
    /// model that is not finished in two minutes fails: a part of the search is no answer.
    pub fn explore(
        name: &str,
        preemptions: usize,
        body: impl Fn() + Send + Sync + 'static,
    ) -> usize {
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
            let cut = start.elapsed() > Duration::from_secs(120);
            assert!(!cut, "{label}: cut off after {n} executions");
            body();
        });
        let n = executions.load(Relaxed);
        let time = start.elapsed().as_secs_f64();
        println!(
            "{name}: {n} executions, all there are up to {preemptions} preemptions, {time:.1} s"
        );
        n
    }
}

#[cfg(dolmen_shuttle)]
mod under_shuttle {
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

    /// Schedules to draw for one model and scheduler: `DOLMEN_SCHEDULES`, or `usual`.
    pub fn schedules(usual: usize) -> usize {
        let given = std::env::var("DOLMEN_SCHEDULES");
        given.map_or(usual, |n| n.parse().expect("DOLMEN_SCHEDULES is a number"))
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

    /// As loom does, but wider: see [`Plan::widen`].
    pub(super) fn explore_plan<R: dolmen::Reclaim + 'static>(name: &str, plan: Plan) {
        let plan = plan.widen();
        explore(name, 500, move || plan.run::<R>());
    }

    /// Runs `body` under both schedulers, and looks for nondeterminism that shuttle does not
    /// control: with it, a failing schedule could not be replayed.
    pub fn explore(name: &str, usual: usize, body: impl Fn() + Send + Sync + Clone + 'static) {
        let n = schedules(usual);
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
}
