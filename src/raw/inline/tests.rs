//! Maps of words below their types: against std's map, with every key and value, by many threads.

mod overflow;
mod waits;

use super::super::walk::{nth_group, steps};
use super::super::{Cursor, RawWords, count};
use super::write::Written;
use super::{Change, Key, PAIRS};
use crate::Epoch;
use crate::reclaim::{Collect, Guard};
use std::collections::HashMap;

/// A map that is dropped.
struct Map(RawWords<Epoch>);

// SAFETY: what is in it is words, and all of it is atomic, or a participant's own.
unsafe impl Sync for Map {}

impl Map {
    fn new() -> Map {
        Map(RawWords::new())
    }

    fn get(&self, key: u64) -> Option<u64> {
        self.0.get(None, Key::turned(key), |value| value)
    }

    fn write(&self, key: u64, puts: bool, mut f: impl FnMut(Option<u64>) -> Change) -> Written {
        let f = |old| (f(old), ());
        self.0.write(None, Key::turned(key), puts, f, |done| done.expect("memory").0)
    }

    fn insert(&self, key: u64, value: u64) -> Option<u64> {
        self.write(key, true, |_| Change::Put(value)).old
    }

    fn remove(&self, key: u64) -> Option<u64> {
        self.write(key, false, |_| Change::Remove).old
    }

    fn add(&self, key: u64, by: u64) {
        self.write(key, true, |old| Change::Put(old.unwrap_or(0).wrapping_add(by)));
    }

    /// Grows the table and gives it up again.
    fn retire_table(&self, slots: usize) {
        let guard = self.0.reclaim.pin();
        self.0.reserve(guard.as_pin(), slots).expect("memory");
        self.0.shrink(guard.as_pin(), 0).expect("memory");
    }

    /// How many writes this thread lets pass before it looks again for what waits; 0 if nothing does.
    fn patience(&self) -> u16 {
        let guard = self.0.reclaim.pin();
        let local = self.0.local(guard.as_pin()).expect("memory");
        // SAFETY: the pin's own; nothing runs inside.
        unsafe { local.own.with(|own| own.patience) }
    }

    fn entries(&self) -> HashMap<u64, u64> {
        let guard = self.0.reclaim.pin();
        let entries: Vec<_> =
            self.0.entries(guard.as_pin()).map(|(k, v)| (k.turned_back(), v)).collect();
        let map: HashMap<_, _> = entries.iter().copied().collect();
        assert_eq!(map.len(), entries.len(), "no key is yielded twice");
        map
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        // SAFETY: no guard outlives a call above.
        unsafe { self.0.drop_all() };
    }
}

/// The same draws each time.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Keys that collide, keys on the side, and others.
    fn key(&mut self) -> u64 {
        match self.next() % 8 {
            0 => [0, u64::MAX, 1, 2, u64::MAX - 1][(self.next() % 5) as usize],
            1 => (self.next() % 50) << 40,
            _ => (self.next() % 3_000).wrapping_mul(0x9e37_79b9_7f4a_7c15),
        }
    }

    /// Values that fit and values that do not.
    fn value(&mut self) -> u64 {
        match self.next() % 4 {
            0 => u64::MAX - self.next() % 3,
            1 => (1 << 62) | (self.next() % 3),
            _ => self.next() % 10,
        }
    }
}

#[test]
fn as_std_does() {
    for seed in 1..6 {
        let (map, mut model, mut draws) = (Map::new(), HashMap::new(), Draws(seed));
        for step in 0..40_000 {
            let (key, value) = (draws.key(), draws.value());
            match draws.next() % 10 {
                0..4 => assert_eq!(map.insert(key, value), model.insert(key, value)),
                4..7 => assert_eq!(map.remove(key), model.remove(&key)),
                7 => {
                    let add = |old: &mut u64| *old = old.wrapping_add(value);
                    model.entry(key).and_modify(add).or_insert(value);
                    map.add(key, value);
                }
                _ => assert_eq!(map.get(key), model.get(&key).copied()),
            }
            assert_eq!(map.0.len(), model.len());
            if step % 4_000 == 0 {
                assert_eq!(map.entries(), model);
                let guard = map.0.reclaim.pin();
                map.0.finish(guard.as_pin()).expect("memory");
            }
            if step % 9_000 == 0 {
                let guard = map.0.reclaim.pin();
                map.0.shrink(guard.as_pin(), 0).expect("memory");
            }
        }
        assert_eq!(map.entries(), model);
        let mut map = map;
        map.0.settle_moves();
        let (mut cursor, mut taken) = (Cursor::default(), HashMap::new());
        while taken.len() < model.len() / 2 {
            let (key, value) = map.0.take_next(&mut cursor).expect("there are more");
            assert!(taken.insert(key.turned_back(), value).is_none());
        }
        assert!(taken.iter().all(|(key, value)| model.get(key) == Some(value)));
        // The rest goes with the map.
    }
}

