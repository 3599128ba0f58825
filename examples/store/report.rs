//! What the run prints.

use crate::args::{Args, Kind};
use crate::ledger::{Audit, Ledger};
use crate::load::Tally;
use crate::store::Store;
use crate::words::Words;
use hdrhistogram::Histogram;
use std::time::Duration;

pub fn input(args: &Args, words: &Words) {
    let read = words.read;
    println!("{}", args.folder.display());
    print!("  {} text files, {:.1} MB, ", read.files, read.bytes as f64 / 1e6);
    println!("{} words, {} different", words.text.len(), words.list.len());
    if read.binary + read.unreadable > 0 {
        println!("  skipped: {} binary files, {} unreadable", read.binary, read.unreadable);
    }
    if read.cut {
        println!("  stopped reading at {} MiB (--limit)", args.limit);
    }
}

pub fn counting(words: &Words, took: Duration) {
    let rate = words.text.len() as f64 / took.as_secs_f64() / 1e6;
    println!("\nCounted the words into an empty store: {took:.1?}, {rate:.2} M/s");
}

/// Operations and their latencies. The throughput has the clock and the books in it.
pub fn latencies(tallies: &[Tally], elapsed: Duration) {
    let seconds = elapsed.as_secs_f64();
    let operations = |kind: usize| tallies.iter().map(move |t| t.kinds[kind].times.len());
    let all: u64 = (0..4).flat_map(operations).sum();
    print!("\n{all} operations in {seconds:.2} s by {} threads: ", tallies.len());
    println!("{:.2} M/s\n", all as f64 / seconds / 1e6);
    print!("{:<10}{:>12}{:>9}", "operation", "count", "found");
    println!("{:>11}{:>11}{:>11}{:>11}", "p50", "p99", "p99.9", "max");
    for (index, kind) in Kind::ALL.into_iter().enumerate() {
        let mut times = Histogram::<u64>::new(3).expect("a valid precision");
        for tally in tallies {
            times.add(&tally.kinds[index].times).expect("it grows as needed");
        }
        let found: u64 = tallies.iter().map(|tally| tally.kinds[index].found).sum();
        row(kind, &times, found);
    }
}

fn row(kind: Kind, times: &Histogram<u64>, found: u64) {
    if times.is_empty() {
        return println!("{:<10}{:>12}", kind.name(), 0);
    }
    let found = found as f64 / times.len() as f64 * 100.0;
    print!("{:<10}{:>12}{:>7.1} %", kind.name(), times.len(), found);
    for quantile in [0.5, 0.99, 0.999] {
        print!("{:>11}", time(times.value_at_quantile(quantile)));
    }
    println!("{:>11}", time(times.max()));
}

fn time(nanos: u64) -> String {
    format!("{:.1?}", Duration::from_nanos(nanos))
}

pub fn hottest(store: &Store, words: &Words, books: &[Ledger], top: usize) {
    let calls = |word: usize| books.iter().map(|ledger| ledger.lines[word].calls).sum::<u64>();
    let mut hot: Vec<(u64, usize)> =
        (0..words.list.len()).map(|word| (calls(word), word)).collect();
    let all = hot.iter().map(|(calls, _)| calls).sum::<u64>().max(1);
    hot.sort_by(|a, b| b.cmp(a));
    println!("\n{:<24}{:>14}{:>9}{:>14}", "hottest word", "operations", "share", "credit now");
    for (calls, word) in hot.into_iter().take(top) {
        let name = &words.list[word];
        let credit = store.get(name).and_then(|value| value.open(word as u32));
        let credit = credit.map_or("deleted".into(), |credit| credit.to_string());
        let share = calls as f64 / all as f64 * 100.0;
        println!("{name:<24}{calls:>14}{share:>7.2} %{credit:>14}");
    }
}

pub fn books(audit: &Audit) {
    let Audit { put, taken, stored, born, gone, live, .. } = audit;
    println!("The books");
    println!("  credit put in {put} = handed back {taken} + stored {stored}");
    println!("  keys born {born} = deleted {gone} + present {live}");
}

/// Prints whether the audit holds, and what does not.
pub fn verdict(claim: &str, audit: &Audit) -> bool {
    let faults = &audit.faults;
    if faults.count == 0 {
        println!("  proven for each of {} words: {claim}", audit.words);
        return true;
    }
    eprintln!("FAILED: {claim}? {} faults", faults.count);
    for fault in &faults.told {
        eprintln!("  {fault}");
    }
    if faults.count > faults.told.len() {
        eprintln!("  and {} more", faults.count - faults.told.len());
    }
    false
}
