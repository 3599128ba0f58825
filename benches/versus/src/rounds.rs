//! The rounds of a cell: every map once in each, in turn.

use crate::keys::{Key, KeyKind, Keys, mix};
use crate::limits;
use crate::maps;
use crate::pool::Pool;
use crate::results::{Measured, Series};
use crate::script::{Script, Writer};
use crate::subject::{CALLS, Sample, Step, Subject};
use crate::value::{Counter, Value};
use crate::workload::{Cell, Shape};
use std::sync::Arc;

/// Subjects of these names, in their order.
pub fn choose<K: Key, V: Value>(names: &[String]) -> Vec<Box<dyn Subject<K>>> {
    let mut all = maps::all::<K, V>();
    let mut take = |name: &String| {
        let place = all.iter().position(|map| map.name() == name)?;
        Some(all.swap_remove(place))
    };
    names.iter().filter_map(&mut take).collect()
}

/// How a cell is measured.
pub struct Plan<'a> {
    pub cell: Cell,
    pub maps: &'a [String],
    pub rounds: usize,
    pub builds: usize,
    pub seed: u64,
}

/// Measures all rounds, with the cell's types. `tick` is called after each round.
pub fn measure(plan: &Plan, tick: impl FnMut()) -> Measured {
    match (plan.cell.key, plan.cell.value) {
        _ if plan.cell.workload.counts() => typed::<u64, Counter>(plan, tick),
        (KeyKind::U64, 8) => typed::<u64, [u64; 1]>(plan, tick),
        (KeyKind::U64, 16) => typed::<u64, [u64; 2]>(plan, tick),
        (KeyKind::U64, 64) => typed::<u64, [u64; 8]>(plan, tick),
        (KeyKind::U64, _) => typed::<u64, [u64; 32]>(plan, tick),
        (_, _) => typed::<String, [u64; 1]>(plan, tick),
    }
}

fn typed<K: Key, V: Value>(plan: &Plan, mut tick: impl FnMut()) -> Measured {
    let cell = &plan.cell;
    assert_eq!(V::BYTES, cell.value, "the plan has types for its values");
    let mut subjects = choose::<K, V>(plan.maps);
    let asked = cell.workload.asked(cell.theta);
    let keys = Arc::new(Keys::<K>::new(cell.size, plan.seed, asked, cell.key.bytes()));
    let pool = Pool::new(cell.threads);
    let suits: Vec<bool> =
        subjects.iter().map(|subject| subject.suits(cell.workload, cell.threads)).collect();
    let note = |subject: &dyn Subject<K>| subject.note(cell.workload).map(String::from);
    let mut series: Vec<Series> = subjects
        .iter()
        .map(|subject| Series {
            name: subject.name().into(),
            note: note(&**subject),
            ..Series::default()
        })
        .collect();
    let limits = limits::of(cell);
    let mut at_most: Vec<Series> = limits
        .iter()
        .map(|limit| Series { name: limit.name.clone(), ..Series::default() })
        .collect();
    let mut scripts = Scripts::new(plan);
    let each_build = plan.rounds.div_ceil(plan.builds);

    for round in 0..plan.rounds {
        let is_new = round % each_build == 0;
        let seed = mix(plan.seed + round as u64);
        let [warm, timed] = scripts.of_round(&keys, is_new, seed);
        // Maps begin a round in turn, for each leaves the caches to the next.
        for turn in 0..subjects.len() {
            let which = (turn + round) % subjects.len();
            if !suits[which] {
                continue;
            }
            let subject = &mut subjects[which];
            let step = |round, script: &Option<Arc<Script<K>>>| Step {
                cell,
                round,
                keys: &keys,
                script: script.clone(),
                pool: &pool,
            };
            // A map that begins empty is new in each round, so that its seed can be too.
            if is_new || cell.workload.begins_fresh() {
                subject.build(&step(round, &warm), seed);
            }
            if is_new && !cell.workload.begins_fresh() {
                // The first round after a build finds caches and branches cold.
                subject.measure(&step(round + 1, &warm));
            }
            take(&mut series[which], subject.measure(&step(round, &timed)));
            if cell.workload.begins_fresh() {
                subject.discard(&pool);
            }
        }
        for (limit, series) in limits.iter().zip(&mut at_most) {
            series.ns.push((limit.measure)(&pool, round));
        }
        tick();
    }
    subjects.iter_mut().for_each(|subject| subject.discard(&pool));
    Measured { cell: *cell, maps: series, limits: at_most }
}

