//! Tables about memory: its limits, and what maps take of it.

use super::{strings, table};
use crate::figures::show_count;
use crate::footprint::{LIFETIMES, WINDOW};
use crate::limits::{BYTES_PER_KEY, MEMORY};
use crate::results::Results;
use crate::workload::{Cell, Workload};

/// The three loops over as many bytes as a map takes, and the first map's reads beside them.
pub fn limits(results: &Results) -> String {
    let Some(&ours) = results.maps().first() else { return String::new() };
    const READS: [Workload; 4] =
        [Workload::Get, Workload::Getpin, Workload::Getbatch16, Workload::Getbatch32];
    let mut columns = strings(["entries", "threads", "MiB of lines"]);
    columns.extend(MEMORY.map(|name| format!("{name}, ns")));
    columns.extend(READS.map(|workload| format!("{ours}: {}, ns", workload.name())));
    let mut rows = Vec::new();
    for measured in results.cells(Workload::Get).filter(|measured| !measured.limits.is_empty()) {
        let cell = measured.cell;
        let mebibytes = (cell.size * BYTES_PER_KEY) as f64 / f64::from(1 << 20);
        let mut row =
            vec![show_count(cell.size), cell.threads.to_string(), format!("{mebibytes:.0}")];
        let show = |median: Option<f64>| median.map_or("-".into(), |ns| format!("{ns:.1}"));
        row.extend(MEMORY.map(|name| show(measured.series(name).and_then(|s| s.median()))));
        row.extend(READS.map(|workload| {
            let same = results.cells.iter().find(|m| m.cell == Cell { workload, ..cell });
            show(same.and_then(|measured| measured.series(ours)?.median()))
        }));
        rows.push(row);
    }
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
    let largest = first.bytes.grown.last().map_or(0, |(size, _)| *size);
    for size in [largest / 10, largest] {
        row(format!("an entry, grown to {}", show_count(size)), &|bytes| {
            at(&bytes.grown, size).map_or("-".into(), |each| format!("{each:.1}"))
        });
    }
    row(format!("an entry, mean of the doubling to {}", show_count(largest)), &|bytes| {
        let doubling = bytes.grown.iter().filter(|(size, _)| *size > largest / 2);
        let (sum, count) =
            doubling.fold((0.0, 0), |(sum, count), (_, each)| (sum + each, count + 1));
        format!("{:.1}", sum / f64::from(count.max(1)))
    });
    let window = show_count(WINDOW);
    row(format!("an entry of {window}"), &|bytes| format!("{:.1}", bytes.window));
    row(format!("after {LIFETIMES} lifetimes of churn"), &|bytes| format!("{:.1}", bytes.churned));
    row(format!("after {LIFETIMES} removals and insertions of all"), &|bytes| {
        format!("{:.1}", bytes.recurred)
    });
    table(&columns, &rows)
}

/// The figure at the size nearest to this one.
fn at(grown: &[(usize, f64)], size: usize) -> Option<f64> {
    grown.iter().min_by_key(|(near, _)| near.abs_diff(size)).map(|(_, each)| *each)
}
