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

/// Two readers, one of which pins a second time: epochs that lie apart.
#[test]
fn a_cell_and_two_readers() {
    reaching("two readers", &[Branch::BagFreed], || {
        explore("a cell: swap and retire, two readers", 2, || {
            model::begin();
            let cell = Arc::new(Cell::new(1));
            let readers = [1, 2].map(|times| {
                let cell = cell.clone();
                spawn(move || {
                    for _ in 0..times {
                        cell.read();
                    }
                })
            });
            (2..=3).for_each(|value| cell.replace(value));
            readers.into_iter().for_each(|reader| reader.join().unwrap());
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
