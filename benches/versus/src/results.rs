//! All that was measured, as it is written to JSON and read again.

use crate::aims::OURS;
use crate::figures::Spread;
use crate::footprint::Bytes;
use crate::keys::KeyKind;
use crate::script::Tally;
use crate::tail::Slice;
use crate::workload::{Cell, Workload};
use serde::{Deserialize, Serialize};
use std::path::Path;

#[derive(Clone, Serialize, Deserialize)]
pub struct Results {
    /// One for each run that is in here.
    pub runs: Vec<About>,
    pub cells: Vec<Measured>,
    pub bytes: Vec<BytesOf>,
    pub tails: Vec<TailOf>,
}

/// What was run, when, on what.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct About {
    pub command: String,
    pub date: String,
    pub commit: String,
    pub cpu: String,
    pub cores: usize,
    pub memory: String,
    pub system: String,
    pub rustc: String,
    pub allocator: String,
    pub rounds: usize,
    pub builds: usize,
    pub seed: u64,
    /// Peers, from the lock file.
    pub versions: Vec<String>,
    /// Runnable threads of the whole machine, in the minute before the run and in its last one.
    pub load: [f64; 2],
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Measured {
    pub cell: Cell,
    /// Maps, in order; the first is the one that is compared.
    pub maps: Vec<Series>,
    pub limits: Vec<Series>,
}

/// Nanoseconds a call of each thread, in each round. All series of a cell have the same rounds.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Series {
    pub name: String,
    pub note: Option<String>,
    pub ns: Vec<f64>,
    pub tallies: Option<[Tally; 4]>,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct BytesOf {
    pub map: String,
    pub bytes: Bytes,
}

/// Rounds of one map, or of the control.
#[derive(Clone, Serialize, Deserialize)]
pub struct TailOf {
    pub map: String,
    pub size: usize,
    pub rounds: Vec<TailRound>,
}

/// At `tail::PERCENTILES`; and, of the first round, in slices of time.
#[derive(Clone, Serialize, Deserialize)]
pub struct TailRound {
    pub write: Vec<f64>,
    pub read: Vec<f64>,
    pub writes: Vec<Slice>,
    pub reads: Vec<Slice>,
}

impl Series {
    pub fn spread(&self) -> Option<Spread> {
        Spread::of(self.ns.iter().copied())
    }

    pub fn median(&self) -> Option<f64> {
        Some(self.spread()?.median)
    }

    /// This one by another, round by round.
    pub fn by(&self, other: &Series) -> Option<Spread> {
        Spread::of(self.ns.iter().zip(&other.ns).map(|(one, other)| one / other))
    }
}

impl Measured {
    pub fn series(&self, name: &str) -> Option<&Series> {
        self.maps.iter().chain(&self.limits).find(|series| series.name == name)
    }

    /// Million calls a second, of all threads together.
    pub fn throughput(&self, series: &Series) -> Option<f64> {
        Some(self.cell.threads as f64 * 1e3 / series.median()?)
    }

    /// Whether keys and values are the usual ones.
    pub fn is_plain(&self) -> bool {
        let Cell { workload, key, value, .. } = self.cell;
        key == KeyKind::U64 && value == 8 && !workload.counts()
    }
}

impl TailOf {
    /// The median over the rounds of a percentile, by its place.
    pub fn median(&self, thread: fn(&TailRound) -> &Vec<f64>, percentile: usize) -> f64 {
        let at = self.rounds.iter().map(|round| thread(round)[percentile]);
        Spread::of(at).map_or(0.0, |spread| spread.median)
    }
}

impl Results {
    pub fn empty(about: About) -> Self {
        Results { runs: vec![about], cells: Vec::new(), bytes: Vec::new(), tails: Vec::new() }
    }

    pub fn about(&self) -> &About {
        &self.runs[0]
    }

    pub fn cells(&self, workload: Workload) -> impl Iterator<Item = &Measured> {
        self.cells.iter().filter(move |measured| measured.cell.workload == workload)
    }

