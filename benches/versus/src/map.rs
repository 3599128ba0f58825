//! What is asked of every map.

use crate::keys::Key;
use crate::value::Value;
use foldhash::SharedSeed;
use foldhash::fast::SeedableRandomState;

/// The hasher of every map: the same seed for all maps of a round.
pub type Hasher = SeedableRandomState;

/// The hasher for a seed.
pub fn hasher(seed: u64) -> Hasher {
    SeedableRandomState::with_seed(seed, SharedSeed::global_fixed())
}

/// How many keys were found, and the sum of what was read of their values.
pub type Found = (u64, u64);

/// A map under test. Calls are what a user writes, pinned or locked for the call.
pub trait Map: Send + Sync + Sized + 'static {
    type Key: Key;
    type Value: Value;

    /// Its name on the command line and in tables.
    const NAME: &'static str;
    /// More threads than these it does not stand.
    const MOST_THREADS: usize = usize::MAX;
    /// Whether `get_many` is a call of the map's own.
    const BATCHES: bool = false;

    /// A map for so many entries; for 0, one that was not told.
    fn with_capacity(capacity: usize, hasher: Hasher) -> Self;

    /// Reads the value.
    fn get(&self, key: &Self::Key) -> Option<u64>;

    /// Inserts or replaces; returns whether the key was there.
    fn insert(&self, key: Self::Key, value: Self::Value) -> bool;

    /// Bumps the value of a key, atomically, if it is there, which it returns.
    fn update(&self, key: &Self::Key) -> bool;

    /// Returns whether the key was there.
    fn remove(&self, key: &Self::Key) -> bool;

    fn len(&self) -> usize;

    /// Bytes that it had from the system, and not from the allocator.
    fn mapped(&self) -> usize {
        0
    }

    fn for_each(&self, f: impl FnMut(&Self::Key, &Self::Value));

    /// Ends a resize that growth left to later calls. In most maps a full iteration does.
    fn settle(&self) {
        self.for_each(|_, _| ());
    }

    /// What `get` finds for these keys, all under one pin, for maps that have pins.
    fn get_pinned<'k>(&self, _keys: impl Iterator<Item = &'k Self::Key>) -> Option<Found> {
        None
    }

    /// Reads many in one call. A map without such a call gets one after the other, under one pin
    /// if it has pins.
    fn get_many(&self, keys: &[Self::Key]) -> Found {
        self.get_pinned(keys.iter()).unwrap_or_else(|| found(keys.iter(), |key| self.get(key)))
    }
}

/// Counts and sums what `get` finds.
#[inline(always)]
pub fn found<'k, K: 'k>(
    keys: impl Iterator<Item = &'k K>,
    get: impl Fn(&K) -> Option<u64>,
) -> Found {
    keys.filter_map(get).fold((0, 0), |(count, sum), read| (count + 1, sum.wrapping_add(read)))
}