fn take(series: &mut Series, sample: Sample) {
    series.ns.push(sample.ns);
    let Some(more) = sample.tallies else { return };
    let tallies = series.tallies.get_or_insert_default();
    for (all, more) in tallies.iter_mut().zip(more) {
        all.calls += more.calls;
        all.hits += more.hits;
    }
}

/// The scripts of the rounds, which go on from one to the next until the maps are built anew.
struct Scripts<K> {
    cell: Cell,
    writer: Writer,
    /// The script of all rounds, if each begins empty.
    only: Option<Arc<Script<K>>>,
}

impl<K: Key> Scripts<K> {
    fn new(plan: &Plan) -> Self {
        let writer = Writer::new(&plan.cell, plan.seed);
        Scripts { cell: plan.cell, writer, only: None }
    }

    /// One to warm up with, if the maps are new, and one to time.
    fn of_round(&mut self, keys: &Keys<K>, is_new: bool, seed: u64) -> [Option<Arc<Script<K>>>; 2] {
        if self.cell.workload.shape() != Shape::Script {
            return [None, None];
        }
        if self.cell.workload.begins_empty() {
            // Three of four calls add a key.
            let calls = (self.cell.size / self.cell.threads * 4).div_ceil(3);
            let only = self.only.get_or_insert_with(|| Arc::new(self.writer.next(keys, calls)));
            return [None, Some(only.clone())];
        }
        let calls = if self.cell.workload == crate::workload::Workload::Churn {
            // All keys of the window.
            2 * self.cell.size.div_ceil(self.cell.threads)
        } else {
            CALLS
        };
        if is_new {
            self.writer = Writer::new(&self.cell, seed);
        }
        let mut next = || Some(Arc::new(self.writer.next(keys, calls)));
        if is_new { [next(), next()] } else { [None, next()] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::cell;
    use crate::workload::Workload;
    use clap::ValueEnum;

    fn names() -> Vec<String> {
        ["dolmen", "striped", "hashbrown"].map(String::from).to_vec()
    }

    #[test]
    fn every_workload_has_rounds_in_which_all_calls_are_right() {
        let workloads = Workload::value_variants().iter().copied();
        for workload in workloads.filter(|workload| workload.shape() != Shape::Other) {
            for threads in if workload == Workload::Itergrow { vec![2] } else { vec![1, 2] } {
                let maps = names();
                let cell = cell(workload, 3_000, threads);
                let plan = Plan { cell, maps: &maps, rounds: 3, builds: 2, seed: 1 };
                let mut ticks = 0;
                let measured = measure(&plan, || ticks += 1);
                assert_eq!(ticks, 3);
                let rounds: Vec<usize> =
                    measured.maps.iter().map(|series| series.ns.len()).collect();
                let pins = if workload == Workload::Getpin { 0 } else { 3 };
                let alone = if threads == 1 { pins } else { 0 };
                assert_eq!(rounds, [3, pins, alone], "{workload:?}");
                assert!(measured.limits.iter().all(|limit| limit.ns.len() == 3));
                let scripted = workload.shape() == Shape::Script;
                assert_eq!(measured.maps[0].tallies.is_some(), scripted);
            }
        }
    }

    #[test]
    fn keys_and_values_of_all_types() {
        let values = [16, 64, 256].map(|value| (KeyKind::U64, value));
        let keys = KeyKind::value_variants().iter().map(|key| (*key, 8));
        for (key, value) in values.into_iter().chain(keys) {
            let cell = Cell { key, value, ..cell(Workload::Overwrite, 1_000, 1) };
            let maps = names();
            let measured =
                measure(&Plan { cell, maps: &maps, rounds: 1, builds: 1, seed: 1 }, || ());
            assert!(measured.maps.iter().all(|series| series.ns.len() == 1));
        }
    }
}
