//! Random programs, in random orders or on real threads. Each history is checked for
//! linearizability, each table for duplicates, each value for being dropped once.
#![cfg(any(dolmen_shuttle, dolmen_real))]

use dolmen::Epoch;
use dolmen::model::Branch::{self, *};
use dolmen_models::checker::{Effort, explore, reaching};
#[cfg(dolmen_shuttle)]
use dolmen_models::maps::WIDE_FIRST;
use dolmen_models::maps::{INLINE_FIRST, Map, Nodes, Words};
use dolmen_models::programs::random_plan;

fn draw(below: usize) -> usize {
    #[cfg(dolmen_shuttle)]
    return shuttle::rand::Rng::gen_range(&mut shuttle::rand::thread_rng(), 0..below);
    #[cfg(dolmen_real)]
    return dolmen_models::checker::draw() % below;
}

fn mixed<M: Map>(name: &str, threads: usize, ops: usize) {
    let rare = [
        SuccessorExhausted,
        AlreadyArrived,
        DoubleSwing,
        ChunkTakenOver,
        OwnSlotMoved,
        ReaderFollowed,
        IterFollowed,
        IterSkipped,
        WriteLost,
        ListWritten,
        // A closed claim is too rare for chance: `words::claimed_keys` meets it.
        VoidMet,
        VoidSeen,
    ];
    // Where tables have slots on the side as well, chance hardly ever ends two migrations at once:
    // `words::ends` does.
    let too_rare = |branch: &Branch| M::CLAIMS && *branch == DoubleSwing;
    let reach: Vec<Branch> =
        rare.into_iter().filter(|branch| !M::NEVER.contains(branch) && !too_rare(branch)).collect();
    // So many that the rarest, a double swing, is met some twenty times.
    let effort = Effort { preemptions: 0, schedules: 40_000 / M::SHARE.min(4) };
    let run = move || random_plan::<M>(draw, threads, ops).run::<M>();
    reaching(name, &reach, || explore(name, effort, run));
}

#[cfg(dolmen_shuttle)]
#[test]
fn three_threads() {
    mixed::<Nodes<dolmen::model::Deferred>>("mixed, 3 threads", 3, 5);
}

#[cfg(dolmen_shuttle)]
#[test]
fn four_threads() {
    mixed::<Nodes<dolmen::model::Deferred>>("mixed, 4 threads", 4, 4);
}

#[test]
fn four_threads_and_epochs() {
    mixed::<Nodes<Epoch>>("mixed, 4 threads, epochs", 4, 4);
}

#[cfg(dolmen_shuttle)]
#[test]
fn three_threads_and_words() {
    mixed::<Words<dolmen::model::Deferred, WIDE_FIRST>>("words mixed, 3 threads", 3, 5);
}

#[test]
fn four_threads_words_and_epochs() {
    mixed::<Words<Epoch, INLINE_FIRST>>("words mixed, 4 threads, epochs", 4, 4);
}
