//! The model-checking suite of dolmen: what its models share.
//!
//! A model is a [`Plan`](plan::Plan): operations that come first, and operations that threads run
//! side by side. One function runs a plan on a map and checks all there is to check: the recorded
//! history is linearizable key by key, the tables at the end hold each key once, and each value
//! that was made was dropped once, and no memory is left. `scenarios` has the plans, each with the
//! branches that it exists to reach.
//!
//! loom runs a plan in every order of its threads' steps, up to a number of preemptions, with the
//! stale values that the memory model allows. shuttle runs it wider (more threads and operations),
//! in orders drawn at random, and with a thread that stops for ever at each of its steps in turn. And
//! real threads run it on the machine's own atomics, many times. `cells` has models of the epochs
//! alone, `programs` draws plans at random.

pub mod history;
pub mod keys;
pub mod ledger;

#[cfg(any(dolmen_loom, dolmen_shuttle, dolmen_real))]
pub mod cells;
#[cfg(any(dolmen_loom, dolmen_shuttle, dolmen_real))]
pub mod checker;
#[cfg(any(dolmen_loom, dolmen_shuttle, dolmen_real))]
pub mod maps;
#[cfg(any(dolmen_loom, dolmen_shuttle, dolmen_real))]
pub mod plan;
#[cfg(any(dolmen_loom, dolmen_shuttle, dolmen_real))]
pub mod programs;
#[cfg(any(dolmen_loom, dolmen_shuttle, dolmen_real))]
pub mod scenarios;
#[cfg(dolmen_shuttle)]
pub mod stall;
#[cfg(dolmen_shuttle)]
pub mod subject;
#[cfg(any(dolmen_loom, dolmen_shuttle, dolmen_real))]
pub mod threads;
#[cfg(dolmen_shuttle)]
pub mod whole;
#[cfg(any(dolmen_loom, dolmen_shuttle, dolmen_real))]
pub mod words;
#[cfg(any(dolmen_loom, dolmen_shuttle, dolmen_real))]
pub mod world;
