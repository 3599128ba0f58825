//! The rules of the house, as far as a machine can check them (CONTRIBUTING.md gives the reasons): anchors
//! and tables agree, every ordering is explained, the tests that are named exist, nothing waits, layers point
//! downward, files stay short. Each checker is a function from text to complaints, tested below on bad input.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const LONGEST_FILE: usize = 400;
/// How far above an atomic operation its comment may begin.
const NEAR: usize = 9;

/// A file under `src`.
struct Source {
    /// As in `raw/slot.rs`.
    path: String,
    text: String,
}

impl Source {
    /// `map`, `raw`, `reclaim`, `sync`, `error`, or what else is at the top.
    fn layer(&self) -> &str {
        self.path.split(['/', '.']).next().expect("split yields something")
    }

    /// Numbered lines, without comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(i, line)| (i + 1, before_comment(line)))
    }

    fn complain(&self, line: usize, what: &str) -> String {
        format!("src/{}:{line}: {what}", self.path)
    }
}

fn before_comment(line: &str) -> &str {
    line.split("//").next().expect("split yields something")
}

fn comment(line: &str) -> &str {
    line.split_once("//").map_or("", |(_, comment)| comment)
}

/// The identifiers of a line.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// The names in all `KIND(name)` of a text, each with what follows it.
fn names<'t>(text: &'t str, kind: &str) -> Vec<(&'t str, &'t str)> {
    let open = format!("{kind}(");
    text.match_indices(&open)
        .filter_map(|(at, _)| text[at + open.len()..].split_once(')'))
        .filter(|(name, _)| name.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
        .collect()
}

/// Marks: `KIND(name):` in a comment. Without the colon it is a reference to one.
fn marks_and_references(sources: &[Source], kind: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut marks, mut references) = (BTreeSet::new(), BTreeSet::new());
    for line in sources.iter().flat_map(|source| source.text.lines()) {
        for (name, rest) in names(comment(line), kind) {
            let found = if rest.starts_with(':') { &mut marks } else { &mut references };
            found.insert(name.to_string());
        }
    }
    (marks, references)
}

/// Rows: table lines that begin with `KIND(name)`.
fn rows(page: &str, kind: &str) -> BTreeSet<String> {
    let begin = format!("| `{kind}(");
    page.lines()
        .filter(|line| line.starts_with(&begin))
        .flat_map(|line| names(line, kind).into_iter().take(1))
        .map(|(name, _)| name.to_string())
        .collect()
}

/// Every mark and reference has a row, every row a mark.
fn disagreements(sources: &[Source], page: &str, kind: &str) -> Vec<String> {
    let (marks, references) = marks_and_references(sources, kind);
    let rows = rows(page, kind);
    let no_row = marks.union(&references).filter(|name| !rows.contains(*name));
    let no_mark = rows.difference(&marks);
    no_row
        .map(|name| format!("{kind}({name}) is in the code and has no row"))
        .chain(no_mark.map(|name| format!("{kind}({name}) has a row and is not in the code")))
        .collect()
}

/// Atomic operations without a mark close above them.
fn unexplained(source: &Source) -> Vec<String> {
    const ORDERINGS: [&str; 5] = ["Relaxed", "Acquire", "Release", "AcqRel", "SeqCst"];
    // The models' hooks are no part of the protocol.
    if ["sync", "model"].contains(&source.layer()) {
        return Vec::new();
    }
    let lines: Vec<&str> = source.text.lines().collect();
    let is_marked = |line: &&str| {
        ["ORD", "LP"]
            .iter()
            .any(|kind| names(comment(line), kind).iter().any(|(_, rest)| rest.starts_with(':')))
    };
    let explained = |line: usize| {
        let near = &lines[line.saturating_sub(NEAR + 1)..line];
        // Not across the beginning of a function.
        let begin = near.iter().rposition(|line| words(before_comment(line)).any(|w| w == "fn"));
        near[begin.unwrap_or(0)..].iter().any(is_marked)
    };
    source
        .code()
        .filter(|(_, code)| ORDERINGS.iter().any(|o| code.contains(&format!("Ordering::{o}"))))
        .filter(|(line, _)| !explained(*line))
        .map(|(line, _)| source.complain(line, "an ordering without ORD or LP"))
        .collect()
}

