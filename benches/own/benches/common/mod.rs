//! What the benchmarks share.

use criterion::Criterion;
use foldhash::fast::FixedState;
use std::time::Duration;

pub type Map<K, V> = dolmen::HashMap<K, V, FixedState>;

/// Shorter than the default: there are many.
pub fn criterion() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(30)
}

pub fn empty<K, V>(capacity: usize) -> Map<K, V> {
    Map::with_capacity_and_hasher(capacity, FixedState::with_seed(1))
}

/// A bijection that spreads a number over 64 bits.
pub fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// Puts the keys in another order, always the same.
pub fn shuffled<T>(mut keys: Vec<T>) -> Vec<T> {
    for end in (1..keys.len()).rev() {
        keys.swap(end, (mix(end as u64) % (end as u64 + 1)) as usize);
    }
    keys
}
