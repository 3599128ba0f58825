//! Keys made to be slow: equal hashes, equal idents, one home, one tag, and what may be done against
//! the default hasher without knowing its seed. Walks grow with the keys that collide; tables never.

mod common;

use common::{Identity, Random};
use dolmen::{HashMap, Stats, WordMap};
use std::cell::Cell;
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::thread;

thread_local! {
    /// Calls of `eq` by this thread.
    static COMPARED: Cell<u64> = const { Cell::new(0) };
}

/// A key that is its own hash, and whose comparisons are counted.
#[derive(Clone, Copy, Debug)]
struct Key {
    hash: u64,
    number: u64,
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        COMPARED.set(COMPARED.get() + 1);
        self.number == other.number
    }
}

impl Eq for Key {}

/// The hash that the map's mix makes this number of: whoever attacks can compute it as well.
fn hash_of(mixed: u64) -> u64 {
    const INVERSE: u64 = 0xf1de_83e1_9937_733d;
    let folded = (mixed ^ mixed >> 32).wrapping_mul(INVERSE);
    folded ^ folded >> 32
}

/// A way to choose the mixed hashes of keys: 3 low bits that count for nothing, the home from bit 3 on,
/// and the tag in the 16 high ones.
struct Attack {
    name: &'static str,
    keys: u64,
    mixed: fn(u64) -> u64,
    /// How many comparisons a call may take of a key among so many.
    compares: fn(u64) -> u64,
    /// How many groups the longest walk may have with so many keys.
    longest: fn(u64) -> usize,
}

const ATTACKS: [Attack; 6] = [
    Attack {
        name: "one hash",
        keys: 600,
        mixed: |_| 0x1234_5678_9abc_def0,
        compares: |keys| keys,
        longest: |_| 1,
    },
    Attack {
        name: "61 equal bits",
        keys: 600,
        mixed: |n| 0x1234_5678_9abc_def0 + n % 8,
        compares: |keys| keys,
        longest: |_| 1,
    },
    Attack {
        name: "one home, many tags",
        keys: 4000,
        mixed: |n| (n + 1) << 48 | 0x5678,
        // Once more where a resize is in the way.
        compares: |_| 2,
        longest: |keys| keys as usize / 8 + 1,
    },
    Attack {
        name: "one home, one tag",
        keys: 4000,
        mixed: |n| 0xabcd << 48 | n << 32 | 0x5678,
        // A reader compares keys at each tag that matches; in two tables where a resize is under way.
        compares: |keys| 2 * keys,
        // The four groups near the home are met twice.
        longest: |keys| keys as usize / 8 + 1 + 4,
    },
    Attack {
        name: "one tag, many homes",
        keys: 4000,
        mixed: |n| 0xabcd << 48 | n << 3,
        compares: |_| 60,
        longest: |_| 60,
    },
    Attack {
        name: "homes at the end, so that walks go round",
        keys: 4000,
        mixed: |n| (n + 1) << 48 | 0xffff_ffff_fff8,
        // Once more where a resize is in the way.
        compares: |_| 2,
        longest: |keys| keys as usize / 8 + 1,
    },
];

fn key(attack: &Attack, n: u64) -> Key {
    Key { hash: hash_of((attack.mixed)(n)), number: n }
}

/// The comparisons of a call.
fn compared<T>(f: impl FnOnce() -> T) -> (T, u64) {
    let before = COMPARED.get();
    let result = f();
    (result, COMPARED.get() - before)
}

/// The room that tables may take for so many entries: as much as with good hashes.
#[track_caller]
fn assert_no_larger_than_for(live: u64, stats: &Stats) {
    assert!(stats.capacity as u64 <= 8 * (live + 8), "{stats}");
}

