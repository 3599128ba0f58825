//! The `store` example as a user runs it: what it prints, and its exit codes.
#![cfg(not(any(dolmen_loom, dolmen_shuttle, miri)))]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

// Their unit tests run as part of this file's.
#[allow(dead_code)]
#[path = "../examples/store/args.rs"]
mod args;
#[allow(dead_code)]
#[path = "../examples/store/store.rs"]
mod store;
#[allow(dead_code)]
#[path = "../examples/store/words.rs"]
mod words;

/// The example's binary, which `cargo test` of this file alone does not build.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let test = env::current_exe().expect("the path of this test");
        let profile = test.ancestors().nth(2).expect("target/profile/deps/test");
        let target = profile.parent().expect("target/profile");
        // Under target/triple the flags of the build are unknown: there, cargo has built it.
        if target.join("CACHEDIR.TAG").exists() {
            build(profile.file_name().and_then(|name| name.to_str()).expect("a name"), target);
        }
        profile.join("examples").join(format!("store{}", env::consts::EXE_SUFFIX))
    })
}

fn build(profile: &str, target: &Path) {
    let status = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["build", "--quiet", "--example", "store", "--profile"])
        .arg(if profile == "debug" { "dev" } else { profile })
        .arg("--target-dir")
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(status.expect("cargo runs").success(), "the example builds");
}

/// A folder of its own for a test, with these files in it.
fn folder(name: &str, files: &[(&str, &[u8])]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("store_example").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    for (file, content) in files {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, content).expect("a file");
    }
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = Command::new(binary())
        .arg(folder)
        .args(["--seconds", "0.3"])
        .args(arguments)
        .output()
        .expect("the example runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (status.code().expect("an exit code"), text(stdout), text(stderr))
}

const TEXT: &[u8] = b"the quick brown fox jumps over the lazy dog, and the dog sleeps";

fn small(name: &str) -> PathBuf {
    let files: [(&str, &[u8]); 5] = [
        ("a.txt", TEXT),
        ("deep/er/b.md", b"the dog's dinner: 42 naps"),
        ("deep/image", b"\x89PNG\0\0"),
        (".git/HEAD", b"secret"),
        ("target/debug/out.txt", b"secret"),
    ];
    folder(name, &files)
}

#[test]
fn a_small_folder_is_loaded_and_proven() {
    let (code, out, err) = run(&small("small"), &["--threads", "4", "--mix", "25/25/25/25"]);
    assert_eq!(code, 0, "{out}\n{err}");
    for expected in [
        "2 text files",
        "18 words, 14 different",
        "1 binary files",
        "M/s",
        "p50",
        "p99.9",
        "hottest word",
        "the ",
        "tombstones",
        "every word was counted exactly once",
        "no update was lost, and no deleted key is back",
    ] {
        assert!(out.contains(expected), "no {expected:?} in\n{out}");
    }
    assert!(!out.contains("secret"), "{out}");
}

#[test]
fn one_hot_word_is_enough() {
    let folder = folder("one", &[("one.txt", b"word")]);
    let (code, out, err) = run(&folder, &["--threads", "4", "--mix", "30/0/40/30"]);
    assert_eq!(code, 0, "{out}\n{err}");
    assert!(out.contains("proven for each of 1 words: no update was lost"), "{out}");
}

#[test]
fn a_folder_without_words_gets_a_clear_message() {
    let file = small("file").join("a.txt");
    let cases: [(PathBuf, &str); 6] = [
        (small("missing").join("nowhere"), "there is no folder"),
        (folder("empty", &[]), "holds no files"),
        (folder("hollow", &[(".git/HEAD", b"text")]), "holds no files"),
        (folder("binary", &[("a", b"a\0b"), ("b", b"\xff\xfe")]), "holds no text: 2 binary"),
        (folder("wordless", &[("a", b"... !")]), "has no words"),
        (file, "is not a folder"),
    ];
    for (folder, message) in cases {
        let (code, out, err) = run(&folder, &[]);
        assert_eq!(code, 2, "{err}");
        assert!(err.contains(message), "no {message:?} in {err:?}");
        assert!(err.contains(folder.to_str().unwrap()) && out.is_empty(), "{err}\n{out}");
    }
}

#[test]
fn a_wrong_mix_is_refused() {
    let (code, _, err) = run(&small("mix"), &["--mix", "50/50/50/50"]);
    assert_eq!(code, 2);
    assert!(err.contains("must add up to 100"), "{err}");
}

#[test]
fn a_lost_update_is_found() {
    let (code, out, err) = run(&small("lost"), &["--sabotage", "lose-update"]);
    assert_eq!(code, 1, "{out}\n{err}");
    assert!(err.contains("FAILED") && err.contains("put in, but"), "{err}");
}

#[test]
fn a_revived_key_is_found() {
    let (code, out, err) = run(&small("revived"), &["--sabotage", "revive-key"]);
    assert_eq!(code, 1, "{out}\n{err}");
    assert!(err.contains("FAILED") && err.contains("born"), "{err}");
}
