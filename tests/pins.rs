//! A destructor that panics while a call returns must not leak the pin of what is returned: one pin
//! that is never given up keeps every map of the process from freeing. A process of its own, for
//! that reason, and one test.

use dolmen::{Entry, HashMap, HashSet};
use std::cell::Cell;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

thread_local! {
    /// The next bomb that is dropped goes off.
    static ARMED: Cell<bool> = const { Cell::new(false) };
}

/// A key, a value, or a closure's capture.
#[derive(Debug)]
struct Bomb(u64);

impl Bomb {
    /// A call, so that a closure captures the whole of it.
    fn get(&self) -> u64 {
        self.0
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        if self.0 == 1 && ARMED.take() {
            panic!("a destructor's panic");
        }
    }
}

impl Clone for Bomb {
    // A clone is no bomb.
    fn clone(&self) -> Self {
        Bomb(self.0 + 2)
    }
}

impl PartialEq for Bomb {
    fn eq(&self, other: &Bomb) -> bool {
        self.0 % 2 == other.0 % 2
    }
}

impl Eq for Bomb {}

impl Hash for Bomb {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0 % 2).hash(state);
    }
}

type Map = HashMap<Bomb, u64>;

/// A map in which the key is present, as an entry that is no bomb.
fn map() -> Map {
    Map::from([(Bomb(3), 7)])
}

fn occupied(map: &Map) -> dolmen::OccupiedEntry<'_, Bomb, u64, dolmen::DefaultHashBuilder> {
    match map.entry(Bomb(1)) {
        Entry::Occupied(entry) => entry,
        Entry::Vacant(_) => unreachable!("it is there"),
    }
}

/// Whether a map still frees what it retires.
fn frees() -> bool {
    let map = HashMap::new();
    let value = Arc::new(());
    map.insert(1, value.clone());
    map.remove(&1);
    (0..5).for_each(|_| map.flush());
    Arc::strong_count(&value) == 1
}

/// Makes a call during which a bomb goes off.
fn survives(name: &str, call: impl FnOnce()) {
    ARMED.set(true);
    let result = catch_unwind(AssertUnwindSafe(call));
    assert!(result.is_err() && !ARMED.take(), "{name}: no bomb went off");
    assert!(frees(), "{name}: a pin was leaked");
}

#[test]
fn no_pin_is_leaked_by_a_destructor() {
    assert!(frees());
    let m = map();
    survives("or_insert", || drop(m.entry(Bomb(1)).or_insert(1)));
    survives("or_default", || drop(m.entry(Bomb(1)).or_default()));
    let capture = Bomb(1);
    survives("or_insert_with", || {
        drop(m.entry(Bomb(5)).or_insert_with(move || capture.get()));
    });
    survives("into_ref", || drop(occupied(&m).into_ref()));
    let m = map();
    survives("remove", || drop(occupied(&m).remove()));
    let m = map();
    let capture = Bomb(1);
    survives("and_modify", || {
        drop(m.entry(Bomb(5)).and_modify(move |value| value + capture.get()));
    });
    let set: HashSet<u64> = HashSet::from([1]);
    let capture = Bomb(1);
    survives("set", || drop(set.get_or_insert_with(&1, move |_| capture.get())));
    let m = map();
    survives("get_or_insert", || drop(m.get_or_insert(Bomb(1), 1)));
    let capture = Bomb(1);
    survives("compute", || {
        drop(m.update(Bomb(5), move |_, value| value + capture.get()));
    });
}