    /// The maps of the cells, in order.
    pub fn maps(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        let all = self.cells.iter().flat_map(|measured| &measured.maps).map(|s| s.name.as_str());
        let all = all.chain(self.bytes.iter().map(|of| of.map.as_str()));
        for name in all {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The maps that each other one is compared with: the first, and both of dolmen's if that is one.
    pub fn ours(&self) -> Vec<&str> {
        let maps = self.maps();
        let both = maps.first().is_some_and(|first| OURS.contains(first));
        let is_ours = |(place, map): &(usize, &str)| *place == 0 || both && OURS.contains(map);
        maps.into_iter().enumerate().filter(is_ours).map(|(_, map)| map).collect()
    }

    pub fn read(file: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
        serde_json::from_str(&text).map_err(|e| format!("{}: {e}", file.display()))
    }

    /// Takes what another run measured; of what both did, the later one's.
    pub fn merge(mut self, later: Results) -> Self {
        self.cells.retain(|old| later.cells.iter().all(|new| new.cell != old.cell));
        self.bytes.retain(|old| later.bytes.iter().all(|new| new.map != old.map));
        self.tails.retain(|old| {
            later.tails.iter().all(|new| (&new.map, new.size) != (&old.map, old.size))
        });
        self.runs.extend(later.runs);
        self.cells.extend(later.cells);
        self.bytes.extend(later.bytes);
        self.tails.extend(later.tails);
        self
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn about() -> About {
        About {
            command: "versus".into(),
            date: "2026-01-01".into(),
            commit: "abc".into(),
            cpu: "a processor".into(),
            cores: 2,
            memory: "1 GiB".into(),
            system: "Linux".into(),
            rustc: "rustc 1".into(),
            allocator: "mimalloc".into(),
            rounds: 3,
            builds: 1,
            seed: 1,
            versions: vec!["papaya 0.2".into()],
            load: [0.0, 1.0],
        }
    }

    pub fn cell(workload: Workload, size: usize, threads: usize) -> Cell {
        let (key, value, presized) = (KeyKind::U64, 8, false);
        Cell { workload, key, value, size, threads, presized, theta: 0.99, reads: 90, present: 100 }
    }

    pub fn series(name: &str, ns: &[f64]) -> Series {
        Series { name: name.into(), ns: ns.to_vec(), ..Series::default() }
    }

    pub fn measured(cell: Cell, ns: &[(&str, &[f64])]) -> Measured {
        let maps = ns.iter().map(|(name, ns)| series(name, ns)).collect();
        Measured { cell, maps, limits: Vec::new() }
    }

    #[test]
    fn ratios_are_of_rounds() {
        let (one, other) = (series("a", &[1.0, 2.0, 9.0]), series("b", &[2.0, 4.0, 9.0]));
        assert_eq!(one.by(&other).unwrap().median, 0.5);
        assert!(one.by(&series("c", &[])).is_none());
    }

    #[test]
    fn the_first_map_is_compared_and_both_of_dolmens() {
        for (maps, ours) in [
            (&["dolmen", "dolmen-words", "papaya"][..], &["dolmen", "dolmen-words"][..]),
            (&["dolmen-words", "papaya", "dolmen"], &["dolmen-words", "dolmen"]),
            (&["papaya", "dolmen", "dolmen-words"], &["papaya"]),
            (&[], &[]),
        ] {
            let mut results = Results::empty(about());
            let ns: Vec<(&str, &[f64])> = maps.iter().map(|map| (*map, &[1.0][..])).collect();
            results.cells.push(measured(cell(Workload::Get, 1_000, 1), &ns));
            assert_eq!(results.ours(), ours);
        }
    }

    #[test]
    fn results_survive_a_file_and_later_ones_win() {
        let mut old = Results::empty(about());
        let get = cell(Workload::Get, 50_000, 1);
        let miss = cell(Workload::Miss, 50_000, 1);
        old.cells = vec![measured(get, &[("a", &[1.0])]), measured(miss, &[("a", &[2.0])])];
        let mut new = Results::empty(about());
        new.cells = vec![measured(get, &[("a", &[3.0])])];
        let text = serde_json::to_string(&old.merge(new)).unwrap();
        let both: Results = serde_json::from_str(&text).unwrap();
        let medians: Vec<_> = both.cells.iter().map(|cell| cell.maps[0].median()).collect();
        assert_eq!(medians, [Some(2.0), Some(3.0)]);
        assert_eq!((both.runs.len(), both.maps()), (2, vec!["a"]));
    }
}
