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

mod keys;
mod many;
mod run;
mod set;
mod verbs;
mod worker;

use dolmen::{CrossbeamEpoch, Epoch, Seize};
use dolmen_histories::clock::Clock;
use keys::Hashing;
use run::{Config, Figures, Recorders};
use set::Set;
use std::process::ExitCode;
use std::time::{Instant, SystemTime};
use verbs::Verb;
use worker::{Map, Mix};

const OPERATIONS: usize = 50_000_000;
/// Configurations of maps, and of sets.
const MAPS: usize = 30;
const SETS: usize = 3;

const MIXES: [Mix; 5] = {
    use Verb::*;
    [
        Mix { name: "all", verbs: all_verbs(), whole: true },
        Mix {
            name: "come and go",
            verbs: &[
                Insert,
                Insert,
                TryInsert,
                Remove,
                Remove,
                RemoveEntry,
                RemoveIf,
                Get,
                Contains,
                GetOrInsertWith,
                Entry,
            ],
            whole: false,
        },
        Mix {
            name: "updates",
            verbs: &[
                Update,
                Update,
                UpdateOrInsert,
                UpdateOrInsertWith,
                Compute,
                Compute,
                CompareExchange,
                CompareExchangeEntry,
                Get,
                Get,
                Entry,
            ],
            whole: false,
        },
        Mix {
            name: "reads",
            verbs: &[
                Get,
                Get,
                Get,
                GetKeyValue,
                GetCloned,
                View,
                Contains,
                Get,
                GetOrInsert,
                Insert,
                Remove,
                GetMany,
            ],
            whole: true,
        },
        Mix {
            name: "batches",
            verbs: &[
                GetMany,
                GetManyInto,
                ContainsMany,
                InsertMany,
                RemoveMany,
                Get,
                Insert,
                Update,
                Remove,
            ],
            whole: false,
        },
    ]
};

/// Each call that is not on the whole map.
const fn all_verbs() -> &'static [Verb] {
    verbs::ALL.split_at(Verb::Iter as usize).0
}

/// What the nth configuration is: every hasher with every reclaimer and every mix, and the rest in
/// turn. The reclaimer is `n % 3`.
fn config(n: usize, seed: u64) -> Config {
    let hashing = Hashing::nth(n % 5);
    let keys = [1, 4096, 8, 64, 2, 512, 4][n % 7].min(hashing.most_keys()) as u32;
    Config {
        mix: MIXES[(n / 5 + n) % 5],
        hashing,
        keys,
        threads: [2, 8, 4, 3][(n / 2) % 4],
        resizers: [1, 0, 2][(n / 3) % 3],
        seed: seed.wrapping_add(n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15),
    }
}

const RECLAIMERS: [&str; 3] = ["epochs", "crossbeam", "seize"];

fn line_of(n: usize, config: &Config, reclaimer: &str) -> String {
    let Config { mix, hashing, keys, threads, resizers, .. } = config;
    let kind = if n < MAPS { mix.name } else { "set" };
    format!(
        "{n:>2} {kind:<11} {:<8} {reclaimer:<9} {keys:>4} keys {threads} threads {resizers} resizers",
        hashing.name()
    )
}

/// `DOLMEN_OPERATIONS`, or the usual number.
fn operations() -> usize {
    let given = std::env::var("DOLMEN_OPERATIONS");
    given.map_or(OPERATIONS, |n| n.replace('_', "").parse().expect("DOLMEN_OPERATIONS is a number"))
}

fn main() -> ExitCode {
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let seed = SystemTime::UNIX_EPOCH.elapsed().map_or(1, |time| time.as_nanos() as u64);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let chosen: Vec<(String, usize, Config)> = (0..MAPS + SETS)
        .map(|n| {
            let config = config(n, seed);
            let reclaimer = if n < MAPS { n % 3 } else { 0 };
            (line_of(n, &config, RECLAIMERS[reclaimer]), n, config)
        })
        .filter(|(line, ..)| filter.as_ref().is_none_or(|word| line.contains(word)))
        .collect();
    println!(
        "{} operations, {} configurations, seed {seed}, {cores} cores, clock: {:?}",
        operations(),
        chosen.len(),
        Clock::new()
    );
    let share = operations().div_ceil(chosen.len().max(1));
    let (mut all, start) = (Figures::default(), Instant::now());
    let mut recorders = Recorders::new();
    for (line, n, config) in &chosen {
        let result = match (*n < MAPS, n % 3) {
            (false, _) => config.run::<Set>(share, cores, &mut recorders),
            (_, 0) => config.run::<Map<Epoch>>(share, cores, &mut recorders),
            (_, 1) => config.run::<Map<CrossbeamEpoch>>(share, cores, &mut recorders),
            (..) => config.run::<Map<Seize>>(share, cores, &mut recorders),
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
    print(&format!("{:<64}", "in all"), &all);
    println!("linearizable; {:.1} s", start.elapsed().as_secs_f64());
    if all.checked < operations() {
        println!("FAILED: fewer were checked than were asked for");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
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
    }
}

fn print(line: &str, figures: &Figures) {
    let Figures { recorded, checked, overlaps, resizes, largest, recording, checking } = figures;
    let (recording, checking) = (recording.as_secs_f64(), checking.as_secs_f64());
    println!(
        "{line}  recorded {recorded:>9} {recording:>5.2} s  checked {checked:>9} {checking:>5.2} s  \
         overlapping {overlaps:>8}  resizes {resizes:>7}  states {largest:>3}"
    );
}
