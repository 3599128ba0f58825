//! The protocol under loom: weak memory, and every order of steps up to a number of preemptions.
//! The reclaimer costs nothing here, so that the search is the protocol's alone.
#![cfg(dolmen_loom)]

use dolmen::model::Deferred;
use dolmen_models::checker::explore_all;
use dolmen_models::scenarios;

#[test]
fn one_table() {
    explore_all::<Deferred>(scenarios::one_table());
}

#[test]
fn verbs_against_a_move() {
    explore_all::<Deferred>(scenarios::verbs_against_a_move());
}

#[test]
fn copiers() {
    explore_all::<Deferred>(scenarios::copiers());
}

#[test]
fn ends() {
    explore_all::<Deferred>(scenarios::ends());
}

#[test]
fn shared_idents() {
    explore_all::<Deferred>(scenarios::shared_idents());
}

#[test]
fn iteration() {
    explore_all::<Deferred>(scenarios::iteration());
}
