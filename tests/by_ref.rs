//! Verbs by a borrowed key, verbs that may decline, and entries under a pin: on every reclaimer, and
//! on both surfaces.

mod common;

use common::{Constant, Reclaimer, scaled};
use dolmen::{
    Compute, DefaultHashBuilder, Equivalent, HashMap, Operation, PinnedEntry, TryInsertError,
    TryRemove, TryUpdate,
};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::hash::BuildHasher;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

type Map<K, V, R> = HashMap<K, V, DefaultHashBuilder, R>;

thread_local! {
    static MADE: Cell<u32> = const { Cell::new(0) };
}

/// How many keys `f` makes.
fn made<T>(f: impl FnOnce() -> T) -> u32 {
    MADE.set(0);
    f();
    MADE.get()
}

/// A key that cannot be cloned.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Name(u64);

/// What it is looked up by, and made of: which counts. `BAD` makes another name than its own.
#[derive(Hash)]
struct Number(u64);

const BAD: Number = Number(77);

impl Equivalent<Name> for Number {
    fn equivalent(&self, name: &Name) -> bool {
        self.0 == name.0
    }
}

impl From<&Number> for Name {
    fn from(number: &Number) -> Name {
        MADE.set(MADE.get() + 1);
        Name(if number.0 == BAD.0 { 0 } else { number.0 })
    }
}

/// The same on a map and on a map under a pin.
macro_rules! makes_keys_when_needed {
    ($calls:expr) => {{
        let m = $calls;
        let (one, two) = (&Number(1), &Number(2));
        assert_eq!(made(|| assert!(m.entry_ref(one).update(|_, n| n + 1).is_none())), 0);
        assert_eq!(made(|| assert!(m.entry_ref(one).or_try_insert_with(|| Err(())).is_err())), 0);
        assert_eq!(made(|| assert_eq!(*m.entry_ref(one).or_insert(1), 1)), 1);
        assert_eq!(made(|| assert_eq!(*m.entry_ref(one).or_insert_with(|| unreachable!()), 1)), 0);
        assert_eq!(made(|| assert_eq!(*m.entry_ref(one).update(|_, n| n + 1).unwrap(), 2)), 1);
        let counted = || assert_eq!(*m.entry_ref(one).update_or_insert(|_, n| n + 1, 9), 3);
        assert_eq!(made(counted), 1);
        assert_eq!(made(|| assert_eq!(*m.entry_ref(two).or_default(), 0)), 1);
        let modified = || *m.entry_ref(one).and_modify(|n| n * 2).or_insert(0);
        assert_eq!(made(|| assert_eq!(modified(), 6)), 1);
        let declined = m.entry_ref(one).try_update(|key, n| {
            assert_eq!((key, n), (&Name(1), &6));
            None
        });
        assert!(matches!(declined, TryUpdate::Kept(_)));
        let removed = || m.entry_ref(two).compute(|_| Operation::<u64, ()>::Remove);
        assert_eq!(made(|| assert!(matches!(removed(), Compute::Removed(_)))), 0);
        assert_eq!(made(|| assert!(matches!(removed(), Compute::Absent))), 0);
        assert_eq!(m.get(two).map(|v| *v), None);
        assert_eq!(m.get(one).map(|v| *v), Some(6));
        assert_eq!(format!("{:?} {}", m.entry_ref(&'x').key(), m.len()), "'x' 1");
    }};
}

impl Equivalent<Name> for char {
    fn equivalent(&self, _: &Name) -> bool {
        false
    }
}

impl From<&char> for Name {
    fn from(_: &char) -> Name {
        unreachable!("nothing is put in by it")
    }
}

fn keys_are_made_when_an_entry_needs_them<R: Reclaimer>() {
    makes_keys_when_needed!(&Map::<Name, u64, R>::default());
    let map = Map::<Name, u64, R>::default();
    makes_keys_when_needed!(map.pin());
    map.clear();
    makes_keys_when_needed!(map.pin_owned());
    makes_keys_when_needed!(&HashMap::<Name, u64, Constant, R>::default());
}

/// A conversion that lies is found out before anything has changed.
fn a_key_that_is_not_its_borrowed_form_is_refused<R: Reclaimer>() {
    let map = Map::<Name, u64, R>::default();
    map.insert(Name(0), 5);
    map.insert(Name(BAD.0), 6);
    let calls: [&dyn Fn(); 4] = [
        &|| drop(map.entry_ref(&BAD).update(|_, n| n + 1)),
        &|| drop(map.entry_ref(&BAD).update_or_insert(|_, n| n + 1, 1)),
        &|| _ = map.pin().entry_ref(&BAD).compute::<()>(|_| Operation::Insert(9)),
        &|| {
            map.remove(&BAD);
            map.entry_ref(&BAD).or_insert(1);
        },
    ];
    for call in calls {
        assert!(catch_unwind(AssertUnwindSafe(call)).is_err());
        assert_eq!(map.get_cloned(&Number(0)), Some(5));
    }
    assert!(map.get(&BAD).is_none());
    assert_eq!(map.len(), 1);
}

