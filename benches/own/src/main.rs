//! Instructions of dolmen's operations, counted by callgrind: the same on every run, however busy
//! the machine, so that a change of two in a hundred is seen.
//!
//! `count check FILE` compares with the counts that were kept, `count record FILE` keeps new ones.
//! Both run `count run OPERATION ROUNDS` under callgrind, twice for each operation, with different
//! numbers of rounds: what is before and after the rounds cancels.

mod arena;
mod callgrind;
mod counts;
mod operations;

use counts::Counts;
use operations::Operation;
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "count check|record FILE, or count run OPERATION ROUNDS";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        ["run", name, rounds] => run(name, rounds).map(|()| true),
        ["check", file] => check(Path::new(file)),
        ["record", file] => record(Path::new(file)),
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("count: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(name: &str, rounds: &str) -> Result<(), String> {
    let operation = Operation::named(name).ok_or_else(|| format!("no operation {name}"))?;
    operation.run(rounds.parse().map_err(|_| USAGE.to_string())?);
    Ok(())
}

/// Whether nothing has grown.
fn check(file: &Path) -> Result<bool, String> {
    let text = std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let kept = Counts::parse(&text)?;
    let verdict = counts::compare(&kept, &callgrind::count_all()?);
    print!("{}", verdict.text);
    Ok(verdict.passes)
}

fn record(file: &Path) -> Result<bool, String> {
    let counts = callgrind::count_all()?;
    print!("{}", counts.show());
    std::fs::write(file, counts.show()).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(true)
}
