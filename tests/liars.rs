//! Keys whose `Hash` and `Eq` answer at random, each time anew: answers are wrong, and that is all.
//! Every call returns, nothing is dropped twice or read after its end, and nothing is leaked.

mod common;

use common::{Identity, Ledger, Pairs, Random, Reclaimer, Tracked, scaled, within};
use dolmen::{Compute, Entry, HashMap, Operation};
use std::cell::Cell;
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(240);
/// Hashes that a liar chooses from.
const HASHES: u64 = 64;

thread_local! {
    static LIES: Cell<u64> = const { Cell::new(1) };
}

fn lie() -> u64 {
    let mut random = Random::new(LIES.get());
    LIES.set(random.next());
    random.next()
}

/// Whose numbers are as they are, for it is alive; whose hash and equality are not.
struct Liar(Tracked);

impl Hash for Liar {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.read();
        (lie() % HASHES).hash(state);
    }
}

impl PartialEq for Liar {
    fn eq(&self, other: &Self) -> bool {
        self.0.read();
        other.0.read();
        lie().is_multiple_of(3)
    }
}

impl Eq for Liar {}

type Map<R> = HashMap<Liar, Tracked, Pairs, R>;

/// One call of any kind.
fn call<R: Reclaimer>(map: &Map<R>, ledger: &Arc<Ledger>, n: u64) {
    let key = || Liar(ledger.track(n));
    let value = || ledger.track(n);
    match lie() % 18 {
        0..3 => drop(map.insert(key(), value())),
        3 => drop(map.get(&key()).map(|v| v.read())),
        4 => drop(map.update(key(), |_, v| ledger.track(v.read()))),
        5 | 6 => drop(map.remove(&key()).map(|v| v.read())),
        7 => drop(map.try_insert(key(), value()).map(|v| v.read())),
        8 => drop(map.get_or_insert_with(key(), value).read()),
        9 => drop(map.remove_if(&key(), |_, _| lie().is_multiple_of(2))),
        10 => {
            let compute = |entry: Option<(&Liar, &Tracked)>| match (entry, lie() % 3) {
                (Some(_), 0) => Operation::Remove,
                (Some((k, v)), _) => Operation::Insert(ledger.track(k.0.read() ^ v.read())),
                (None, 0) => Operation::Abort(()),
                (None, _) => Operation::Insert(value()),
            };
            if let Compute::Updated { old, new } = map.compute(key(), compute) {
                assert_eq!((old.read(), new.read()), (old.value, new.value));
            }
        }
        11 => match map.entry(key()) {
            Entry::Occupied(entry) => drop(entry.remove()),
            Entry::Vacant(entry) => drop(entry.insert(value())),
        },
        12 => map.get_many(&[key(), key(), key()], |_, v| {
            assert!(v.is_none_or(|v| v.read() == v.value))
        }),
        13 => {
            let m = map.pin();
            let held = m.get(&key());
            m.remove(&key());
            assert!(held.is_none_or(|v| v.read() == v.value));
        }
        14 => {
            // Each entry of its own, once.
            let seen: Vec<_> = map.iter().map(|e| (e.key().0.id, e.value().id)).collect();
            let each: HashSet<_> = seen.iter().flat_map(|(k, v)| [*k, *v]).collect();
            assert_eq!(each.len(), 2 * seen.len(), "an entry was met twice");
        }
        15 if n.is_multiple_of(8) => map.retain(|_, _| lie().is_multiple_of(2)),
        16 if n.is_multiple_of(8) => drop(map.drain().take(50).count()),
        17 if n.is_multiple_of(8) => map.reserve(1000),
        _ => drop(map.contains_key(&key())),
    }
    if map.len() > 500 {
        map.clear();
        map.shrink_to_fit();
    }
}

fn liars_of_one_thread<R: Reclaimer>() {
    within(LIMIT, || {
        let calls = scaled(400_000);
        let ledger = Ledger::new(40 * calls + 1000);
        let map = Map::<R>::default();
        (0..calls as u64).for_each(|n| call(&map, &ledger, n));
        assert_eq!(map.iter().count(), map.len());
        assert!(map.capacity() < 20_000, "{}", map.stats());
        drop(map);
        ledger.assert_balanced();
    });
}

fn liars_of_many_threads<R: Reclaimer>() {
    within(LIMIT, || {
        let each = scaled(100_000) as u64;
        let ledger = Ledger::new(160 * each as usize + 1000);
        let map = Map::<R>::default();
        thread::scope(|scope| {
            for t in 0..4 {
                let (map, ledger) = (&map, &ledger);
                scope.spawn(move || {
                    LIES.set(t + 2);
                    (0..each).for_each(|n| call(map, ledger, n));
                });
            }
        });
        assert_eq!(map.iter().count(), map.len());
        drop(map);
        ledger.assert_balanced();
    });
}

/// Equality that holds of everything, and of nothing; a hash that is another each time.
fn liars_of_one_mind<R: Reclaimer>() {
    struct Says<const YES: bool>(Tracked);
    impl<const YES: bool> Hash for Says<YES> {
        fn hash<H: Hasher>(&self, state: &mut H) {
            (lie() % 4).hash(state);
        }
    }
    impl<const YES: bool> PartialEq for Says<YES> {
        fn eq(&self, other: &Self) -> bool {
            self.0.read();
            other.0.read();
            YES
        }
    }
    impl<const YES: bool> Eq for Says<YES> {}
    fn life<const YES: bool, R: Reclaimer>() {
        let ledger = Ledger::new(10_000);
        let map: HashMap<Says<YES>, Tracked, Identity, R> = HashMap::default();
        let key = |n| Says::<YES>(ledger.track(n));
        for n in 0..400 {
            map.insert(key(n), ledger.track(n));
            let found = map.get(&key(n)).map(|v| v.read());
            assert!(YES || found.is_none(), "no key is equal to another");
            map.update(key(n), |_, v| ledger.track(v.read()));
            let gone = map.remove(&key(n));
            assert!(gone.is_none_or(|v| YES && v.read() <= n));
            // At most one for each hash where all are equal; else all of them, for ever.
            assert!(if YES { map.len() <= 4 } else { map.len() as u64 == n + 1 });
            if n % 100 == 99 {
                map.clear();
                assert!(map.is_empty() || !YES);
                map.shrink_to_fit();
            }
        }
        drop(map);
        ledger.assert_balanced();
    }
    life::<true, R>();
    life::<false, R>();
}

on_each_reclaimer!(liars_of_one_thread, liars_of_many_threads, liars_of_one_mind);
