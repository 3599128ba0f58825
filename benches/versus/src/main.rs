//! dolmen beside other concurrent maps. In each round every map is measured once, in turn, on the
//! same keys with the same hasher and allocator; what counts is the ratio within a round, for on a
//! shared machine the rounds differ by more than the maps.

mod alloc;
mod args;
mod figures;
mod keys;
mod map;
mod maps;
mod pool;
mod subject;
mod table;
mod workload;

use args::Args;
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use keys::Keys;
use pool::Pool;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use subject::{Bytes, Cell, Subject};
use table::Measured;

type Key = u64;
type Maps = Vec<Box<dyn Subject<Key>>>;

/// Calls of a thread in one round: long against a context switch, short against a neighbour's job.
const CALLS: usize = 50_000;
/// What a profiled run is asked for.
const SOLO_CALLS: usize = 100_000;

fn main() -> ExitCode {
    let args = Args::parse();
    let maps = match choose(&args.maps) {
        Ok(maps) => maps,
        Err(error) => {
            eprintln!("versus: {error}");
            return ExitCode::from(2);
        }
    };
    if args.solo {
        solo(&args, &maps);
        return ExitCode::SUCCESS;
    }
    match compare(&args, maps) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("versus: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The maps of these names, in their order.
fn choose(names: &[String]) -> Result<Maps, String> {
    let mut all = maps::all::<Key>();
    if names == ["all"] {
        return Ok(all);
    }
    let known: Vec<_> = all.iter().map(|map| map.name()).collect();
    let known = known.join(", ");
    let mut take = |name: &String| {
        let place = all.iter().position(|map| map.name() == name);
        let place = place.ok_or_else(|| format!("no map {name}, or twice; there are {known}"))?;
        Ok(all.swap_remove(place))
    };
    names.iter().map(&mut take).collect()
}

fn compare(args: &Args, mut maps: Maps) -> std::io::Result<()> {
    let about = about(args);
    println!("{}\n", about["summary"].as_str().unwrap_or_default());
    let cells: Vec<Cell> = cells(args).collect();
    let bar = ProgressBar::new((cells.len() * args.rounds()) as u64);
    let style = "{elapsed_precise} {wide_bar} {pos}/{len} {msg}";
    bar.set_style(ProgressStyle::with_template(style).expect("a valid template"));

    let bytes = measure_bytes(args, &maps);
    let results: Vec<Measured> =
        cells.iter().map(|cell| measure(args, cell, &mut maps, &bar)).collect();
    bar.finish_and_clear();

    let names: Vec<_> = maps.iter().map(|map| map.name()).collect();
    println!("{}", table::times(&names, &results));
    println!("{}", table::bytes(&names, &args.sizes, &bytes));
    let file = args.json.clone().unwrap_or_else(default_json);
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&file, table::json(&about, &names, &results, &bytes).to_string())?;
    eprintln!("all samples: {}", file.display());
    Ok(())
}

fn default_json() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/versus/results.json")
}

fn cells(args: &Args) -> impl Iterator<Item = Cell> {
    let presized = args.presized;
    args.workloads.iter().flat_map(move |&workload| {
        args.sizes.iter().flat_map(move |&size| {
            let cell = move |&threads| Cell { workload, size, threads, calls: CALLS, presized };
            args.threads.iter().map(cell)
        })
    })
}

/// All rounds of a cell. Maps begin a round in turn, for each leaves the caches to the next.
fn measure(args: &Args, cell: &Cell, maps: &mut Maps, bar: &ProgressBar) -> Measured {
    let keys = Arc::new(Keys::new(cell.size, args.seed));
    let pool = Pool::new(cell.threads);
    let mut samples = vec![Vec::new(); maps.len()];
    let suits: Vec<bool> = maps.iter().map(|map| map.suits(cell.workload, cell.threads)).collect();
    let rounds_of_build = args.rounds().div_ceil(args.builds.max(1));
    bar.set_message(format!("{} {} x{}", cell.workload.name(), cell.size, cell.threads));
    for round in 0..args.rounds() {
        for turn in 0..maps.len() {
            let which = (turn + round) % maps.len();
            let map = &mut maps[which];
            if !suits[which] {
                continue;
            }
            let fresh = round % rounds_of_build == 0;
            // A map that begins empty is new in each round, so that its seed can be too.
            if fresh || cell.workload.begins_empty() {
                map.build(cell, keys::mix(args.seed + round as u64), &keys, &pool);
            }
            if fresh {
                // The first round after a build finds caches and branches cold.
                map.measure(cell, round + 1, &keys, &pool);
            }
            samples[which].push(map.measure(cell, round, &keys, &pool));
        }
        bar.inc(1);
    }
    maps.iter_mut().for_each(|map| map.discard(&pool));
    Measured { cell: *cell, samples }
}

fn measure_bytes(args: &Args, maps: &Maps) -> Vec<Vec<Bytes>> {
    let measure = |&size: &usize| {
        let keys = Keys::new(size, args.seed);
        maps.iter().map(|map| map.bytes(&keys)).collect()
    };
    args.sizes.iter().map(measure).collect()
}

fn solo(args: &Args, maps: &Maps) {
    let (map, workload, size) = (&maps[0], args.workloads[0], args.sizes[0]);
    let keys = Keys::new(size, args.seed);
    let repeats = (SOLO_CALLS / workload.calls_per_key()).div_ceil(size);
    let calls = map.solo(workload, &keys, repeats);
    println!("{calls} calls of {} on {} with {size} keys", workload.name(), map.name());
}

/// What was run, on what.
fn about(args: &Args) -> Value {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let versions = versions();
    let built = if args.presized { "presized" } else { "grown" };
    let summary = format!(
        "u64 keys and values, foldhash with one seed for all, {}, {cores} cores, {} rounds in turn, \
         maps to read {built}; ns a call of each thread (one: time on the core), medians; {}",
        alloc::NAME,
        args.rounds(),
        versions.join(", "),
    );
    json!({
        "summary": summary, "allocator": alloc::NAME, "cores": cores, "rounds": args.rounds(),
        "presized": args.presized, "seed": args.seed, "versions": versions,
    })
}

/// The peers' versions, from the lock file.
fn versions() -> Vec<String> {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
    let lock = std::fs::read_to_string(lock).unwrap_or_default();
    let mut packages = lock.split("[[package]]").filter_map(|package| {
        let field = |name: &str| package.split_once(&format!("{name} = \""))?.1.split('"').next();
        Some((field("name")?, field("version")?))
    });
    let peers = ["papaya", "dashmap", "scc", "flurry"];
    let mut found: Vec<String> = packages
        .by_ref()
        .filter(|(name, _)| peers.contains(name))
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    found.dedup();
    found
}
