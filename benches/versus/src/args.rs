//! The command line.

use crate::figures::parse_count;
use crate::keys::KeyKind;
use crate::workload::Workload;
use clap::{Parser, ValueEnum};
use std::path::PathBuf;

/// Compares dolmen with other concurrent maps: the same keys, hasher and allocator, the maps in
/// turn.
///
/// Without flags it measures everything. Tables go to the standard output and, with the plots and
/// all samples, into a folder.
#[derive(Parser)]
#[command(name = "versus")]
pub struct Args {
    /// A first look in a few minutes: dolmen's maps, papaya and dashmap, 50k and 1M keys, few rounds
    #[arg(long)]
    pub quick: bool,

    /// Workloads to run [default: all but mixed]
    #[arg(long, value_enum, value_delimiter = ',', hide_possible_values = true)]
    pub workloads: Vec<Workload>,

    /// Tell what the workloads are, and end
    #[arg(long)]
    pub list: bool,

    /// Maps to run, or `all`; ratios are of the first one to each other one, and of both of dolmen's if
    /// that is one of them [default: all]
    #[arg(long, value_delimiter = ',')]
    pub maps: Vec<String>,

    /// Maps to run with more than 4M keys [default: dolmen,dolmen-words,papaya,dashmap,scc of those
    /// that run]
    #[arg(long, value_delimiter = ',')]
    pub big_maps: Vec<String>,

    /// Numbers of keys [default: each workload's own]
    #[arg(long, value_delimiter = ',', value_parser = parse_count)]
    pub sizes: Vec<usize>,

    /// Numbers of threads [default: 1, 2, 4 .. and all cores]
    #[arg(long, value_delimiter = ',', value_parser = parse_count)]
    pub threads: Vec<usize>,

    /// Types of keys; the number is the bytes of each String [default: u64, and some workloads with
    /// string32 too, or with string8, string32 and string200]
    #[arg(long, value_enum, value_delimiter = ',')]
    pub keys: Vec<KeyKind>,

    /// Bytes of a value: 8, 16, 64, 256; with String keys 8 only [default: 8, and some workloads
    /// with all]
    #[arg(long, value_delimiter = ',', value_parser = parse_value)]
    pub values: Vec<usize>,

    /// Rounds of each cell; in each, every map is measured once [default: 15; quick: 5]
    #[arg(long)]
    pub rounds: Option<usize>,

    /// Maps are built anew, with another seed, this often in the rounds of a cell [default: 3;
    /// quick: 1]
    #[arg(long)]
    pub builds: Option<usize>,

    /// Build the maps of `get` and other workloads on present keys presized, not grown
    #[arg(long)]
    pub presized: bool,

    /// Zipf's exponent, of `zipf`, `mixed` and the counters, which are counted uniformly as well
    #[arg(long, default_value_t = 0.99, value_parser = parse_theta)]
    pub theta: f64,

    /// Percent of reads, of `mixed`
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub reads: u8,

    /// Percent of the reads and updates of a mix that ask for keys that are there
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub present: u8,

    /// Size that `tail` grows to [default: 16M; quick: 1M]
    #[arg(long, value_parser = parse_count)]
    pub tail_size: Option<usize>,

    /// Size that `bytes` grows to
    #[arg(long, value_parser = parse_count, default_value = "1M")]
    pub bytes_size: usize,

    /// Seed of keys, orders and hashers
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// Folder for results.json, report.md and the plots
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/target/versus"), hide_default_value = true)]
    pub out: PathBuf,

    /// Write the tables and plots into docs/benchmarks.md, docs/choosing.md and docs/benchmarks too
    #[arg(long)]
    pub docs: bool,

    /// Measure nothing: render these results.json; of what several hold, the last one's
    #[arg(long, num_args = 1..)]
    pub render: Vec<PathBuf>,

    /// Instead: vary threads, reads, skew, table size, value size and the length of keys one by one,
    /// and write a CSV file for each to this folder
    #[arg(long)]
    pub study: Option<PathBuf>,

    /// Instead: 100 000 calls of one workload on the first map, for a profiler that collects in
    /// `the_measured_calls`; takes the first workload and size
    #[arg(long)]
    pub solo: bool,
}

impl Args {
    pub fn rounds(&self) -> usize {
        self.rounds.unwrap_or(if self.quick { 5 } else { 15 }).max(1)
    }

    pub fn builds(&self) -> usize {
        self.builds.unwrap_or(if self.quick { 1 } else { 3 }).max(1)
    }

    pub fn tail_size(&self) -> usize {
        self.tail_size.unwrap_or(if self.quick { 1_000_000 } else { 16_000_000 })
    }

    /// Rounds of `tail`, which are long.
    pub fn tail_rounds(&self) -> usize {
        self.rounds().min(3)
    }

    pub fn workloads(&self) -> Vec<Workload> {
        if self.workloads.is_empty() {
            let all = Workload::value_variants().iter().copied();
            return all.filter(|workload| *workload != Workload::Mixed).collect();
        }
        self.workloads.clone()
    }

    pub fn threads(&self) -> Vec<usize> {
        if self.threads.is_empty() { powers_up_to(cores()) } else { self.threads.clone() }
    }
}

pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// 1, 2, 4 .. and the number itself.
fn powers_up_to(most: usize) -> Vec<usize> {
    let mut powers: Vec<usize> =
        std::iter::successors(Some(1), |n| Some(n * 2)).take_while(|n| *n < most).collect();
    powers.push(most);
    powers
}

fn parse_value(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(bytes @ (8 | 16 | 64 | 256)) => Ok(bytes),
        _ => Err("expected 8, 16, 64 or 256".into()),
    }
}

fn parse_theta(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(theta) if (0.0..=3.0).contains(&theta) => Ok(theta),
        _ => Err("expected a number from 0 to 3".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        <Args as clap::CommandFactory>::command().debug_assert();
        let args = Args::parse_from(["versus", "--quick", "--workloads", "get,tail"]);
        assert_eq!((args.rounds(), args.tail_size()), (5, 1_000_000));
        assert_eq!(args.workloads(), [Workload::Get, Workload::Tail]);
        for wrong in [["--values", "9"], ["--theta", "-1"], ["--theta", "x"], ["--workloads", "x"]]
        {
            assert!(
                Args::try_parse_from(["versus"].into_iter().chain(wrong)).is_err(),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn threads_double_up_to_all_cores() {
        assert_eq!(powers_up_to(1), [1]);
        assert_eq!(powers_up_to(2), [1, 2]);
        assert_eq!(powers_up_to(12), [1, 2, 4, 8, 12]);
    }
}