/// Whatever could make a thread wait.
fn waits(source: &Source) -> Vec<String> {
    const WAITING: [&str; 8] =
        ["Mutex", "RwLock", "Condvar", "park", "yield_now", "sleep", "spin_loop", "Once"];
    if !["set", "words", "map", "raw", "reclaim"].contains(&source.layer()) {
        return Vec::new();
    }
    source
        .code()
        .flat_map(|(line, code)| words(code).map(move |word| (line, word)))
        .filter(|(_, word)| WAITING.contains(word))
        .map(|(line, word)| source.complain(line, &format!("{word} waits")))
        .collect()
}

/// What a layer may import; `None` for what is above all layers.
fn below(layer: &str) -> Option<&'static [&'static str]> {
    match layer {
        "error" => Some(&[]),
        "sync" => Some(&["sync"]),
        "reclaim" => Some(&["reclaim", "sync", "error"]),
        "raw" => Some(&["raw", "reclaim", "sync", "error"]),
        "map" => Some(&["map", "raw", "reclaim", "sync", "error"]),
        // Beside the map, over slots of their own; what calls answer with is the map's.
        "words" => Some(&["words", "map", "raw", "reclaim", "error"]),
        // Over the map, not beside it; and what a set of words is made into, and of.
        "set" => Some(&["set", "words", "map", "reclaim", "error"]),
        _ => None,
    }
}

/// The layer that the crate's root gets a name from (`pub use layer::{.., name, ..};`).
fn owner<'t>(root: &'t str, name: &str) -> Option<&'t str> {
    let uses = root.split(';').filter_map(|statement| statement.split_once("pub use "));
    uses.filter(|(_, path)| words(path).skip(1).any(|word| word == name))
        .find_map(|(_, path)| words(path).next())
}

/// Imports that do not point downward, and layers that know what they must not.
fn misplaced(source: &Source, root: &str) -> Vec<String> {
    const OF_KEYS: [&str; 5] = ["Hash", "Hasher", "BuildHasher", "Equivalent", "Eq"];
    let mut complaints = Vec::new();
    let layer = source.layer();
    for (line, code) in source.code() {
        if layer != "sync" && code.contains("sync::atomic") {
            complaints.push(source.complain(line, "atomics are named in sync only"));
        }
        let Some(below) = below(layer) else { continue };
        for at in code.match_indices("crate::").map(|(at, found)| at + found.len()) {
            let name = words(&code[at..]).next().unwrap_or_default();
            // One layer to a statement: a list of several is not looked into.
            let name = if code[at..].starts_with('{') { "several" } else { name };
            let from = owner(root, name).unwrap_or(name);
            if !below.contains(&from) {
                complaints.push(source.complain(line, &format!("{layer} imports {from}")));
            }
        }
        let knows_keys = words(code).find(|word| OF_KEYS.contains(word));
        let may_know = ["set", "words", "map"].contains(&layer) || code.contains("derive(");
        if let (false, Some(word)) = (may_know, knows_keys) {
            complaints.push(source.complain(line, &format!("{layer} knows {word}")));
        }
    }
    complaints
}

fn too_long(source: &Source) -> Vec<String> {
    let lines = source.text.lines().count();
    let complaint = source.complain(lines, "too many lines");
    (lines > LONGEST_FILE).then_some(complaint).into_iter().collect()
}

/// The tests of a file: functions with the attribute, and those that a macro makes tests of.
fn tests_of(text: &str) -> BTreeSet<&str> {
    const MACROS: [(&str, &str); 3] =
        [("with_each_hasher!(", ")"), ("on_each_reclaimer!(", ")"), ("differential! {", "\n}")];
    let attributed = text.split("#[test]").skip(1).filter_map(|rest| {
        let (attributes, signature) = rest.split_once("fn ")?;
        // What is ignored shows nothing.
        words(signature).next().filter(|_| !attributes.contains("#[ignore"))
    });
    let made = MACROS.iter().flat_map(|(open, close)| {
        let lists = text.split(*open).skip(1);
        let lists = lists.filter_map(|rest| Some(rest.split_once(*close)?.0));
        lists.flat_map(words)
    });
    attributed.chain(made).collect()
}

