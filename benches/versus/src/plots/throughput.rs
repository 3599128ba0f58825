//! Throughput by the number of threads, a panel for each workload.

use super::{Axis, Drawn, Figure, Line, Panel};
use crate::figures::show_count;
use crate::results::{Measured, Results};
use crate::workload::Cell;
use crate::workload::Workload::{self, *};

const SHOWN: [Workload; 9] = [Get, Miss, Zipf, Grow, Overwrite, Update, Readheavy, Exchange, Hot];

pub fn of_workloads(results: &Results) -> Option<Figure> {
    let panel = |workload: &Workload| {
        let plain = |size: Option<usize>| {
            results.cells(*workload).filter(move |measured| {
                measured.is_plain() && size.is_none_or(|size| measured.cell.size == size)
            })
        };
        // Above this, not every map is measured.
        let largest =
            |most: usize| plain(None).map(|m| m.cell.size).filter(|size| *size <= most).max();
        let size = largest(crate::plan::BIG).or_else(|| largest(usize::MAX))?;
        panel(&plain(Some(size)).collect::<Vec<_>>())
    };
    figure(
        "Throughput by threads",
        "Calls of all threads together, in millions a second, on the largest map that most were \
         measured with (u64 to u64). One thread is timed by its time on a core, more by the clock.",
        SHOWN.iter().filter_map(panel).collect(),
    )
}

/// All counters one by one, and of the batches those of the most.
pub fn of_counters(results: &Results) -> Option<Figure> {
    let mut shown: Vec<&Cell> = Vec::new();
    for workload in [Counters, Counterbatch] {
        let of_workload: Vec<&Cell> = results.cells(workload).map(|m| &m.cell).collect();
        let most = of_workload.iter().map(|cell| cell.size).max();
        for cell in of_workload {
            let is_new = !shown.iter().any(|other| is_beside(other, cell));
            if is_new && (workload == Counters || Some(cell.size) == most) {
                shown.push(cell);
            }
        }
    }
    let panel = |cell: &&Cell| {
        let beside = results.cells.iter().filter(|measured| is_beside(&measured.cell, cell));
        panel(&beside.collect::<Vec<_>>())
    };
    figure(
        "Counters: throughput by threads",
        "Increments of all threads together, in millions a second. The arrays are counters without \
         a map, each on a line of its own (padded) or not; who counts in them knows the place.",
        shown.iter().filter_map(panel).collect(),
    )
}

/// Whether only the threads differ.
fn is_beside(one: &Cell, other: &Cell) -> bool {
    Cell { threads: one.threads, ..*other } == *one
}

fn figure(title: &str, text: &str, panels: Vec<Panel>) -> Option<Figure> {
    let columns = panels.len().min(3);
    (!panels.is_empty()).then(|| Figure {
        title: title.into(),
        text: text.into(),
        panels,
        columns,
        panel_size: (if columns == 1 { 640 } else { 330 }, 270),
    })
}

/// Of cells that differ in threads only.
fn panel(cells: &[&Measured]) -> Option<Panel> {
    let cell = &cells.first()?.cell;
    let mut names: Vec<&str> = Vec::new();
    for measured in cells {
        // Memory's limits are in a table, and one thread is no line.
        let limits = measured.limits.iter().filter(|_| cell.workload != Get);
        for series in measured.maps.iter().chain(limits).filter(|map| map.name != "hashbrown") {
            if !names.contains(&&*series.name) {
                names.push(&series.name);
            }
        }
    }
    let line = |name: &&str| {
        let points = cells.iter().filter_map(|measured| {
            let throughput = measured.throughput(measured.series(name)?)?;
            Some((measured.cell.threads as f64, throughput))
        });
        Line { drawn: Drawn::Marked, ..Line::new(name, points.collect()) }
    };
    let lines: Vec<Line> = names.iter().map(line).filter(|line| !line.points.is_empty()).collect();
    let mut threads: Vec<usize> = cells.iter().map(|measured| measured.cell.threads).collect();
    threads.sort_unstable();
    threads.dedup();
    let x = Axis::log("threads", threads.iter().map(|threads| *threads as f64))
        .with_ticks(threads.iter().map(|threads| (*threads as f64, threads.to_string())));
    let y = Axis::linear("M calls / s", lines.iter().flat_map(Line::ys));
    let mut title = format!("{}, {}", cell.workload.name(), show_count(cell.size));
    if cell.workload.counts() {
        title += match cell.theta {
            _ if cell.size == 1 => " key",
            0.0 => " keys, uniform",
            _ => " keys, Zipf",
        };
    }
    Some(Panel { title, x, y, lines, rows: false })
}
