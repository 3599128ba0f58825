//! The plots, as SVG.

mod axis;
mod chart;
mod ratios;
mod tails;
mod throughput;

use crate::results::Results;
use axis::Axis;
use chart::{Drawn, Figure, Line, Panel};
use std::error::Error;
use std::fs;
use std::path::Path;

/// A plot that was written.
pub struct Plot {
    pub title: String,
    /// Its name in the folder.
    pub file: &'static str,
    /// What one should know to read it.
    pub text: String,
}

/// Writes what can be drawn of the results.
pub fn draw(results: &Results, folder: &Path) -> Result<Vec<Plot>, Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let mut ours = results.ours().into_iter();
    let mut ratios = || ours.next().and_then(|map| ratios::figure(results, map));
    let figures = [
        ("ratios.svg", ratios()),
        ("ratios-2.svg", ratios()),
        ("throughput.svg", throughput::of_workloads(results)),
        ("counters.svg", throughput::of_counters(results)),
        ("latency.svg", tails::latency(results)),
        ("timeline.svg", tails::timeline(results)),
        ("bytes.svg", bytes(results)),
    ];
    let mut plots = Vec::new();
    for (file, figure) in figures {
        let Some(figure) = figure else { continue };
        figure.write(&folder.join(file))?;
        plots.push(Plot { title: figure.title, file, text: figure.text });
    }
    Ok(plots)
}

/// Bytes an entry by the number of entries.
fn bytes(results: &Results) -> Option<Figure> {
    // One lock or sixteen, the bytes are hashbrown's.
    let of = results.bytes.iter().filter(|of| !["rwlock", "mutex", "striped"].contains(&&*of.map));
    let lines: Vec<Line> = of
        .map(|of| {
            let points = of.bytes.grown.iter().map(|(size, each)| (*size as f64, *each));
            Line::new(&of.map, points.collect())
        })
        .collect();
    let panel = Panel {
        title: String::new(),
        x: Axis::log("entries", lines.iter().flat_map(Line::xs)),
        y: Axis::linear("live heap bytes an entry", lines.iter().flat_map(Line::ys)),
        lines,
        rows: false,
    };
    (!panel.lines.is_empty()).then(|| Figure {
        title: "Bytes an entry, while a map grows".into(),
        text:
            "Live heap bytes for each entry of a map of u64 to u64 that was not told how large it \
               will be, while one thread inserts. The steps are resizes."
                .into(),
        panels: vec![panel],
        columns: 1,
        panel_size: (860, 380),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::footprint::Bytes;
    use crate::results::tests::{about, cell, measured};
    use crate::results::{BytesOf, TailOf, TailRound};
    use crate::tail::{PERCENTILES, Slice};
    use crate::workload::{Cell, Workload};

    fn results() -> Results {
        let mut results = Results::empty(about());
        for threads in [1, 2] {
            let cell = cell(Workload::Get, 1_000_000, threads);
            let ns: [(&str, &[f64]); 4] = [
                ("dolmen", &[10.0, 12.0]),
                ("dolmen-words", &[9.0, 8.0]),
                ("papaya", &[20.0, 30.0]),
                ("hashbrown", &[]),
            ];
            results.cells.push(measured(cell, &ns));
            results.cells.push(measured(Cell { workload: Workload::Counters, ..cell }, &ns));
        }
        let grown = vec![(1_000, 50.0), (2_000, 30.0)];
        results.bytes =
            vec![BytesOf { map: "dolmen".into(), bytes: Bytes { grown, ..Bytes::default() } }];
        let latencies: Vec<f64> = (1..=PERCENTILES.len()).map(|n| 10.0 * n as f64).collect();
        let slices = vec![Slice { calls: 10, worst: 400 }; 50];
        let round = TailRound {
            write: latencies.clone(),
            read: latencies,
            writes: slices.clone(),
            reads: slices,
        };
        let tail =
            |map: &str| TailOf { map: map.into(), size: 500, rounds: vec![round.clone(); 2] };
        results.tails = vec![tail("dolmen"), tail("no map")];
        results
    }

    #[test]
    fn every_plot_is_drawn_of_what_there_is() {
        let folder = std::env::temp_dir().join(format!("versus-plots-{}", std::process::id()));
        let plots = draw(&results(), &folder).unwrap();
        assert_eq!(plots.len(), 7);
        for plot in plots {
            let svg = fs::read_to_string(folder.join(plot.file)).unwrap();
            let named = svg.contains("dolmen") || svg.contains("papaya");
            assert!(named && svg.contains("</svg>"), "{}", plot.file);
            assert!(!svg.contains("NaN"), "{}", plot.file);
        }
        assert!(draw(&Results::empty(about()), &folder).unwrap().is_empty());
        fs::remove_dir_all(folder).unwrap();
    }
}
