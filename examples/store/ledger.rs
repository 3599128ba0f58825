//! The books: what each thread did, and whether the store agrees.
//!
//! Credit is neither made nor lost by the store: for every word, what was put in (by puts and
//! updates) is what was handed back (by replacing puts and by deletes) and what is there at the end.
//! A lost update leaves too little, an update made twice too much. A word is there at the end exactly
//! if it was born once more than it was deleted: a key that came back is there without a birth.
//!
//! One word in four is written by one thread only. Its owner knows at every moment what it must find,
//! so that on these a lost write or a key that is back shows at the very next call; and their credit
//! only ever grows, so that no reader may see it go back.

use crate::store::{Store, Value};
use crate::words::Words;
use std::collections::HashMap;

/// How many faults are told in full.
const TOLD: usize = 10;

/// The thread that alone writes a word, if one does.
pub fn owner(word: u32, threads: usize) -> Option<usize> {
    (word % 4 == 3).then_some(word as usize / 4 % threads)
}

/// What one thread did to one word.
#[derive(Clone, Copy, Default)]
pub struct Line {
    /// Operations.
    pub calls: u64,
    /// Credit put in.
    put: u64,
    /// Credit handed back.
    taken: u64,
    /// Puts that found the word absent.
    born: u64,
    /// Deletes that found it present.
    gone: u64,
    /// Of an owned word: the largest credit that this thread has seen.
    highest: u64,
    /// For the owner: what is stored now.
    current: Option<u64>,
}

/// What one thread did.
#[derive(Default)]
pub struct Ledger {
    thread: usize,
    threads: usize,
    pub lines: Vec<Line>,
    faults: Faults,
}

/// What went wrong: the first few, and how many.
#[derive(Default)]
pub struct Faults {
    pub told: Vec<String>,
    pub count: usize,
}

impl Faults {
    fn add(&mut self, tell: impl FnOnce() -> String) {
        self.count += 1;
        if self.told.len() < TOLD {
            self.told.push(tell());
        }
    }

    fn join(&mut self, other: &Faults) {
        self.count += other.count;
        let room = TOLD - self.told.len();
        self.told.extend(other.told.iter().take(room).cloned());
    }
}

impl Ledger {
    /// The books of a thread that has not begun, over words that are stored with their counts.
    pub fn new(thread: usize, threads: usize, words: &Words) -> Self {
        let line = |&count: &u64| Line { highest: count, current: Some(count), ..Line::default() };
        let lines = words.counts.iter().map(line).collect();
        Ledger { thread, threads, lines, faults: Faults::default() }
    }

    /// The books after counting: every word born once, with its count.
    pub fn opening(words: &Words) -> Self {
        let line = |&count: &u64| Line { put: count, born: 1, ..Line::default() };
        let lines = words.counts.iter().map(line).collect();
        Ledger { thread: 0, threads: 1, lines, faults: Faults::default() }
    }

    /// The word that this thread writes where it drew `word`.
    pub fn writable(&self, word: u32) -> u32 {
        match owner(word, self.threads) {
            // The word before an owned one is everyone's, and about as frequent.
            Some(owner) if owner != self.thread => word - 1,
            _ => word,
        }
    }

    /// What this thread should put: more than was ever there if it owns the word, else any credit.
    pub fn credit_for(&self, word: u32, draw: u64) -> u64 {
        match self.owns(word) {
            true => self.lines[word as usize].highest + 1 + draw % 8,
            false => 1 + draw % 8,
        }
    }

    pub fn put(&mut self, word: u32, credit: u64, replaced: Option<Value>) {
        let replaced = self.opened(word, replaced);
        self.expect("put", word, replaced);
        let line = &mut self.lines[word as usize];
        line.put += credit;
        match replaced {
            Some(old) => line.taken += old,
            None => line.born += 1,
        }
        self.now(word, Some(credit));
    }

    pub fn read(&mut self, word: u32, found: Option<Value>) {
        let found = self.opened(word, found);
        self.expect("get", word, found);
        let Some(credit) = found else { return };
        if owner(word, self.threads).is_some() {
            let line = &mut self.lines[word as usize];
            if credit < line.highest {
                let highest = line.highest;
                self.faults.add(|| format!("word {word} went back from {highest} to {credit}"));
            } else {
                line.highest = credit;
            }
        }
    }

    pub fn update(&mut self, word: u32, new: Option<Value>) {
        let new = self.opened(word, new);
        self.expect("update", word, new.map(|credit| credit.wrapping_sub(1)));
        if let Some(credit) = new {
            self.lines[word as usize].put += 1;
            self.now(word, Some(credit));
        }
    }

