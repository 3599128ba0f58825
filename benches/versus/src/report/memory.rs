//! Tables about memory: its limits, and what maps take of it.

use super::{strings, table};
use crate::figures::show_count;
use crate::footprint::{LIFETIMES, WINDOW};
use crate::limits::{FOOTPRINTS, MEMORY, memory_name};
use crate::results::{Measured, Results, Series};
use crate::workload::{Cell, Workload};

/// The three loops over as many bytes as a map takes, and that map's reads beside them.
pub fn limits(results: &Results) -> String {
    const READS: [Workload; 4] =
        [Workload::Get, Workload::Getpin, Workload::Getbatch16, Workload::Getbatch32];
    let mut columns = strings(["map", "entries", "threads", "MiB of lines"]);
    columns.extend(MEMORY.map(|name| format!("{name}, ns")));
    columns.extend(READS.map(|workload| format!("{}, ns", workload.name())));
    let mut rows = Vec::new();
    let is_beside = |measured: &&Measured| measured.is_plain() && !measured.limits.is_empty();
    let cells = results.cells(Workload::Get).filter(is_beside);
    for (measured, (map, bytes)) in cells.flat_map(|cell| FOOTPRINTS.map(|of| (cell, of))) {
        let cell = measured.cell;
        let show = |median: Option<f64>| median.map_or("-".into(), |ns| format!("{ns:.1}"));
        let of =
            |measured: &Measured, name: &str| show(measured.series(name).and_then(Series::median));
        let reads = READS.map(|workload| {
            let same = results.cells.iter().find(|m| m.cell == Cell { workload, ..cell });
            same.map_or("-".into(), |measured| of(measured, map))
        });
        if reads.iter().all(|read| read == "-") {
            continue;
        }
        let mebibytes = (cell.size * bytes) as f64 / f64::from(1 << 20);
        let mut row = vec![map.into(), show_count(cell.size), cell.threads.to_string()];
        row.push(format!("{mebibytes:.0}"));
        row.extend(MEMORY.map(|kind| of(measured, &memory_name(kind, bytes))));
        row.extend(reads);
        rows.push(row);
    }
    rows.sort_by_key(|row| FOOTPRINTS.iter().position(|(map, _)| *map == row[0]));
    table(&columns, &rows)
}

pub fn bytes(results: &Results) -> String {
    let Some(first) = results.bytes.first() else { return String::new() };
    let mut columns = strings(["live heap bytes"]);
    columns.extend(results.bytes.iter().map(|of| of.map.clone()));
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row = |name: String, show: &dyn Fn(&crate::footprint::Bytes) -> String| {
        let shown = results.bytes.iter().map(|of| show(&of.bytes));
        rows.push([name].into_iter().chain(shown).collect());
    };
    row("one entry written".into(), &|bytes| bytes.one.to_string());
    row("and removed".into(), &|bytes| bytes.none.to_string());
    let largest = first.bytes.largest();
    for size in [largest / 10, largest] {
        row(format!("an entry, grown to {}", show_count(size)), &|bytes| {
            format!("{:.1}", bytes.near(size))
        });
    }
    row("an entry, at worst".into(), &|bytes| format!("{:.1}", bytes.at_worst()));
    row(format!("an entry, mean of the doubling to {}", show_count(largest)), &|bytes| {
        format!("{:.1}", bytes.mean_of_a_doubling())
    });
    let window = show_count(WINDOW);
    row(format!("an entry of {window}"), &|bytes| format!("{:.1}", bytes.window));
    row(format!("after {LIFETIMES} lifetimes of churn"), &|bytes| format!("{:.1}", bytes.churned));
    row(format!("after {LIFETIMES} removals and insertions of all"), &|bytes| {
        format!("{:.1}", bytes.recurred)
    });
    table(&columns, &rows)
}
