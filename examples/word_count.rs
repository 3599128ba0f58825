//! Counts words with all cores, and shows the most frequent ones.
//!
//! ```sh
//! cargo run --release --features rayon --example word_count [FILE]
//! ```

use dolmen::HashMap;
use rayon::prelude::*;
use std::process::ExitCode;

/// Words are compared in lower case and without what is around them.
fn words(line: &str) -> impl Iterator<Item = String> {
    line.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase)
}

fn count(text: &str) -> HashMap<String, u64> {
    let counts = HashMap::new();
    text.par_lines().flat_map_iter(words).for_each(|word| {
        counts.update_or_insert(word, |_, n| n + 1, 1);
    });
    counts
}

/// The `n` most frequent words, with their counts.
fn most_frequent(counts: &HashMap<String, u64>, n: usize) -> Vec<(String, u64)> {
    let pinned = counts.pin();
    let mut all: Vec<(&String, &u64)> = pinned.par_iter().collect();
    all.par_sort_unstable_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    all.iter().take(n).map(|&(word, &count)| (word.clone(), count)).collect()
}

/// A text of its own to try with: a page, many times.
fn sample() -> String {
    include_str!("../README.md").repeat(100)
}

fn main() -> ExitCode {
    let text = match std::env::args().nth(1) {
        None => sample(),
        Some(path) => match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                eprintln!("word_count: {path}: {error}");
                return ExitCode::FAILURE;
            }
        },
    };
    report(&text);
    ExitCode::SUCCESS
}

fn report(text: &str) {
    let counts = count(text);
    for (word, count) in most_frequent(&counts, 5) {
        println!("{count:>8}  {word}");
    }

    // Every word was counted once, whoever counted it.
    let mut alone = std::collections::HashMap::<String, u64>::new();
    text.lines().flat_map(words).for_each(|word| *alone.entry(word).or_default() += 1);
    let total: u64 = counts.pin().par_iter().map(|(_, count)| count).sum();
    assert_eq!(total, alone.values().sum::<u64>());
    assert_eq!(counts.into_iter().collect::<std::collections::HashMap<_, _>>(), alone);
    println!("{total:>8}  in all, of {} words", alone.len());
}

#[cfg(test)]
#[test]
fn no_word_is_lost() {
    report(&sample());
}
