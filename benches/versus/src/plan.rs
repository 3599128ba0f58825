//! Which cells a command line asks for.

use crate::args::Args;
use crate::keys::KeyKind;
use crate::workload::{Cell, Shape, Workload};

/// With more keys than these, fewer maps and rounds.
pub const BIG: usize = 4_000_000;
const BIG_MAPS: [&str; 5] = ["dolmen", "dolmen-words", "papaya", "dashmap", "scc"];
const QUICK_MAPS: [&str; 4] = ["dolmen", "dolmen-words", "papaya", "dashmap"];

/// Of `String`s: as long as a word, as half a cache line, and as some lines.
const LENGTHS: [KeyKind; 3] = [KeyKind::String8, KeyKind::String32, KeyKind::String200];

const SMALL: usize = 50_000;
const MEDIUM: usize = 1_000_000;
const LARGE: usize = 16_000_000;

/// The names of all maps to run, of those that there are.
pub fn maps(args: &Args, known: &[&str]) -> Result<Vec<String>, String> {
    let asked: Vec<String> = match &args.maps[..] {
        [] if args.quick => QUICK_MAPS.map(String::from).to_vec(),
        [] => known.iter().map(ToString::to_string).collect(),
        [all] if all == "all" => known.iter().map(ToString::to_string).collect(),
        asked => asked.to_vec(),
    };
    for (place, name) in asked.iter().enumerate() {
        if !known.contains(&name.as_str()) || asked[..place].contains(name) {
            return Err(format!("no map {name}, or twice; there are {}", known.join(", ")));
        }
    }
    Ok(asked)
}

/// Those of the maps that a cell of this size is for.
pub fn maps_for(size: usize, args: &Args, maps: &[String]) -> Vec<String> {
    let is_asked = |map: &&String| match &args.big_maps[..] {
        _ if size <= BIG => true,
        // Who names maps wants them.
        [] if !args.maps.is_empty() => true,
        [] => BIG_MAPS.contains(&map.as_str()),
        big => big.contains(map),
    };
    maps.iter().filter(is_asked).cloned().collect()
}

/// The rounds of a cell, and how often its maps are built anew.
pub fn rounds_of(cell: &Cell, args: &Args) -> (usize, usize) {
    match cell.workload.shape() {
        _ if cell.size <= BIG => (args.rounds(), args.builds()),
        Shape::Asks => (args.rounds().min(5), 1),
        // Each goes through all keys.
        _ => (args.rounds().min(3), 1),
    }
}

/// Every cell, in the order of the tables.
pub fn cells(args: &Args) -> Result<Vec<Cell>, String> {
    let mut cells = Vec::new();
    for workload in args.workloads() {
        if workload.shape() == Shape::Other {
            continue;
        }
        for (key, value, size) in kinds(args, workload) {
            if key != KeyKind::U64 && value != 8 {
                return Err("String keys have values of 8 bytes only".into());
            }
            for threads in threads(args, workload, value == 8 && key == KeyKind::U64) {
                let (presized, reads, present) = (args.presized, args.reads, args.present);
                cells.extend(thetas(args, workload, size).into_iter().map(|theta| Cell {
                    workload,
                    key,
                    value,
                    size,
                    threads,
                    presized,
                    theta,
                    reads,
                    present,
                }));
            }
        }
    }
    Ok(cells)
}

/// Counters are counted uniformly, too.
fn thetas(args: &Args, workload: Workload, size: usize) -> Vec<f64> {
    match workload.counts() {
        true if size == 1 || args.theta == 0.0 => vec![0.0],
        true => vec![0.0, args.theta],
        false => vec![args.theta],
    }
}