/// What a name is looked up by, and made of by a call that may do anything.
struct Asked<'f>(u64, &'f dyn Fn());

impl std::hash::Hash for Asked<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        Number(self.0).hash(state);
    }
}

impl Equivalent<Name> for Asked<'_> {
    fn equivalent(&self, name: &Name) -> bool {
        self.0 == name.0
    }
}

impl From<&Asked<'_>> for Name {
    fn from(asked: &Asked<'_>) -> Name {
        (asked.1)();
        Name(asked.0)
    }
}

/// A conversion may use the map, write the very key, and have the map resize: the write that it is
/// for is lost, and done again with the key that was made.
fn a_conversion_may_use_the_map<R: Reclaimer>() {
    let map = Map::<Name, u64, R>::default();
    let nested = || {
        map.insert(Name(1), 10);
        (100..200).for_each(|n| drop(map.insert(Name(n), n)));
        map.finish_resize();
        map.flush();
    };
    let asked = &Asked(1, &nested);
    assert_eq!(*map.entry_ref(asked).update_or_insert(|_, n| n + 1, 0), 11);
    assert_eq!(map.pin().entry_ref(asked).update(|_, n| n + 1), Some(&11), "10 came between");
    map.clear();
    assert_eq!(*map.entry_ref(asked).or_insert(5), 10, "the nested insert was first");
}

