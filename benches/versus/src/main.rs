//! dolmen beside other concurrent maps. In each round every map is measured once, in turn, on the
//! same keys with the same hasher and allocator; what counts is the ratio within a round, for on a
//! shared machine the rounds differ by more than the maps.

mod about;
mod aims;
mod alloc;
mod args;
#[cfg(test)]
mod conformance;
mod figures;
mod footprint;
mod keys;
mod limits;
mod map;
mod maps;
mod page;
mod plan;
mod plots;
mod pool;
mod report;
mod results;
mod rounds;
mod run;
mod script;
mod study;
mod subject;
mod tail;
mod value;
mod workload;

use args::Args;
use clap::{Parser, ValueEnum};
use keys::{KeyKind, Keys};
use results::Results;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use value::Counter;
use workload::Workload;

/// What a profiled run is asked for.
const SOLO_CALLS: usize = 100_000;

fn main() -> ExitCode {
    match start(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("versus: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start(args: &Args) -> Result<(), String> {
    if args.list {
        for workload in Workload::value_variants() {
            println!("{:12} {}", workload.name(), workload.about());
        }
        return Ok(());
    }
    let known: Vec<_> = maps::all::<u64, [u64; 1]>().iter().map(|map| map.name()).collect();
    let names = plan::maps(args, &known)?;
    if args.solo {
        solo(args, &names);
        return Ok(());
    }
    if let Some(folder) = &args.study {
        return study::study(args, &names, folder);
    }
    let results =
        if args.render.is_empty() { run::run(args, &names)? } else { read(&args.render)? };
    println!("{}", report::text(&results));
    show(&results, args).map_err(|error| error.to_string())
}

/// What these files hold, together.
fn read(files: &[PathBuf]) -> Result<Results, String> {
    let mut all = files.iter().map(|file| Results::read(file));
    let first = all.next().ok_or("no file")??;
    all.try_fold(first, |results, next| Ok(results.merge(next?)))
}

/// Writes the files.
fn show(results: &Results, args: &Args) -> Result<(), Box<dyn std::error::Error>> {
    let out = &args.out;
    fs::create_dir_all(out)?;
    fs::write(out.join("results.json"), serde_json::to_string(results)?)?;
    let plots = plots::draw(results, out)?;
    fs::write(out.join("report.md"), report::page(results, &plots))?;
    eprintln!("report, plots and all samples: {}", out.display());
    if args.docs {
        let docs = Path::new(about::MANIFEST).join("../../docs");
        let plots = plots::draw(results, &docs.join("benchmarks"))?;
        let pages = [report::sections(results, &plots, "benchmarks/"), report::choice(results)];
        for (page, sections) in page::PAGES.iter().zip(pages) {
            let page = docs.join(page);
            fs::write(&page, page::fill(&fs::read_to_string(&page)?, &sections)?)?;
            eprintln!("the page: {}", page.display());
        }
    }
    Ok(())
}

fn solo(args: &Args, names: &[String]) {
    let workload = args.workloads().first().copied().unwrap_or(Workload::Get);
    let size = args.sizes.first().copied().unwrap_or(1_000_000);
    let choose = if workload.counts() {
        rounds::choose::<u64, Counter>
    } else {
        rounds::choose::<u64, [u64; 1]>
    };
    let map = &choose(&names[..1])[0];
    let keys = Keys::new(size, args.seed, workload.asked(args.theta), KeyKind::U64.bytes());
    let repeats = (SOLO_CALLS / workload.calls_per_key()).div_ceil(size);
    let calls = map.solo(workload, &keys, repeats);
    println!("{calls} calls of {} on {} with {size} keys", workload.name(), map.name());
}
