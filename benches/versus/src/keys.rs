//! Keys, and the order in which they are asked for.

use clap::ValueEnum;
use rand_distr::{Distribution, Zipf};
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

/// A type of key.
pub trait Key: Clone + std::hash::Hash + Ord + Send + Sync + 'static {
    /// The key for a number; different numbers give different keys.
    fn of(number: u64) -> Self;

    /// One of so many bytes, at least 8, where keys of the type have a length.
    fn of_bytes(number: u64, _bytes: usize) -> Self {
        Self::of(number)
    }
}

impl Key for u64 {
    /// Spread over all 64 bits: a bijection.
    fn of(number: u64) -> u64 {
        mix(number)
    }
}

impl Key for String {
    fn of(number: u64) -> String {
        Self::of_bytes(number, 32)
    }

    /// Drawn anew in every place: keys differ early as well as late, and share no long prefix. So
    /// whoever compares two that differ knows soon, and of two that are equal reads all.
    fn of_bytes(number: u64, bytes: usize) -> String {
        let mut key = String::with_capacity(bytes);
        if bytes < 16 {
            // So few hexadecimal digits would not tell all numbers apart.
            key.extend(sixths(mix48(number)));
        }
        let mut drawn = number;
        while key.len() < bytes {
            let digits = format!("{:016x}{:016x}", mix(drawn), mix(!drawn));
            key.push_str(&digits[..digits.len().min(bytes - key.len())]);
            drawn = mix(drawn);
        }
        key
    }
}

/// The types of key to choose from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    U64,
    String8,
    String16,
    // What it was called while it was the only one.
    #[value(alias = "string")]
    #[serde(alias = "string")]
    String32,
    String64,
    String200,
}

impl KeyKind {
    /// `String`s, the shortest first.
    pub fn strings() -> impl Iterator<Item = KeyKind> {
        Self::value_variants().iter().copied().filter(|kind| kind.name() == "String")
    }

    /// Its type.
    pub fn name(self) -> &'static str {
        if self == KeyKind::U64 { "u64" } else { "String" }
    }

    pub fn bytes(self) -> usize {
        match self {
            KeyKind::U64 | KeyKind::String8 => 8,
            KeyKind::String16 => 16,
            KeyKind::String32 => 32,
            KeyKind::String64 => 64,
            KeyKind::String200 => 200,
        }
    }
}

pub fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// The low 48 bits, mixed: a bijection, of four rounds that each mix one half by the other.
fn mix48(number: u64) -> u64 {
    const HALF: u64 = (1 << 24) - 1;
    (0..4).fold(number & ((HALF << 24) | HALF), |mixed, round| {
        let (left, right) = (mixed >> 24, mixed & HALF);
        (right << 24) | ((left ^ mix(right ^ (round << 24))) & HALF)
    })
}

/// A character for each six of the low 48 bits.
fn sixths(number: u64) -> impl Iterator<Item = char> {
    const DIGITS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
    (0..8).rev().map(move |sixth| char::from(DIGITS[(number >> (6 * sixth)) as usize % 64]))
}

/// Draws that are the same on every machine.
pub fn draws(seed: u64) -> Pcg64Mcg {
    Pcg64Mcg::seed_from_u64(seed)
}

/// A number below the bound.
pub fn below(draws: &mut Pcg64Mcg, bound: usize) -> usize {
    ((u128::from(draws.next_u64()) * bound as u128) >> 64) as usize
}

/// Which of the keys are popular.
pub enum Skew {
    Uniform(usize),
    Zipf(Zipf<f64>),
}

impl Skew {
    /// Of `count` keys, by Zipf's law with this exponent; with 0, all are alike.
    pub fn new(count: usize, theta: f64) -> Self {
        if theta == 0.0 {
            return Skew::Uniform(count);
        }
        Skew::Zipf(Zipf::new(count as f64, theta).expect("a positive exponent and some keys"))
    }

    /// A key's rank, from 0, the most popular one.
    pub fn rank(&self, draws: &mut Pcg64Mcg) -> usize {
        match self {
            Skew::Uniform(count) => below(draws, *count),
            Skew::Zipf(zipf) => zipf.sample(draws) as usize - 1,
        }
    }
}

/// What the workload asks for.
#[derive(Clone, Copy)]
pub enum Asked {
    /// Every key once, in another order than they were inserted in.
    Present,
    /// As many keys that are not there.
    Absent,
    /// Keys that are there, some more often.
    Popular { theta: f64 },
    /// One key, by all threads.
    One,
}

