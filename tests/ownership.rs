//! Who owns what when an owner gives up in the middle: each entry goes to exactly one of the caller, the
//! hook and the destructor, whatever panics, and no second panic ends the process.

mod common;

use common::{Constant, Identity, Pairs, Reclaimer};
use dolmen::HashMap;
use std::cell::Cell;
use std::hash::BuildHasher;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

/// By number of the entry: how often it came.
type Record = Arc<Vec<AtomicU32>>;

fn record(room: u64) -> Record {
    Arc::new((0..room).map(|_| AtomicU32::new(0)).collect())
}

fn came(record: &Record) -> Vec<u32> {
    record.iter().map(|n| n.load(SeqCst)).collect()
}

/// A map that tells a record what is reclaimed.
fn told<S, R>(entries: u64, record: &Record) -> HashMap<u64, Box<u64>, S, R>
where
    S: BuildHasher + Default,
    R: Reclaimer,
{
    let record = record.clone();
    let map = HashMap::builder()
        .hasher(S::default())
        .reclaimer::<R>()
        .on_reclaim(move |_, number: Box<u64>| _ = record[*number as usize].fetch_add(1, SeqCst))
        .build();
    (0..entries).for_each(|n| drop(map.insert(n, Box::new(n))));
    map
}

/// What an iterator has not handed out goes to the hook, once, and what it has does not.
fn the_hook_gets_what_an_iterator_leaves<S: BuildHasher + Default, R: Reclaimer>(entries: u64) {
    for taken in 0..=entries.min(40) {
        let record = record(entries);
        let mut iter = told::<S, R>(entries, &record).into_iter();
        let mut expected = vec![1; entries as usize];
        iter.by_ref().take(taken as usize).for_each(|(n, _)| expected[n as usize] = 0);
        assert_eq!(iter.len() as u64, entries - taken);
        assert_eq!(came(&record).iter().sum::<u32>(), 0, "not before it is dropped");
        drop(iter);
        assert_eq!(came(&record), expected, "{taken} taken");
    }
}

#[cfg(feature = "rayon")]
fn the_hook_gets_what_a_parallel_iterator_leaves<S, R>(entries: u64)
where
    S: BuildHasher + Default + Send,
    R: Reclaimer,
{
    use rayon::prelude::*;
    /// A value that is dropped, and not given to the hook.
    struct Handed(usize, Record);
    impl Drop for Handed {
        fn drop(&mut self) {
            self.1[self.0].fetch_add(1, SeqCst);
        }
    }
    for wanted in 0..entries.min(40) {
        let (given, dropped) = (record(entries), record(entries));
        let hook = {
            let given = given.clone();
            move |_, value: Handed| {
                given[value.0].fetch_add(1, SeqCst);
                value.1[value.0].fetch_sub(1, SeqCst);
            }
        };
        let builder = HashMap::builder().hasher(S::default()).reclaimer::<R>();
        let map: HashMap<u64, Handed, S, R> = builder.on_reclaim(hook).build();
        (0..entries).for_each(|n| drop(map.insert(n, Handed(n as usize, dropped.clone()))));
        let looked_at = std::sync::atomic::AtomicUsize::new(0);
        let look = |(n, _): &(u64, Handed)| {
            looked_at.fetch_add(1, SeqCst);
            *n == wanted
        };
        let found = map.into_par_iter().find_any(look).expect("it is there");
        let (given, handed) = (came(&given), came(&dropped));
        // Of each part, rayon may take one more than it looks at. Few slots are one part.
        let parts = if entries < 100 { 1 } else { entries as u32 };
        assert!(handed.iter().sum::<u32>() <= looked_at.into_inner() as u32 - 1 + parts);
        for (n, (given, handed)) in given.into_iter().zip(handed).enumerate() {
            let expected = u32::from(n as u64 != wanted);
            assert_eq!(given + handed, expected, "{n}, where {wanted} was looked for");
        }
        assert_eq!(found.1.0 as u64, wanted);
    }
}

/// What panics carry here. Without a size, so that the panics that are forgotten leave nothing behind.
struct Boom;
struct Call;

/// A value whose destructor panics, unless the record is taken out.
struct Bomb(u64, Option<Record>);

