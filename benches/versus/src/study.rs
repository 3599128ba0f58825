//! A study: one load, varied along one axis after the other; for each a CSV file with every round,
//! for whoever wants to draw figures and compute intervals.

use crate::about::about;
use crate::args::Args;
use crate::figures::show_count;
use crate::keys::KeyKind;
use crate::plan::maps_for;
use crate::results::{About, Measured};
use crate::rounds::{Plan, measure};
use crate::run::bar;
use crate::script::Kind;
use crate::workload::{Cell, Workload};
use serde::Serialize;
use std::fmt::Write;
use std::fs;
use std::path::Path;

const README: &str = include_str!("study.md");

/// An axis: the file it goes to, and the cells along it.
struct Axis {
    file: &'static str,
    cells: Vec<Cell>,
}

/// A round of one map.
#[derive(Serialize, PartialEq, Debug)]
struct Row<'a> {
    map: &'a str,
    workload: String,
    threads: usize,
    read_percent: u8,
    theta: f64,
    entries: usize,
    key: &'static str,
    key_bytes: usize,
    value_bytes: usize,
    round: usize,
    ns_per_call: f64,
    million_calls_per_second: f64,
    /// Of all rounds of the cell.
    read_hit_share: Option<f64>,
}

/// What is held while one thing varies; the flags may say otherwise.
fn base(args: &Args) -> Cell {
    Cell {
        workload: Workload::Mixed,
        key: KeyKind::U64,
        value: 8,
        size: args.sizes.first().copied().unwrap_or(if args.quick { 50_000 } else { 1_000_000 }),
        threads: args.threads().last().copied().unwrap_or(1),
        presized: args.presized,
        theta: 0.0,
        reads: args.reads,
        present: args.present,
    }
}

fn axes(args: &Args) -> Vec<Axis> {
    let base = base(args);
    let mut sizes = vec![1_000, 10_000, 100_000, 1_000_000];
    sizes.extend((!args.quick).then_some(10_000_000));
    let cells = |vary: &mut dyn Iterator<Item = Cell>| vary.collect::<Vec<Cell>>();
    let threads = args.threads().into_iter();
    vec![
        Axis {
            file: "threads.csv",
            cells: cells(&mut threads.map(|threads| Cell { threads, ..base })),
        },
        Axis {
            file: "read_share.csv",
            cells: cells(
                &mut [0, 20, 50, 80, 90, 95, 99, 100]
                    .map(|reads| Cell { reads, ..base })
                    .into_iter(),
            ),
        },
        Axis {
            file: "skew.csv",
            cells: cells(
                &mut [0.0, 0.5, 0.8, 0.99, 1.2].map(|theta| Cell { theta, ..base }).into_iter(),
            ),
        },
        Axis {
            file: "table_size.csv",
            cells: cells(&mut sizes.into_iter().map(|size| Cell { size, ..base })),
        },
        Axis {
            file: "value_size.csv",
            cells: cells(&mut [8, 16, 64, 256].map(|value| Cell { value, ..base }).into_iter()),
        },
        Axis {
            file: "key_length.csv",
            cells: cells(&mut KeyKind::strings().map(|key| Cell { key, ..base })),
        },
    ]
}

/// Measures along all axes, and writes a file for each.
pub fn study(args: &Args, maps: &[String], folder: &Path) -> Result<(), String> {
    let fail = |error: &dyn std::fmt::Display| format!("{}: {error}", folder.display());
    fs::create_dir_all(folder).map_err(|error| fail(&error))?;
    let axes = axes(args);
    let bar = bar(axes.iter().map(|axis| axis.cells.len()).sum::<usize>() * args.rounds());
    let about = about(args.rounds(), args.builds(), args.seed);
    for axis in axes {
        let mut file = csv::Writer::from_path(folder.join(axis.file)).map_err(|e| fail(&e))?;
        for cell in axis.cells {
            bar.set_message(format!("{}, {}", axis.file, show_count(cell.size)));
            let maps = maps_for(cell.size, args, maps);
            let (rounds, builds) = (args.rounds(), args.builds());
            let plan = Plan { cell, maps: &maps, rounds, builds, seed: args.seed };
            let measured = measure(&plan, || bar.inc(1));
            rows(&measured)
                .try_for_each(|row| file.serialize(row))
                .map_err(|error| fail(&error))?;
        }
        file.flush().map_err(|error| fail(&error))?;
    }
    bar.finish_and_clear();
    let readme = folder.join("README.md");
    fs::write(&readme, README.replace("{machine}", &machine(&about))).map_err(|e| fail(&e))?;
    eprintln!("the study: {}", readme.display());
    Ok(())
}

fn machine(about: &About) -> String {
    let mut text = String::new();
    let About { cpu, cores, memory, system, rustc, allocator, .. } = about;
    let _ = writeln!(text, "{cpu}, {cores} cores, {memory}, {system}; {rustc}; {allocator};");
    let _ =
        writeln!(text, "{}; commit {}, {}.", about.versions.join(", "), about.commit, about.date);
    let _ = write!(text, "\n```\n{}\n```", about.command);
    text
}

fn rows(measured: &Measured) -> impl Iterator<Item = Row<'_>> {
    let cell = measured.cell;
    measured.maps.iter().flat_map(move |series| {
        let reads = series.tallies.map(|tallies| tallies[Kind::Read as usize]);
        let hits = reads.filter(|reads| reads.calls > 0);
        series.ns.iter().enumerate().map(move |(round, ns)| Row {
            map: &series.name,
            workload: cell.workload.name(),
            threads: cell.threads,
            read_percent: cell.reads,
            theta: cell.theta,
            entries: cell.size,
            key: cell.key.name(),
            key_bytes: cell.key.bytes(),
            value_bytes: cell.value,
            round,
            ns_per_call: *ns,
            million_calls_per_second: cell.threads as f64 * 1e3 / ns,
            read_hit_share: hits.map(|reads| reads.hits as f64 / reads.calls as f64),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Tally;
    use clap::Parser;

    #[test]
    fn along_an_axis_one_thing_varies() {
        let args = Args::parse_from(["versus", "--threads", "1,2,4"]);
        for axis in axes(&args) {
            assert!(axis.cells.len() > 2, "{}", axis.file);
            let base = base(&args);
            for cell in axis.cells {
                let differs = [
                    cell.threads != base.threads,
                    cell.reads != base.reads,
                    cell.theta != base.theta,
                    cell.size != base.size,
                    cell.value != base.value,
                    cell.key != base.key,
                ];
                assert!(differs.into_iter().filter(|differs| *differs).count() <= 1);
            }
        }
    }

    #[test]
    fn every_column_is_explained() {
        let cell = base(&Args::parse_from(["versus", "--threads", "2"]));
        let mut measured = crate::results::tests::measured(cell, &[("dolmen", &[10.0, 20.0])]);
        let reads = Tally { calls: 10, hits: 5 };
        measured.maps[0].tallies =
            Some([reads, Tally::default(), Tally::default(), Tally::default()]);
        let all: Vec<Row> = rows(&measured).collect();
        assert_eq!((all.len(), all[1].million_calls_per_second), (2, 100.0));
        assert_eq!(all[0].read_hit_share, Some(0.5));
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.serialize(&all[0]).unwrap();
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        for column in text.lines().next().unwrap().split(',') {
            assert!(README.contains(&format!("| `{column}` |")), "{column}");
        }
    }
}