/// The keys of a cell, in the order of insertion and in the order of everything after.
pub struct Keys<K> {
    seed: u64,
    /// Of each key.
    bytes: usize,
    pub inserted: Vec<K>,
    pub asked: Vec<K>,
    /// Each thread asks for all, not for its part.
    shared: bool,
}

impl<K: Key> Keys<K> {
    pub fn new(count: usize, seed: u64, asked: Asked, bytes: usize) -> Self {
        let key = |n: usize| numbered(n as u64, seed, bytes);
        let inserted: Vec<K> = (0..count).map(key).collect();
        let mut draws = draws(seed);
        let asked = match asked {
            Asked::Present => shuffled(inserted.clone(), &mut draws),
            Asked::Absent => shuffled((count..2 * count).map(key).collect(), &mut draws),
            Asked::Popular { theta } => {
                let skew = Skew::new(count, theta);
                let calls = count.max(200_000);
                (0..calls).map(|_| inserted[skew.rank(&mut draws)].clone()).collect()
            }
            Asked::One => vec![inserted[count / 2].clone()],
        };
        let shared = asked.len() == 1;
        Keys { seed, bytes, inserted, asked, shared }
    }

    /// The key of a number: of those below the count, what `inserted` has.
    pub fn key(&self, number: u64) -> K {
        numbered(number, self.seed, self.bytes)
    }

    /// What a thread inserts.
    pub fn to_insert(&self, thread: usize, threads: usize) -> &[K] {
        &self.inserted[part(self.inserted.len(), thread, threads)]
    }

    /// What a thread asks for in a round: some of its part, another stretch each round; and how
    /// often, so that a round has about `calls` calls.
    pub fn to_ask(&self, share: Share, calls: usize) -> (&[K], usize) {
        let (thread, threads) = if self.shared { (0, 1) } else { (share.thread, share.threads) };
        let part = &self.asked[part(self.asked.len(), thread, threads)];
        if calls >= part.len() {
            return (part, calls.div_ceil(part.len().max(1)));
        }
        let stretches = part.len() / calls;
        (&part[share.round % stretches * calls..][..calls], 1)
    }
}

/// Numbers stay below 2^40, so that each seed has keys of its own; of `String`s of less than 16 bytes,
/// which hold 48 bits, every 256th has the same.
fn numbered<K: Key>(number: u64, seed: u64, bytes: usize) -> K {
    K::of_bytes(number ^ seed << 40, bytes)
}

fn shuffled<K>(mut keys: Vec<K>, draws: &mut Pcg64Mcg) -> Vec<K> {
    for end in (1..keys.len()).rev() {
        keys.swap(end, below(draws, end + 1));
    }
    keys
}

/// A thread's share of the work of a round.
#[derive(Clone, Copy)]
pub struct Share {
    pub thread: usize,
    pub threads: usize,
    pub round: usize,
}