impl Drop for Bomb {
    fn drop(&mut self) {
        let Some(record) = &self.1 else { return };
        record[self.0 as usize].fetch_add(1, SeqCst);
        // Not `panic!`, which would print.
        resume_unwind(Box::new(Boom));
    }
}

fn bombs<S, R>(entries: u64, record: &Record) -> HashMap<u64, Bomb, S, R>
where
    S: BuildHasher + Default,
    R: Reclaimer,
{
    let map = HashMap::default();
    (0..entries).for_each(|n| drop(map.insert(n, Bomb(n, Some(record.clone())))));
    map
}

#[track_caller]
fn panic_of(f: impl FnOnce()) -> Box<dyn std::any::Any + Send> {
    catch_unwind(AssertUnwindSafe(f)).expect_err("it panics")
}

/// All destructors panic: all run, once, and the first panic comes out.
fn every_destructor_panics<S: BuildHasher + Default, R: Reclaimer>(entries: u64) {
    for taken in 0..entries.min(20) {
        let record = record(entries);
        let mut iter = bombs::<S, R>(entries, &record).into_iter();
        let mut expected = vec![1; entries as usize];
        for (n, mut bomb) in iter.by_ref().take(taken as usize) {
            expected[n as usize] = 0;
            drop(bomb.1.take());
        }
        assert!(panic_of(|| drop(iter)).is::<Boom>());
        assert_eq!(came(&record), expected, "{taken} taken");
    }
    // A loop that is left by such a panic: what follows is dropped while the thread unwinds.
    let record = record(entries);
    let map = bombs::<S, R>(entries, &record);
    assert!(panic_of(|| map.into_iter().for_each(drop)).is::<Boom>());
    assert_eq!(came(&record), vec![1; entries as usize]);
}

#[cfg(feature = "rayon")]
fn every_destructor_panics_in_parallel<S, R>(entries: u64)
where
    S: BuildHasher + Default + Send,
    R: Reclaimer,
{
    use rayon::prelude::*;
    for wanted in 0..entries.min(20) {
        let record = record(entries);
        let map = bombs::<S, R>(entries, &record);
        let kept = std::sync::atomic::AtomicUsize::new(0);
        // What has been looked at does not panic, and the rest stays in the map.
        let look = |(n, mut bomb): (u64, Bomb)| {
            drop(bomb.1.take());
            kept.fetch_add(1, SeqCst);
            n == wanted
        };
        let looked = catch_unwind(AssertUnwindSafe(|| map.into_par_iter().any(look)));
        let gone = came(&record).iter().map(|n| *n as usize).sum::<usize>();
        assert!(came(&record).iter().all(|n| *n <= 1));
        assert_eq!(gone + kept.into_inner(), entries as usize);
        assert_eq!(looked.is_err(), gone > 0, "a panic comes out if there was one");
    }
    // The closure drops: many panics in many threads.
    let record = record(entries);
    let map = bombs::<S, R>(entries, &record);
    assert!(panic_of(|| map.into_par_iter().for_each(drop)).is::<Boom>());
    assert_eq!(came(&record), vec![1; entries as usize]);
}

/// A map that drops because its thread unwinds lets no second panic out.
fn a_map_that_drops_while_its_thread_unwinds<S: BuildHasher + Default, R: Reclaimer>(entries: u64) {
    let record = record(2 * entries);
    let panic = panic_of(|| {
        let map = bombs::<S, R>(entries, &record);
        for n in 0..entries {
            // On some reclaimers, destructors run here.
            let replaced = AssertUnwindSafe(|| {
                map.insert(n, Bomb(entries + n, Some(record.clone())));
            });
            catch_unwind(replaced).unwrap_or_else(|panic| assert!(panic.is::<Boom>()));
        }
        resume_unwind(Box::new("the first"));
    });
    assert_eq!(panic.downcast_ref(), Some(&"the first"));
    assert_eq!(came(&record), vec![1; 2 * entries as usize]);
    // A panic that a collector kept for later comes out of the next map that drops.
    let map = HashMap::<u64, u64, S, R>::default();
    let late = catch_unwind(AssertUnwindSafe(|| drop(map)));
    assert!(late.is_ok() || !R::PROMPT);
}

