//! What is asked of every map.

use foldhash::SharedSeed;
use foldhash::fast::SeedableRandomState;

/// The hasher of every map: the same seed for all maps of a round.
pub type Hasher = SeedableRandomState;

/// The hasher for a seed.
pub fn hasher(seed: u64) -> Hasher {
    SeedableRandomState::with_seed(seed, SharedSeed::global_fixed())
}

/// A map under test. Calls are what a user writes, pinned or locked for the call.
pub trait Map<K>: Send + Sync + Sized + 'static {
    /// Its name on the command line and in tables.
    const NAME: &'static str;
    /// More threads than these it does not stand.
    const MOST_THREADS: usize = usize::MAX;

    /// A map for so many entries; for 0, one that was not told.
    fn with_capacity(capacity: usize, hasher: Hasher) -> Self;

    fn get(&self, key: &K) -> Option<u64>;

    /// Inserts or replaces; returns whether the key was there.
    fn insert(&self, key: K, value: u64) -> bool;

    /// Adds one to the value of a key, if it is there, which it returns.
    fn update(&self, key: &K) -> bool;

    /// Returns whether the key was there.
    fn remove(&self, key: &K) -> bool;

    fn len(&self) -> usize;

    /// Sums what `get` finds for these keys under one pin, for maps that have pins: the number found
    /// and the sum.
    fn get_pinned<'k>(&self, _keys: impl Iterator<Item = &'k K>) -> Option<(u64, u64)>
    where
        K: 'k,
    {
        None
    }
}
