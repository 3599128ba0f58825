//! Kinds of keys and values: of no size, of great alignment or size, borrowed, thread-bound.

mod common;

use common::{Identity, Pairs};
use dolmen::{
    Compute, Epoch, HashMap, Iter, Keys, MappedRef, Operation, OwnedPinned, Pinned, PinnedIter,
    Ref, Stats, TryInsertError, TryReserveError, Values,
};
use static_assertions::{assert_impl_all, assert_not_impl_any};
use std::cell::Cell;
use std::hash::Hash;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;
use std::sync::MutexGuard;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// `Sync` and not `Send`.
type Guarded = MutexGuard<'static, u64>;

assert_impl_all!(HashMap<u64, String>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);
assert_impl_all!(HashMap<Cell<u64>, Cell<u64>>: Send);
assert_not_impl_any!(HashMap<u64, Cell<u64>>: Sync);
assert_not_impl_any!(HashMap<Cell<u64>, u64>: Sync);
assert_not_impl_any!(HashMap<u64, Rc<u64>>: Send, Sync);
assert_not_impl_any!(HashMap<Rc<u64>, u64>: Send, Sync);
// Another thread may drop what this one put in.
assert_not_impl_any!(HashMap<u64, Guarded>: Send, Sync);
assert_not_impl_any!(HashMap<Guarded, u64>: Send, Sync);
assert_not_impl_any!(HashMap<u64, u64, Rc<u64>>: Send, Sync);
assert_not_impl_any!(HashMap<u64, u64, Cell<u64>>: Sync);

