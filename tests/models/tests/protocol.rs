//! The protocol: under loom weak memory, and every order of steps up to a number of preemptions;
//! under shuttle the same plans, wider, in orders drawn at random; and on real threads.
//!
//! loom gets a reclaimer that costs nothing, so that the search is the protocol's alone; shuttle
//! that one, which frees at the first moment at which it may, and the real one, too.
#![cfg(any(dolmen_loom, dolmen_shuttle, dolmen_real))]

use dolmen_models::checker::explore_all;
use dolmen_models::maps::Nodes;
use dolmen_models::scenarios::{self, Scenario};

fn explore(scenarios: Vec<Scenario>) {
    #[cfg(not(dolmen_real))]
    explore_all::<Nodes<dolmen::model::Deferred>>(scenarios.clone());
    #[cfg(not(dolmen_loom))]
    explore_all::<Nodes<dolmen::Epoch>>(scenarios);
}

#[test]
fn one_table() {
    explore(scenarios::one_table());
}

#[test]
fn verbs_against_a_move() {
    explore(scenarios::verbs_against_a_move());
}

#[test]
fn copiers() {
    explore(scenarios::copiers());
}

#[test]
fn ends() {
    explore(scenarios::ends());
}

#[test]
fn shared_idents() {
    explore(scenarios::shared_idents());
}

#[test]
fn iteration() {
    explore(scenarios::iteration());
}
