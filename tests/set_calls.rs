//! The set's calls beyond std's: batches, offers, what is reclaimed, parallel iteration; on every
//! reclaimer.

mod common;

use common::{Constant, Reclaimer, scaled};
use dolmen::{DefaultHashBuilder, HashSet, TryInsertError, TryRemove};
use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

type Set<T, R, S = DefaultHashBuilder> = HashSet<T, S, R>;

fn batches_agree<R: Reclaimer, S: BuildHasher + Default>(count: u64) {
    let set: HashSet<u64, S, R> = HashSet::default();
    let new = HashSet::<u64, S, R>::default();
    (&new).extend((0..count).map(|_| new.len() as u64));
    assert_eq!(new.len(), count as usize, "each is there before the next is asked for");
    assert_eq!(set.insert_many((0..count).map(|i| 2 * i)), count as usize);
    assert_eq!(set.pin().insert_many((0..count).map(|i| 2 * i)), 0);
    for n in [0, 1, 31, 32, 33, count] {
        let asked: Vec<u64> = (0..n).rev().collect();
        let mut places = Vec::new();
        set.get_many(&asked, |i, element| {
            assert_eq!(element.is_some(), set.contains(&asked[i]));
            assert!(element.is_none_or(|element| *element == asked[i]));
            places.push(i);
        });
        assert!(places.into_iter().eq(0..asked.len()));
        let present = asked.iter().filter(|element| *element % 2 == 0).count();
        assert_eq!(
            (set.contains_many(&asked), set.pin().contains_many(&asked)),
            (present, present)
        );
    }
    let half: Vec<u64> = (0..count).collect();
    assert_eq!(set.remove_many(&half), half.len().div_ceil(2));
    assert_eq!(set.pin().remove_many(&half), 0);
    assert_eq!(set.len(), count as usize - half.len().div_ceil(2));
}

fn batches_answer_as_single_calls_do<R: Reclaimer>() {
    batches_agree::<R, DefaultHashBuilder>(1000);
    batches_agree::<R, Constant>(50);
}

/// Of many who insert the same elements in batches, each is told of its own.
fn who_inserts_in_a_batch_is_told<R: Reclaimer>() {
    let count = scaled(40_000) as u64;
    let set = Set::<u64, R>::default();
    let insert = || set.insert_many(0..count);
    let new: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(insert)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!((new as u64, set.len() as u64), (count, count));
}

/// A batch keeps the element that is there, as `insert` does.
fn a_batch_keeps_what_is_there<R: Reclaimer>() {
    let set = Set::<String, R>::default();
    let first = set.get_or_insert("a".to_string()).as_ptr();
    assert_eq!(set.insert_many(["a".to_string(), "b".to_string()]), 1);
    assert_eq!(set.get("a").unwrap().as_ptr(), first);
}

fn offers_come_back<R: Reclaimer>() {
    let set = Set::<String, R>::default();
    assert_eq!(*set.try_insert("a".into()).unwrap(), "a");
    let error = set.try_insert("a".into()).unwrap_err();
    let TryInsertError::Occupied { current, .. } = &error else { panic!("a is there") };
    assert_eq!(current.as_ptr(), set.get("a").unwrap().as_ptr());
    assert_eq!(error.into_key(), "a");
    let s = set.pin();
    assert_eq!(s.try_insert("b".into()).unwrap(), "b");
    assert_eq!(s.try_insert("b".into()).unwrap_err().into_key(), "b");
}

fn what_is_kept_is_told_from_what_is_absent<R: Reclaimer>() {
    let set: Set<u64, R> = (0..10).collect();
    assert!(matches!(set.try_remove(&3, |_| false), TryRemove::Kept(three) if *three == 3));
    assert!(matches!(set.try_remove(&11, |_| true), TryRemove::Absent));
    assert!(matches!(set.try_remove(&3, |_| true), TryRemove::Removed(three) if *three == 3));
    let s = set.pin();
    assert_eq!(s.try_remove(&3, |_| true), TryRemove::Absent);
    assert_eq!(s.try_remove(&4, |_| false), TryRemove::Kept(&4));
    assert_eq!(s.try_remove(&4, |_| true), TryRemove::Removed(&4));
}

/// Who asked for reclaimed elements gets each exactly once: removed, replaced, drained, or left at
/// the end.
fn every_element_comes_once<R: Reclaimer>() {
    let count = scaled(20_000);
    let came: Arc<Vec<AtomicU32>> = Arc::new((0..count).map(|_| AtomicU32::new(0)).collect());
    let log = came.clone();
    let set = HashSet::builder()
        .reclaimer::<R>()
        .on_reclaim(move |element: Box<usize>| _ = log[*element].fetch_add(1, SeqCst))
        .build();
    thread::scope(|scope| {
        for t in 0..4 {
            let set = &set;
            scope.spawn(move || {
                for n in (t..count).step_by(4) {
                    set.insert(Box::new(n));
                    match n % 5 {
                        0 => drop(set.remove(&n)),
                        1 => drop(set.pin().take(&n)),
                        2 => drop(set.pin().drain().next()),
                        3 => set.flush(),
                        _ => {}
                    }
                }
            });
        }
    });
    set.pin().flush();
    set.flush();
    assert!(set.iter().all(|element| came[**element].load(SeqCst) == 0), "one is still there");
    drop(set);
    assert!(came.iter().all(|came| came.load(SeqCst) == 1));
}

