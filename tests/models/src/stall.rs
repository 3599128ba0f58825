//! Lock-freedom: a thread that stops for ever must not keep the others from finishing.
//!
//! A scheduler runs all threads in random order until the *victim* has taken a given number of
//! steps of its operations; from then on it runs the victim only when no other thread can run. The
//! number is counted up from 0 until the victim is through before its stall, so every step of the
//! operation has been the last one. Whatever waits for the victim then takes more steps than the
//! bound allows, and shuttle reports it. When the others are done the main thread joins the victim,
//! which wakes up long after: so late steps on old tables are tried as well.

use crate::checker::config;
use shuttle::Runner;
use shuttle::scheduler::{RandomScheduler, Schedule, Scheduler, Task, TaskId};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

/// What the scheduler and the victim tell each other.
#[derive(Debug, Default)]
pub struct Victim {
    /// The task, and one more: 0 while the victim has not begun.
    task: AtomicUsize,
    finished: AtomicBool,
    /// The stall came before the victim had finished, in some execution.
    stalled: AtomicBool,
}

impl Victim {
    /// The victim's operation begins.
    pub fn begin(&self) {
        self.task.store(usize::from(shuttle::current::me()) + 1, SeqCst);
    }

    /// The victim's operation has ended.
    pub fn end(&self) {
        self.finished.store(true, SeqCst);
    }
}

struct StallScheduler {
    victim: Arc<Victim>,
    inner: RandomScheduler,
    /// The victim's steps before the stall, and those it has taken.
    limit: usize,
    taken: usize,
}

impl Scheduler for StallScheduler {
    fn new_execution(&mut self) -> Option<Schedule> {
        self.taken = 0;
        self.victim.task.store(0, SeqCst);
        self.victim.finished.store(false, SeqCst);
        self.inner.new_execution()
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        current: Option<TaskId>,
        yielding: bool,
    ) -> Option<TaskId> {
        let task = self.victim.task.load(SeqCst);
        let is_victim = |id: TaskId| usize::from(id) + 1 == task;
        let finished = self.victim.finished.load(SeqCst);
        let others: Vec<&Task> = runnable.iter().copied().filter(|t| !is_victim(t.id())).collect();
        if task != 0 && !finished && self.taken >= self.limit {
            self.victim.stalled.store(true, SeqCst);
            if !others.is_empty() {
                return self.inner.next_task(&others, current, yielding);
            }
        }
        let next = self.inner.next_task(runnable, current, yielding)?;
        if is_victim(next) && !finished {
            self.taken += 1;
        }
        Some(next)
    }

    fn next_u64(&mut self) -> u64 {
        self.inner.next_u64()
    }
}

/// Stalls the victim of `body` at each step of its operation, so many schedules each; fails if the
/// others then take more than `max_steps`. Returns the number of steps at which it stalled.
pub fn stall_everywhere(
    schedules: usize,
    max_steps: usize,
    body: impl Fn(&Arc<Victim>) + Send + Sync + 'static,
) -> usize {
    let body = Arc::new(body);
    for limit in 0.. {
        let victim = Arc::new(Victim::default());
        let inner = RandomScheduler::new_from_seed(limit as u64, schedules);
        let scheduler = StallScheduler { victim: victim.clone(), inner, limit, taken: 0 };
        let (body, told) = (body.clone(), victim.clone());
        Runner::new(scheduler, config(max_steps)).run(move || body(&told));
        if !victim.stalled.load(SeqCst) {
            return limit;
        }
    }
    unreachable!("the victim's operation ends")
}
