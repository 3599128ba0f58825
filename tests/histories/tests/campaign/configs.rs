//! What is run: mixes of calls, and the configurations.

use crate::keys::Hashing;
use crate::run::Config;
use crate::verbs::{ON_NODES, ON_WORDS, Verb, Verb::*};
use crate::worker::Mix;

/// Configurations of maps, of sets, and of maps of words.
const MAPS: usize = 30;
const SETS: usize = 3;
const WORDS: usize = 15;
pub const ALL: usize = MAPS + SETS + WORDS;
/// Those in which reads that name a value are made often.
pub const READ: usize = (MAPS + WORDS) / 2;

/// What is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Map,
    Set,
    Words,
}

/// Of the nth configuration, with its number among those of its kind.
pub fn kind_of(n: usize) -> (Kind, usize) {
    match n {
        0..MAPS => (Kind::Map, n),
        MAPS.. if n < MAPS + SETS => (Kind::Set, n - MAPS),
        _ => (Kind::Words, n - MAPS - SETS),
    }
}

const WHOLE: &[Verb] = &[Iter, Keys, Values, Iter, Retain, Clear, Drain, Drain];
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
    Mix { name: "all", verbs: ON_NODES, whole: WHOLE },
    Mix { name: "come and go", verbs: CHURN, whole: &[] },
    Mix { name: "updates", verbs: CHANGE, whole: &[] },
    Mix { name: "reads", verbs: LOOK, whole: WHOLE },
    Mix { name: "batches", verbs: MANY, whole: &[] },
];

/// The same for words.
const CHURN_ON_WORDS: &[Verb] = &[
    Insert,
    Insert,
    TryInsert,
    FetchAddOr,
    GetOrInsertWith,
    Remove,
    Remove,
    RemoveIf,
    TryRemove,
    Swap,
    Get,
    Contains,
];
const CHANGE_ON_WORDS: &[Verb] = &[
    FetchAdd,
    FetchAdd,
    FetchAddOr,
    FetchAddOr,
    FetchSub,
    Update,
    UpdateOrInsert,
    UpdateOrInsertWith,
    Compute,
    CompareExchange,
    Swap,
    Get,
    Get,
    Get,
];
/// Values that name their key.
const LOOK_ON_WORDS: &[Verb] =
    &[Get, Get, Get, Get, Contains, GetMany, GetManyInto, GetOrInsert, Insert, Remove];
const MANY_ON_WORDS: &[Verb] = &[
    GetMany,
    GetManyInto,
    ContainsMany,
    InsertMany,
    RemoveMany,
    FetchAddMany,
    FetchAddManyOr,
    Get,
    Insert,
    Update,
];

const MIXES_ON_WORDS: [Mix; 5] = [
    Mix {
        name: "all on words",
        verbs: ON_WORDS,
        whole: &[Iter, Keys, Iter, Retain, Clear, Drain, Drain],
    },
    Mix { name: "words come and go", verbs: CHURN_ON_WORDS, whole: &[] },
    Mix { name: "updates of words", verbs: CHANGE_ON_WORDS, whole: &[] },
    Mix { name: "reads of words", verbs: LOOK_ON_WORDS, whole: WHOLE },
    Mix { name: "batches of words", verbs: MANY_ON_WORDS, whole: &[] },
];

/// The mix whose races are at slots that no key has yet: it takes tables that are made all the time,
/// and keys that meet in a group of one.
const AT_EMPTY_SLOTS: usize = 1;

/// What the nth configuration is: every hasher with every reclaimer (`n % 3`) and every mix, and the
/// rest in turn.
pub fn config(n: usize, seed: u64) -> Config {
    let (kind, i) = kind_of(n);
    let hashing = Hashing::nth(n % 5);
    let mix = (i / 5 + n) % 5;
    let (keys, resizers) = if kind == Kind::Set {
        ([8, 64, 2][n % 3], 1)
    } else if mix == AT_EMPTY_SLOTS {
        ([32, 4096, 8, 16, 64, 128][i / 5], 1 + n % 2)
    } else {
        ([1, 4096, 8, 64, 2, 512, 4][i % 7], [1, 0, 2][(i / 3) % 3])
    };
    let (mixes, most_keys) = match kind {
        // Words find their group by the low bits.
        Kind::Words if matches!(hashing, Hashing::High) => (&MIXES_ON_WORDS, 32),
        Kind::Words => (&MIXES_ON_WORDS, hashing.most_keys()),
        _ => (&MIXES, hashing.most_keys()),
    };
    Config {
        mix: mixes[mix],
        keys: most_keys.min(keys) as u32,
        hashing,
        threads: [2, 8, 4, 3][(n / 2) % 4],
        resizers,
        seed: seed.wrapping_add(n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15),
    }
}

/// A configuration in words.
pub fn line_of(n: usize, config: &Config) -> String {
    let Config { mix, hashing, keys, threads, resizers, .. } = config;
    let (kind, reclaimer) = match kind_of(n) {
        (Kind::Set, _) => ("set", "epochs"),
        _ => (mix.name, ["epochs", "crossbeam", "seize"][n % 3]),
    };
    let hashing = hashing.name();
    format!(
        "{n:>2} {kind:<17} {hashing:<8} {reclaimer:<9} {keys:>4} keys {threads} threads {resizers} \
         resizers"
    )
}
