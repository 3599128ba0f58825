//! Every input that was kept, and some at random, through the targets, without libFuzzer.

use dolmen_fuzz::{TARGETS, Target};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Runs a target; says which input it was that failed.
fn try_input(target: Target, name: &str, input: &[u8]) {
    let result = catch_unwind(AssertUnwindSafe(|| target.1(input)));
    assert!(result.is_ok(), "target {}, input {name}: {}", target.0, hex(input));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn target(name: &str) -> Target {
    *TARGETS.iter().find(|target| target.0 == name).expect("a target")
}

/// Runs all files of a folder; returns how many there were.
fn replay(target: Target, folder: &str) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(target.0);
    let Ok(files) = fs::read_dir(&folder) else { return 0 };
    let mut files: Vec<_> = files.map(|file| file.expect("a readable folder").path()).collect();
    files.sort();
    for file in &files {
        let input = fs::read(file).expect("a readable file");
        try_input(target, &file.file_name().expect("a file").to_string_lossy(), &input);
    }
    files.len()
}

fn replay_all(name: &str) {
    let target = target(name);
    let kept = replay(target, "corpus");
    assert!(kept > 5, "the corpus of {name} was not found");
    let findings = replay(target, "findings");
    println!("{name}: {kept} inputs, {findings} findings");
}

/// Inputs at random, the same each time: a hundred, or as many as `DOLMEN_FUZZ_ROUNDS` says.
fn at_random(name: &str) {
    let rounds = std::env::var("DOLMEN_FUZZ_ROUNDS").map_or(100, |n| n.parse().expect("a number"));
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32
    };
    for round in 0..rounds {
        let input: Vec<u8> = (0..20 + next() % 500).map(|_| next() as u8).collect();
        try_input(target(name), &format!("{round}, at random"), &input);
    }
}

macro_rules! targets {
    ($($name:ident),+) => {$(
        mod $name {
            #[test]
            fn replay() {
                super::replay_all(stringify!($name));
            }

            #[test]
            fn random() {
                super::at_random(stringify!($name));
            }
        }
    )+};
}

targets!(batch, operations, serde, set, threads, words, words_map);