    pub fn delete(&mut self, word: u32, deleted: Option<Value>) {
        let deleted = self.opened(word, deleted);
        self.expect("delete", word, deleted);
        if let Some(credit) = deleted {
            let line = &mut self.lines[word as usize];
            line.taken += credit;
            line.gone += 1;
            self.now(word, None);
        }
    }

    fn owns(&self, word: u32) -> bool {
        owner(word, self.threads) == Some(self.thread)
    }

    /// The credit of a value that a call returned; it must bear the word's seal.
    fn opened(&mut self, word: u32, value: Option<Value>) -> Option<u64> {
        self.lines[word as usize].calls += 1;
        let credit = value?.open(word);
        if credit.is_none() {
            self.faults.add(|| format!("word {word} had a value that is not its own"));
        }
        credit
    }

    /// The owner of a word knows what each of its calls must find.
    fn expect(&mut self, call: &str, word: u32, found: Option<u64>) {
        let current = self.lines[word as usize].current;
        if self.owns(word) && found != current {
            self.faults.add(|| format!("{call} of word {word} found {found:?}, not {current:?}"));
        }
    }

    fn now(&mut self, word: u32, credit: Option<u64>) {
        if self.owns(word) {
            let line = &mut self.lines[word as usize];
            line.current = credit;
            line.highest = line.highest.max(credit.unwrap_or(0));
        }
    }
}

/// The store against everyone's books.
#[derive(Default)]
pub struct Audit {
    pub words: usize,
    pub live: usize,
    /// Credit put in, handed back, and in the store.
    pub put: u64,
    pub taken: u64,
    pub stored: u64,
    /// Keys born, and deleted.
    pub born: u64,
    pub gone: u64,
    pub faults: Faults,
}

impl Audit {
    /// Compares; nothing may write meanwhile.
    pub fn of(store: &Store, words: &Words, books: &[Ledger]) -> Audit {
        let mut audit = Audit { words: words.list.len(), ..Audit::default() };
        for ledger in books {
            audit.faults.join(&ledger.faults);
        }
        let stored = audit.take_stock(store, words);
        for (word, &stored) in stored.iter().enumerate() {
            let mut all = Line::default();
            for line in books.iter().map(|ledger| &ledger.lines[word]) {
                all.put += line.put;
                all.taken += line.taken;
                all.born += line.born;
                all.gone += line.gone;
            }
            audit.compare(&words.list[word], &all, stored);
        }
        audit
    }

    /// What the store holds for each word: by iteration, by lookup and by length, which must agree.
    fn take_stock(&mut self, store: &Store, words: &Words) -> Vec<Option<u64>> {
        let faults = &mut self.faults;
        let numbers: HashMap<&str, u32> =
            words.list.iter().zip(0..).map(|(word, number)| (word.as_str(), number)).collect();
        let mut stored = vec![None; words.list.len()];
        store.for_each(|word, value| match numbers.get(word) {
            None => faults.add(|| format!("{word:?} is stored, and is no word of the text")),
            Some(&number) => match value.open(number) {
                None => faults.add(|| format!("{word:?} has a value that is not its own")),
                Some(_) if stored[number as usize].is_some() => {
                    faults.add(|| format!("{word:?} is stored twice"));
                }
                credit => stored[number as usize] = credit,
            },
        });
        for (word, number) in words.list.iter().zip(0..) {
            let found = store.get(word).and_then(|value| value.open(number));
            let iterated = stored[number as usize];
            if found != iterated {
                faults.add(|| format!("{word:?}: get has {found:?}, iteration {iterated:?}"));
            }
        }
        let live = stored.iter().flatten().count();
        if live != store.len() {
            faults.add(|| format!("{live} words are stored, and len() is {}", store.len()));
        }
        stored
    }

    fn compare(&mut self, word: &str, all: &Line, stored: Option<u64>) {
        let credit = stored.unwrap_or(0);
        if all.put != all.taken + credit {
            let Line { put, taken, .. } = all;
            self.faults.add(|| {
                format!("{word:?}: {put} put in, but {taken} handed back and {credit} stored")
            });
        }
        if all.born != all.gone + u64::from(stored.is_some()) {
            let Line { born, gone, .. } = all;
            let is = if stored.is_some() { "present" } else { "absent" };
            self.faults.add(|| format!("{word:?}: born {born} times, deleted {gone}, and {is}"));
        }
        self.live += usize::from(stored.is_some());
        self.put += all.put;
        self.taken += all.taken;
        self.stored += credit;
        self.born += all.born;
        self.gone += all.gone;
    }
}
