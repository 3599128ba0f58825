//! An in-process key-value store under load, on real input: the words of a folder's text files are
//! the keys, drawn as often as the text has them. All threads put, get, update and delete; every
//! credit that goes in or comes out is booked, and at the end the books must agree with the map.
//!
//! `cargo run --release --example store -- --help`

mod args;
mod ledger;
mod load;
mod report;
mod store;
mod words;

use args::Args;
use clap::Parser;
use ledger::{Audit, Ledger};
use load::Load;
use std::process::ExitCode;
use store::Store;
use words::Words;

/// Exit code of a run whose books do not agree.
const UNPROVEN: u8 = 1;
/// Exit code for input that cannot be used, as clap's for arguments.
const UNUSABLE: u8 = 2;

fn main() -> ExitCode {
    let args = Args::parse();
    let words = match Words::read(&args.folder, args.limit << 20) {
        Ok(words) => words,
        Err(error) => {
            eprintln!("store: {error}");
            return ExitCode::from(UNUSABLE);
        }
    };
    report::input(&args, &words);
    let store = Store::default();

    let counting = load::count_words(&store, &words, args.threads);
    report::counting(&words, counting);
    let opening = Ledger::opening(&words);
    let counted = Audit::of(&store, &words, std::slice::from_ref(&opening));
    if !report::verdict("every word was counted exactly once", &counted) {
        return ExitCode::from(UNPROVEN);
    }

    let load = Load { store: &store, words: &words, args: &args };
    let (mut tallies, elapsed) = load.run();
    report::latencies(&tallies, elapsed);
    let mut books: Vec<Ledger> =
        tallies.iter_mut().map(|t| std::mem::take(&mut t.ledger)).collect();
    report::hottest(&store, &words, &books, args.top);
    println!("\nThe map\n{}\n", store.stats());

    books.push(opening);
    let audit = Audit::of(&store, &words, &books);
    report::books(&audit);
    match report::verdict("no update was lost, and no deleted key is back", &audit) {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(UNPROVEN),
    }
}