#[test]
fn keys_whose_words_mean_something_else_are_keys_like_all() {
    let map = Map::new();
    for round in 0..3u64 {
        for key in [0, u64::MAX, 1, 2] {
            assert_eq!(map.insert(key, key ^ round), None);
            assert_eq!(map.insert(key, key ^ round ^ 7), Some(key ^ round));
        }
        for key in 10..200 {
            map.insert(key << 20 | round, key);
        }
        for key in [0, u64::MAX, 1, 2] {
            assert_eq!(map.get(key), Some(key ^ round ^ 7));
            assert_eq!(map.entries().get(&key), Some(&(key ^ round ^ 7)));
            assert_eq!(map.remove(key), Some(key ^ round ^ 7));
            assert_eq!((map.get(key), map.remove(key)), (None, None));
        }
    }
}

#[test]
fn a_write_that_changes_nothing_leaves_nothing() {
    let map = Map::new();
    assert_eq!(map.remove(5), None);
    assert_eq!(map.write(5, false, |_| Change::Keep), Written::kept(None));
    assert_eq!(map.0.capacity(map.0.reclaim.pin().as_pin()), 0, "no table was made");
    map.insert(5, u64::MAX);
    assert_eq!(map.write(5, false, |_| Change::Keep), Written::kept(Some(u64::MAX)));
}

#[test]
fn no_addition_is_lost_while_tables_come_and_go() {
    const THREADS: u64 = 4;
    const ROUNDS: u64 = if cfg!(dolmen_slow) { 2_000 } else { 20_000 };
    let map = Map::new();
    let counters = [0, u64::MAX, 3, 4, 5 << 50];
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let map = &map;
            scope.spawn(move || {
                let mut draws = Draws(thread + 1);
                for round in 0..ROUNDS {
                    // Inline, and every so often wide.
                    let by = if round % 50 == 0 { 1 << 61 } else { 1 };
                    map.add(counters[(draws.next() % 5) as usize], by);
                    let fresh = (thread << 32 | round).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 8;
                    assert_eq!(map.insert(fresh, round), None);
                    assert_eq!(map.get(fresh), Some(round));
                    if round % 3 > 0 {
                        assert_eq!(map.remove(fresh), Some(round));
                    }
                    if round % 500 == 0 {
                        let guard = map.0.reclaim.pin();
                        map.0.shrink(guard.as_pin(), 0).expect("memory");
                    }
                }
            });
        }
    });
    let sum = counters.iter().filter_map(|key| map.get(*key)).fold(0, u64::wrapping_add);
    let wide = ROUNDS / 50;
    assert_eq!(sum, (THREADS * (ROUNDS - wide)).wrapping_add((THREADS * wide) << 61));
    let kept = (0..ROUNDS).filter(|round| round % 3 == 0).count() as u64;
    assert_eq!(map.entries().len() as u64, THREADS * kept + counters.len() as u64);
    assert_eq!(map.0.len(), map.entries().len());
}

/// Whoever claims a slot counts it, whether or not somebody else puts the first value in.
#[test]
fn each_slot_that_is_taken_is_counted_once() {
    const KEYS: u64 = if cfg!(dolmen_slow) { 500 } else { 5_000 };
    for _ in 0..5 {
        let map = Map::new();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let map = &map;
                scope.spawn(move || {
                    for n in 0..KEYS {
                        // All threads go after the same keys, those on the side too.
                        map.insert(n.wrapping_mul(0x9e37_79b9_7f4a_7c15), n);
                        map.remove((n / 2).wrapping_mul(0x9e37_79b9_7f4a_7c15));
                        if n % 700 == thread {
                            let guard = map.0.reclaim.pin();
                            map.0.shrink(guard.as_pin(), 0).expect("memory");
                        }
                    }
                });
            }
        });
        let guard = map.0.reclaim.pin();
        let pin = guard.as_pin();
        map.0.finish(pin).expect("memory");
        let (counted, _) = count::used(&map.0.locals, map.0.root(pin).expect("a table"));
        assert_eq!(counted, map.0.survey(pin, 0).used);
    }
}

#[test]
fn a_walk_meets_each_group() {
    for mask in [0, 1, 3, 15, 31, 63, 255] {
        for home in [0, mask / 2, mask] {
            for stride in [1, 3, 127, 0xffff] {
                let walk = (0..steps(mask)).map(|nth| nth_group(home, stride, nth, mask));
                let mut met: Vec<_> = walk.collect();
                assert_eq!(met[0], home);
                met.sort_unstable();
                met.dedup();
                assert_eq!(met, (0..=mask).collect::<Vec<_>>());
            }
        }
    }
}

