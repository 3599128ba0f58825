//! Counts words by their numbers: a map of strings gives each word a number, once, and maps of words
//! (in the other sense) count by number, from several threads. A long-lived service would keep the
//! numbers, and could keep as many maps of counts as it has things to count.
//!
//! ```sh
//! cargo run --release --example interned_words [FILE]
//! ```

use dolmen::{HashMap, Word, WordMap};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;

/// A word of the text, by number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Symbol(u32);

impl Word for Symbol {
    type Repr = u32;

    fn into_repr(self) -> u32 {
        self.0
    }

    fn from_repr(repr: u32) -> Self {
        Symbol(repr)
    }
}

/// Numbers for words.
#[derive(Default)]
struct Interner {
    numbers: HashMap<String, Symbol>,
    next: AtomicU32,
}

impl Interner {
    /// The number of a word, the same for all who ask. Two threads that meet a new word at once may
    /// use a number up that no word gets.
    fn symbol(&self, word: &str) -> Symbol {
        let new = || Symbol(self.next.fetch_add(1, Relaxed));
        *self.numbers.entry_ref(word).or_insert_with(new)
    }

    /// The words by number, to print them.
    fn words(&self) -> BTreeMap<Symbol, String> {
        self.numbers.pin().iter().map(|(word, symbol)| (*symbol, word.clone())).collect()
    }
}

/// What is counted: how often each word occurs, how often one follows another, how long the line of
/// each at most is.
#[derive(Default)]
struct Counts {
    words: WordMap<Symbol, u64>,
    pairs: WordMap<u64, u64>,
    longest_line: WordMap<Symbol, u16>,
}

fn words(line: &str) -> impl Iterator<Item = String> {
    line.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase)
}

impl Counts {
    fn count(&self, line: &str, interner: &Interner) {
        let symbols: Vec<Symbol> = words(line).map(|word| interner.symbol(&word)).collect();
        let ones: Vec<(Symbol, u64)> = symbols.iter().map(|symbol| (*symbol, 1)).collect();
        // All of a line at once: their memory is fetched together.
        self.words.fetch_add_many_or(&ones, 0);
        for pair in symbols.windows(2) {
            self.pairs.fetch_add_or(u64::from(pair[0].0) << 32 | u64::from(pair[1].0), 1, 0);
        }
        for symbol in symbols {
            self.longest_line.fetch_max_or(symbol, line.len() as u16, 0);
        }
    }
}

fn report(text: &str, threads: usize) {
    let (interner, counts) = (Interner::default(), Counts::default());
    let lines: Vec<&str> = text.lines().collect();
    thread::scope(|scope| {
        for part in lines.chunks(lines.len().div_ceil(threads).max(1)) {
            scope.spawn(|| part.iter().for_each(|line| counts.count(line, &interner)));
        }
    });

    let by_number = interner.words();
    let mut frequent: Vec<(u64, Symbol)> = counts.words.iter().map(|(s, n)| (n, s)).collect();
    frequent.sort_by(|a, b| b.cmp(a));
    for (count, symbol) in frequent.iter().take(5) {
        println!("{count:>8}  {}", by_number[symbol]);
    }
    check(&lines, &counts, &by_number);
    println!("{:>8}  in all, of {} words", counts.words.values().sum::<u64>(), by_number.len());
}

/// No word was lost and none counted twice: one thread with std's map counts the same.
fn check(lines: &[&str], counts: &Counts, by_number: &BTreeMap<Symbol, String>) {
    let mut alone: BTreeMap<String, (u64, u16)> = BTreeMap::new();
    let (mut total, mut pairs) = (0u64, 0u64);
    for line in lines {
        let mut here = 0u64;
        for word in words(line) {
            let (count, longest) = alone.entry(word).or_default();
            *count += 1;
            *longest = (*longest).max(line.len() as u16);
            here += 1;
        }
        total += here;
        pairs += here.saturating_sub(1);
    }
    assert_eq!(counts.words.values().sum::<u64>(), total);
    assert_eq!(counts.pairs.values().sum::<u64>(), pairs);
    let together: BTreeMap<String, (u64, u16)> = (counts.words.iter())
        .map(|(symbol, n)| {
            let longest = counts.longest_line.get(symbol).expect("counted with its line");
            (by_number[&symbol].clone(), (n, longest))
        })
        .collect();
    assert_eq!(together, alone);
}

/// A text to try with: what the library says of itself.
const PAGES: [&str; 4] = [
    include_str!("../docs/design.md"),
    include_str!("../docs/linearizability.md"),
    include_str!("../docs/choosing.md"),
    include_str!("../docs/migration.md"),
];

fn main() -> ExitCode {
    let text = match std::env::args().nth(1) {
        None => PAGES.concat(),
        Some(path) => match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                eprintln!("interned_words: {path}: {error}");
                return ExitCode::FAILURE;
            }
        },
    };
    report(&text, thread::available_parallelism().map_or(2, usize::from));
    ExitCode::SUCCESS
}

#[cfg(test)]
#[test]
fn no_word_is_lost() {
    report(&PAGES.concat(), 4);
    report("", 4);
    report("one", 4);
}
