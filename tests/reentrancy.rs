//! The map is used from inside its own calls: from closures, destructors, `Hash` and `Eq`, with
//! resizes forced there. Nothing hangs, and the outer call answers for what it found.

mod common;

use common::{Constant, Identity, Pairs, Reclaimer, within};
use dolmen::{Compute, DefaultHashBuilder, HashMap, Operation};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

type Map<S, R> = HashMap<u64, u64, S, R>;

const LIMIT: Duration = Duration::from_secs(120);
/// Keys that tests look at are below; what closures insert is above.
const OWN: u64 = 1_000;

trait Hashing: BuildHasher + Default + Clone + Send + Sync + 'static {}
impl<S: BuildHasher + Default + Clone + Send + Sync + 'static> Hashing for S {}

/// Everything that resizes, frees, and looks around; leaves keys below `OWN` alone.
fn upheaval<S: Hashing, R: Reclaimer>(map: &Map<S, R>, keys: u64) {
    let capacity = map.capacity();
    for n in OWN..OWN + keys {
        map.insert(n, n);
    }
    map.reserve(3 * capacity + 10);
    assert!(map.capacity() > capacity, "the upheaval resizes");
    for n in OWN..OWN + keys {
        assert_eq!(*map.update(n, |_, v| v + 1).unwrap(), n + 1);
    }
    assert!(map.iter().count() >= keys as usize);
    for n in OWN..OWN + keys {
        assert!(map.remove(&n).is_some());
    }
    map.shrink_to_fit();
    map.flush();
}

fn map_of<S: Hashing, R: Reclaimer>(entries: u64) -> Map<S, R> {
    (0..entries).map(|n| (n, n)).collect()
}

fn in_compute<S: Hashing, R: Reclaimer>(keys: u64) {
    let map = map_of::<S, R>(20);
    for key in 0..40 {
        let was = map.get(&key).map(|v| *v);
        let mut runs = 0;
        let did = map.compute(key, |entry| {
            runs += 1;
            let seen = entry.map(|(k, v)| (*k, *v));
            // Each moves the slot, so that the closure is asked again: twice is enough.
            if runs <= 2 {
                upheaval(&map, keys);
            }
            // The entry is still good, whatever has been freed since.
            assert_eq!(entry.map(|(k, v)| (*k, *v)), seen);
            assert_eq!(seen, was.map(|v| (key, v)));
            match key % 3 {
                0 => Operation::Insert(key + 100),
                1 => Operation::Remove,
                _ => Operation::Abort(key),
            }
        });
        assert!(runs <= 3, "{runs} runs, of which two had a reason to fail");
        let now = map.get(&key).map(|v| *v);
        match (key % 3, was) {
            (0, None) => assert!(matches!(did, Compute::Inserted(new) if *new == key + 100)),
            (0, Some(_)) => assert!(matches!(did, Compute::Updated { old, new }
                if *old == key && *new == key + 100)),
            (1, None) => assert!(matches!(did, Compute::Absent)),
            (1, Some(_)) => assert!(matches!(did, Compute::Removed(old) if *old == key)),
            _ => assert!(matches!(did, Compute::Aborted(with) if with == key)),
        }
        assert_eq!(now, [Some(key + 100), None, was][key as usize % 3]);
    }
}

/// The closure changes the very key: the outer call sees that it lost, and asks again.
fn on_the_same_key<S: Hashing, R: Reclaimer>(keys: u64) {
    let map = map_of::<S, R>(10);
    let mut seen = Vec::new();
    let new = map.update(3, |_, v| {
        seen.push(*v);
        match seen.len() {
            1 => drop(map.insert(3, 30)),
            2 => upheaval(&map, keys),
            3 => drop(map.update(3, |_, v| v * 10)),
            _ => {}
        }
        v + 1
    });
    assert_eq!(*new.unwrap(), 301);
    // The upheaval moved the slot, which is asked about again.
    assert_eq!(seen, [3, 30, 30, 300]);

    let mut runs = 0;
    let gone = map.update(4, |_, v| {
        runs += 1;
        map.remove(&4);
        v + 1
    });
    assert!(gone.is_none() && runs == 1 && map.get(&4).is_none());

    let removed = map.remove_if(&5, |_, v| {
        if *v == 5 {
            map.insert(5, 50);
        }
        true
    });
    assert_eq!(*removed.unwrap(), 50);
    let late = map.get_or_insert_with(4, || {
        map.insert(4, 40);
        44
    });
    assert_eq!(*late, 40);
}

