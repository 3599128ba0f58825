//! Random programs, in random orders or on real threads. Each history is checked for
//! linearizability, each table for duplicates, each value for being dropped once.
#![cfg(any(dolmen_shuttle, dolmen_real))]

use dolmen::Epoch;
use dolmen::model::Branch::*;
use dolmen_models::checker::{Effort, explore, reaching};
use dolmen_models::maps::{Map, Nodes};
use dolmen_models::programs::random_plan;

fn draw(below: usize) -> usize {
    #[cfg(dolmen_shuttle)]
    return shuttle::rand::Rng::gen_range(&mut shuttle::rand::thread_rng(), 0..below);
    #[cfg(dolmen_real)]
    return dolmen_models::checker::draw() % below;
}

fn mixed<M: Map>(name: &str, threads: usize, ops: usize) {
    let reach = [
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
    ];
    // So many that the rarest, a double swing, is met some twenty times.
    let effort = Effort { preemptions: 0, schedules: 40_000 };
    let run = move || random_plan(draw, threads, ops).run::<M>();
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
