//! All workloads in one view: how much of each peer's time a map takes.

use super::chart::EVEN;
use super::{Axis, Drawn, Figure, Line, Panel};
use crate::aims::CONCURRENT;
use crate::results::Results;
use crate::workload::Workload;
use clap::ValueEnum;

pub fn figure(results: &Results, ours: &str) -> Option<Figure> {
    let mut threads: Vec<usize> =
        results.cells.iter().map(|measured| measured.cell.threads).collect();
    threads.sort_unstable();
    threads.dedup();
    // One and all, where there is more than one.
    let ends = [threads.first(), threads.last().filter(|_| threads.len() > 1)];
    let mut panels: Vec<Panel> =
        ends.into_iter().flatten().filter_map(|threads| panel(results, ours, *threads)).collect();
    // The same scale for both. Half and twice are always on it.
    let xs: Vec<f64> = panels.iter().flat_map(|panel| &panel.lines).flat_map(Line::xs).collect();
    let x = Axis::log("time, as a share of the other map's", xs.into_iter().chain([0.5, 2.0]));
    panels.iter_mut().for_each(|panel| panel.x = x.clone());
    let rows = panels.iter().map(|panel| panel.y.ticks.len()).max()? as u32;
    let columns = panels.len();
    Some(Figure {
        title: format!("{ours}: time beside the other maps'"),
        text: format!(
            "The time of a call of {ours} as a share of each other concurrent map's, round by round: the \
             median, and a bar from the 10th to the 90th percentile. Left of 1, {ours} is faster. \
             u64 to u64; of each workload, the largest size that most maps were measured with."
        ),
        panels,
        columns,
        panel_size: (500, 100 + 34 * rows),
    })
}

fn panel(results: &Results, ours: &str, threads: usize) -> Option<Panel> {
    let of_workload = |workload: &Workload| {
        let plain = results.cells(*workload).filter(|m| {
            m.is_plain()
                && m.cell.threads == threads
                && m.series(ours).is_some_and(|series| !series.ns.is_empty())
        });
        let small = plain.filter(|measured| measured.cell.size <= crate::plan::BIG);
        small.max_by_key(|measured| measured.cell.size)
    };
    let rows: Vec<_> = Workload::value_variants().iter().filter_map(of_workload).collect();
    let peers: Vec<&str> = CONCURRENT.into_iter().filter(|peer| *peer != ours).collect();
    let mut lines = Vec::new();
    for (row, measured) in rows.iter().enumerate() {
        for (place, peer) in peers.iter().enumerate() {
            let both = measured.series(ours).zip(measured.series(peer));
            let Some(ratio) = both.and_then(|(ours, theirs)| ours.by(theirs)) else { continue };
            // From the top, the peers of a row one below the other.
            let y = (rows.len() - row) as f64 - (place as f64 + 1.0) / (peers.len() as f64 + 1.0);
            let bar = vec![(ratio.p10, y), (ratio.p90, y)];
            lines.push(Line::new(peer, bar));
            lines.push(Line { drawn: Drawn::Marked, ..Line::new(peer, vec![(ratio.median, y)]) });
        }
    }
    if lines.is_empty() {
        return None;
    }
    let even = Line::new(EVEN, vec![(1.0, 0.0), (1.0, rows.len() as f64)]);
    let x = Axis::log("", lines.iter().flat_map(Line::xs));
    let names = rows.iter().map(|measured| measured.cell.workload.name()).rev();
    let y = Axis::rows(names);
    lines.push(even);
    let title = if threads == 1 { "one thread".into() } else { format!("{threads} threads") };
    Some(Panel { title, x, y, lines, rows: true })
}