fn room_is_reserved_and_given_back<R: Reclaimer>() {
    let set = Set::<u64, R>::default();
    let s = set.pin();
    assert!(s.try_reserve(usize::MAX).is_err());
    s.try_reserve(500).unwrap();
    assert!(s.capacity() >= 500);
    s.insert(1);
    s.shrink_to(100);
    assert!((100..500).contains(&s.capacity()), "{}", s.capacity());
    s.shrink_to_fit();
    assert!(set.capacity() < 10);
    assert_eq!(
        (s.stats().len, set.stats().len, s.hasher().hash_one(1)),
        (1, 1, set.hasher().hash_one(1))
    );
}

fn drains_share_the_elements<R: Reclaimer>() {
    let count = scaled(20_000) as u64;
    let set: Set<u64, R> = (0..count).collect();
    let drained: Vec<Vec<u64>> = thread::scope(|scope| {
        let set = &set;
        let threads: Vec<_> = (0..4)
            .map(|t| {
                scope.spawn(move || match t % 2 {
                    0 => set.drain().map(|element| *element).collect(),
                    _ => set.pin().drain().copied().collect(),
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut drained = drained.concat();
    drained.sort_unstable();
    assert!(drained.into_iter().eq(0..count));
    assert!(set.is_empty());
}

fn sets_of_any_reclaimer_make_sets<R: Reclaimer>() {
    let (a, b): (Set<u64, R>, Set<u64, R>) = ((0..100).collect(), (50..150).collect());
    assert_eq!((&a | &b).len(), 150);
    assert_eq!(&a & &b, (50..100).collect());
    assert_eq!(&a - &b, (0..50).collect());
    assert_eq!(&a ^ &b, &(&a - &b) | &(&b - &a));
    assert_eq!(a.clone(), a);
    let one: Set<u64, R> = [1].into_iter().collect();
    let shown = format!("{:?} {:?} {:?}", one.iter(), one.pin().iter(), one.union(&one).clone());
    assert_eq!(shown, "[1] [1] [1]");
    assert_eq!(format!("{:?} {:?}", one.drain(), one.pin().drain()), "[1] [1]");
    assert_eq!(one.len(), 1, "nothing was drained");
}

#[cfg(feature = "rayon")]
fn parallel_iterators_yield_each_element_once<R: Reclaimer>() {
    use rayon::prelude::*;

    let count = scaled(100_000) as u64;
    let mut set: Set<u64, R> = (0..count).into_par_iter().collect();
    assert_eq!(set.len() as u64, count);
    assert_eq!(set.stats().migration, None);
    let sorted = |mut elements: Vec<u64>| {
        elements.sort_unstable();
        elements
    };
    let all = |to: u64| (0..to).collect::<Vec<u64>>();
    assert_eq!(sorted(set.pin().par_iter().copied().collect()), all(count));
    let owned = set.pin_owned();
    assert_eq!(owned.par_iter().filter(|element| **element % 2 == 0).count() as u64, count / 2);
    drop(owned);
    set.par_extend((0..2 * count).into_par_iter());
    (&set).par_extend((0..count).into_par_iter());
    assert_eq!(sorted(set.into_par_iter().collect()), all(2 * count));
}

/// Others write while the elements are gone over: what stays is met once.
#[cfg(feature = "rayon")]
fn parallel_iterators_meet_what_stays<R: Reclaimer>() {
    use rayon::prelude::*;
    use std::sync::atomic::AtomicBool;

    let set: Set<u64, R> = (0..1000).collect();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut n = 1000;
            while !done.load(SeqCst) {
                set.insert(n);
                set.remove(&(n - 500).max(1000));
                n += 1;
            }
        });
        for _ in 0..scaled(500) {
            let met: Vec<u64> = set.pin().par_iter().copied().filter(|n| *n < 1000).collect();
            let stays: std::collections::BTreeSet<u64> = met.iter().copied().collect();
            if (met.len(), stays.len()) != (1000, 1000) {
                done.store(true, SeqCst);
                panic!("{} met, {} different", met.len(), stays.len());
            }
        }
        done.store(true, SeqCst);
    });
}

on_each_reclaimer!(
    batches_answer_as_single_calls_do,
    who_inserts_in_a_batch_is_told,
    a_batch_keeps_what_is_there,
    offers_come_back,
    what_is_kept_is_told_from_what_is_absent,
    every_element_comes_once,
    room_is_reserved_and_given_back,
    drains_share_the_elements,
    sets_of_any_reclaimer_make_sets,
);

#[cfg(feature = "rayon")]
mod parallel {
    crate::on_each_reclaimer!(
        parallel_iterators_yield_each_element_once,
        parallel_iterators_meet_what_stays,
    );

    use super::{parallel_iterators_meet_what_stays, parallel_iterators_yield_each_element_once};
}
