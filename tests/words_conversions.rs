//! Conversions of one's own, which may panic and need not undo each other: what a call on many keys has done, and
//! what empties a map, depends on no such thing more than it must.

use dolmen::{HashMap, Word, WordMap, WordSet};
use std::cell::Cell;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread_local;

thread_local! {
    /// The number that becomes no representation, and the one of which none becomes.
    static INTO: Cell<u64> = const { Cell::new(u64::MAX) };
    static FROM: Cell<u64> = const { Cell::new(u64::MAX) };
}

/// A number that may panic in both directions, and quietly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Touchy(u64);

impl Word for Touchy {
    type Repr = u64;

    fn into_repr(self) -> u64 {
        if self.0 == INTO.get() {
            resume_unwind(Box::new(()));
        }
        self.0
    }

    fn from_repr(repr: u64) -> Self {
        if repr == FROM.get() {
            resume_unwind(Box::new(()));
        }
        Touchy(repr)
    }
}

impl Hash for Touchy {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(Word::into_repr(*self));
    }
}

/// A number of which another one is made than it is made of.
#[derive(Clone, Copy, Debug)]
struct Halved(u64);

impl Word for Halved {
    type Repr = u64;

    fn into_repr(self) -> u64 {
        self.0 / 2
    }

    fn from_repr(repr: u64) -> Self {
        Halved(repr)
    }
}

/// Calls with one number that panics, and says that it did.
fn panics(which: &'static std::thread::LocalKey<Cell<u64>>, number: u64, call: impl FnOnce()) {
    which.set(number);
    catch_unwind(AssertUnwindSafe(call)).expect_err("it panics");
    which.set(u64::MAX);
}

/// In batches of 32, and within them.
const PLACES: [u64; 7] = [0, 1, 20, 31, 32, 33, 39];

#[test]
fn of_many_keys_those_before_the_one_that_panics_are_done() {
    let keys: Vec<Touchy> = (0..40).map(Touchy).collect();
    for at in PLACES {
        let new = WordMap::<Touchy, u64>::new();
        panics(&INTO, at, || _ = new.insert_many((0..40).map(|n| (Touchy(n), n))));
        assert_eq!(new.len() as u64, at);
        let map: WordMap<Touchy, u64> = (0..40).map(|n| (Touchy(n), 0)).collect();
        let mut seen = 0;
        panics(&INTO, at, || map.get_many(&keys, |_, value| seen += u64::from(value == Some(0))));
        assert_eq!(seen, at);
        let ones: Vec<(Touchy, u64)> = keys.iter().map(|key| (*key, 1)).collect();
        panics(&INTO, at, || _ = map.fetch_add_many(&ones));
        assert_eq!(map.values().sum::<u64>(), at);
        panics(&INTO, at, || _ = map.remove_many(&keys));
        assert!((0..40).all(|n| map.contains_key(Touchy(n)) == (n >= at)));
        let set: WordSet<Touchy> = keys.iter().copied().collect();
        panics(&INTO, at, || _ = set.remove_many(&keys));
        assert_eq!(set.len() as u64, 40 - at);
        // Of a map of nodes it is the hash that panics.
        let map: HashMap<Touchy, u64> = (0..40).map(|n| (Touchy(n), n)).collect();
        let mut seen = 0;
        panics(&INTO, at, || map.get_many(&keys, |_, value| seen += u64::from(value.is_some())));
        panics(&INTO, at, || _ = map.remove_many(&keys));
        assert_eq!((seen, map.len() as u64), (at, 40 - at));
    }
}

#[test]
fn a_map_is_emptied_whatever_is_made_of_its_keys() {
    let full = || (0..100).map(|n| (Halved(n), n)).collect::<WordMap<Halved, u64>>();
    let map = full();
    let entries = map.len();
    assert_eq!(entries, 50);
    assert_eq!(map.drain().count(), entries);
    assert!(map.is_empty());
    let (map, mut kept) = (full(), 0);
    map.retain(|key, _| {
        kept += usize::from(key.0 % 2 == 0);
        key.0 % 2 == 0
    });
    assert_eq!((map.len(), kept), (25, 25));
    map.clear();
    assert!(map.is_empty());
    let map = full();
    assert_eq!(map.pin().drain().count(), entries);
    assert!(map.is_empty());
}

/// What cannot be converted back can be neither kept nor yielded; but it can be thrown away.
#[test]
fn a_map_is_cleared_without_a_conversion() {
    let map: WordMap<Touchy, Touchy> = (0..100).map(|n| (Touchy(n), Touchy(100 + n))).collect();
    panics(&FROM, 50, || map.retain(|_, _| true));
    panics(&FROM, 150, || map.retain(|_, _| false));
    assert!(!map.is_empty() && map.contains_key(Touchy(50)));
    FROM.set(50);
    map.clear();
    FROM.set(u64::MAX);
    assert!(map.is_empty());
    let set: WordSet<Touchy> = (0..100).map(Touchy).collect();
    FROM.set(50);
    set.pin().clear();
    FROM.set(u64::MAX);
    assert!(set.is_empty());
}

#[test]
fn a_length_is_that_of_what_is_left_after_a_panic() {
    let map: WordMap<Touchy, u64> = (0..100).map(|n| (Touchy(n), n)).collect();
    let (mut entries, mut yielded) = (map.into_iter(), 0);
    FROM.set(50);
    while let Some(next) =
        catch_unwind(AssertUnwindSafe(|| entries.next())).unwrap_or(Some((Touchy(50), 0)))
    {
        yielded += 1;
        assert_eq!(entries.len(), 100 - yielded, "{next:?}");
    }
    FROM.set(u64::MAX);
    assert_eq!((yielded, entries.len()), (100, 0));
}

/// A map that is iterated in parallel by who owns it keeps no other from freeing.
#[cfg(feature = "rayon")]
#[test]
fn an_owned_map_is_iterated_under_no_pin() {
    use rayon::prelude::*;
    use std::time::{Duration, Instant};

    let other: HashMap<u64, u64> = (0..1000).map(|n| (n, n)).collect();
    let map: WordMap<u64, u64> = (0..10).map(|n| (n, u64::MAX - n)).collect();
    let set: WordSet<u64> = (0..10).collect();
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    alone.install(|| {
        let replace = || {
            (0..1000).for_each(|n| _ = other.insert(n, n));
            // Pins of other tests come and go.
            let start = Instant::now();
            while other.stats().retired > 0 {
                assert!(start.elapsed() < Duration::from_secs(30), "a pin is in the way");
                other.flush();
            }
        };
        map.into_par_iter().for_each(|(n, value)| {
            assert_eq!(value, u64::MAX - n);
            replace();
        });
        set.into_par_iter().for_each(|_| replace());
    });
}
