//! Epochs alone, on one pointer (`dolmen::model::Cell`): is anything freed that a reader may still
//! hold? The canaries in the nodes tell.

use crate::checker::{Effort, deep, explore, reaching};
use crate::threads::{Mark, side_by_side, unmarked};
use dolmen::model::{self, Branch, Cell};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// One call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellOp {
    Read,
    /// Under one pin, with another inside it.
    ReadAround,
    /// With a participant that is claimed for it, and released.
    ReadOwned,
    /// Replace, retire, collect, under a pin.
    Replace,
    /// Replace and retire; no pin.
    Retire,
    /// Collect; no pin, which would hide what the collector's barrier is for.
    Collect,
    /// Free what the advances of others allow; no pin.
    Free,
    /// Collect for another cell: the epoch is the process's, the garbage is each one's own.
    Elsewhere,
}

/// What each thread does, and what it must have met.
#[derive(Clone, Debug)]
pub struct CellScenario {
    pub name: String,
    pub threads: Vec<Vec<CellOp>>,
    pub reach: Vec<Branch>,
    pub preemptions: usize,
}

impl CellScenario {
    /// Runs it once and checks everything.
    pub fn run(&self) {
        self.run_with(unmarked());
    }

    /// As `run`, with a mark at each thread's beginning and end.
    pub fn run_with(&self, mark: Mark) {
        use CellOp::*;
        model::begin();
        let (cell, other) = (Arc::new(Cell::new(1)), Arc::new(Cell::new(1)));
        // Values count up; with one writer a reader never sees one go back.
        let next = Arc::new(AtomicUsize::new(2));
        let writers =
            self.threads.iter().filter(|ops| ops.contains(&Replace) || ops.contains(&Retire));
        let one_writer = writers.count() <= 1;
        let seen: Arc<Vec<AtomicUsize>> =
            Arc::new(self.threads.iter().map(|_| AtomicUsize::new(0)).collect());
        let (shared, elsewhere) = (cell.clone(), other.clone());
        side_by_side(&self.threads, &mark, move |thread, op| {
            let fresh = || next.fetch_add(1, SeqCst);
            let value = match op {
                Read => shared.read(),
                ReadAround => shared.read_around(),
                ReadOwned => shared.read_owned(),
                Replace => return shared.replace(fresh()),
                Retire => return shared.retire(fresh()),
                Collect => return shared.collect(),
                Free => return shared.free(),
                Elsewhere => return elsewhere.collect(),
            };
            assert!(0 < value && value < next.load(SeqCst), "a value that nobody wrote: {value}");
            let last = seen[thread].swap(value, SeqCst);
            assert!(!one_writer || last <= value, "went back from {last} to {value}");
        });
        for cell in [cell, other] {
            drop(Arc::try_unwrap(cell).map_err(|_| "shared").expect("the threads are gone"));
        }
        model::end();
    }
}

fn cell(name: &str, preemptions: usize, threads: &[&[CellOp]], reach: &[Branch]) -> CellScenario {
    let threads = threads.iter().map(|ops| ops.to_vec()).collect();
    CellScenario { name: format!("a cell: {name}"), threads, reach: reach.to_vec(), preemptions }
}

/// One that replaces and collects, and readers.
pub fn readers() -> Vec<CellScenario> {
    use Branch::{AdvanceBlocked, BagFreed};
    use CellOp::*;
    let both = &[BagFreed, AdvanceBlocked];
    vec![
        // The second and third replacement free what the first retired.
        cell("replace, read", 3, &[&[Replace, Replace, Replace], &[Read]], both),
        // Pins in two epochs.
        cell("replace, two readers", deep(2), &[&[Replace, Replace], &[Read], &[Read]], both),
        cell("replace, read twice", 3, &[&[Replace, Replace], &[Read, Read]], both),
        cell("replace, a pin in a pin", 2, &[&[Replace, Replace, Replace], &[ReadAround]], both),
        // The inner pin comes in a newer epoch than the outer one, and must not stand for it.
        cell(
            "a pin in a pin, two that collect",
            2,
            &[&[ReadAround], &[Retire, Collect], &[Collect]],
            &[BagFreed],
        ),
        // A scan sees the second pin where the first was, and has to come after the first's reads.
        cell(
            "read twice, two that collect",
            2,
            &[&[Read, Read], &[Retire, Collect], &[Collect]],
            &[BagFreed],
        ),
        // The second claims what the first has released.
        cell("replace, owned pins", 2, &[&[Replace, Replace], &[ReadOwned, ReadOwned]], both),
    ]
}

/// Several that collect.
pub fn collectors() -> Vec<CellScenario> {
    use Branch::BagFreed;
    use CellOp::*;
    vec![
        // They free each other's.
        cell("two that replace", 3, &[&[Replace], &[Replace]], &[]),
        // The epoch advances between the pin of the one that retires and its seal. The fence in
        // `seal` is what keeps it from sealing with the epoch of its pin, one too old: the reader,
        // pinned in the new one, would not be waited for.
        cell(
            "a seal after an advance",
            deep(3),
            &[&[Replace, Collect], &[Collect, Read]],
            &[BagFreed],
        ),
        // A collector that does nothing else, so that nothing but its own barrier puts its scans
        // after the pins that they must see. It may also be late: loads the epoch, scans, and finds
        // it advanced.
        cell("a collector of its own", 2, &[&[Retire], &[Read], &[Collect, Collect]], &[BagFreed]),
        // A collector that is late: another advances the epoch twice, and this one frees by what it
        // is told, so it has to come after the reads that the other's scans saw ended.
        cell(
            "a collector that is held up",
            2,
            &[&[Collect], &[Read], &[Retire, Elsewhere, Elsewhere]],
            &[BagFreed],
        ),
        // One that never advances frees by the epoch alone, and has to come after the same reads.
        cell(
            "one that only frees",
            2,
            &[&[Free], &[Read], &[Retire, Elsewhere, Elsewhere]],
            &[BagFreed],
        ),
        // More is ready than one collection may free.
        cell(
            "a backlog",
            2,
            &[&[Retire, Retire, Collect, Collect, Collect], &[Collect, Collect]],
            &[BagFreed],
        ),
    ]
}

/// Two collectors: one has scanned, the reader pins, and the other loads the epoch that the first
/// then makes. With its barrier before that load it would miss the pin, which came after it: that
/// variant fails at three preemptions, within seconds. The right one takes minutes to explore that
/// far (three million executions), so a push tries two; with `DOLMEN_PREEMPTIONS=3` it goes all the
/// way, which is due when the order of an advance is touched.
pub fn two_collectors() -> Vec<CellScenario> {
    use CellOp::*;
    let threads: &[&[CellOp]] = &[&[Retire], &[Read], &[Collect], &[Collect]];
    vec![cell("two collectors of their own", 2, threads, &[Branch::BagFreed])]
}

/// Explores scenarios one after the other.
pub fn explore_cells(scenarios: Vec<CellScenario>) {
    for scenario in scenarios {
        // A pin that comes between the two looks of an advance: loom meets it, chance hardly ever. The
        // plans on maps, which are wider, meet it under shuttle as well.
        let by_chance =
            |branch: &Branch| !cfg!(dolmen_shuttle) || *branch != Branch::AdvanceBlocked;
        let reach: Vec<Branch> = scenario.reach.iter().copied().filter(by_chance).collect();
        reaching(&scenario.name.clone(), &reach, || {
            let effort = Effort::to(scenario.preemptions);
            explore(&scenario.name.clone(), effort, move || scenario.run());
        });
    }
}
