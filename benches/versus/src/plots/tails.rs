//! Latencies while a map grows: by percentile, and over time.

use super::{Axis, Drawn, Figure, Line, Panel};
use crate::figures::{show_count, show_time};
use crate::results::{Results, TailOf, TailRound};
use crate::run::CONTROL;
use crate::tail::{PERCENTILES, Slice, slice_seconds};

/// More lines than these hide each other.
const MOST_LINES: usize = 5;
const MOST_POINTS: usize = 250;
const MOST_COLUMNS: usize = 4;
const INSERTS: &str = "M inserts / s";

/// Of the largest size, the first maps and the control.
fn shown(results: &Results) -> Vec<&TailOf> {
    let size = results.tails.iter().map(|tail| tail.size).max();
    let all = results.tails.iter().filter(|tail| Some(tail.size) == size);
    let (control, mut maps): (Vec<_>, Vec<_>) = all.partition(|tail| tail.map == CONTROL);
    maps.truncate(MOST_LINES);
    maps.into_iter().chain(control).collect()
}

/// Seconds and nanoseconds read badly as powers of ten.
fn times(label: &str, values: impl Iterator<Item = f64>) -> Axis {
    let axis = Axis::log(label, values);
    let ticks: Vec<_> = axis.ticks.iter().map(|(ns, _)| (*ns, show_time(*ns))).collect();
    axis.with_ticks(ticks.into_iter())
}

pub fn latency(results: &Results) -> Option<Figure> {
    let tails = shown(results);
    let size = show_count(tails.first()?.size);
    let lines = |thread: fn(&TailRound) -> &Vec<f64>| {
        let line = |tail: &&TailOf| {
            let points = (0..PERCENTILES.len() - 1)
                .map(|place| (100.0 / (100.0 - PERCENTILES[place]), tail.median(thread, place)));
            Line::new(&tail.map, points.collect())
        };
        tails.iter().map(line).collect::<Vec<Line>>()
    };
    let (writes, reads) = (lines(|round| &round.write), lines(|round| &round.read));
    let y = times("time of a call", writes.iter().chain(&reads).flat_map(Line::ys));
    let panel = |title: &str, lines: Vec<Line>| {
        let ticks = [50.0, 90.0, 99.0, 99.9, 99.99, 99.999, 99.9999];
        let x = Axis::log("percentile", lines.iter().flat_map(Line::xs))
            .with_ticks(ticks.iter().map(|at| (100.0 / (100.0 - at), format!("{at}"))));
        Panel { title: title.into(), x, y: y.clone(), lines, rows: false }
    };
    Some(Figure {
        title: "Latency by percentile, while a map grows".into(),
        text: format!(
            "One thread grows a map to {size} entries and another reads what is there; every call \
             is timed. Medians of the rounds. *{CONTROL}* is what two threads without one see: \
             where a line meets it, the machine speaks, not the map."
        ),
        panels: vec![panel("insert", writes), panel("get", reads)],
        columns: 2,
        panel_size: (500, 380),
    })
}

/// A row of panels, a column for each map: alone, its stalls can be seen.
pub fn timeline(results: &Results) -> Option<Figure> {
    let tails = shown(results);
    let size = show_count(tails.first()?.size);
    let (maps, control): (Vec<_>, Vec<_>) = tails.into_iter().partition(|tail| tail.map != CONTROL);
    let maps = &maps[..maps.len().min(MOST_COLUMNS)];
    let row = |label: &str, slices: fn(&TailRound) -> &Vec<Slice>, worst: bool| {
        let line = |tail: &TailOf| {
            let points = tail.rounds.first().map_or(vec![], |round| points(slices(round), worst));
            let drawn = if worst { Drawn::Dots } else { Drawn::Line };
            Line { drawn, ..Line::new(&tail.map, points) }
        };
        let beside: Vec<Line> = control.iter().filter(|_| worst).map(|tail| line(tail)).collect();
        let lines: Vec<Line> = maps.iter().map(|tail| line(tail)).collect();
        let ys = || lines.iter().chain(&beside).flat_map(Line::ys);
        let x = Axis::linear("seconds", lines.iter().flat_map(Line::xs));
        let y = if worst { times(label, ys()) } else { Axis::linear(label, ys()) };
        let end = x.ends().1;
        let panel = move |(column, line): (usize, Line)| {
            let title = if label == INSERTS { line.name.clone() } else { String::new() };
            let mut lines = vec![line];
            lines.extend(beside.iter().map(|line| line.until(end)));
            let y = if column == 0 { y.clone() } else { y.clone().silent() };
            Panel { title, x: x.clone(), y, lines, rows: false }
        };
        lines.clone().into_iter().enumerate().map(panel).collect::<Vec<Panel>>()
    };
    let panels = [
        row(INSERTS, |round| &round.writes, false),
        row("slowest insert", |round| &round.writes, true),
        row("slowest get", |round| &round.reads, true),
    ];
    Some(Figure {
        title: "Growing, over time".into(),
        text: format!(
            "The same run to {size} entries, its first round: what one thread inserts at each time, \
             and the slowest call of each moment, of that thread and of the one that reads; behind \
             them, what two threads without a map see at the time."
        ),
        columns: maps.len(),
        panels: panels.into_iter().flatten().collect(),
        panel_size: (260, 220),
    })
}

/// Calls a second in millions, or the slowest call, of as many slices together as it takes.
fn points(slices: &[Slice], worst: bool) -> Vec<(f64, f64)> {
    let together = slices.len().div_ceil(MOST_POINTS).max(1);
    // The last one is not full.
    let whole = if slices.len() > together {
        slices.chunks_exact(together)
    } else {
        slices.chunks_exact(1)
    };
    whole
        .enumerate()
        .map(|(place, slices)| {
            let seconds = slice_seconds() * slices.len() as f64;
            let calls: u64 = slices.iter().map(|slice| slice.calls).sum();
            let slowest = slices.iter().map(|slice| slice.worst).max().unwrap_or(0);
            let figure = if worst { slowest as f64 } else { calls as f64 / seconds / 1e6 };
            ((place as f64 + 0.5) * seconds, figure)
        })
        .filter(|(_, figure)| !worst || *figure > 0.0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_put_together() {
        let slices: Vec<Slice> = (0..1000)
            .map(|n| Slice { calls: 2_000, worst: if n == 500 { 9 } else { 1 } })
            .collect();
        let calls = points(&slices, false);
        assert!(calls.len() == 250 && calls.iter().all(|(_, rate)| (rate - 1.0).abs() < 1e-9));
        let slowest: Vec<_> =
            points(&slices, true).into_iter().filter(|(_, ns)| *ns > 1.0).collect();
        assert!(slowest.len() == 1 && (slowest[0].0 - 1.0).abs() < 0.01, "{slowest:?}");
        assert_eq!(points(&slices[..3], false).len(), 3);
    }
}
