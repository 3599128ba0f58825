//! The campaign: real runs of the map, recorded and checked for linearizability.
//!
//! ```sh
//! cargo test --release --manifest-path tests/histories/Cargo.toml --target-dir target/histories \
//!     --test campaign
//! ```
//!
//! Threads make every call there is, on few keys and on many, sent to good places and to bad ones,
//! while others resize; with each reclaimer, more threads than cores, and closures and comparisons
//! that give way to others in the middle of a call. `DOLMEN_OPERATIONS` says how many calls in all
//! (50 million if it does not), an argument which configurations: those whose line contains it.

mod configs;
mod keys;
mod many;
mod run;
mod set;
mod verbs;
mod words;
mod worker;

use configs::{ALL, Kind, READ, config, kind_of, line_of};
use dolmen::{CrossbeamEpoch, Epoch, Seize};
use run::{CLOCK, Config, Figures, Recorders};
use set::Set;
use std::process::ExitCode;
use std::time::{Instant, SystemTime};
use words::Words;
use worker::Map;

const OPERATIONS: usize = 50_000_000;

/// `DOLMEN_OPERATIONS`, or the usual number.
fn operations() -> usize {
    let given = std::env::var("DOLMEN_OPERATIONS");
    given.map_or(OPERATIONS, |n| n.replace('_', "").parse().expect("DOLMEN_OPERATIONS is a number"))
}

fn main() -> ExitCode {
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let seed = SystemTime::UNIX_EPOCH.elapsed().map_or(1, |time| time.as_nanos() as u64);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let chosen: Vec<(String, usize, Config)> = (0..ALL)
        .map(|n| {
            let config = config(n, seed);
            (line_of(n, &config), n, config)
        })
        .filter(|(line, ..)| filter.as_ref().is_none_or(|word| line.contains(word)))
        .collect();
    println!(
        "{} operations, {} configurations, seed {seed}, {cores} cores, clock: {:?}",
        operations(),
        chosen.len(),
        *CLOCK
    );
    let share = operations().div_ceil(chosen.len().max(1));
    let (mut all, start) = (Figures::default(), Instant::now());
    let mut recorders = Recorders::new();
    for (line, n, config) in &chosen {
        let result = match (kind_of(*n).0, n % 3) {
            (Kind::Set, _) => config.run::<Set>(share, cores, &mut recorders),
            (Kind::Map, 0) => config.run::<Map<Epoch>>(share, cores, &mut recorders),
            (Kind::Map, 1) => config.run::<Map<CrossbeamEpoch>>(share, cores, &mut recorders),
            (Kind::Map, _) => config.run::<Map<Seize>>(share, cores, &mut recorders),
            (Kind::Words, 0) => config.run::<Words<Epoch>>(share, cores, &mut recorders),
            (Kind::Words, 1) => config.run::<Words<CrossbeamEpoch>>(share, cores, &mut recorders),
            (Kind::Words, _) => config.run::<Words<Seize>>(share, cores, &mut recorders),
        };
        match result {
            Ok(figures) => {
                print(line, &figures);
                all.add(&figures);
            }
            Err(wrong) => {
                println!("{line}\nFAILED {wrong}\nafter {} calls that were right", all.checked);
                return ExitCode::FAILURE;
            }
        }
    }
    print(&format!("{:<70}", "in all"), &all);
    let calls = verbs::NAMES.iter().zip(&all.verbs).map(|(name, n)| format!("{name} {n}"));
    println!("{}", calls.collect::<Vec<_>>().join(", "));
    println!("a stale read was planted in {} of the runs, and noticed in each", all.noticed);
    let complaints = complaints(&all, filter.is_some());
    println!("linearizable; {:.1} s", start.elapsed().as_secs_f64());
    complaints.iter().for_each(|complaint| println!("FAILED: {complaint}"));
    if complaints.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What a campaign has to have done to show anything.
fn complaints(all: &Figures, is_part: bool) -> Vec<String> {
    let mut complaints = Vec::new();
    if all.checked < operations() {
        complaints.push("fewer were checked than were asked for".into());
    }
    // Of small numbers, nothing more is expected.
    if !is_part && operations() >= OPERATIONS / 10 {
        let never = verbs::NAMES.iter().zip(&all.verbs).filter(|(_, n)| **n < 1000);
        complaints.extend(never.map(|(name, n)| format!("{name} was recorded {n} times")));
        if all.overlaps < all.checked / 100 || all.resizes < 1000 || all.noticed < READ {
            complaints.push("too few calls overlapped, too few resizes or planted reads".into());
        }
    }
    complaints
}

impl Figures {
    fn add(&mut self, other: &Figures) {
        self.recorded += other.recorded;
        self.checked += other.checked;
        self.overlaps += other.overlaps;
        self.resizes += other.resizes;
        self.largest = self.largest.max(other.largest);
        self.recording += other.recording;
        self.checking += other.checking;
        self.noticed += other.noticed;
        self.verbs.resize(other.verbs.len(), 0);
        self.verbs.iter_mut().zip(&other.verbs).for_each(|(sum, n)| *sum += n);
    }
}

fn print(line: &str, figures: &Figures) {
    let Figures { recorded, checked, overlaps, resizes, largest, .. } = figures;
    let [recording, checking] = [figures.recording, figures.checking].map(|d| d.as_secs_f64());
    println!(
        "{line}  recorded {recorded:>9} {recording:>5.2} s  checked {checked:>9} {checking:>5.2} s  \
         overlapping {overlaps:>8}  resizes {resizes:>7}  states {largest:>3}"
    );
}