// What holds the pin of a thread stays there.
assert_not_impl_any!(Ref<'static, u64, u64>: Send, Sync);
assert_not_impl_any!(MappedRef<'static, u64>: Send, Sync);
assert_not_impl_any!(Iter<'static, u64, u64>: Send, Sync);
assert_not_impl_any!(Keys<'static, u64, u64>: Send, Sync);
assert_not_impl_any!(Values<'static, u64, u64>: Send, Sync);
assert_not_impl_any!(PinnedIter<'static, u64, u64>: Send, Sync);
assert_not_impl_any!(Pinned<'static, u64, u64>: Send, Sync);
// An owned pin may go, if the map may be shared; one thread at a time uses it.
assert_impl_all!(OwnedPinned<'static, u64, u64>: Send);
assert_not_impl_any!(OwnedPinned<'static, u64, u64>: Sync);
assert_not_impl_any!(OwnedPinned<'static, u64, Cell<u64>>: Send, Sync);
assert_not_impl_any!(OwnedPinned<'static, u64, Rc<u64>>: Send, Sync);

assert_impl_all!(Stats: Send, Sync);
assert_impl_all!(TryReserveError: Send, Sync, std::error::Error);
assert_impl_all!(TryInsertError<&'static u64, u64, u64>: Send, Sync);
assert_impl_all!(Compute<&'static u64, u64>: Send, Sync);
assert_impl_all!(Operation<u64, u64>: Send, Sync);
assert_impl_all!(Epoch: Send, Sync);

/// A reference to a map's entry may be used where a shorter one is asked for.
#[allow(dead_code)]
fn refs_are_covariant<'short>(long: Ref<'short, &'static str, &'static str>) {
    let _: Ref<'short, &'short str, &'short str> = long;
}

/// Runs all of the map's verbs on keys that `key` makes of numbers, through resizes, and shows
/// every entry that can be seen to `look`.
fn exercise<K: Hash + Eq + Clone, V: Clone>(
    keys: u64,
    key: impl Fn(u64) -> K,
    value: impl Fn(u64) -> V,
    look: impl Fn(u64, &K, &V),
) {
    let map: HashMap<K, V, Pairs> = HashMap::default();
    let see = |n: u64, entry: Option<Ref<'_, K, V>>| {
        let entry = entry.expect("it is there");
        look(n, entry.key(), &entry);
    };
    for round in 0..3 {
        for n in 0..keys {
            let old = map.insert(key(n), value(n));
            assert_eq!(old.is_some(), round > 0 && n % 2 == 0);
            old.iter().for_each(|old| look(n, old.key(), old));
            see(n, map.get(&key(n)));
        }
        assert_eq!(map.len() as u64, keys);
        map.iter().for_each(|entry| see(u64::MAX, Some(entry)));
        for n in 0..keys {
            see(
                n,
                map.update(key(n), |k, v| {
                    look(n, k, v);
                    value(n)
                }),
            );
            assert!(map.try_insert(key(n), value(n)).is_err());
            if n % 2 == 1 {
                see(n, map.remove(&key(n)));
                assert!(map.get(&key(n)).is_none());
            }
        }
        map.shrink_to_fit();
        let copy = map.clone();
        map.reserve(5 * keys as usize);
        copy.iter().chain(map.iter()).for_each(|entry| see(u64::MAX, Some(entry)));
        assert_eq!((copy.len(), map.len()), (keys.div_ceil(2) as usize, copy.len()));
        map.flush();
    }
}

#[test]
fn nothing_at_all() {
    exercise(1, |_| (), |_| (), |_, (), ()| {});
    exercise(1, |_| (), |n| n, |_, (), n| assert_eq!(*n, 0));
    exercise(500, |n| n, |_| (), |n, k, ()| assert!(n == *k || n == u64::MAX));
    let map: HashMap<(), [u64; 0]> = HashMap::new();
    assert!(map.insert((), []).is_none() && map.insert((), []).is_some());
    assert_eq!((map.len(), map.remove(&()).is_some(), map.len()), (1, true, 0));
}

/// Values of no size are dropped as often as they are made.
#[test]
fn nothing_with_a_destructor() {
    static DROPPED: AtomicUsize = AtomicUsize::new(0);
    struct Nothing;
    impl Drop for Nothing {
        fn drop(&mut self) {
            DROPPED.fetch_add(1, SeqCst);
        }
    }
    let map: HashMap<u64, Nothing, Identity> = HashMap::default();
    (0..100).for_each(|n| drop(map.insert(n % 60, Nothing)));
    (0..30).for_each(|n| drop(map.remove(&n)));
    assert_eq!(map.len(), 30);
    drop(map);
    assert_eq!(DROPPED.load(SeqCst), 100);
}

macro_rules! aligned {
    ($test:ident, $align:literal, $keys:expr) => {
        #[test]
        fn $test() {
            #[derive(Clone, PartialEq, Eq, Hash)]
            #[repr(align($align))]
            struct Aligned(u64);
            impl Aligned {
                fn check(&self) -> u64 {
                    assert_eq!(std::ptr::from_ref(self).addr() % $align, 0, "misaligned");
                    self.0
                }
            }
            impl Drop for Aligned {
                fn drop(&mut self) {
                    self.check();
                }
            }
            let (key, word) = (Aligned, |n: u64| n);
            exercise($keys, key, key, |n, k, v| {
                assert!(k.check() == v.check() && (n == v.0 || n == u64::MAX));
            });
            exercise($keys, key, word, |_, k, v| assert_eq!(k.check(), *v));
            exercise($keys, word, key, |_, k, v| assert_eq!(*k, v.check()));
        }
    };
}

aligned!(aligned_to_a_line, 64, 300);
aligned!(aligned_to_a_page, 4096, 60);

#[test]
fn large_entries() {
    type Large = [u64; 128];
    let large = |n: u64| -> Large { std::array::from_fn(|i| n + i as u64) };
    let whole = |large: &Large| large.iter().enumerate().all(|(i, n)| *n == large[0] + i as u64);
    exercise(200, large, large, |n, k, v| {
        assert!(whole(k) && whole(v) && k == v && (n == v[0] || n == u64::MAX));
    });
    exercise(200, large, |n| n as u8, |_, k, v| assert_eq!((whole(k), k[0] as u8), (true, *v)));
}

#[test]
fn owned_strings() {
    exercise(
        300,
        |n| format!("key {n}"),
        |n| vec![n; 3],
        |_, k, v| {
            assert_eq!(*k, format!("key {}", v[2]));
        },
    );
}

/// Keys and values may borrow from the stack, and their destructors may read what they borrow.
#[test]
fn borrowed_entries() {
    struct Reader<'a>(&'a String, &'a Cell<usize>);
    impl Drop for Reader<'_> {
        fn drop(&mut self) {
            self.1.set(self.1.get() + self.0.len());
        }
    }
    let texts: Vec<String> = (0..200).map(|n| format!("text {n:03}")).collect();
    let read = Cell::new(0);
    {
        let map: HashMap<&str, Reader<'_>> = HashMap::new();
        for text in &texts {
            map.insert(text, Reader(text, &read));
            map.insert(text, Reader(text, &read));
        }
        let short = String::from("text 007");
        assert_eq!(map.get(short.as_str()).unwrap().0, "text 007");
        let entry = map.remove(short.as_str()).unwrap();
        assert_eq!((*entry.key(), entry.0.as_str()), ("text 007", "text 007"));
    }
    assert_eq!(read.get(), 2 * 200 * 8);
}

/// Lookups by what a key borrows as, of every verb that does not keep the key.
#[test]
fn borrowed_lookups() {
    let map: HashMap<String, u64> = HashMap::new();
    let m = map.pin();
    map.insert("a".to_string(), 1);
    let by_str: &str = "a";
    let by_string = &"a".to_string();
    assert_eq!((*map.get(by_str).unwrap(), *map.get(by_string).unwrap()), (1, 1));
    assert!(map.contains_key(by_str) && m.contains_key(by_string));
    assert_eq!(m.get_key_value("a"), Some((by_string, &1)));
    assert!(map.remove_if("a", |_, v| *v > 1).is_none());
    assert_eq!(m.remove_entry("a"), Some((by_string, &1)));
    assert!(map.remove(by_string).is_none() && m.get("a").is_none());

    let bytes: HashMap<Vec<u8>, u64> = HashMap::from([(vec![1, 2], 3)]);
    assert_eq!(*bytes.get(&[1u8, 2][..]).unwrap(), 3);
    let boxed: HashMap<Box<str>, u64> = HashMap::from([("b".into(), 4)]);
    assert_eq!(boxed.get("b").unwrap().map(|v| v).to_string(), "4");
}

/// A lookup by a pair of parts, without making the key.
#[test]
fn lookups_by_parts() {
    #[derive(PartialEq, Eq, Hash)]
    struct Name(String, String);
    #[derive(Hash)]
    struct Parts<'a>(&'a str, &'a str);
    impl dolmen::Equivalent<Name> for Parts<'_> {
        fn equivalent(&self, key: &Name) -> bool {
            self.0 == key.0 && self.1 == key.1
        }
    }
    let map: HashMap<Name, u64> = HashMap::new();
    map.insert(Name("a".into(), "b".into()), 1);
    assert_eq!(*map.get(&Parts("a", "b")).unwrap(), 1);
    assert!(map.get(&Parts("ab", "")).is_none());
    assert_eq!(map.remove(&Parts("a", "b")).unwrap().key().1, "b");
}

/// Keys and values that may not leave their thread.
#[test]
fn thread_bound_entries() {
    let value = Rc::new(Cell::new(0));
    let map: HashMap<Rc<u64>, Rc<Cell<u64>>> = HashMap::new();
    for n in 0..500 {
        map.insert(Rc::new(n % 100), value.clone());
        map.get(&(n % 100)).unwrap().set(n);
        map.remove(&(n % 7));
    }
    assert!(value.get() >= 490 && Rc::strong_count(&value) > map.len());
    drop(map);
    assert_eq!(Rc::strong_count(&value), 1);
}

/// Hashes at the ends of their range, and hashes that vary in few bits.
#[test]
fn hashes_of_all_kinds() {
    let edges = [0, 1, 7, 8, 15, 1 << 47, 1 << 48, 1 << 63, u64::MAX, u64::MAX - 7, u64::MAX << 48];
    let map: HashMap<u64, u64, Identity> = HashMap::default();
    for shift in 0..64 {
        let keys = (0..200).map(|n: u64| n.wrapping_shl(shift)).chain(edges);
        keys.clone().for_each(|n| drop(map.insert(n, !n)));
        keys.clone().for_each(|n| assert_eq!(*map.get(&n).unwrap(), !n));
        assert!(map.iter().all(|e| *e == !*e.key()));
        map.clear();
        assert!(keys.clone().all(|n| map.get(&n).is_none()));
    }
    // However the hash varies, walks stay short: no such hasher makes the map a list.
    for shift in 0..40 {
        let map: HashMap<u64, u64, Identity> = (0..5000).map(|n| (n << shift, n)).collect();
        let stats = map.stats();
        assert!(stats.mean_walk < 2.0 && stats.longest_walk < 100, "{shift}: {stats}");
    }
}