/// Where a thread's part of so many things is.
pub fn part(count: usize, thread: usize, threads: usize) -> std::ops::Range<usize> {
    let bound = |thread| count * thread / threads;
    bound(thread)..bound(thread + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_orders_have_every_key_once() {
        let Keys { mut inserted, mut asked, .. } = Keys::<u64>::new(1000, 7, Asked::Present, 8);
        assert_ne!(inserted, asked);
        inserted.sort();
        asked.sort();
        assert_eq!(inserted, asked);
        inserted.dedup();
        assert_eq!(inserted.len(), 1000);
    }

    #[test]
    fn absent_keys_are_absent() {
        let keys = Keys::<String>::new(1000, 7, Asked::Absent, 32);
        assert_eq!(keys.asked.len(), 1000);
        assert!(keys.asked.iter().all(|key| !keys.inserted.contains(key)));
        assert!(keys.asked.iter().all(|key| key.len() == 32));
    }

    /// What is inserted, what is asked for and not there, and what mixes insert.
    fn strings(bytes: usize) -> Vec<String> {
        let Keys { mut inserted, asked, .. } =
            Keys::<String>::new(100_000, 7, Asked::Absent, bytes);
        inserted.extend(asked);
        let fresh = [1 << 32, 2 << 32, 1 << 39].into_iter().flat_map(|first| first..first + 10_000);
        inserted.extend(fresh.map(|number| numbered::<String>(number, 7, bytes)));
        inserted
    }

    #[test]
    fn strings_have_their_length_and_are_distinct() {
        // Some lengths that are no kind, too.
        for bytes in KeyKind::strings().map(KeyKind::bytes).chain([9, 15, 17, 33]) {
            let mut keys = strings(bytes);
            assert!(keys.iter().all(|key| key.len() == bytes && key.capacity() == bytes));
            let count = keys.len();
            keys.sort();
            keys.dedup();
            assert_eq!(keys.len(), count, "{bytes} bytes");
        }
    }

    #[test]
    fn a_million_keys_of_eight_bytes_are_distinct() {
        let mut keys = Keys::<String>::new(1_000_000, 1, Asked::Absent, 8);
        keys.inserted.append(&mut keys.asked);
        keys.inserted.sort_unstable();
        keys.inserted.dedup();
        assert_eq!(keys.inserted.len(), 2_000_000);
    }

    #[test]
    fn strings_differ_early_and_late() {
        for bytes in [8, 32, 200] {
            let keys = strings(bytes);
            for place in 0..bytes {
                let at = |key: &String| key.as_bytes()[place];
                let same = keys.windows(2).filter(|pair| at(&pair[0]) == at(&pair[1])).count();
                // Of 16 digits one, or fewer.
                let share = same as f64 / keys.len() as f64;
                assert!(share < 0.07, "{bytes} bytes, at {place}: {share}");
            }
        }
    }

    #[test]
    fn keys_of_32_bytes_are_what_they_were() {
        let digits = format!("{:016x}{:016x}", mix(5), mix(!5));
        assert_eq!((String::of(5), String::of_bytes(5, 32)), (digits.clone(), digits));
        let kind: Result<KeyKind, _> = serde_json::from_str("\"string\"");
        assert_eq!(kind.unwrap(), KeyKind::String32);
    }

    #[test]
    fn forty_eight_bits_are_mixed_into_as_many() {
        let mut mixed: Vec<u64> = (0..100_000).map(|n| mix48((n << 24) | (n * 7))).collect();
        assert!(mixed.iter().all(|mixed| mixed >> 48 == 0));
        mixed.sort_unstable();
        mixed.dedup();
        assert_eq!(mixed.len(), 100_000);
        assert_eq!(sixths(0o00_01_12_77 << 24).collect::<String>(), "01A_0000");
    }

    #[test]
    fn threads_and_rounds_cover_the_keys() {
        let keys = Keys::<u64>::new(1000, 7, Asked::Present, 8);
        let mut seen: Vec<u64> = Vec::new();
        for thread in 0..3 {
            for round in 0..3 {
                let (keys, repeats) = keys.to_ask(Share { thread, threads: 3, round }, 111);
                assert_eq!((keys.len(), repeats), (111, 1));
                seen.extend(keys);
            }
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 999);
        let share = Share { thread: 1, threads: 2, round: 5 };
        assert_eq!(keys.to_ask(share, 1001).1, 3);
    }

    #[test]
    fn one_key_is_every_threads() {
        let keys = Keys::<u64>::new(1000, 7, Asked::One, 8);
        for thread in 0..3 {
            let (asked, repeats) = keys.to_ask(Share { thread, threads: 3, round: 0 }, 50);
            assert_eq!((asked, repeats), (&[keys.inserted[500]][..], 50));
        }
    }

    /// Shares of the draws that the ranks from 0 should have, and have.
    fn shares(theta: f64, count: usize) -> impl Iterator<Item = (f64, f64)> {
        const DRAWS: usize = 200_000;
        let (skew, mut draws) = (Skew::new(count, theta), draws(1));
        let mut drawn = vec![0u32; count];
        (0..DRAWS).for_each(|_| drawn[skew.rank(&mut draws)] += 1);
        let weight = move |rank: usize| ((rank + 1) as f64).powf(-theta);
        let all: f64 = (0..count).map(weight).sum();
        drawn
            .into_iter()
            .enumerate()
            .map(move |(rank, drawn)| (weight(rank) / all, f64::from(drawn) / DRAWS as f64))
    }

    #[test]
    fn popularity_follows_the_law() {
        for theta in [0.0, 0.5, 0.99, 1.2] {
            for (rank, (wanted, drawn)) in shares(theta, 100).enumerate() {
                // Four times the standard deviation.
                let near = 4.0 * (wanted / 200_000.0).sqrt();
                assert!((wanted - drawn).abs() < near, "{theta} {rank}: {wanted} {drawn}");
            }
        }
    }

    #[test]
    fn popular_keys_are_keys() {
        let keys = Keys::<u64>::new(100, 3, Asked::Popular { theta: 0.99 }, 8);
        assert!(keys.asked.iter().all(|key| keys.inserted.contains(key)));
        let first = keys.asked.iter().filter(|key| **key == keys.inserted[0]).count();
        assert!(first > keys.asked.len() / 10, "{first}");
    }
}