/// Keys, values and sizes.
fn kinds(args: &Args, workload: Workload) -> Vec<(KeyKind, usize, usize)> {
    let sizes = if args.sizes.is_empty() { own_sizes(args, workload) } else { args.sizes.clone() };
    if workload.counts() {
        return sizes.into_iter().map(|size| (KeyKind::U64, 8, size)).collect();
    }
    let mut kinds = Vec::new();
    let asked = !args.keys.is_empty() || !args.values.is_empty();
    let keys = if args.keys.is_empty() { vec![KeyKind::U64] } else { args.keys.clone() };
    let values = if args.values.is_empty() { vec![8] } else { args.values.clone() };
    for key in keys {
        for &value in &values {
            kinds.extend(sizes.iter().map(|&size| (key, value, size)));
        }
    }
    use Workload::{Get, Getbatch32, Getpin, Grow, Miss, Overwrite};
    if !asked && args.sizes.is_empty() {
        let strings: &[KeyKind] = match workload {
            Get | Overwrite if !args.quick => &LENGTHS,
            Get | Getpin | Getbatch32 | Miss | Grow | Overwrite => &[KeyKind::String32],
            _ => &[],
        };
        kinds.extend(strings.iter().map(|&key| (key, 8, MEDIUM)));
        if matches!(workload, Get | Grow | Overwrite) {
            let values: &[usize] = if args.quick { &[64] } else { &[16, 64, 256] };
            kinds.extend(values.iter().map(|&value| (KeyKind::U64, value, MEDIUM)));
        }
    }
    kinds
}

fn own_sizes(args: &Args, workload: Workload) -> Vec<usize> {
    use Workload::*;
    match workload {
        Get | Getpin | Getbatch32 | Grow if !args.quick => vec![SMALL, MEDIUM, LARGE],
        Churn => vec![200_000],
        Counters | Counterbatch => vec![1, 16, MEDIUM],
        Getpending | Zipf | Hot | Iter | Itergrow | Readheavy | Exchange | Rapidgrow | Mixed => {
            vec![MEDIUM]
        }
        _ => vec![SMALL, MEDIUM],
    }
}

fn threads(args: &Args, workload: Workload, plain: bool) -> Vec<usize> {
    let threads = args.threads();
    match workload {
        // A thread that iterates and one that inserts.
        Workload::Itergrow => vec![2],
        _ if plain || !args.threads.is_empty() => threads,
        // Other keys and values change what one thread does, not how threads meet.
        _ => vec![1],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn args(line: &str) -> Args {
        Args::parse_from(["versus"].into_iter().chain(line.split_whitespace()))
    }

    #[test]
    fn flags_choose() {
        let args = args("--workloads get,grow --sizes 1k,2k --threads 1,3 --values 16");
        let cells = cells(&args).unwrap();
        assert_eq!(cells.len(), 2 * 2 * 2);
        assert!(cells.iter().all(|cell| cell.value == 16 && cell.key == KeyKind::U64));
    }

    #[test]
    fn everything_is_everything() {
        let all = cells(&args("--threads 1")).unwrap();
        for workload in args("").workloads() {
            let has = all.iter().any(|cell| cell.workload == workload);
            assert_eq!(has, workload.shape() != Shape::Other, "{workload:?}");
        }
        assert!(all.iter().any(|cell| cell.size == LARGE));
        for key in LENGTHS {
            for workload in [Workload::Get, Workload::Overwrite] {
                assert!(all.iter().any(|cell| (cell.key, cell.workload) == (key, workload)));
            }
        }
        for value in [16, 64, 256] {
            assert!(all.iter().any(|cell| cell.value == value));
        }
        let quick = cells(&args("--quick")).unwrap();
        assert!(quick.iter().all(|cell| cell.size <= MEDIUM));
        assert!(quick.iter().any(|cell| cell.key == KeyKind::String32));
        let others = [KeyKind::String8, KeyKind::String200];
        assert!(quick.iter().all(|cell| !others.contains(&cell.key)), "it stays quick");
    }

    #[test]
    fn maps_are_chosen_by_name_and_size() {
        let known = ["dolmen", "dolmen-words", "papaya", "dashmap", "scc", "mutex"];
        let all = maps(&args(""), &known).unwrap();
        assert_eq!(all, known);
        assert_eq!(maps(&args("--quick"), &known).unwrap(), QUICK_MAPS);
        assert_eq!(maps(&args("--quick --maps all"), &known).unwrap(), known);
        assert!(maps(&args("--maps scc,scc"), &known).is_err());
        assert!(maps(&args("--maps x"), &known).is_err());
        assert_eq!(maps_for(LARGE, &args(""), &all), BIG_MAPS);
        assert_eq!(maps_for(LARGE, &args("--big-maps scc"), &all), ["scc"]);
        assert_eq!(maps_for(MEDIUM, &args("--big-maps scc"), &all), known);
    }
}
