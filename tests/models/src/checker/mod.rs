//! One surface over the two checkers and real threads.

use crate::maps::Map;
use crate::scenarios::Scenario;
use dolmen::model::Branch;

#[cfg(dolmen_loom)]
mod under_loom;
#[cfg(dolmen_loom)]
pub use under_loom::*;
#[cfg(dolmen_shuttle)]
mod under_shuttle;
#[cfg(dolmen_shuttle)]
pub use under_shuttle::*;
#[cfg(dolmen_real)]
mod on_threads;
#[cfg(dolmen_real)]
pub use on_threads::*;

/// How far to go with one model.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// loom: every order up to so many preemptions.
    pub preemptions: usize,
    /// shuttle: so many schedules with each scheduler; on real threads, so many runs.
    pub schedules: usize,
}

impl Effort {
    /// What is usual, but for loom's bound.
    pub fn to(preemptions: usize) -> Effort {
        Effort { preemptions, schedules: SCHEDULES }
    }

    /// As the environment wants it: `DOLMEN_PREEMPTIONS` and `DOLMEN_SCHEDULES` hold for every
    /// model that is run.
    fn asked(self) -> Effort {
        let number = |name: &str, usual| {
            std::env::var(name).map_or(usual, |n| n.parse().expect("a number in the environment"))
        };
        Effort {
            preemptions: number("DOLMEN_PREEMPTIONS", self.preemptions),
            schedules: number("DOLMEN_SCHEDULES", self.schedules),
        }
    }
}

/// The preemptions of a search that would spend half a minute of every push: one fewer there, all of
/// them where `DOLMEN_DEEP` is set (by hand, and by `.ci/mutants`).
pub fn deep(preemptions: usize) -> usize {
    if std::env::var_os("DOLMEN_DEEP").is_some() { preemptions } else { preemptions - 1 }
}

/// Runs `f` and says how often each branch was met; fails if one of `reach` was not, unless fewer
/// schedules than usual were asked for. On real threads nobody counts: counters would order what
/// they count.
///
/// `DOLMEN_SCENARIO` names a part of those that are wanted; the others are passed over.
pub fn reaching(name: &str, reach: &[Branch], f: impl FnOnce()) {
    if std::env::var("DOLMEN_SCENARIO").is_ok_and(|part| !name.contains(&part)) {
        return;
    }
    println!("> {name}");
    #[cfg(dolmen_real)]
    {
        let _ = reach;
        f();
    }
    #[cfg(not(dolmen_real))]
    {
        use dolmen::model::hits;
        let before: Vec<usize> = BRANCHES.iter().map(|branch| hits(*branch)).collect();
        f();
        let mut met = Vec::new();
        for (branch, before) in BRANCHES.into_iter().zip(before) {
            let n = hits(branch) - before;
            let due = reach.contains(&branch) && is_usual();
            assert!(n > 0 || !due, "{name}: {branch:?} was never met");
            met.extend((n > 0).then(|| format!("{branch:?} {n}")));
        }
        println!("    {}", met.join(", "));
    }
}

/// All that are counted.
pub const BRANCHES: [Branch; 17] = [
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
    Branch::VoidMet,
    Branch::ClosedVoidMet,
    Branch::VoidSeen,
    Branch::Overflown,
];

/// Whether no fewer schedules than usual were asked for.
#[cfg(not(dolmen_real))]
fn is_usual() -> bool {
    Effort::to(0).asked().schedules >= SCHEDULES
}

/// Says whether all of these branches have been met since, or more of the same would meet no others: it need
/// not be, or all orders there are have been tried.
#[cfg(not(dolmen_real))]
fn met_from_now(reach: &[Branch]) -> impl Fn() -> bool {
    use dolmen::model::hits;
    let before: Vec<usize> = reach.iter().map(|branch| hits(*branch)).collect();
    let met = move || reach.iter().zip(&before).all(|(branch, before)| hits(*branch) > *before);
    move || cfg!(dolmen_loom) || !is_usual() || met()
}

/// On real threads nobody counts.
#[cfg(dolmen_real)]
fn met_from_now(_: &[Branch]) -> impl Fn() -> bool {
    || true
}

/// Explores scenarios one after the other, each in the way of this checker: loom what they say,
/// the others something wider, too (see `Plan::widen`).
pub fn explore_all<M: Map>(scenarios: Vec<Scenario>) {
    for scenario in scenarios {
        let reach = scenario.reach.iter().copied().filter(|branch| !M::NEVER.contains(branch));
        let reach = reach.collect::<Vec<_>>();
        reaching(&scenario.name, &reach, || {
            let preemptions = M::preemptions(&scenario);
            let effort = Effort { preemptions, schedules: SCHEDULES / M::SHARE };
            // Of a share of the schedules, chance may leave out what all of them meet: then some more.
            let are_met = met_from_now(&reach);
            for _ in 0..M::SHARE {
                for plan in plans(&scenario.plan) {
                    explore(&scenario.name, effort, move || plan.run::<M>());
                }
                if are_met() {
                    break;
                }
            }
        });
    }
}
