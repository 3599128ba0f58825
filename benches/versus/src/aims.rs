//! What dolmen's map is to reach, and whether it does.

use crate::figures::Spread;
use crate::results::{Measured, Results, Series};
use crate::workload::Cell;
use crate::workload::Workload::{self, *};

/// Whose time ours is compared with.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Against {
    Map(&'static str),
    /// The fastest of the concurrent maps, by median.
    Best,
    /// The same, but for one.
    BestBut(&'static str),
    /// Our own, of another workload.
    Own(Workload),
    /// No other: this many nanoseconds.
    Nanoseconds,
}

/// The maps made for many threads; locks around one for a single thread are not among them.
pub const CONCURRENT: [&str; 5] = ["papaya", "dashmap", "scc", "scc-index", "flurry"];

/// How much of the other's time ours may be, and from which size on.
const AIMS: [(Workload, Against, f64, usize); 20] = [
    (Get, Against::Map("papaya"), 0.55, 0),
    (Get, Against::BestBut("papaya"), 0.85, 0),
    (Getpin, Against::Map("papaya"), 0.85, 0),
    (Getbatch16, Against::Own(Get), 0.5, 1_000_000),
    (Getbatch32, Against::Own(Get), 0.5, 1_000_000),
    (Miss, Against::Best, 1.2, 0),
    (Zipf, Against::Best, 1.0, 0),
    (Grow, Against::Map("dashmap"), 1.5, 0),
    (Grow, Against::Map("papaya"), 0.4, 0),
    (Fill, Against::Map("dashmap"), 1.1, 0),
    (Overwrite, Against::Map("dashmap"), 1.8, 0),
    (Overwrite, Against::Map("papaya"), 0.4, 0),
    (Update, Against::Map("dashmap"), 1.6, 0),
    (Recur, Against::Best, 1.1, 0),
    (Churn, Against::Best, 1.5, 0),
    (Readheavy, Against::Best, 0.8, 0),
    (Exchange, Against::Best, 1.3, 0),
    (Rapidgrow, Against::Best, 1.3, 0),
    (Iter, Against::Nanoseconds, 10.0, 0),
    (Itergrow, Against::Nanoseconds, 10.0, 0),
];

/// A map that saw one insert and one removal may take so many bytes.
pub const EMPTY_BYTES: isize = 512;
/// An entry may take so many, at any size.
pub const ENTRY_BYTES: f64 = 50.0;

/// An aim, and what was measured.
pub struct Aim<'r> {
    pub measured: &'r Measured,
    pub against: String,
    pub wanted: f64,
    pub got: Spread,
}

impl Aim<'_> {
    pub fn is_met(&self) -> bool {
        self.got.median <= self.wanted
    }
}

/// The aims that the results can tell of.
pub fn of(results: &Results) -> Vec<Aim<'_>> {
    let mut aims = Vec::new();
    for measured in results.cells.iter().filter(|measured| measured.is_plain()) {
        let Some(ours) = measured.series("dolmen") else { continue };
        for (workload, against, wanted, from) in AIMS {
            if workload == measured.cell.workload && measured.cell.size >= from {
                let compared = compare(results, measured, ours, against);
                let aim = |(against, got)| Aim { measured, against, wanted, got };
                aims.extend(compared.map(aim));
            }
        }
    }
    aims
}

fn compare(
    results: &Results,
    measured: &Measured,
    ours: &Series,
    against: Against,
) -> Option<(String, Spread)> {
    let other = match against {
        Against::Nanoseconds => return Some(("nanoseconds an entry".into(), ours.spread()?)),
        Against::Own(workload) => {
            let cell = Cell { workload, ..measured.cell };
            let own = results.cells.iter().find(|other| other.cell == cell)?.series(&ours.name)?;
            return Some((format!("its own {}", workload.name()), ours.by(own)?));
        }
        Against::Map(name) => measured.series(name)?,
        Against::Best => fastest(measured, None)?,
        Against::BestBut(name) => fastest(measured, Some(name))?,
    };
    Some((other.name.clone(), ours.by(other)?))
}

fn fastest<'m>(measured: &'m Measured, but: Option<&str>) -> Option<&'m Series> {
    let others = CONCURRENT.iter().filter(|name| Some(**name) != but);
    let timed = others.filter_map(|name| {
        let series = measured.series(name)?;
        Some((series.median()?, series))
    });
    timed.min_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, series)| series)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::{about, cell, measured};

    fn results(workload: Workload, ns: &[(&str, &[f64])]) -> Results {
        let mut results = Results::empty(about());
        results.cells.push(measured(cell(workload, 1_000_000, 1), ns));
        results
    }

    #[test]
    fn the_best_peer_is_the_fastest_concurrent_map() {
        let ns: [(&str, &[f64]); 5] = [
            ("dolmen", &[10.0]),
            ("papaya", &[30.0]),
            ("scc", &[20.0]),
            ("mutex", &[1.0]),
            ("flurry", &[]),
        ];
        let results = results(Miss, &ns);
        let aims = of(&results);
        assert_eq!((aims.len(), aims[0].against.as_str()), (1, "scc"));
        assert!(aims[0].is_met() && aims[0].got.median == 0.5);
    }

    #[test]
    fn get_is_compared_twice_and_batches_with_get() {
        let mut results =
            results(Get, &[("dolmen", &[10.0]), ("papaya", &[5.0]), ("scc", &[40.0])]);
        let batch = cell(Getbatch16, 1_000_000, 1);
        results.cells.push(measured(batch, &[("dolmen", &[4.0])]));
        let got: Vec<_> = of(&results).iter().map(|aim| (aim.got.median, aim.is_met())).collect();
        assert_eq!(got, [(2.0, false), (0.25, true), (0.4, true)]);
    }
}
