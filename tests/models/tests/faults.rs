//! Deliberately broken variants: a suite that does not notice them shows nothing. Each runs in a
//! process of its own, which must fail, and say why.
#![cfg(any(dolmen_loom, dolmen_shuttle))]

use dolmen::Epoch;
use dolmen::model::{self, Deferred, Fault};
use dolmen_models::cells::{self, explore_cells};
use dolmen_models::checker::explore_all;
use dolmen_models::maps::{ALL_INLINE, Nodes, Words};
use dolmen_models::scenarios;
use dolmen_models::words;
use std::process::Command;

/// Says to a child process that it is one, and which test it is to break.
const CHILD: &str = "DOLMEN_MODELS_BREAK";

/// Runs `broken` in a process of its own (this test again), which must fail with one of these
/// messages.
fn caught(test: &str, messages: &[&str], broken: fn()) {
    if std::env::var(CHILD).is_ok_and(|child| child == test) {
        return broken();
    }
    let exe = std::env::current_exe().expect("this test's own");
    let args = ["--exact", test, "--nocapture"];
    let output = Command::new(exe).args(args).env(CHILD, test).output().expect("it runs");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(!output.status.success(), "{test}: the fault was not noticed:\n{said}");
    let found = messages.iter().find(|message| said.contains(*message));
    println!("{test}: {found:?}");
    assert!(found.is_some(), "{test}: failed for another reason:\n{said}");
}

/// What a lost or resurrected write looks like: to a reader, an iteration, the reclaimer, the ledger.
const LOST: &[&str] = &[
    "is not linearizable",
    "retired twice",
    "dropped 0 times",
    "was dropped twice",
    "reclaimed twice",
    "use after reclamation",
    "read after drop",
    "the count is off",
    "was missed",
];

#[test]
fn a_copy_without_a_freeze_is_caught() {
    caught("a_copy_without_a_freeze_is_caught", LOST, || {
        model::plant(Fault::SkipFreeze);
        explore_all::<Nodes<Deferred>>(scenarios::verbs_against_a_move());
    });
}

#[test]
fn a_copy_over_a_tombstone_is_caught() {
    caught("a_copy_over_a_tombstone_is_caught", LOST, || {
        model::plant(Fault::TakeTombstone);
        explore_all::<Nodes<Deferred>>(scenarios::copiers());
    });
}

#[test]
fn a_pin_given_up_early_is_caught() {
    let messages = &["use after reclamation", "Causality violation", "read after drop"];
    caught("a_pin_given_up_early_is_caught", messages, || {
        model::plant(Fault::UnpinEarly);
        explore_all::<Nodes<Epoch>>(scenarios::retirement());
    });
}

#[test]
fn a_pin_given_up_early_is_caught_by_the_cell() {
    let messages = &["use after reclamation", "Causality violation"];
    caught("a_pin_given_up_early_is_caught_by_the_cell", messages, || {
        model::plant(Fault::UnpinEarly);
        explore_cells(cells::readers());
    });
}

/// Plants a fault in maps of words.
fn among_words(fault: Fault, scenarios: Vec<scenarios::Scenario>) {
    model::plant(fault);
    explore_all::<Words<Deferred, ALL_INLINE>>(scenarios);
}

#[test]
fn words_copied_without_a_freeze_are_caught() {
    caught("words_copied_without_a_freeze_are_caught", LOST, || {
        among_words(Fault::SkipFreeze, scenarios::verbs_against_a_move());
    });
}

#[test]
fn words_copied_over_a_tombstone_are_caught() {
    caught("words_copied_over_a_tombstone_are_caught", LOST, || {
        among_words(Fault::TakeTombstone, scenarios::copiers());
    });
}

#[test]
fn a_writer_of_words_that_goes_on_early_is_caught() {
    caught("a_writer_of_words_that_goes_on_early_is_caught", LOST, || {
        among_words(Fault::GoOnEarly, scenarios::verbs_against_a_move());
    });
}

#[test]
fn a_closed_claim_that_counts_as_arrived_is_caught() {
    caught("a_closed_claim_that_counts_as_arrived_is_caught", LOST, || {
        among_words(Fault::TakeVoidForArrival, words::claimed_keys());
    });
}
