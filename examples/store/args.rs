//! The command line.

use clap::{Parser, ValueEnum};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// A key-value store under load, with the words of a folder's text files as keys.
///
/// Exits with 1 if the store lost an update or revived a deleted key, with 2 if the folder or an
/// argument cannot be used.
#[derive(Parser)]
#[command(name = "store")]
pub struct Args {
    /// Folder to take words from; .git, target and binary files in it are skipped [default: this
    /// crate's own]
    #[arg(default_value = env!("CARGO_MANIFEST_DIR"), hide_default_value = true)]
    pub folder: PathBuf,

    /// How long to load the store
    #[arg(long, default_value = "3", value_parser = parse_seconds)]
    pub seconds: Duration,

    /// Share of each operation in percent: put/get/update/delete
    #[arg(long, default_value = "10/60/25/5")]
    pub mix: Mix,

    /// Threads [default: one for each core]
    #[arg(long, default_value_t = cores(), hide_default_value = true, value_parser = parse_threads)]
    pub threads: usize,

    /// Seed of the threads' random draws
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// How many of the hottest words to show
    #[arg(long, default_value_t = 10)]
    pub top: usize,

    /// Read no more text than this, in MiB
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub limit: u64,

    /// Break the store on purpose, to see the proof fail
    #[arg(long)]
    pub sabotage: Option<Sabotage>,
}

/// What to break, once in each thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Sabotage {
    /// An update is booked, but not made
    LoseUpdate,
    /// A deleted key is put back, but not booked
    ReviveKey,
}

/// The kinds of operation, in the order of a [`Mix`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Put,
    Get,
    Update,
    Delete,
}

impl Kind {
    pub const ALL: [Kind; 4] = [Kind::Put, Kind::Get, Kind::Update, Kind::Delete];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Put => "put",
            Kind::Get => "get",
            Kind::Update => "update",
            Kind::Delete => "delete",
        }
    }
}

/// How many of a hundred operations are of each kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mix([u8; 4]);

impl Mix {
    /// The kind for a number below 100.
    pub fn kind(&self, percent: u8) -> Kind {
        let mut end = 0;
        for (kind, share) in Kind::ALL.into_iter().zip(self.0) {
            end += share;
            if percent < end {
                return kind;
            }
        }
        unreachable!("the shares add up to 100")
    }
}

impl FromStr for Mix {
    type Err = String;

    fn from_str(text: &str) -> Result<Mix, String> {
        let shares: Result<Vec<u8>, _> =
            text.split('/').map(|share| share.trim().parse()).collect();
        let shares: [u8; 4] = shares
            .map_err(|_| "expected whole numbers from 0 to 100".to_string())?
            .try_into()
            .map_err(|_| "expected four numbers: put/get/update/delete".to_string())?;
        match shares.iter().map(|&share| u32::from(share)).sum() {
            100 => Ok(Mix(shares)),
            sum => Err(format!("the four must add up to 100, and these to {sum}")),
        }
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.01..=3_600.0).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err("expected seconds from 0.01 to 3600".into()),
    }
}

fn parse_threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(threads @ 1..=1024) => Ok(threads),
        _ => Err("expected a number of threads from 1 to 1024".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mix_is_four_shares_of_a_hundred() {
        let mix: Mix = "10/60/25/5".parse().unwrap();
        let mut drawn = [0; 4];
        for percent in 0..100 {
            drawn[mix.kind(percent) as usize] += 1;
        }
        assert_eq!(drawn, [10, 60, 25, 5]);
        assert_eq!("0/100/0/0".parse::<Mix>().unwrap().kind(99), Kind::Get);
    }

    #[test]
    fn a_wrong_mix_is_refused_with_a_reason() {
        for (text, reason) in [
            ("", "whole numbers"),
            ("a/b/c/d", "whole numbers"),
            ("-1/50/50/1", "whole numbers"),
            ("300/0/0/0", "whole numbers"),
            ("50/50", "four numbers"),
            ("20/20/20/20/20", "four numbers"),
            ("10/60/25/6", "these to 101"),
            ("255/255/255/255", "these to 1020"),
        ] {
            let error = text.parse::<Mix>().unwrap_err();
            assert!(error.contains(reason), "{text:?}: {error}");
        }
    }

    #[test]
    fn arguments_out_of_range_are_refused() {
        for arguments in [
            ["store", "--seconds", "0"],
            ["store", "--seconds", "NaN"],
            ["store", "--threads", "0"],
            ["store", "--limit", "0"],
            ["store", "--sabotage", "everything"],
        ] {
            assert!(Args::try_parse_from(arguments).is_err(), "{arguments:?}");
        }
        let args = Args::try_parse_from(["store", "--seconds", "0.5", "books"]).unwrap();
        assert_eq!(args.seconds, Duration::from_millis(500));
        assert!(args.threads >= 1);
    }
}
