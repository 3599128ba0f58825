//! For whoever has to choose a way to share a map, or one of our maps: few figures.

use super::{strings, table};
use crate::aims::OURS;
use crate::figures::show_count;
use crate::results::{Measured, Results};
use crate::workload::Workload::{self, *};

/// A map, and what it is called here.
type Way = (&'static str, &'static str);

/// From the simplest.
const WAYS: [Way; 11] = [
    ("hashbrown", "not shared"),
    ("mutex", "one lock"),
    ("rwlock", "reader-writer lock"),
    ("striped", "striped"),
    ("dashmap", "dashmap"),
    ("scc", "scc"),
    ("scc-index", "scc's index"),
    ("papaya", "papaya"),
    ("flurry", "flurry"),
    (OURS[0], "`HashMap`"),
    (OURS[1], "`WordMap`"),
];

const SMALL: usize = 50_000;
const LARGE: usize = 1_000_000;

/// Of all ways, the calls that tell them apart.
pub fn ways(results: &Results) -> String {
    figures(results, &WAYS, SMALL, &[Get, Update, Grow])
}

/// Of our maps, beside one with locks, where the caches do not hold them.
pub fn ours(results: &Results) -> String {
    const CALLS: [Workload; 9] =
        [Get, Getbatch32, Miss, Fill, Grow, Overwrite, Update, Counters, Iter];
    let ways: Vec<Way> =
        WAYS.into_iter().rev().filter(|(map, _)| OURS.contains(map) || *map == "dashmap").collect();
    figures(results, &ways, LARGE, &CALLS)
}

/// A row for each cell of these workloads on plain words, and one for bytes.
fn figures(results: &Results, ways: &[Way], size: usize, workloads: &[Workload]) -> String {
    let is_wanted = |measured: &&Measured| {
        let cell = &measured.cell;
        let is_plain = measured.is_plain() || cell.workload == Counters && cell.theta > 0.0;
        is_plain && cell.size == size
    };
    let cells = workloads.iter().flat_map(|workload| results.cells(*workload).filter(is_wanted));
    let cells: Vec<&Measured> = cells.collect();
    let is_measured = |way: &&Way| cells.iter().any(|cell| cell.series(way.0).is_some());
    let ways: Vec<&Way> = ways.iter().filter(is_measured).collect();
    let show = |figure: Option<f64>| figure.map_or("-".into(), |figure| format!("{figure:.0}"));
    let row = |measured: &&Measured| {
        let cell = &measured.cell;
        let median = |way: &&Way| show(measured.series(way.0).and_then(|series| series.median()));
        let labels = [cell.workload.name(), cell.threads.to_string()];
        labels.into_iter().chain(ways.iter().map(median)).collect::<Vec<String>>()
    };
    let mut rows: Vec<Vec<String>> = cells.iter().map(row).collect();
    if !rows.is_empty() && !results.bytes.is_empty() {
        let bytes = |way: &&Way| {
            let of = results.bytes.iter().find(|of| of.map == way.0);
            show(of.map(|of| of.bytes.mean_of_a_doubling()))
        };
        let labels = strings(["bytes an entry", "-"]);
        rows.push(labels.into_iter().chain(ways.iter().map(bytes)).collect());
    }
    let mut columns = vec![format!("{} entries", show_count(size)), "threads".into()];
    columns.extend(ways.iter().map(|way| way.1.to_string()));
    table(&columns, &rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::{about, cell, measured};

    #[test]
    fn rows_are_of_one_size_and_columns_of_what_was_measured() {
        let mut results = Results::empty(about());
        let ns: [(&str, &[f64]); 3] =
            [("dolmen", &[10.0]), ("mutex", &[20.4, 20.4]), ("hashbrown", &[])];
        for (workload, size, threads) in
            [(Grow, SMALL, 1), (Get, SMALL, 2), (Get, LARGE, 1), (Hot, SMALL, 1)]
        {
            results.cells.push(measured(cell(workload, size, threads), &ns));
        }
        let wanted = "| 50 k entries | threads | not shared | one lock | `HashMap` |\n\
                      |---|---|---|---|---|\n\
                      | get | 2 | - | 20 | 10 |\n| grow | 1 | - | 20 | 10 |\n";
        assert_eq!(ways(&results), wanted);
        assert_eq!(ours(&results).lines().last(), Some("| get | 1 | 10 |"));
    }
}
