//! Runs of this program under callgrind.

use crate::counts::Counts;
use crate::operations::{ALL, Operation};
use std::process::Command;
use std::sync::Mutex;
use std::thread;

/// Instructions of one call of each operation.
pub fn count_all() -> Result<Counts, String> {
    let todo = Mutex::new(ALL.iter().enumerate());
    let counted = Mutex::new(Vec::new());
    let work = || {
        // In a statement of its own: the lock is not held while one is counted.
        while let Some((place, operation)) = { todo.lock().expect("no panic").next() } {
            let count = count(operation).map(|count| (operation.name.to_string(), count));
            counted.lock().expect("no panic").push((place, count));
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| (0..threads).for_each(|_| _ = scope.spawn(work)));
    let mut counted = counted.into_inner().expect("no panic");
    counted.sort_by_key(|(place, _)| *place);
    let counts: Result<Vec<_>, String> = counted.into_iter().map(|(_, count)| count).collect();
    Ok(Counts { compiler: compiler(), counts: counts? })
}

fn count(operation: &Operation) -> Result<f64, String> {
    let [few, many] = operation.rounds;
    let calls = (many - few) * operation.calls;
    let more = run(operation, many)? - run(operation, few)?;
    Ok(more as f64 / calls as f64)
}

/// All instructions of a run.
fn run(operation: &Operation, rounds: u64) -> Result<i64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(["run", operation.name, &rounds.to_string()])
        // The environment is on the stack: it would move everything.
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    match collected(&text) {
        Some(count) if output.status.success() => Ok(count),
        _ => Err(format!("{} under callgrind:\n{text}", operation.name)),
    }
}

/// From the line `==1== Collected : 123`.
fn collected(text: &str) -> Option<i64> {
    let (_, rest) = text.split_once("Collected :")?;
    rest.split_whitespace().next()?.parse().ok()
}

fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output().ok();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_string());
    text.unwrap_or_else(|| "an unknown compiler".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_read() {
        assert_eq!(collected("==7== \n==7== Collected : 12345\n==7== \n"), Some(12345));
        assert_eq!(collected("==7== Segmentation fault\n"), None);
    }
}