/// Calls within calls on one key, each of which loses to the one inside it.
fn nested<S: Hashing, R: Reclaimer>(_: u64) {
    fn increment<S: Hashing, R: Reclaimer>(map: &Map<S, R>, depth: usize, runs: &Cell<usize>) {
        let mut first = true;
        map.update(0, |_, v| {
            runs.set(runs.get() + 1);
            if std::mem::take(&mut first) && depth > 0 {
                increment(map, depth - 1, runs);
            }
            v + 1
        });
    }
    let (map, runs) = (map_of::<S, R>(10), Cell::new(0));
    increment(&map, 20, &runs);
    // Each but the innermost ran twice; no increment was lost.
    assert_eq!((*map.get(&0).unwrap(), runs.get()), (21, 41));
}

fn in_predicates<S: Hashing, R: Reclaimer>(keys: u64) {
    let map = map_of::<S, R>(20);
    assert!(
        map.remove_if(&1, |_, _| {
            upheaval(&map, keys);
            false
        })
        .is_none()
    );
    assert_eq!(
        *map.get_or_insert_with(50, || {
            upheaval(&map, keys);
            51
        }),
        51
    );
    let mut asked = BTreeMap::new();
    map.retain(|k, _| {
        let times = asked.entry(*k).or_insert(0);
        *times += 1;
        if *times <= 2 {
            upheaval(&map, keys / 5);
        }
        *k < 10
    });
    assert!(asked.len() >= 21 && asked.values().all(|times| *times <= 3));
    let mut left: Vec<u64> = map.keys().map(|k| *k).collect();
    left.sort_unstable();
    assert_eq!(left, (0..10).collect::<Vec<_>>());
    map.retain(|_, _| {
        map.clear();
        true
    });
    assert!(map.is_empty());
}

/// Iterators, references and pins live through whatever happens to the map.
fn under_iterators<S: Hashing, R: Reclaimer>(keys: u64) {
    let map = map_of::<S, R>(keys);
    let m = map.pin();
    let mut seen = 0;
    for (key, value) in &m {
        if *key >= OWN {
            continue;
        }
        assert_eq!(key, value);
        if seen % 16 == 0 {
            upheaval(&map, keys / 5);
        }
        map.insert(*key, *value);
        seen += 1;
    }
    assert_eq!(seen, keys.min(OWN));
    for entry in &map {
        map.remove(entry.key());
        map.flush();
    }
    assert!(map.is_empty());
}

with_each_hasher!(
    in_compute_closures,
    on_their_own_key,
    nested_in_each_other,
    in_all_predicates,
    under_all_iterators,
);

fn in_compute_closures<S: Hashing, R: Reclaimer>(keys: u64) {
    within(LIMIT, move || in_compute::<S, R>(keys / 2));
}

fn on_their_own_key<S: Hashing, R: Reclaimer>(keys: u64) {
    within(LIMIT, move || on_the_same_key::<S, R>(keys));
}

fn nested_in_each_other<S: Hashing, R: Reclaimer>(keys: u64) {
    within(LIMIT, move || nested::<S, R>(keys));
}

fn in_all_predicates<S: Hashing, R: Reclaimer>(keys: u64) {
    within(LIMIT, move || in_predicates::<S, R>(keys / 2));
}

fn under_all_iterators<S: Hashing, R: Reclaimer>(keys: u64) {
    within(LIMIT, move || under_iterators::<S, R>(keys / 2));
}

/// A value that uses its map when it is dropped, and leaves others that do.
struct Restless<S: Hashing, R: Reclaimer> {
    map: Weak<HashMap<u64, Restless<S, R>, S, R>>,
    heirs: u64,
    drops: Arc<AtomicUsize>,
}

impl<S: Hashing, R: Reclaimer> Drop for Restless<S, R> {
    fn drop(&mut self) {
        self.drops.fetch_add(1, SeqCst);
        // The map itself may be going.
        let Some(map) = self.map.upgrade() else { return };
        let heir = |heirs| Restless { map: self.map.clone(), heirs, drops: self.drops.clone() };
        for n in 0..self.heirs {
            let key = OWN + self.heirs * 10 + n;
            map.insert(key, heir(self.heirs - 1));
            map.remove(&key);
            map.compute::<()>(key, |_| Operation::Remove);
        }
        map.reserve(map.capacity() / 2);
        map.get(&0).iter().for_each(|entry| assert_eq!(entry.heirs, 0));
        map.iter().take(3).for_each(|entry| assert!(entry.heirs <= 3));
        map.shrink_to_fit();
        map.flush();
    }
}

