//! What is inserted by batches is what one after the other would be, whatever the iterator and user code do.

use dolmen::{HashMap, HashSet, WordMap, WordSet};
use std::cell::Cell;
use std::hash::{Hash, Hasher};
use std::iter::from_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread_local;

thread_local! {
    /// The key whose `Hash` panics.
    static BAD: Cell<u64> = const { Cell::new(u64::MAX) };
    /// Whether destructors of values panic.
    static EXPLOSIVE: Cell<bool> = const { Cell::new(false) };
    static DROPS: Cell<usize> = const { Cell::new(0) };
}

/// Without a message, and of a payload that may be dropped anywhere.
fn panic_quietly() {
    resume_unwind(Box::new(()));
}

#[derive(PartialEq, Eq, Clone)]
struct Key(u64);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        if self.0 == BAD.get() {
            panic_quietly();
        }
        state.write_u64(self.0);
    }
}

struct Value;

impl Drop for Value {
    fn drop(&mut self) {
        DROPS.set(DROPS.get() + 1);
        if EXPLOSIVE.get() {
            panic_quietly();
        }
    }
}

fn panics(f: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(f)).is_err()
}

/// Four numbers, the end, and more for who asks after it.
fn unfused() -> impl Iterator<Item = u64> {
    let mut n = 0;
    from_fn(move || {
        n += 1;
        (n != 5).then_some(n).filter(|n| *n < 50)
    })
}

#[test]
fn an_iterator_is_not_asked_after_its_end() {
    let mut map = HashMap::<u64, u64>::new();
    map.extend(unfused().map(|n| (n, n)));
    assert_eq!(map.len(), 4);
    assert_eq!(unfused().map(|n| (n, n)).collect::<HashMap<_, _>>().len(), 4);
    assert_eq!(map.insert_many(unfused().map(|n| (n, n))), 0);
    assert_eq!(unfused().collect::<HashSet<_>>().len(), 4);
    assert_eq!(HashSet::<u64>::new().insert_many(unfused()), 4);
    assert_eq!(WordMap::<u64, u64>::new().insert_many(unfused().map(|n| (n, n))), 4);
    assert_eq!(unfused().collect::<WordSet<_>>().len(), 4);
}

/// Numbers, and a panic at the end.
fn up_to(end: u64) -> impl Iterator<Item = u64> {
    // By no `Range`, which promises more than memory can hold.
    let mut n = 0;
    from_fn(move || {
        if n == end {
            panic_quietly();
        }
        n += 1;
        Some(n - 1)
    })
}

#[test]
fn of_equal_keys_the_last_stays() {
    for bad in [u64::MAX, 40] {
        BAD.set(bad);
        let mut map = HashMap::<Key, u64>::new();
        let entries = (0..50).flat_map(|n| [(Key(n / 10), n), (Key(n), n + 100)]);
        assert_eq!(panics(|| map.extend(entries)), bad == 40);
        BAD.set(u64::MAX);
        let given = |n: u64| if bad == 40 { n < 48 && n != bad } else { n < 50 };
        let expected = |n: u64| (0..5).contains(&n).then_some(10 * n + 9).filter(|last| *last < 48);
        for n in 0..50 {
            let found = map.get(&Key(n)).map(|value| *value);
            match expected(n) {
                Some(last) => assert_eq!(found, Some(last), "{n}"),
                None if n == 4 => assert!(found >= Some(47)),
                None => assert_eq!(found, given(n).then_some(n + 100), "{n}"),
            }
        }
    }
}

#[test]
fn what_an_iterator_gave_before_it_panicked_is_there() {
    for end in [0, 1, 29, 31, 32, 33, 100] {
        let mut map = HashMap::<Key, Value>::new();
        assert!(panics(|| map.extend(up_to(end).map(|n| (Key(n), Value)))));
        assert_eq!(map.len() as u64, end);
        let mut set = HashSet::<u64>::new();
        assert!(panics(|| set.extend(up_to(end))));
        assert_eq!(set.len() as u64, end);
        let words = WordMap::<u64, u64>::new();
        assert!(panics(|| _ = words.insert_many(up_to(end).map(|n| (n, n)))));
        assert_eq!(words.len() as u64, end);
        // Nothing is left to be dropped on the way out, which would end the process.
        EXPLOSIVE.set(true);
        let mut map = map;
        assert!(panics(|| map.extend(up_to(end).map(|n| (Key(n + 1_000), Value)))));
        EXPLOSIVE.set(false);
        assert_eq!(map.len() as u64, 2 * end);
    }
}

#[test]
fn a_key_that_panics_loses_itself_alone() {
    for bad in [0, 1, 30, 31, 32, 40, 63] {
        BAD.set(bad);
        DROPS.set(0);
        let (mut map, mut asked) = (HashMap::<Key, Value>::new(), 0);
        let entries = (0..100).map(|n| {
            asked = n + 1;
            (Key(n), Value)
        });
        assert!(panics(|| map.extend(entries)));
        BAD.set(u64::MAX);
        assert_eq!(map.len() as u64, asked - 1, "{bad}");
        assert!(asked > bad && asked <= bad / 32 * 32 + 32);
        assert!((0..asked).all(|n| map.contains_key(&Key(n)) == (n != bad)));
        assert_eq!(DROPS.get(), 1, "its own value");
        drop(map);
        assert_eq!(DROPS.get() as u64, asked);
    }
}

/// Runs its code when it is dropped.
struct AtEnd<F: FnMut()>(F);

impl<F: FnMut()> Drop for AtEnd<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Runs code while the thread unwinds, and returns what it returned.
fn while_unwinding<T>(code: impl FnOnce() -> T) -> T {
    let (mut code, mut result) = (Some(code), None);
    assert!(panics(|| {
        let _at_end = AtEnd(|| result = code.take().map(|code| code()));
        panic_quietly();
    }));
    result.expect("it was run")
}

/// A call that ends by a panic must not return instead, as if it had done all, where another panic is under way.
#[test]
fn a_key_panics_while_the_thread_unwinds_as_it_does_else() {
    for bad in [0, 1, 13, 31, 32, 39] {
        let map: HashMap<Key, Value> = (1..4).map(|n| (Key(n), Value)).collect();
        BAD.set(bad);
        let entries = || (0..40).map(|n| (Key(n), Value));
        assert!(while_unwinding(|| panics(|| _ = map.insert_many(entries()))), "{bad}");
        let keys: Vec<Key> = (0..40).map(Key).collect();
        assert!(while_unwinding(|| panics(|| _ = map.contains_many(&keys))), "{bad}");
        assert!(while_unwinding(|| panics(|| map.get_many(&keys, |_, _| ()))), "{bad}");
        BAD.set(u64::MAX);
        // Of its batch all but the key itself.
        let given = bad / 32 * 32 + 32;
        let is_there = |n: &u64| *n != bad && *n < given.min(40) || (1..4).contains(n);
        assert!((0..40).all(|n| map.contains_key(&Key(n)) == is_there(&n)), "{bad}");
        assert_eq!(map.iter().count(), (0..40).filter(is_there).count(), "{bad}");
        BAD.set(bad);
        assert!(while_unwinding(|| panics(|| _ = map.remove_many(&keys))), "{bad}");
        BAD.set(u64::MAX);
        assert!((0..40).all(|n| map.contains_key(&Key(n)) == (is_there(&n) && n >= bad)), "{bad}");
    }
}
