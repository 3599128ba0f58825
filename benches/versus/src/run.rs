//! A run: all cells, bytes and tails of a command line, with a progress bar.

use crate::about::{about, load};
use crate::args::Args;
use crate::figures::show_count;
use crate::footprint;
use crate::plan::{cells, maps_for, rounds_of};
use crate::pool::Pool;
use crate::results::{BytesOf, Results, TailOf, TailRound};
use crate::rounds::{Plan, choose, measure};
use crate::subject::Subject;
use crate::tail::{self, Seen, Tail};
use crate::workload::Workload;
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Instant;

/// The name of what runs without a map.
pub const CONTROL: &str = "no map";

pub fn bar(steps: usize) -> ProgressBar {
    let bar = ProgressBar::new(steps as u64);
    let style = "{elapsed_precise} {wide_bar} {pos}/{len} {msg}";
    bar.with_style(ProgressStyle::with_template(style).expect("a valid template"))
}

pub fn run(args: &Args, maps: &[String]) -> Result<Results, String> {
    let cells = cells(args)?;
    let workloads = args.workloads();
    let tails = if workloads.contains(&Workload::Tail) { args.tail_rounds() } else { 0 };
    let bytes = if workloads.contains(&Workload::Bytes) { maps.len() } else { 0 };
    let rounds: usize = cells.iter().map(|cell| rounds_of(cell, args).0).sum();
    let bar = bar(rounds + tails + bytes);
    let mut results = Results::empty(about(args.rounds(), args.builds(), args.seed));

    if bytes > 0 {
        results.bytes = measure_bytes(args, maps, &bar);
    }
    for cell in cells {
        let maps = maps_for(cell.size, args, maps);
        let (rounds, builds) = rounds_of(&cell, args);
        let (name, size) = (cell.workload.name(), show_count(cell.size));
        bar.set_message(format!("{name}, {size}, {} threads", cell.threads));
        let plan = Plan { cell, maps: &maps, rounds, builds, seed: args.seed };
        results.cells.push(measure(&plan, || bar.inc(1)));
    }
    if tails > 0 {
        results.tails = measure_tails(args, maps, &bar);
    }
    bar.finish_and_clear();
    results.runs[0].load[1] = load();
    Ok(results)
}

fn measure_bytes(args: &Args, maps: &[String], bar: &ProgressBar) -> Vec<BytesOf> {
    let sizes = footprint::sizes(args.bytes_size);
    let measure = |subject: Box<dyn Subject<u64>>| {
        bar.set_message(format!("bytes of {}", subject.name()));
        let bytes = subject.bytes(&sizes);
        bar.inc(1);
        BytesOf { map: subject.name().into(), bytes }
    };
    choose::<u64, [u64; 1]>(maps).into_iter().map(measure).collect()
}

/// In each round every map, and then for as long as the first one took, no map.
fn measure_tails(args: &Args, maps: &[String], bar: &ProgressBar) -> Vec<TailOf> {
    let (size, pool) = (args.tail_size(), Pool::new(tail::THREADS));
    let maps = maps_for(size, args, maps);
    let subjects: Vec<_> = choose::<u64, [u64; 1]>(&maps)
        .into_iter()
        .filter(|subject| subject.suits(Workload::Tail, tail::THREADS))
        .collect();
    let names = subjects.iter().map(|subject| subject.name()).chain([CONTROL]);
    let mut tails: Vec<TailOf> =
        names.map(|map| TailOf { map: map.into(), size, rounds: Vec::new() }).collect();
    for round in 0..args.tail_rounds() {
        let seed = args.seed + round as u64;
        let mut first = None;
        for turn in 0..subjects.len() {
            let which = (turn + round) % subjects.len();
            bar.set_message(format!("tail, {}, {}", show_count(size), subjects[which].name()));
            let start = Instant::now();
            let tail = subjects[which].tail(size, seed, &pool);
            first.get_or_insert_with(|| start.elapsed());
            tails[which].rounds.push(seen(&tail, round == 0));
        }
        let control = tail::control(first.unwrap_or_default(), seed, &pool);
        tails[subjects.len()].rounds.push(seen(&control, round == 0));
        bar.inc(1);
    }
    tails
}

/// One time line is enough to draw.
fn seen(tail: &Tail, with_slices: bool) -> TailRound {
    let slices = |seen: &Seen| if with_slices { seen.slices.clone() } else { Vec::new() };
    TailRound {
        write: tail.write.percentiles(),
        read: tail.read.percentiles(),
        writes: slices(&tail.write),
        reads: slices(&tail.read),
    }
}
