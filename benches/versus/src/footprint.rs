//! Live heap bytes of a map, as asked for from the allocator or, where a map does so, from the system.

use crate::alloc::Meter;
use crate::keys::Key;
use crate::map::{Map, hasher};
use crate::value::Value;
use serde::{Deserialize, Serialize};

/// Entries of the maps that are used for long.
pub const WINDOW: usize = 200_000;
/// How often all of them are replaced.
pub const LIFETIMES: u64 = 10;

#[derive(Clone, Default, Debug, Serialize, Deserialize)]
pub struct Bytes {
    /// Of a map with one entry.
    pub one: isize,
    /// After that entry was removed.
    pub none: isize,
    /// An entry, after growing to each size.
    pub grown: Vec<(usize, f64)>,
    /// An entry of a window of keys, before.
    pub window: f64,
    /// After it was replaced by fresh keys, one by one, so many times.
    pub churned: f64,
    /// After its keys were removed and inserted again, so many times.
    pub recurred: f64,
}

impl Bytes {
    pub fn largest(&self) -> usize {
        self.grown.last().map_or(0, |(size, _)| *size)
    }

    /// Of an entry, at the size that is nearest to this one.
    pub fn near(&self, size: usize) -> f64 {
        let near = self.grown.iter().min_by_key(|(near, _)| near.abs_diff(size));
        near.map_or(0.0, |(_, each)| *each)
    }

    /// Of an entry, at the size at which it takes most.
    pub fn at_worst(&self) -> f64 {
        self.grown.iter().map(|(_, each)| *each).fold(0.0, f64::max)
    }

    /// Of an entry, over the last doubling of the size: the steps of growth are in it.
    pub fn mean_of_a_doubling(&self) -> f64 {
        let doubling = || self.grown.iter().filter(|(size, _)| *size > self.largest() / 2);
        doubling().map(|(_, each)| each).sum::<f64>() / doubling().count().max(1) as f64
    }
}

/// Sizes to look at, some to each doubling, up to the largest, which is among them.
pub fn sizes(largest: usize) -> Vec<usize> {
    const PER_DOUBLING: f64 = 24.0;
    let steps = ((largest as f64 / 1_000.0).log2() * PER_DOUBLING).floor().max(0.0) as i32;
    let size =
        |step: i32| (largest as f64 / (f64::from(step) / PER_DOUBLING).exp2()).round() as usize;
    (0..=steps).rev().map(size).collect()
}

/// On one thread: memory that waits to be freed counts as live.
pub fn measure<M: Map>(sizes: &[usize], window: usize) -> Bytes {
    // What the first map of a process sets up for all of them is not the second one's.
    let first = M::with_capacity(0, hasher(0));
    insert(&first, 0);
    let meter = Meter::start();
    let map = M::with_capacity(0, hasher(0));
    insert(&map, 0);
    let one = meter.live();
    map.remove(&M::Key::of(0));
    let none = meter.live();
    let mut grown = Vec::with_capacity(sizes.len());
    // What the system gave to maps before this one is not this one's.
    let outside = meter.live() - none + map.mapped() as isize;
    let mut number = 0;
    for &size in sizes {
        while number < size as u64 {
            insert(&map, number);
            number += 1;
        }
        let live = meter.live() - outside + map.mapped() as isize;
        let each = live as f64 / size as f64;
        let least = size_of::<M::Key>() + M::Value::BYTES;
        assert!(each >= least as f64, "{}: {each} bytes an entry; memory was missed", M::NAME);
        grown.push((size, each));
    }
    drop(map);
    drop(meter);
    let all = window as u64;
    let (window, churned) = long_use::<M>(all, |map, round| {
        for number in round * all..(round + 1) * all {
            insert(map, number + all);
            map.remove(&M::Key::of(number));
        }
    });
    let (_, recurred) = long_use::<M>(all, |map, _| {
        (0..all).for_each(|number| assert!(map.remove(&M::Key::of(number))));
        (0..all).for_each(|number| insert(map, number));
    });
    Bytes { one, none, grown, window, churned, recurred }
}

fn insert<M: Map>(map: &M, number: u64) {
    map.insert(M::Key::of(number), M::Value::of(1));
}

/// Bytes an entry before and after.
fn long_use<M: Map>(all: u64, lifetime: impl Fn(&M, u64)) -> (f64, f64) {
    let meter = Meter::start();
    let map = M::with_capacity(0, hasher(0));
    let outside = map.mapped();
    (0..all).for_each(|number| insert(&map, number));
    let each = || (meter.live() + map.mapped() as isize - outside as isize) as f64 / all as f64;
    let before = each();
    (0..LIFETIMES).for_each(|round| lifetime(&map, round));
    assert_eq!(map.len() as u64, all, "{} has another size", M::NAME);
    (before, each())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_size_is_among_the_sizes() {
        let sizes = sizes(1_000_000);
        assert!(sizes.is_sorted() && sizes.len() > 50 && sizes[0] < 1_200);
        assert_eq!(sizes.last(), Some(&1_000_000));
        assert_eq!(super::sizes(500), [500]);
    }

    #[test]
    fn memory_from_the_system_counts() {
        let sizes = [10_000, 300_000];
        for bytes in [
            measure::<crate::maps::words::Map<[u64; 1]>>(&sizes, 1_000),
            measure::<crate::maps::dolmen::Map<u64, [u64; 1]>>(&sizes, 1_000),
        ] {
            let (_, each) = bytes.grown[1];
            assert!((16.0..100.0).contains(&each), "{bytes:?}");
        }
    }

    #[test]
    fn an_entry_takes_some_bytes() {
        let bytes = measure::<crate::maps::hashbrown::Map<u64, [u64; 1]>>(&[1_000, 10_000], 1_000);
        let (_, each) = bytes.grown[1];
        assert_eq!(bytes.mean_of_a_doubling(), each, "1,000 is no half of 10,000");
        // Sixteen for the entry, one for its tag, at a load of 7/16 to 7/8.
        assert!((19.0..40.0).contains(&each), "{bytes:?}");
        assert!(bytes.churned < 4.0 * bytes.window, "{bytes:?}");
    }
}
