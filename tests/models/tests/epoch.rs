//! The real reclaimer: is anything freed that a reader may still hold?
#![cfg(any(dolmen_loom, dolmen_shuttle, dolmen_real))]

use dolmen::Epoch;
use dolmen_models::cells::{self, explore_cells};
use dolmen_models::checker::explore_all;
use dolmen_models::maps::Nodes;
use dolmen_models::scenarios;

#[test]
fn retirement() {
    explore_all::<Nodes<Epoch>>(scenarios::retirement());
}

#[test]
fn participants() {
    explore_all::<Nodes<Epoch>>(scenarios::participants());
}

#[test]
fn readers() {
    explore_cells(cells::readers());
}

#[test]
fn collectors() {
    explore_cells(cells::collectors());
}

#[test]
fn two_collectors() {
    explore_cells(cells::two_collectors());
}