fn in_destructors<S: Hashing, R: Reclaimer>() {
    let drops = Arc::new(AtomicUsize::new(0));
    let map = Arc::new(HashMap::<u64, Restless<S, R>, S, R>::default());
    let value = |heirs| Restless { map: Arc::downgrade(&map), heirs, drops: drops.clone() };
    map.insert(0, value(0));
    for n in 1..60 {
        map.insert(n, value(3));
        map.insert(n, value(2));
    }
    for n in 1..50 {
        map.remove(&n);
    }
    // A value with n heirs makes a(n) = 1 + n a(n - 1) drops: 1, 2, 5, 16.
    let expected = 59 * 16 + 49 * 5;
    common::eventually(|| {
        map.flush();
        drops.load(SeqCst) == expected || !R::PROMPT
    });
    assert_eq!(map.len(), 11);
    drop(map);
    // Whatever drops with the map has no heirs.
    let dropped = drops.load(SeqCst);
    assert!(if R::PROMPT { dropped == expected + 11 } else { dropped <= expected + 11 });
    assert_eq!(Arc::strong_count(&drops), 1, "each has dropped its share");
}

fn in_destructors_of_values<R: Reclaimer>() {
    within(LIMIT, || {
        in_destructors::<DefaultHashBuilder, R>();
        in_destructors::<Identity, R>();
        in_destructors::<Constant, R>();
        in_destructors::<Pairs, R>();
    });
}

/// A destructor that runs because its map drops may use other maps.
fn in_destructors_of_a_map<R: Reclaimer>() {
    struct Recorder<R: Reclaimer>(u64, Arc<Map<Identity, R>>);
    impl<R: Reclaimer> Drop for Recorder<R> {
        fn drop(&mut self) {
            self.1.insert(self.0, self.0);
            self.1.flush();
        }
    }
    within(LIMIT, || {
        let record = Arc::new(Map::<Identity, R>::default());
        let map: HashMap<u64, Recorder<R>, Identity, R> =
            (0..500).map(|n| (n, Recorder(n, record.clone()))).collect();
        drop(map);
        assert_eq!(record.len(), 500);
    });
}

/// A key whose `Hash` and `Eq` use the map that it is a key of.
#[derive(Clone)]
struct Curious(u64);

static CURIOUS: OnceLock<HashMap<Curious, u64, Pairs>> = OnceLock::new();

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static LOOKS: Cell<usize> = const { Cell::new(0) };
}

/// Writes to the map, resizes it and frees from it, unless that is what asks.
fn look_around(n: u64) {
    if DEPTH.get() > 0 {
        return;
    }
    DEPTH.set(1);
    LOOKS.set(LOOKS.get() + 1);
    let map = CURIOUS.get().expect("set before any key is hashed");
    let key = Curious(OWN + n % 64);
    map.insert(key.clone(), n);
    if LOOKS.get().is_multiple_of(50) {
        map.reserve(map.capacity() + 1);
    }
    map.remove(&key);
    if LOOKS.get() % 50 == 25 {
        map.shrink_to_fit();
        map.flush();
    }
    DEPTH.set(0);
}

impl Hash for Curious {
    fn hash<H: Hasher>(&self, state: &mut H) {
        look_around(self.0);
        self.0.hash(state);
    }
}

impl PartialEq for Curious {
    fn eq(&self, other: &Self) -> bool {
        look_around(self.0);
        self.0 == other.0
    }
}

impl Eq for Curious {}

#[test]
fn in_hash_and_eq() {
    within(LIMIT, || {
        let map = CURIOUS.get_or_init(HashMap::default);
        for round in 0..20 {
            for n in 0..100 {
                assert_eq!(map.insert(Curious(n), n + round).is_some(), round > 0 && n % 2 == 0);
                assert_eq!(*map.get(&Curious(n)).unwrap(), n + round);
                assert_eq!(*map.update(Curious(n), |_, v| v + 1).unwrap(), n + round + 1);
                assert!(map.try_insert(Curious(n), 0).is_err());
            }
            for n in (1..100).step_by(2) {
                assert_eq!(*map.remove(&Curious(n)).unwrap(), n + round + 1);
            }
            assert_eq!(map.len(), 50);
        }
        assert!(LOOKS.get() > 10_000);
        // A leak checker cannot see what a static map holds: a slot's word is no plain address.
        DEPTH.set(1);
        map.clear();
        assert!(map.is_empty());
    });
}

on_each_reclaimer!(in_destructors_of_values, in_destructors_of_a_map);