fn under_attack(attack: &Attack) {
    let map: HashMap<Key, u64, Identity> = HashMap::default();
    let keys = if cfg!(debug_assertions) { attack.keys / 4 } else { attack.keys };
    let limit = (attack.compares)(keys);
    let mut most = [0; 4];
    for n in 0..keys {
        let (old, insert) = compared(|| map.insert(key(attack, n), n).is_some());
        assert!(!old);
        let past = n / 2;
        let (found, get) = compared(|| map.get(&key(attack, past)).map(|v| *v));
        assert_eq!(found, Some(past));
        let (found, miss) = compared(|| map.contains_key(&key(attack, keys + n)));
        assert!(!found);
        let (new, update) = compared(|| map.update(key(attack, past), |_, v| *v).is_some());
        assert!(new);
        for (most, n) in most.iter_mut().zip([insert, get, miss, update]) {
            *most = n.max(*most);
            assert!(n <= limit, "{}: {n} comparisons, not {limit}", attack.name);
        }
    }
    let full = map.stats();
    println!(
        "{}, {keys} keys: comparisons in insert, get, miss, update at the most {most:?}; walks of {:.1} \
         groups, the longest {}; capacity {}",
        attack.name, full.mean_walk, full.longest_walk, full.capacity
    );
    assert!(full.longest_walk <= (attack.longest)(keys), "{full}");
    assert_no_larger_than_for(keys, &full);
    // Fresh keys in the place of old ones: purges, and no growth.
    for n in keys..4 * keys {
        map.remove(&key(attack, n - keys)).expect("it is there");
        map.insert(key(attack, n), n);
        if n % 64 == 0 {
            assert_no_larger_than_for(keys, &map.stats());
        }
    }
    assert_eq!(map.len() as u64, keys);
    assert!((3 * keys..4 * keys).all(|n| map.get(&key(attack, n)).is_some_and(|v| *v == n)));
    // And away with them.
    (3 * keys..4 * keys).for_each(|n| assert!(map.remove(&key(attack, n)).is_some()));
    map.shrink_to_fit();
    assert!(map.is_empty() && map.capacity() < 8);
}

#[test]
fn keys_that_collide() {
    ATTACKS.iter().for_each(under_attack);
}

/// The same by four threads at once, which find resizes and each other in their ways.
#[test]
fn keys_that_collide_from_many_threads() {
    for attack in &ATTACKS {
        let map: HashMap<Key, u64, Identity> = HashMap::default();
        let each = attack.keys / if cfg!(debug_assertions) { 16 } else { 4 };
        thread::scope(|scope| {
            for t in 0..4 {
                let (map, own) = (&map, move |n: u64| n * 4 + t);
                scope.spawn(move || {
                    for n in 0..2 * each {
                        assert!(map.insert(key(attack, own(n)), n).is_none());
                        if let Some(old) = n.checked_sub(each) {
                            assert!(map.remove(&key(attack, own(old))).is_some_and(|v| *v == old));
                        }
                        if n % 64 == 0 {
                            // Each thread may have one more than its share at a time.
                            assert_no_larger_than_for(4 * each, &map.stats());
                        }
                    }
                });
            }
        });
        assert_eq!(map.len() as u64, 4 * each);
        let live = (each..2 * each).flat_map(|n| (0..4).map(move |t| (n, n * 4 + t)));
        live.for_each(|(n, k)| assert_eq!(map.get(&key(attack, k)).map(|v| *v), Some(n)));
        assert_eq!(map.keys().map(|k| k.number).collect::<HashSet<_>>().len(), map.len());
    }
}

/// Fills a map of the default hasher; its walks are those of random keys.
fn seeded<K: Hash + Eq + Clone>(name: &str, keys: impl Iterator<Item = K>) {
    let keys: Vec<K> = keys.collect();
    let map: HashMap<K, ()> = HashMap::with_capacity(keys.len() * 7 / 6);
    let capacity = map.capacity();
    keys.into_iter().for_each(|k| drop(map.insert(k, ())));
    let stats = map.stats();
    assert_eq!(stats.capacity, capacity, "{name}: it grew");
    let (mean, longest, load) = (stats.mean_walk, stats.longest_walk, stats.load);
    println!("{name}: {} keys at load {load:.2}: {mean:.3} groups, at most {longest}", stats.len);
    assert!(mean < 1.3 && longest < 100, "{name}: {stats}");
}