/// In whichever group of the walk it ends, which grows by a key each time.
#[test]
fn keys_are_found_and_missed_wherever_a_walk_ends() {
    const KEYS: u64 = 50;
    // Walks begin at the first group, at the last, and in between.
    for low in [0, 0xffff_ffff, 5] {
        let map = Map::new();
        let key = |n: u64| (n << 33 | 1 << 32) | low;
        for n in 0..KEYS {
            assert_eq!(map.insert(key(n), n), None);
            for other in 0..KEYS {
                let value = (other <= n).then_some(other);
                assert_eq!(map.get(key(other)), value, "{other} of {n}");
                assert_eq!(map.write(key(other), false, |_| Change::Keep), Written::kept(value));
                // The same walk, and another half of the key in common.
                assert_eq!(map.get(key(other) ^ 1 << 31), None);
                assert_eq!(map.get(key(other) ^ 1 << 63), None);
            }
        }
        for n in 0..KEYS {
            assert_eq!(map.remove(key(n)), Some(n));
            assert_eq!((map.get(key(n)), map.remove(key(n))), (None, None));
        }
        assert!((0..KEYS).all(|n| map.insert(key(n), n).is_none()));
        assert!((0..KEYS).all(|n| map.get(key(n)) == Some(n)));
    }
}

/// Where a slot of the home group looks like the key's and is not, an end beside it is still the key's place.
#[test]
fn keys_with_half_in_common_stay_at_home() {
    let map = Map::new();
    map.0.reserve(map.0.reclaim.pin().as_pin(), 256).expect("memory");
    // One home, and one half of the key word: the other one tells the keys apart.
    let keys = (0..PAIRS as u64).map(|n| 0x1234_5678 << 32 | n << 20 | 5);
    for key in keys.clone() {
        assert_eq!((map.get(key), map.remove(key)), (None, None));
        assert_eq!(map.insert(key, key), None);
        assert!(keys.clone().take_while(|k| *k <= key).all(|k| map.get(k) == Some(k)));
    }
    // The group is full now.
    let one_more = 0x1234_5678 << 32 | (PAIRS as u64) << 20 | 5;
    assert_eq!((map.get(one_more), map.insert(one_more, 1)), (None, None));
    assert!(keys.clone().all(|k| map.get(k) == Some(k)) && map.get(one_more) == Some(1));
    let guard = map.0.reclaim.pin();
    let survey = map.0.survey(guard.as_pin(), 0);
    assert_eq!((survey.longest_walk, survey.walks), (2, PAIRS + 2));
}

/// The scan compares half of a key word with those of VIRGIN and CLOSED: what it says of an end is no answer yet.
#[test]
fn a_key_that_looks_like_an_end_ends_no_walk() {
    let kept = |map: &Map, key| map.write(key, false, |_| Change::Keep).old;
    for half in [0, u64::from(u32::MAX)] {
        for place in 0..PAIRS as u64 {
            let map = Map::new();
            map.0.reserve(map.0.reclaim.pin().as_pin(), 256).expect("memory");
            // Of one home: all of its group, and one beyond.
            let key = |n: u64| if n == place { half << 32 | 5 } else { (7 + n) << 32 | 5 };
            let (beyond, absent) = (key(PAIRS as u64), key(PAIRS as u64 + 1));
            (0..=PAIRS as u64).for_each(|n| assert_eq!(map.insert(key(n), n), None));
            for n in 0..=PAIRS as u64 {
                assert_eq!((map.get(key(n)), kept(&map, key(n))), (Some(n), Some(n)), "{place}");
            }
            assert_eq!(
                (map.get(absent), kept(&map, absent), map.remove(absent)),
                (None, None, None)
            );
            assert_eq!((map.insert(beyond, 9), map.remove(beyond)), (Some(PAIRS as u64), Some(9)));
            assert_eq!((map.get(beyond), kept(&map, beyond)), (None, None));
        }
    }
}

/// Keys that all begin at one group fill one after the other, in the order of the walk.
#[test]
fn the_survey_measures_walks_as_they_go() {
    const GROUPS: usize = 10;
    let map = Map::new();
    // A walk begins where the low bits say.
    let keys = (1..=GROUPS * PAIRS).map(|n| (n as u64) << 32);
    keys.clone().for_each(|key| assert_eq!(map.insert(key, key), None));
    assert!(keys.into_iter().all(|key| map.get(key) == Some(key)));
    let guard = map.0.reclaim.pin();
    map.0.finish(guard.as_pin()).expect("memory");
    let survey = map.0.survey(guard.as_pin(), 0);
    assert_eq!((survey.longest_walk, survey.walks), (GROUPS, PAIRS * GROUPS * (GROUPS + 1) / 2));
}
