//! The real reclaimer under loom: is anything freed that a reader may still hold?
#![cfg(dolmen_loom)]

use dolmen::Epoch;
use dolmen::model::{self, Branch, Cell};
use dolmen_models::checker::{explore, explore_all, reaching, spawn};
use dolmen_models::scenarios;
use std::sync::Arc;

#[test]
fn retirement() {
    explore_all::<Epoch>(scenarios::retirement());
}

/// Epochs alone: a reader, and a writer whose second and third replacement free what the first
/// retired. The canaries in the nodes tell.
#[test]
fn a_cell() {
    reaching("a cell", &[Branch::BagFreed, Branch::AdvanceBlocked], || {
        explore("a cell: swap and retire, read", 3, || {
            model::begin();
            let cell = Arc::new(Cell::new(1));
            let shared = cell.clone();
            let reader = spawn(move || {
                assert!(shared.read() <= 4);
            });
            (2..=4).for_each(|value| cell.replace(value));
            reader.join().unwrap();
        });
    });
}

/// Two readers: pins in two epochs.
#[test]
fn a_cell_and_two_readers() {
    reaching("two readers", &[Branch::BagFreed, Branch::AdvanceBlocked], || {
        explore("a cell: swap and retire, two readers", 2, || {
            model::begin();
            let cell = Arc::new(Cell::new(1));
            let readers = [(); 2].map(|()| {
                let cell = cell.clone();
                spawn(move || assert!(cell.read() <= 3))
            });
            (2..=3).for_each(|value| cell.replace(value));
            readers.into_iter().for_each(|reader| reader.join().unwrap());
        });
    });
}

/// A reader that pins twice.
#[test]
fn a_cell_and_a_reader_that_comes_back() {
    reaching("a reader twice", &[Branch::BagFreed, Branch::AdvanceBlocked], || {
        explore("a cell: swap and retire, read twice", 3, || {
            model::begin();
            let cell = Arc::new(Cell::new(1));
            let shared = cell.clone();
            let reader = spawn(move || assert!(shared.read() <= shared.read(), "went back"));
            (2..=3).for_each(|value| cell.replace(value));
            reader.join().unwrap();
        });
    });
}

/// Two that retire and collect at the same time, and free each other's.
#[test]
fn two_collectors() {
    reaching("two collectors", &[], || {
        explore("a cell: two that replace", 3, || {
            model::begin();
            let cell = Arc::new(Cell::new(1));
            let shared = cell.clone();
            let other = spawn(move || shared.replace(2));
            cell.replace(3);
            other.join().unwrap();
        });
    });
}

/// The epoch advances between the pin of the one that retires and its seal. The fence in `seal` is
/// what keeps it from sealing with the epoch of its pin, one too old: the reader, pinned in the
/// new one, would not be waited for.
#[test]
fn a_seal_after_an_advance() {
    reaching("a seal after an advance", &[Branch::BagFreed], || {
        explore("a cell: retire and collect, collect and read", 3, || {
            model::begin();
            let cell = Arc::new(Cell::new(1));
            let shared = cell.clone();
            let reader = spawn(move || {
                shared.collect();
                assert!(shared.read() <= 2);
            });
            cell.replace(2);
            cell.collect();
            reader.join().unwrap();
        });
    });
}

/// A collector that does nothing else, so that nothing but its own barrier puts its scans after the
/// pins that they must see. It may also be late: loads the epoch, scans, and finds it advanced.
#[test]
fn a_collector_of_its_own() {
    reaching("a collector", &[Branch::BagFreed], || {
        explore("a cell: retire, collect, read", 2, || {
            model::begin();
            let cell = Arc::new(Cell::new(1));
            let (shared, collected) = (cell.clone(), cell.clone());
            let reader = spawn(move || assert!(shared.read() <= 2));
            let collector = spawn(move || (0..2).for_each(|_| collected.collect()));
            cell.retire(2);
            reader.join().unwrap();
            collector.join().unwrap();
        });
    });
}

/// Two collectors: one has scanned, the reader pins, and the other loads the epoch that the first
/// then makes. With its barrier before that load it would miss the pin, which came after it: that
/// variant fails at three preemptions, within seconds. The right one takes minutes to explore that
/// far (three million executions), so a push tries two; with `DOLMEN_PREEMPTIONS=3` it goes all the
/// way, which is due when the order of an advance is touched.
#[test]
fn two_collectors_of_their_own() {
    reaching("two collectors", &[Branch::BagFreed], || {
        let preemptions = std::env::var("DOLMEN_PREEMPTIONS").map_or(2, |n| n.parse().unwrap());
        explore("a cell: retire, collect, collect, read", preemptions, || {
            model::begin();
            let cell = Arc::new(Cell::new(1));
            let shared = cell.clone();
            let reader = spawn(move || assert!(shared.read() <= 2));
            let collectors = [(); 2].map(|()| {
                let cell = cell.clone();
                spawn(move || cell.collect())
            });
            cell.retire(2);
            reader.join().unwrap();
            collectors.into_iter().for_each(|collector| collector.join().unwrap());
        });
    });
}
