//! The protocol under shuttle: the plans that loom explores, wider, in orders drawn at random. Each
//! runs with a reclaimer that frees at the first moment at which it may, and with the real one.
#![cfg(dolmen_shuttle)]

use dolmen::Epoch;
use dolmen::model::Deferred;
use dolmen_models::checker::explore_all;
use dolmen_models::scenarios::{self, Scenario};

fn both(scenarios: Vec<Scenario>) {
    explore_all::<Deferred>(scenarios.clone());
    explore_all::<Epoch>(scenarios);
}

#[test]
fn one_table() {
    both(scenarios::one_table());
}

#[test]
fn verbs_against_a_move() {
    both(scenarios::verbs_against_a_move());
}

#[test]
fn copiers() {
    both(scenarios::copiers());
}

#[test]
fn ends() {
    both(scenarios::ends());
}

#[test]
fn shared_idents() {
    both(scenarios::shared_idents());
}

#[test]
fn iteration() {
    both(scenarios::iteration());
}

#[test]
fn retirement() {
    explore_all::<Epoch>(scenarios::retirement());
}