/// Counts by borrowed words from several threads, through resizes: none is lost, whoever makes the
/// entry, and a key that was made for a write that was lost is used by the next.
fn no_count_is_lost<R: Reclaimer, S: BuildHasher + Default + Sync + Send>(keys: u64) {
    const THREADS: u64 = 4;
    let rounds = scaled(200) as u64;
    let map: HashMap<String, u64, S, R> = HashMap::default();
    let words: Vec<String> = (0..keys).map(|i| format!("word {i}")).collect();
    let made: u64 = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|t| {
                let (map, words) = (&map, &words);
                scope.spawn(move || {
                    let mut made = 0;
                    for round in 0..rounds {
                        for word in words {
                            let first = || {
                                made += 1;
                                1
                            };
                            match (round + t) % 2 {
                                0 => *map
                                    .entry_ref(&**word)
                                    .update_or_insert_with(|_, n| n + 1, first),
                                _ => *map
                                    .pin()
                                    .entry_ref(&**word)
                                    .update_or_insert_with(|_, n| n + 1, first),
                            };
                        }
                    }
                    made
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert!(made >= keys, "each word was inserted by somebody");
    assert_eq!(map.len() as u64, keys);
    assert!(words.iter().all(|word| map.get_cloned(&**word) == Some(THREADS * rounds)));
}

fn no_count_by_reference_is_lost<R: Reclaimer>() {
    no_count_is_lost::<R, DefaultHashBuilder>(100);
    no_count_is_lost::<R, Constant>(10);
}

fn what_declines_says_so<R: Reclaimer>() {
    let map: Map<u64, u64, R> = [(1, 0)].into_iter().collect();
    let less = |_: &u64, n: &u64| n.checked_sub(1);
    let TryUpdate::Kept(kept) = map.try_update(1, less) else { panic!("0 has no predecessor") };
    assert_eq!(kept.pair(), (&1, &0));
    assert!(matches!(map.try_update(2, less), TryUpdate::Absent));
    map.insert(1, 5);
    match map.try_update(1, less) {
        TryUpdate::Updated { old, new } => assert_eq!((*old, *new), (5, 4)),
        other => panic!("{other:?}"),
    }
    let m = map.pin();
    assert_eq!(m.try_update(1, less), TryUpdate::Updated { old: (&1, &4), new: (&1, &3) });
    assert_eq!(m.try_update(1, |_, _| None), TryUpdate::Kept((&1, &3)));
    assert_eq!(m.try_update(2, less), TryUpdate::Absent);
    assert_eq!(m.try_remove(&1, |_, n| *n > 3), TryRemove::Kept((&1, &3)));
    assert_eq!(m.try_remove(&2, |_, _| true), TryRemove::Absent);
    assert_eq!(m.try_remove(&1, |_, n| *n == 3), TryRemove::Removed((&1, &3)));
    assert!(matches!(map.try_remove(&1, |_, _| true), TryRemove::Absent));
    map.insert(1, 7);
    assert!(matches!(map.try_remove(&1, |_, _| false), TryRemove::Kept(entry) if *entry == 7));
    let removed = map.try_remove(&1, |_, _| true).removed();
    assert_eq!(removed.as_ref().map(|entry| entry.pair()), Some((&1, &7)));
}

/// Decrements that stop at nothing: of as many as there are units, each takes one, and no more.
fn a_stock_is_never_oversold<R: Reclaimer>() {
    let units = scaled(20_000) as u64;
    let stock: Map<&str, u64, R> = Map::default();
    stock.insert("apples", units);
    let sell = || {
        (0..units)
            .filter(|_| stock.try_update("apples", |_, n| n.checked_sub(1)).updated().is_some())
            .count() as u64
    };
    let sold: u64 = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(sell)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!((sold, stock.get_cloned("apples")), (units, Some(0)));
}

fn entries_under_a_pin<R: Reclaimer>() {
    let map = Map::<String, u64, R>::default();
    let m = map.pin();
    let a: &u64 = m.entry("a".into()).or_insert(1);
    assert_eq!(*a, 1);
    assert_eq!(*m.entry("a".into()).and_modify(|n| n + 1).or_insert(7), 2);
    assert_eq!(*m.entry("b".into()).and_modify(|n| n + 1).or_default(), 0);
    assert_eq!(*m.entry("cc".into()).or_insert_with_key(|key| key.len() as u64), 2);
    let PinnedEntry::Occupied(entry) = m.entry("a".into()) else { panic!("a is there") };
    assert_eq!((entry.key().as_str(), entry.get()), ("a", &2));
    map.insert("a".into(), 2); // equal, and another entry
    assert!(entry.remove().is_none(), "it was not the entry that was seen");
    let PinnedEntry::Occupied(entry) = m.entry("a".into()) else { panic!("a is there") };
    assert_eq!(entry.remove(), Some(&2));
    let PinnedEntry::Vacant(entry) = m.entry("a".into()) else { panic!("a is gone") };
    map.insert("a".into(), 5);
    let Err(TryInsertError::Occupied { current, .. }) = entry.insert(6) else {
        panic!("somebody was first")
    };
    assert_eq!(*current, 5);
    let PinnedEntry::Occupied(entry) = m.entry("a".into()) else { panic!("a is there") };
    assert_eq!(entry.insert(6), Some(&5));
    assert_eq!(*a, 1, "the pin keeps what it saw");
    let vacant = format!("{:?}", m.entry("x".into()));
    assert_eq!(vacant, "Vacant(PinnedVacantEntry(\"x\"))");
}

fn pinned_drains_hand_out_each_entry_once<R: Reclaimer>() {
    let count = scaled(20_000) as u64;
    let map: Map<u64, u64, R> = (0..count).map(|i| (i, i)).collect();
    let handed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for pinned in [true, false, true] {
            let (map, handed) = (&map, &handed);
            scope.spawn(move || {
                let mine: Vec<u64> = match pinned {
                    true => map.pin().drain().map(|(_, value)| *value).collect(),
                    false => map.drain().map(|entry| *entry).collect(),
                };
                handed.lock().unwrap().extend(mine);
            });
        }
    });
    let mut handed = handed.into_inner().unwrap();
    handed.sort_unstable();
    assert!(handed.into_iter().eq(0..count));
    assert!(map.is_empty());
}

fn iterators_can_be_cloned_and_show_what_is_left<R: Reclaimer>() {
    let map: Map<u64, u64, R> = (0..100).map(|i| (i, 2 * i)).collect();
    let mut entries = map.iter();
    let seen: BTreeSet<u64> = entries.by_ref().take(40).map(|entry| *entry.key()).collect();
    let rest = |entries: dolmen::Iter<'_, u64, u64, R>| -> BTreeSet<u64> {
        entries.map(|entry| *entry.key()).collect()
    };
    assert_eq!(rest(entries.clone()), rest(entries.clone()));
    assert!(rest(entries.clone()).is_disjoint(&seen));
    let one: Map<u64, u64, R> = [(1, 2)].into_iter().collect();
    let (m, mut owned) = (one.pin(), one.clone().into_iter());
    let shown = format!("{:?} {:?} {:?} {:?}", one.iter(), one.keys(), one.values(), m.iter());
    assert_eq!(shown, "[(1, 2)] [1] [2] [(1, 2)]");
    assert_eq!(format!("{:?} {:?}", one.drain(), m.drain()), "[(1, 2)] [(1, 2)]");
    assert_eq!(one.len(), 1, "nothing was drained");
    assert_eq!(owned.next(), Some((1, 2)));
    assert_eq!(dolmen::IntoIter::<u64, u64, DefaultHashBuilder, R>::default().next(), None);
}

/// What surfaces show in the same way, asked of a pin.
fn a_pin_answers_for_its_map<R: Reclaimer>() {
    let map: Map<u64, u64, R> = (0..100).map(|i| (i, i)).collect();
    let m = map.pin();
    assert_eq!(m.stats().len, 100);
    assert!(std::ptr::eq(m.hasher(), map.hasher()));
    let one = m.get(&1);
    m.remove(&1);
    m.flush();
    assert_eq!(one, Some(&1), "a flush under a pin frees nothing that the pin keeps");
}

on_each_reclaimer!(
    keys_are_made_when_an_entry_needs_them,
    a_key_that_is_not_its_borrowed_form_is_refused,
    a_conversion_may_use_the_map,
    no_count_by_reference_is_lost,
    what_declines_says_so,
    a_stock_is_never_oversold,
    entries_under_a_pin,
    pinned_drains_hand_out_each_entry_once,
    iterators_can_be_cloned_and_show_what_is_left,
    a_pin_answers_for_its_map,
);
