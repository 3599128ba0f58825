//! What maps of words take of the allocator: nothing for values that fit, one block for one that does
//! not, all of it back; and what they say when there is none.

mod common;
#[path = "common/refusing.rs"]
mod refusing;

use dolmen::{Operation, TryInsertError, WordMap, WordSet};
use refusing::{Plan, alone, asked, blocks, under};

#[global_allocator]
static ALLOCATOR: refusing::Failing = refusing::Failing;

const WIDE: u64 = 1 << 62;

#[test]
fn values_that_fit_take_nothing() {
    let _alone = alone();
    let map: WordMap<u64, u64> = WordMap::with_capacity(10_000);
    map.insert(0, 0);
    let before = map.stats();
    let count = asked(|| {
        for key in 0..5000 {
            map.insert(key, key);
            map.insert(key, WIDE - 1 - key);
            map.update(key, |v| v - 1);
            map.fetch_add_or(key, 1, 0);
            map.swap(key, 7);
            assert!(map.compare_exchange(key, 7, 8).is_ok());
            map.compute(key, |_| Operation::<u64, ()>::Insert(9));
            map.get_or_insert(key, 1);
            map.remove(key);
            assert!(map.try_insert(key, 1).is_ok());
            assert_eq!(map.remove_if(key, |v| v == 1), Some(1));
            assert_eq!(map.update_or_insert(key, |_| unreachable!(), 1), 1);
        }
        let m = map.pin();
        assert_eq!(m.get(1), Some(1));
        assert_eq!(m.remove_many(&[1, 2, 3]), 3);
    });
    assert_eq!(count, 0, "nothing is allocated");
    let after = map.stats();
    assert_eq!(after.retired, before.retired, "nothing is retired");
    assert_eq!(after.len, 4997);
}

#[test]
fn an_empty_map_owns_nothing() {
    let _alone = alone();
    drop(WordMap::from([(1, 1)]).pin()); // what a thread keeps for itself
    let count = asked(|| {
        let map: WordMap<u64, u64> = WordMap::new();
        assert_eq!(map.get(1), None);
        assert!(!map.contains_key(1));
        assert_eq!(map.iter().count() + map.len() + map.capacity(), 0);
    });
    assert_eq!(count, 0);
}

#[test]
fn all_memory_comes_back() {
    let _alone = alone();
    let churn = || {
        let map: WordMap<u64, u64> = WordMap::new();
        for round in 0..5 {
            for key in 0..2000 {
                map.insert(key, key << (round * 15));
            }
            for key in (0..2000).step_by(3) {
                map.fetch_add(key, WIDE);
                map.insert(key, 1);
                map.remove(key + 1);
            }
            map.retain(|key, _| key % 5 != 0);
            map.flush();
        }
        let copy = map.clone();
        assert!(copy.into_iter().any(|(_, value)| value >= WIDE));
        let rest = map.into_iter().take(10).count();
        assert_eq!(rest, 10);
        let set: WordSet<u64> = (0..1000).collect();
        drop(set);
    };
    churn(); // what the process keeps for itself
    let before = blocks();
    churn();
    assert_eq!(blocks(), before);
}

/// What a call did in which some allocation failed: all or nothing.
#[test]
fn without_memory() {
    let _alone = alone();
    let states: [fn() -> WordMap<u64, u64>; 3] = [
        WordMap::new,
        || (0..40).map(|n| (n, n | WIDE)).collect(),
        || {
            // The next insert has to grow the table.
            let map = WordMap::from([(0, 0)]);
            (0..).take_while(|_| map.len() < map.capacity()).for_each(|n| _ = map.insert(n, n));
            map
        },
    ];
    let mut refusals = 0;
    for state in states {
        for new in [7, WIDE, u64::MAX] {
            for plan in (0..20).flat_map(|n| [Plan::One(n), Plan::From(n)]) {
                let map = state();
                let before: Vec<_> = map.iter().collect();
                let (result, refused) = under(plan, || map.try_insert(1 << 40, new));
                refusals += usize::from(refused);
                match result {
                    Ok(value) => assert_eq!((value, map.remove(1 << 40)), (new, Some(new))),
                    Err(TryInsertError::Full { key, value, error }) => {
                        assert!(refused, "{error}");
                        assert_eq!((key, value), (1 << 40, new));
                    }
                    Err(other) => panic!("{other:?}"),
                }
                assert_eq!(map.get(1 << 40), None);
                assert_eq!(map.len(), before.len());
                assert!(before.iter().all(|(key, value)| map.get(*key) == Some(*value)));
                let (result, refused) = under(plan, || map.try_reserve(5000));
                assert!(result.is_ok() || refused);
                assert!(before.iter().all(|(key, value)| map.get(*key) == Some(*value)));
                map.insert(1 << 41, new);
                map.try_reserve(5000).unwrap();
                assert_eq!(map.len(), before.len() + 1);
            }
        }
    }
    assert!(refusals > 20, "{refusals}");
}
