//! What dolmen's maps are to reach, and whether they do.

use crate::figures::{Spread, show_count};
use crate::results::{BytesOf, Measured, Results, Series};
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

/// Dolmen's maps, in this order.
pub const OURS: [&str; 2] = ["dolmen", "dolmen-words"];

/// How much of the other's time ours may be, from which size on, and with how many threads at most.
type Wanted = (Workload, Against, f64, usize, usize);

const ANY: usize = usize::MAX;

const HASH_MAP: [Wanted; 20] = [
    (Get, Against::Map("papaya"), 0.55, 0, ANY),
    (Get, Against::BestBut("papaya"), 0.85, 0, ANY),
    (Getpin, Against::Map("papaya"), 0.85, 0, ANY),
    (Getbatch16, Against::Own(Get), 0.5, 1_000_000, ANY),
    (Getbatch32, Against::Own(Get), 0.5, 1_000_000, ANY),
    (Miss, Against::Best, 1.2, 0, ANY),
    (Zipf, Against::Best, 1.0, 0, ANY),
    (Grow, Against::Map("dashmap"), 1.5, 0, ANY),
    (Grow, Against::Map("papaya"), 0.4, 0, ANY),
    (Fill, Against::Map("dashmap"), 1.1, 0, ANY),
    (Overwrite, Against::Map("dashmap"), 1.8, 0, ANY),
    (Overwrite, Against::Map("papaya"), 0.4, 0, ANY),
    (Update, Against::Map("dashmap"), 1.6, 0, ANY),
    (Recur, Against::Best, 1.1, 0, ANY),
    (Churn, Against::Best, 1.5, 0, ANY),
    (Readheavy, Against::Best, 0.8, 0, ANY),
    (Exchange, Against::Best, 1.3, 0, ANY),
    (Rapidgrow, Against::Best, 1.3, 0, ANY),
    (Iter, Against::Nanoseconds, 10.0, 0, ANY),
    (Itergrow, Against::Nanoseconds, 10.0, 0, ANY),
];

const WORD_MAP: [Wanted; 10] = [
    (Get, Against::Map("dashmap"), 0.5, 0, 1),
    (Getbatch16, Against::Own(Get), 1.0 / 1.5, 1_000_000, 1),
    (Getbatch32, Against::Own(Get), 1.0 / 1.5, 1_000_000, 1),
    (Miss, Against::Map("dashmap"), 1.0, 0, 1),
    (Grow, Against::Map("dashmap"), 1.3, 0, 1),
    (Fill, Against::Map("dashmap"), 0.7, 0, 1),
    (Overwrite, Against::Map("dashmap"), 0.85, 0, 1),
    (Update, Against::Map("dashmap"), 0.85, 0, 1),
    (Recur, Against::Map("dashmap"), 0.6, 0, 1),
    (Churn, Against::Map("dashmap"), 0.75, 0, 1),
];

const WANTED: [&[Wanted]; 2] = [&HASH_MAP, &WORD_MAP];

/// A map that saw one insert and one removal may take so many bytes.
const EMPTY_BYTES: f64 = 512.0;
/// An entry of a map of nodes may take so many, at the largest size and at a tenth of it.
const ENTRY_BYTES: f64 = 50.0;
/// An entry of a map of words may take so many, averaged over a doubling.
const WORDS_BYTES: f64 = 37.0;

/// An aim, and what was measured.
pub struct Aim<'r> {
    pub map: &'static str,
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
    for (map, wanted) in OURS.into_iter().zip(WANTED) {
        for measured in results.cells.iter().filter(|measured| measured.is_plain()) {
            let (cell, Some(ours)) = (&measured.cell, measured.series(map)) else { continue };
            for (workload, against, wanted, size, threads) in wanted.iter().copied() {
                if workload == cell.workload && cell.size >= size && cell.threads <= threads {
                    let compared = compare(results, measured, ours, against);
                    let aim = |(against, got)| Aim { map, measured, against, wanted, got };
                    aims.extend(compared.map(aim));
                }
            }
        }
    }
    aims
}

/// An aim of bytes.
pub struct BytesAim {
    pub map: &'static str,
    pub what: String,
    pub wanted: f64,
    pub got: f64,
}

pub fn of_bytes(results: &Results) -> Vec<BytesAim> {
    let mut aims = Vec::new();
    for BytesOf { map, bytes } in &results.bytes {
        let Some(map) = OURS.into_iter().find(|ours| ours == map) else { continue };
        let mut aim = |what: String, wanted, got| aims.push(BytesAim { map, what, wanted, got });
        aim("one inserted, removed".into(), EMPTY_BYTES, bytes.none as f64);
        if map == OURS[0] {
            for size in [bytes.largest() / 10, bytes.largest()] {
                aim(
                    format!("an entry, grown to {}", show_count(size)),
                    ENTRY_BYTES,
                    bytes.near(size),
                );
            }
        } else {
            let mean = bytes.mean_of_a_doubling();
            aim("an entry, mean of a doubling".into(), WORDS_BYTES, mean);
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
    use crate::footprint::Bytes;
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
    fn a_map_of_words_has_aims_of_its_own_for_one_thread() {
        let ns: [(&str, &[f64]); 3] =
            [("dolmen", &[90.0]), ("dolmen-words", &[30.0]), ("dashmap", &[50.0])];
        let mut results = results(Grow, &ns);
        results.cells.push(measured(cell(Grow, 1_000_000, 2), &ns));
        let aims = of(&results);
        let of_words: Vec<_> = aims.iter().filter(|aim| aim.map == "dolmen-words").collect();
        assert_eq!((aims.len(), of_words.len()), (3, 1));
        assert!(of_words[0].is_met() && of_words[0].got.median == 0.6 && !aims[0].is_met());

        let bytes = Bytes {
            none: 600,
            grown: vec![(10, 40.0), (60, 20.0), (100, 30.0)],
            ..Bytes::default()
        };
        let of = |map: &str| BytesOf { map: map.into(), bytes: bytes.clone() };
        results.bytes = vec![of("dolmen"), of("dolmen-words"), of("papaya")];
        let got: Vec<_> = of_bytes(&results).iter().map(|aim| (aim.wanted, aim.got)).collect();
        let [nodes, words] = [
            [(512.0, 600.0), (50.0, 40.0), (50.0, 30.0)],
            [(512.0, 600.0), (37.0, 25.0), (0.0, 0.0)],
        ];
        assert_eq!(got, [&nodes[..], &words[..2]].concat());
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