/// What an iteration yields comes in the order of homes, so that a smaller table with the same hasher is filled
/// from one end, over and over. A walk that went from each group to the next would go through all of that: 142
/// groups, with 78,643 keys.
#[test]
fn keys_in_the_order_of_another_map() {
    // Six tenths of a table.
    let count: u64 = (1 << if cfg!(debug_assertions) { 14 } else { 17 }) * 6 / 10;
    let (from, words): (HashMap<u64, ()>, WordMap<u64, ()>) =
        (HashMap::with_capacity(count as usize), WordMap::with_capacity(count as usize));
    (0..count).for_each(|n| {
        from.insert(n, ());
        words.insert(n, ());
    });
    let to = HashMap::with_hasher(from.hasher().clone());
    let to_words = WordMap::with_mix(*words.mix());
    let (mut worst, mut worst_words) = (0.0f64, 0.0f64);
    for (n, (key, word)) in from.pin().keys().zip(words.pin().keys()).enumerate() {
        to.insert(*key, ());
        to_words.insert(word, ());
        if (n as u64).is_multiple_of(count / 64) {
            worst = worst.max(to.stats().mean_walk);
            worst_words = worst_words.max(to_words.stats().mean_walk);
        }
    }
    println!("{count} keys: {worst:.2} groups, {worst_words:.2} of words");
    assert!(worst < 3.0 && worst_words < 4.0, "{worst} {worst_words}");
}

/// Series of keys that weak hashes fold together, whatever their seed. What a list of collisions made
/// in advance would need, and none of them has.
#[test]
fn keys_against_the_default_hasher() {
    // Three quarters of a table.
    let count: u64 = if cfg!(debug_assertions) { 3 << 12 } else { 3 << 15 };
    let mut random = Random::new(1);
    let noise: Vec<u64> = (0..count).map(|_| random.next()).collect();
    seeded("random", noise.iter().copied());
    for shift in [1, 3, 8, 16, 24, 32, 40, 46] {
        seeded(&format!("multiples of 2^{shift}"), (0..count).map(|n| n << shift));
    }
    seeded(
        "multiples of the mix's factor",
        (0..count).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
    );
    seeded("multiples of its inverse", (0..count).map(|n| n.wrapping_mul(0xf1de_83e1_9937_733d)));
    seeded("one home, unmixed", (0..count).map(|n| hash_of(n << 40 | 0x5678)));
    seeded("one tag, unmixed", (0..count).map(|n| hash_of(0xabcd << 48 | n << 3)));
    seeded("equal halves", (0..count).map(|n| n << 32 | n));
    seeded("inverted halves", (0..count).map(|n| n << 32 | u64::from(!(n as u32))));
    seeded("reversed bits", (0..count).map(u64::reverse_bits));
    seeded("from the top", (0..count).map(|n| u64::MAX - n));
    seeded("wide, equal halves", (0..count).map(|n| u128::from(n) << 64 | u128::from(n)));
    seeded("wide, the high half", (0..count).map(|n| u128::from(n) << 64));
    seeded("pairs of one sum", (0..count).map(|n| (n, count - n)));
    seeded("pairs of one difference", (0..count).map(|n| (n, n ^ 0x5555)));
    seeded("triples that end in a number", (0..count).map(|n| (0u64, 0u64, n)));
    seeded("triples that begin with one", (0..count).map(|n| (n, 0u64, 0u64)));
    seeded("text that ends in a number", (0..count).map(|n| format!("{:>64}", n)));
    seeded("text that begins with one", (0..count).map(|n| format!("{:<64}", n)));
    seeded("numbers in the middle", (0..count).map(|n| format!("{n:_^40}")));
    seeded("zeros of all lengths", (0..3 << 9).map(|n| vec![0u8; n]));
    seeded(
        "one bit set",
        (0..3 << 12).map(|n| {
            let mut bytes = vec![0u8; 1536];
            bytes[n as usize / 8] = 1 << (n % 8);
            bytes
        }),
    );
}
