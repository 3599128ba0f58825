//! Large tables that were retired: who looks for them until they are freed, and nobody after that.

use super::super::Change;
use super::Map;
use crate::reclaim::{Collect, Guard};
use crate::sync::limits::BAG_BYTES;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

impl Map {
    /// Writes until nothing waits that this thread would look for, and no longer than a minute: pins of other tests
    /// may be in the way.
    fn write_until_calm(&self, mut write: impl FnMut()) {
        let start = Instant::now();
        while self.patience() > 0 && start.elapsed() < Duration::from_secs(60) {
            write();
        }
    }

    /// Whether anything is due here in what this thread writes. (A thread may get the participant of one that
    /// is gone, in whose entries of other maps something is.)
    fn is_due(&self) -> bool {
        let guard = self.0.reclaim.pin();
        self.0.local(guard.as_pin()).expect("memory").is_due()
    }
}

/// A call on the whole map that has freed what waits is not made again by the next.
#[test]
fn what_was_flushed_waits_no_more() {
    let map = Map::new();
    map.retire_table(5000);
    assert!(map.patience() > 0);
    map.write_until_calm(|| map.0.flush_large());
    assert_eq!((map.patience(), map.0.reclaim.status().sealed), (0, 0));
}

/// Of writes that leave everything as it is, whatever they are shown.
#[test]
fn who_declines_looks_for_what_waits() {
    let map = Map::new();
    assert_eq!(map.insert(1, 1), None);
    for key in [1, 2] {
        map.retire_table(5000);
        map.write_until_calm(|| _ = map.write(key, true, |_| Change::Keep));
        assert_eq!(map.0.reclaim.status().sealed, 0, "of key {key}");
    }
}

/// Who is told of a large table that another has retired looks for it, and does not flush for it.
#[test]
fn what_others_retired_is_not_flushed_for() {
    let map = Map::new();
    // A place for this thread, and a pin in the way.
    assert_eq!(map.insert(1, 1), None);
    let guard = map.0.reclaim.pin_owned();
    thread::scope(|scope| {
        scope.spawn(|| {
            map.retire_table(5000);
            // Seals, and tells the others.
            assert_eq!(map.insert(2, 2), None);
        });
    });
    assert_eq!(map.patience(), 0);
    assert_eq!(map.insert(3, 3), None);
    let own = map.0.with_own(|own| (own.patience > 0, own.large));
    assert_eq!(own, Some((true, false)));
    drop(guard);
}

/// Tables in the open bags of threads that do nothing more wait for these, not for who collects.
#[test]
fn what_idle_threads_have_retired_keeps_no_other_collecting() {
    let (map, turn, idle) = (Map::new(), Barrier::new(2), Barrier::new(4));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                map.retire_table(1500);
                turn.wait();
                idle.wait();
            });
            turn.wait();
        }
        (0..50_000).for_each(|key| assert_eq!(map.insert(key, key), None));
        map.write_until_calm(|| {
            (0..1000).for_each(|key| assert_eq!(map.insert(key, key), Some(key)));
        });
        let (open, patience) = (map.0.reclaim.status().open_bytes, map.patience());
        idle.wait();
        assert!(open >= BAG_BYTES && patience == 0, "{open} {patience}");
    });
}

/// A thread that was told, and writes here no more, has nothing due once others have seen to it: it would look in
/// every map that it writes.
#[test]
fn what_others_have_freed_is_due_nowhere() {
    let (map, turn) = (Map::new(), Barrier::new(3));
    thread::scope(|scope| {
        let told = scope.spawn(|| {
            assert_eq!(map.insert(1, 1), None);
            turn.wait();
            turn.wait();
            let was_due = map.is_due();
            turn.wait();
            turn.wait();
            (was_due, map.is_due())
        });
        let tells = scope.spawn(|| {
            turn.wait();
            let guard = map.0.reclaim.pin_owned();
            map.retire_table(5000);
            assert_eq!(map.insert(2, 2), None);
            turn.wait();
            turn.wait();
            drop(guard);
            map.write_until_calm(|| assert_eq!(map.insert(2, 2), Some(2)));
            let is_due = map.is_due();
            turn.wait();
            is_due
        });
        (0..4).for_each(|_| _ = turn.wait());
        assert!(!tells.join().expect("no panic"), "who has freed it need not look again");
        assert_eq!(told.join().expect("no panic"), (true, false));
    });
}
