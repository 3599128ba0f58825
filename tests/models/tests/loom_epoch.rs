//! The real reclaimer under loom: is anything freed that a reader may still hold?
#![cfg(dolmen_loom)]

use dolmen::Epoch;
use dolmen_models::checker::explore_all;
use dolmen_models::scenarios;

#[test]
fn retirement() {
    explore_all::<Epoch>(scenarios::retirement());
}
