//! What every map must do before its figures mean anything.

use crate::keys::Key;
use crate::map::{Map, hasher};
use crate::value::{Counter, Value};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const MANY: u64 = 2_000;

pub fn check<M: Map>() {
    single_calls::<M>();
    growth_keeps_every_entry::<M>();
    if M::MOST_THREADS > 1 {
        updates_are_atomic::<M>();
    }
}

/// A map of counters: lookups count, alone and by the batch, and no count is lost.
pub fn counts<M: Map<Key = u64, Value = Counter>>() {
    let map = M::with_capacity(0, hasher(4));
    let keys: Vec<u64> = (0..8).map(u64::of).collect();
    keys.iter().for_each(|key| assert!(!map.insert(*key, Counter::of(10))));
    assert_eq!(
        (map.get(&keys[0]), map.get(&keys[0]), map.get(&u64::of(8))),
        (Some(10), Some(11), None)
    );
    // Also where one comes twice.
    assert_eq!(map.get_many(&[keys[0], keys[1], keys[0], u64::of(9)]).0, 3);
    let pinned = map.get_pinned(keys.iter());
    assert!(pinned.is_none_or(|found| found == (8, 14 + 11 + 6 * 10)));
    let pinned = pinned.map_or(0, |(count, _)| count);

    let threads = if M::MOST_THREADS > 1 { 2 } else { 1 };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                for key in keys.iter().cycle().take(MANY as usize) {
                    assert!(map.get(key).is_some());
                }
                for keys in [&keys[..]; 100] {
                    assert_eq!(map.get_many(keys).0, 8);
                }
            });
        }
    });
    let mut sum = 0;
    map.for_each(|_, counter| sum += counter.read());
    assert_eq!(sum, 8 * 10 + 5 + pinned + threads * (MANY + 800));
}

fn value<M: Map>(number: u64) -> M::Value {
    M::Value::of(number)
}

fn single_calls<M: Map>() {
    for capacity in [0, 100] {
        let map = M::with_capacity(capacity, hasher(1));
        let (key, other) = (M::Key::of(1), M::Key::of(2));
        assert_eq!((map.len(), map.get(&key)), (0, None));
        assert!(!map.insert(key.clone(), value::<M>(10)), "it was not there");
        assert_eq!((map.len(), map.get(&key)), (1, Some(value::<M>(10).read())));
        assert!(map.insert(key.clone(), value::<M>(20)), "it was there");
        assert!(map.update(&key) && !map.update(&other));
        assert_eq!(map.get(&key), Some(value::<M>(21).read()));
        assert!(!map.remove(&other) && map.remove(&key) && !map.remove(&key));
        assert_eq!((map.len(), map.get(&key)), (0, None));
    }
}

fn growth_keeps_every_entry<M: Map>() {
    let map = M::with_capacity(0, hasher(2));
    let keys: Vec<M::Key> = (0..MANY).map(M::Key::of).collect();
    for (key, number) in keys.iter().zip(0..) {
        assert!(!map.insert(key.clone(), value::<M>(number)));
    }
    map.settle();
    assert_eq!(map.len() as u64, MANY);
    let sum = (0..MANY).fold(0, |sum: u64, number| sum + value::<M>(number).read());
    let (mut met, mut iterated) = (Vec::new(), 0);
    map.for_each(|key, value| {
        met.push(key.clone());
        iterated += value.read();
    });
    met.sort();
    let mut all = keys.clone();
    all.sort();
    assert!(met == all && iterated == sum, "an iteration meets every entry once");

    let asked: Vec<M::Key> = (MANY / 2..MANY * 2).map(M::Key::of).collect();
    let there = MANY / 2;
    let read = (there..MANY).fold(0, |sum: u64, number| sum + value::<M>(number).read());
    assert_eq!(map.get_many(&asked), (there, read));
    assert!(map.get_pinned(asked.iter()).is_none_or(|found| found == (there, read)));
    for (key, number) in keys.iter().zip(0..) {
        assert_eq!(map.get(key), Some(value::<M>(number).read()));
        assert!(map.remove(key));
    }
    assert_eq!(map.len(), 0);
}

/// Where they are not, an update is no update.
fn updates_are_atomic<M: Map>() {
    let map = M::with_capacity(0, hasher(3));
    let key = M::Key::of(1);
    map.insert(key.clone(), value::<M>(0));
    let updated = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for thread in 1..3 {
            let (map, key, updated) = (&map, &key, &updated);
            scope.spawn(move || {
                for i in 0..MANY {
                    updated.fetch_add(u64::from(map.update(key)), Relaxed);
                    map.insert(M::Key::of(thread * MANY + i), value::<M>(i));
                }
            });
        }
    });
    assert_eq!(updated.load(Relaxed), 2 * MANY);
    assert_eq!(map.get(&key), Some(value::<M>(2 * MANY).read()));
    assert_eq!(map.len() as u64, 2 * MANY + 1);
}