macro_rules! by_hasher {
    ($($module:ident: $hasher:ty, $entries:expr;)+) => { $(
        mod $module {
            use super::*;
            #[test] fn early() { the_hook_gets_what_an_iterator_leaves::<$hasher, R>($entries); }
            #[test] fn panics() { every_destructor_panics::<$hasher, R>($entries); }
            #[test] fn unwinding() {
                a_map_that_drops_while_its_thread_unwinds::<$hasher, R>($entries);
            }
            #[cfg(feature = "rayon")]
            #[test] fn early_in_parallel() {
                the_hook_gets_what_a_parallel_iterator_leaves::<$hasher, R>($entries);
            }
            #[cfg(feature = "rayon")]
            #[test] fn panics_in_parallel() {
                every_destructor_panics_in_parallel::<$hasher, R>($entries);
            }
        }
    )+ };
}

with_each_reclaimer! { by_hasher! {
    identity: Identity, 300;
    constant: Constant, 30;
    pairs: Pairs, 300;
} }

/// A hook is dropped last, and may panic then, like what it captured.
fn a_hook_that_panics_when_it_is_dropped<R: Reclaimer>() {
    let record = record(10);
    let built = |record: &Record, calls: bool| {
        let bomb = Bomb(9, Some(record.clone()));
        let map = HashMap::<u64, u64>::builder()
            .hasher(Constant::default())
            .reclaimer::<R>()
            .on_reclaim(move |n: u64, _: u64| {
                bomb.1.as_ref().expect("armed")[n as usize].fetch_add(1, SeqCst);
                if calls {
                    resume_unwind(Box::new(Call));
                }
            })
            .build();
        (0..5).for_each(|n| drop(map.insert(n, n)));
        map
    };
    let map = built(&record, false);
    assert!(panic_of(|| drop(map)).is::<Boom>());
    let map = built(&record, true);
    assert!(panic_of(|| drop(map)).is::<Call>(), "the first panic");
    let map = built(&record, true);
    let first = || {
        let _map = map;
        resume_unwind(Box::new("before"));
    };
    assert_eq!(panic_of(first).downcast_ref(), Some(&"before"));
    assert_eq!(came(&record), [3, 3, 3, 3, 3, 0, 0, 0, 0, 3]);
}

/// A panic that carries something whose own destructor panics.
struct Payload;

thread_local! {
    /// Payloads dropped on this thread.
    static DROPPED: Cell<usize> = const { Cell::new(0) };
}

impl Drop for Payload {
    fn drop(&mut self) {
        DROPPED.set(DROPPED.get() + 1);
        resume_unwind(Box::new(Boom));
    }
}

struct Thrower;

impl Drop for Thrower {
    fn drop(&mut self) {
        resume_unwind(Box::new(Payload));
    }
}

/// One panic comes out with its payload; the others' payloads are forgotten, never dropped; and a
/// thread that ends with one that nobody has asked for ends well.
fn payloads_that_panic<R: Reclaimer>() {
    let churn = |map: &HashMap<u64, Thrower, Constant, R>| {
        for n in 0..200 {
            let write = || drop(map.insert(n % 5, Thrower));
            if let Err(panic) = catch_unwind(AssertUnwindSafe(write)) {
                assert!(panic.is::<Payload>());
                std::mem::forget(panic);
            }
        }
    };
    let map = HashMap::<u64, Thrower, Constant, R>::default();
    churn(&map);
    let panic = panic_of(|| drop(map));
    assert!(panic.is::<Payload>());
    std::mem::forget(panic);
    assert_eq!(DROPPED.get(), 0, "no payload was dropped on the way");

    // The last to let go of a value is a reader, which never writes.
    let map = HashMap::<u64, Thrower, Constant, R>::default();
    churn(&map);
    std::thread::scope(|scope| {
        let (held, holds) = std::sync::mpsc::channel();
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let map = &map;
        let reader = scope.spawn(move || {
            let pin = map.pin();
            held.send(()).unwrap();
            wait.recv().unwrap();
            drop(pin);
        });
        holds.recv().unwrap();
        churn(map);
        (0..5).for_each(|_| {
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| map.flush())) {
                std::mem::forget(panic);
            }
        });
        go.send(()).unwrap();
        reader.join().expect("it has not asked for a panic");
    });
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(map))) {
        std::mem::forget(panic);
    }
}

on_each_reclaimer!(a_hook_that_panics_when_it_is_dropped, payloads_that_panic);
