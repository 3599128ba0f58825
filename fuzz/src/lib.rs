//! What the fuzzer's targets do with their input: one module a target, each with a `run` that takes
//! bytes and panics if the library is wrong. `fuzz_targets` hands them to libFuzzer;
//! `tests/corpus.rs` hands them the inputs that were kept.
//!
//! Input is read a byte at a time from the front, so that a change of one byte changes one call; an
//! input that ends reads as zeros, and each target stops where it ends. How much memory and time an
//! input can ask for is bounded here, not by the fuzzer's limits.

#[cfg(not(dolmen_fuzz))]
compile_error!("the fuzzer looks inside: build with RUSTFLAGS=\"--cfg dolmen_fuzz\"");

pub mod batch;
pub mod fuse;
pub mod hashers;
pub mod input;
pub mod ledger;
pub mod operations;
pub mod serde;
pub mod set;
pub mod threads;
pub mod words;
pub mod words_map;

use std::sync::{Mutex, MutexGuard};

/// A target's name, and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 7] = [
    ("batch", batch::run),
    ("operations", operations::run),
    ("serde", serde::run),
    ("set", set::run),
    ("threads", threads::run),
    ("words", words::run),
    ("words_map", words_map::run),
];

/// Held by each run that pins: some expect what they removed to be freed by `flush`, and a pin of any
/// other run in the process would be in the way.
pub fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    // A run that failed has left nothing behind that matters to the next.
    ALONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