/// The tests that a page names in the last column of its tables, as in `file::test`, and that are
/// not in that file. `text_of` gives a file's text.
fn tests_that_are_not(page: &str, text_of: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let cells = page.lines().filter_map(|line| line.strip_suffix(" |")?.rsplit(" | ").next());
    let named = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    named
        .filter_map(|name| name.split_once("::"))
        .filter(|(file, test)| !text_of(file).is_some_and(|text| tests_of(&text).contains(test)))
        .map(|(file, test)| format!("{file}::{test} is named and is no test"))
        .collect()
}

fn read_sources(dir: &Path, below: &str, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = format!("{below}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            read_sources(&entry.path(), &format!("{path}/"), sources);
        } else if path.ends_with(".rs") {
            sources.push(Source { path, text: fs::read_to_string(entry.path()).unwrap() });
        }
    }
}

fn page(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    read_sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut sources);
    assert!(sources.len() > 20, "src was not found");
    sources
}

fn nobody_complains(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn every_linearization_point_has_a_row_and_every_row_a_point() {
    nobody_complains(disagreements(&sources(), &page("docs/linearizability.md"), "LP"));
}

#[test]
fn every_edge_has_a_row_and_every_row_an_edge() {
    nobody_complains(disagreements(&sources(), &page("docs/orderings.md"), "ORD"));
}

#[test]
fn every_ordering_is_explained_where_it_is_used() {
    nobody_complains(sources().iter().flat_map(unexplained).collect());
}

#[test]
fn nothing_waits() {
    nobody_complains(sources().iter().flat_map(waits).collect());
}

#[test]
fn layers_point_downward() {
    let root = page("src/lib.rs");
    nobody_complains(sources().iter().flat_map(|source| misplaced(source, &root)).collect());
}

#[test]
fn the_tests_that_show_the_surface_are_there() {
    let api = page("docs/api.md");
    let text_of = |file: &str| {
        let path = |folder| {
            Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(file).with_extension("rs")
        };
        ["tests", "examples"].iter().find_map(|folder| fs::read_to_string(path(folder)).ok())
    };
    assert!(api.matches("surface::").count() > 10, "the page names its tests");
    nobody_complains(tests_that_are_not(&api, text_of));
}

#[test]
fn files_are_short() {
    nobody_complains(sources().iter().flat_map(too_long).collect());
}

/// The checkers complain where they should, and only there.
mod checkers {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.to_string(), text: text.to_string() }
    }

    fn disagree(code: &str, page: &str) -> usize {
        disagreements(&[source("raw/a.rs", code)], page, "LP").len()
    }

    #[test]
    fn a_mark_without_a_row_and_a_row_without_a_mark_are_found() {
        let page = "text LP(other)\n| `LP(read)` | here, not LP(second) |\n";
        assert_eq!(disagree("// LP(read): here", page), 0);
        assert_eq!(disagree("x(); // LP(read): here\n// as at LP(read).", page), 0);
        assert_eq!(disagree("", page), 1, "a row without a mark");
        assert_eq!(disagree("// see LP(read)", page), 1, "a reference is not a mark");
        assert_eq!(disagree("// LP(read): here\n// LP(write): there", page), 1);
        assert_eq!(disagree("// LP(read): here\n// see LP(wriet)", page), 1);
        assert_eq!(disagree("let s = LP(read):", page), 1, "not in a comment");
    }

    #[test]
    fn an_ordering_without_a_mark_is_found() {
        let count = |text: &str| unexplained(&source("raw/a.rs", text)).len();
        let load = "    x.load(Ordering::Relaxed);\n";
        assert_eq!(count(load), 1);
        assert_eq!(count(&format!("    // ORD(slot): why\n{load}")), 0);
        assert_eq!(count(&format!("    // LP(read): why\n{load}")), 0);
        assert_eq!(count(&format!("    // as ORD(slot)\n{load}")), 1, "a reference");
        assert_eq!(count(&format!("// ORD(slot): why\n}}\nfn f() {{\n{load}")), 1, "elsewhere");
        assert_eq!(count(&format!("// ORD(slot): why\n{}{load}", "\n".repeat(NEAR))), 1, "far");
        assert_eq!(count("use crate::sync::Ordering;\n// Ordering::Relaxed\n"), 0);
        assert_eq!(unexplained(&source("sync/real.rs", load)).len(), 0);
    }

    #[test]
    fn waiting_is_found() {
        let count = |path: &str, text: &str| waits(&source(path, text)).len();
        for text in ["Mutex::new(1)", "std::thread::yield_now();", "while x { spin_loop() }"] {
            assert_eq!(count("raw/a.rs", text), 1, "{text}");
            assert_eq!(count("map/a.rs", text), 1, "{text}");
            assert_eq!(count("reclaim/epoch/a.rs", text), 1, "{text}");
            assert_eq!(count("sync/a.rs", text), 0, "{text}");
        }
        assert_eq!(count("raw/a.rs", "// no Mutex; parking is another word"), 0);
        assert_eq!(count("raw/a.rs", "parking(asleep)"), 0);
    }

    #[test]
    fn imports_that_point_upward_are_found() {
        let root = "pub use map::{HashMap, Ref};\npub use reclaim::{Epoch, Reclaim};\n";
        let count = |path: &str, text: &str| misplaced(&source(path, text), root).len();
        for (path, text) in [
            ("sync/a.rs", "use crate::reclaim::Pin;"),
            ("sync/a.rs", "use crate::error::AllocError;"),
            ("reclaim/a.rs", "use crate::raw::Node;"),
            ("reclaim/epoch/a.rs", "fn f(x: crate::HashMap) {}"),
            ("raw/a.rs", "use crate::map::HashMap;"),
            ("raw/a.rs", "use crate::{sync, map};"),
            ("error.rs", "use crate::sync::free;"),
            ("map/a.rs", "use crate::model::Fault;"),
            ("map/a.rs", "use crate::set::HashSet;"),
            ("set/a.rs", "use crate::raw::Node;"),
            ("words/a.rs", "use crate::set::HashSet;"),
            ("map/a.rs", "use crate::words::Word;"),
            ("raw/a.rs", "use crate::words::Word;"),
            ("map/a.rs", "use core::sync::atomic::AtomicUsize;"),
            ("raw/a.rs", "use std::sync::atomic::fence;"),
            ("raw/a.rs", "impl<K: Eq> Node<K> {}"),
            ("raw/a.rs", "use core::hash::Hash;"),
            ("reclaim/a.rs", "fn f(h: impl BuildHasher) {}"),
        ] {
            assert_eq!(count(path, text), 1, "{path}: {text}");
        }
        for (path, text) in [
            ("raw/a.rs", "use crate::reclaim::Pin; // not crate::map"),
            ("raw/a.rs", "fn f(x: crate::Epoch) {}"),
            ("raw/a.rs", "#[derive(PartialEq, Eq)]"),
            ("map/a.rs", "use crate::raw::Node; use core::hash::Hash;"),
            ("set/a.rs", "use crate::map::HashMap; use core::hash::Hash;"),
            ("words/a.rs", "use crate::raw::Key; use crate::map::HashMap; use core::hash::Hash;"),
            ("sync/a.rs", "use core::sync::atomic::AtomicUsize;"),
            ("lib.rs", "pub use crate::map::HashMap;"),
        ] {
            assert_eq!(count(path, text), 0, "{path}: {text}");
        }
    }

    #[test]
    fn tests_that_are_not_there_are_found() {
        let text = "#[test]\nfn a() {}\nfn helper() {}\n#[test]\n#[ignore = \"x\"]\nfn e() {}\n\
                    with_each_hasher!(b);\non_each_reclaimer!(c);\ndifferential! {\n    d: X;\n}\n";
        let text_of = |file: &str| (file == "f").then(|| text.to_string());
        let count = |page: &str| tests_that_are_not(page, text_of).len();
        assert_eq!(count("| `x::y` | yes | `f::a`, `f::b`, `f::c`, `f::d` |\n`x::y` in text\n"), 0);
        assert_eq!(count("| get | `f::helper` |\n"), 1, "not a test");
        assert_eq!(count("| get | `f::e` |\n"), 1, "ignored");
        assert_eq!(count("| get | `f::a`, `f::x` and `g::a` |\n"), 2);
    }

    #[test]
    fn long_files_are_found() {
        let count = |lines: usize| too_long(&source("map/a.rs", &"\n".repeat(lines))).len();
        assert_eq!((count(LONGEST_FILE), count(LONGEST_FILE + 1)), (0, 1));
    }
}
