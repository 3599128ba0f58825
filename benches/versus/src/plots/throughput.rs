//! Throughput by the number of threads, a panel for each workload.

use super::{Axis, Drawn, Figure, Line, Panel};
use crate::results::{Measured, Results};
use crate::workload::Workload::{self, *};

const SHOWN: [Workload; 9] = [Get, Miss, Zipf, Grow, Overwrite, Update, Readheavy, Exchange, Hot];

pub fn figure(results: &Results) -> Option<Figure> {
    let panels: Vec<Panel> =
        SHOWN.iter().filter_map(|workload| panel(results, *workload)).collect();
    let columns = panels.len().min(3);
    (!panels.is_empty()).then(|| Figure {
        title: "Throughput by threads",
        text: "Calls of all threads together, in millions a second, on the largest map that most \
               were measured with (u64 to u64). One thread is timed by its time on a core, more by \
               the clock."
            .into(),
        panels,
        columns,
        panel_size: (if columns == 1 { 640 } else { 330 }, 270),
    })
}

fn panel(results: &Results, workload: Workload) -> Option<Panel> {
    let plain = |size: Option<usize>| {
        results.cells(workload).filter(move |measured| {
            measured.is_plain() && size.is_none_or(|size| measured.cell.size == size)
        })
    };
    // Above this, not every map is measured.
    let largest = |most: usize| plain(None).map(|m| m.cell.size).filter(|size| *size <= most).max();
    let size = largest(crate::plan::BIG).or_else(|| largest(usize::MAX))?;
    let cells: Vec<&Measured> = plain(Some(size)).collect();
    let mut names: Vec<&str> = Vec::new();
    for series in cells.iter().flat_map(|measured| measured.maps.iter().chain(&measured.limits)) {
        // One thread is no line, and memory's limits are in a table.
        let is_shown =
            series.name != "hashbrown" && !crate::limits::MEMORY.contains(&&*series.name);
        if is_shown && !names.contains(&&*series.name) {
            names.push(&series.name);
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
    let title = format!("{}, {}", workload.name(), crate::figures::show_count(size));
    Some(Panel { title, x, y, lines, rows: false })
}
