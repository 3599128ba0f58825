//! The command line.

use crate::workload::Workload;
use clap::Parser;
use std::path::PathBuf;

/// dolmen beside other concurrent maps: the same keys, hasher and allocator, the maps in turn.
#[derive(Parser)]
#[command(name = "versus")]
pub struct Args {
    /// Workloads to run
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Workload::ALL)]
    pub workloads: Vec<Workload>,

    /// Maps to run, or `all`; ratios are of the first one to each other one
    #[arg(long, value_delimiter = ',', default_value = "dolmen,papaya,dashmap")]
    pub maps: Vec<String>,

    /// Numbers of keys
    #[arg(long, value_delimiter = ',', default_value = "50k,1M", value_parser = parse_count)]
    pub sizes: Vec<usize>,

    /// Numbers of threads
    #[arg(long, value_delimiter = ',', default_value = "1,2")]
    pub threads: Vec<usize>,

    /// Rounds of each cell; in each, every map is measured once
    #[arg(long, default_value_t = 31)]
    pub rounds: usize,

    /// Maps are built anew, with another seed, this often in the rounds of a cell
    #[arg(long, default_value_t = 3)]
    pub builds: usize,

    /// Build the maps of `get` and other workloads on present keys presized, not grown
    #[arg(long)]
    pub presized: bool,

    /// Fewer rounds: a first look
    #[arg(long)]
    pub quick: bool,

    /// Seed of keys, orders and hashers
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// Where to write all samples [default: target/versus/results.json beside the manifest]
    #[arg(long)]
    pub json: Option<PathBuf>,

    /// Instead: 100 000 calls of one workload on the first map, for a profiler that collects in
    /// `the_measured_calls`; takes the first workload and size
    #[arg(long)]
    pub solo: bool,
}

impl Args {
    pub fn rounds(&self) -> usize {
        if self.quick { self.rounds.min(7) } else { self.rounds }.max(1)
    }
}

/// A number with an optional k or M.
fn parse_count(text: &str) -> Result<usize, String> {
    let (digits, unit) = match text.strip_suffix(['k', 'M']) {
        Some(digits) if text.ends_with('k') => (digits, 1_000),
        Some(digits) => (digits, 1_000_000),
        None => (text, 1),
    };
    match digits.parse::<usize>().ok().and_then(|count| count.checked_mul(unit)) {
        Some(count) if count > 0 => Ok(count),
        _ => Err("expected a number such as 1000, 50k or 1M".into()),
    }
}

/// A number as `parse_count` takes it.
pub fn show_count(count: usize) -> String {
    match count {
        _ if count.is_multiple_of(1_000_000) => format!("{} M", count / 1_000_000),
        _ if count.is_multiple_of(1_000) => format!("{} k", count / 1_000),
        _ => count.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_may_have_units() {
        assert_eq!(parse_count("50k"), Ok(50_000));
        assert_eq!(parse_count("1M"), Ok(1_000_000));
        assert_eq!(parse_count("7"), Ok(7));
        for wrong in ["", "k", "0", "-1", "1G", "99999999999999M"] {
            assert!(parse_count(wrong).is_err(), "{wrong}");
        }
        assert_eq!([7, 50_000, 2_000_000].map(show_count), ["7", "50 k", "2 M"]);
    }
}
