//! What is run: mixes of calls, and the configurations.

use crate::keys::Hashing;
use crate::run::Config;
use crate::verbs::{ALL, Verb, Verb::*};
use crate::worker::Mix;

/// Configurations of maps, and of sets.
pub const MAPS: usize = 30;
pub const SETS: usize = 3;

/// Each call that is not on the whole map.
const EVERY: &[Verb] = ALL.split_at(Verb::Iter as usize).0;
/// Keys that come and go.
const CHURN: &[Verb] = &[
    Insert,
    Insert,
    TryInsert,
    Remove,
    Remove,
    RemoveEntry,
    RemoveIf,
    Get,
    Contains,
    Entry,
    GetOrInsertWith,
];
/// Keys that stay, and change.
const CHANGE: &[Verb] = &[
    Update,
    Update,
    UpdateOrInsert,
    UpdateOrInsertWith,
    Compute,
    Compute,
    CompareExchange,
    Entry,
    CompareExchangeEntry,
    Get,
    Get,
];
const LOOK: &[Verb] = &[
    Get,
    Get,
    Get,
    Get,
    GetKeyValue,
    GetCloned,
    View,
    Contains,
    GetMany,
    GetOrInsert,
    Insert,
    Remove,
];
const MANY: &[Verb] =
    &[GetMany, GetManyInto, ContainsMany, InsertMany, RemoveMany, Get, Insert, Update, Remove];

const MIXES: [Mix; 5] = [
    Mix { name: "all", verbs: EVERY, whole: true },
    Mix { name: "come and go", verbs: CHURN, whole: false },
    Mix { name: "updates", verbs: CHANGE, whole: false },
    Mix { name: "reads", verbs: LOOK, whole: true },
    Mix { name: "batches", verbs: MANY, whole: false },
];

/// The mix whose races are at slots that no key has yet: it takes tables that are made all the time,
/// and keys that meet in a group of one.
const AT_EMPTY_SLOTS: usize = 1;

/// What the nth configuration is: every hasher with every reclaimer (`n % 3`) and every mix, and the
/// rest in turn.
pub fn config(n: usize, seed: u64) -> Config {
    let hashing = Hashing::nth(n % 5);
    let mix = (n / 5 + n) % 5;
    let (keys, resizers) = if n >= MAPS {
        ([8, 64, 2][n % 3], 1)
    } else if mix == AT_EMPTY_SLOTS {
        ([32, 4096, 8, 16, 64, 128][n / 5], 1 + n % 2)
    } else {
        ([1, 4096, 8, 64, 2, 512, 4][n % 7], [1, 0, 2][(n / 3) % 3])
    };
    Config {
        mix: MIXES[mix],
        keys: hashing.most_keys().min(keys) as u32,
        hashing,
        threads: [2, 8, 4, 3][(n / 2) % 4],
        resizers,
        seed: seed.wrapping_add(n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15),
    }
}

/// A configuration in words.
pub fn line_of(n: usize, config: &Config) -> String {
    let Config { mix, hashing, keys, threads, resizers, .. } = config;
    let (kind, reclaimer) = match n < MAPS {
        true => (mix.name, ["epochs", "crossbeam", "seize"][n % 3]),
        false => ("set", "epochs"),
    };
    let hashing = hashing.name();
    format!(
        "{n:>2} {kind:<11} {hashing:<8} {reclaimer:<9} {keys:>4} keys {threads} threads {resizers} \
         resizers"
    )
}
