//! What the models exercise, by name: every linearization point in `docs/linearizability.md` and
//! every edge in `docs/orderings.md` names, in the last column of its row, the models that meet it,
//! as in `file::test` or `file::test::scenario`; and they are there. A row without a model says why,
//! in words that begin with "none:".
#![cfg(not(miri))]

use std::collections::HashMap;
use std::fs;
use std::path::Path;

fn read(path: &str) -> Option<String> {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).ok()
}

/// The rows of a page's anchors: the anchor, and the last cell.
fn rows<'p>(page: &'p str, kind: &str) -> Vec<(&'p str, &'p str)> {
    let begin = format!("| `{kind}(");
    let lines = page.lines().filter(|line| line.starts_with(&begin));
    lines
        .filter_map(|line| {
            let (_, cell) = line.strip_suffix(" |")?.rsplit_once(" | ")?;
            Some((line.split('`').nth(1)?, cell))
        })
        .collect()
}

/// The text of a function, from its name to the brace in the first column that ends it.
fn function<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, body) = text.split_once(&format!("fn {name}("))?;
    Some(body.split_once("\n}\n").map_or(body, |(body, _)| body))
}

/// Whether a model is there. `text_of` gives the text of a file of the models' package.
fn exists(name: &str, text_of: &impl Fn(&str) -> Option<String>) -> bool {
    let mut parts = name.splitn(3, "::");
    let (Some(file), Some(test)) = (parts.next(), parts.next()) else { return false };
    let Some(tests) = text_of(&format!("tests/{file}.rs")) else { return false };
    if !tests.contains(&format!("#[test]\nfn {test}()")) {
        return false;
    }
    let Some(scenario) = parts.next() else { return true };
    let scenario = format!("\"{scenario}\"");
    let sources = ["src/scenarios.rs", "src/words.rs", "src/cells.rs"].map(text_of);
    let texts = sources.iter().flatten().chain([&tests]);
    texts.filter_map(|text| function(text, test)).any(|body| body.contains(&scenario))
}

/// What is wrong with a row: a model that is not there, or none and no reason.
fn complaints(page: &str, kind: &str, text_of: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut complaints = Vec::new();
    for (anchor, cell) in rows(page, kind) {
        let models: Vec<&str> =
            cell.split('`').skip(1).step_by(2).filter(|name| name.contains("::")).collect();
        for name in models.iter().filter(|name| !exists(name, &text_of)) {
            complaints.push(format!("{anchor}: there is no model {name}"));
        }
        let says_why = cell.strip_prefix("none: ").is_some_and(|why| why.len() > 20);
        if models.is_empty() && !says_why {
            complaints.push(format!("{anchor}: no model, and no reason for that"));
        }
    }
    complaints
}

fn check(page: &str, kind: &str, at_least: usize) {
    let text = read(page).expect(page);
    assert!(rows(&text, kind).len() >= at_least, "{page} has a table of {kind}");
    let wrong = complaints(&text, kind, |file| read(&format!("tests/models/{file}")));
    assert!(wrong.is_empty(), "\n{page}:\n{}\n", wrong.join("\n"));
}

#[test]
fn every_linearization_point_names_models_that_are_there() {
    check("docs/linearizability.md", "LP", 4);
}

#[test]
fn every_edge_names_models_that_are_there() {
    check("docs/orderings.md", "ORD", 20);
}

/// The edits that break steps of the protocol, one at a time: of each its file, what it looks for and what it puts there.
fn edits(steps: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    steps.split("[[step.edits]]\n").skip(1).map(|edit| {
        let mut between = edit.split("'''").map(|text| text.trim_matches('\n'));
        let file = between.next().and_then(|text| text.split('"').nth(1)).expect("a file");
        let find = between.next().expect("what is looked for");
        (file, find, between.nth(1).expect("what takes its place"))
    })
}

/// Edits, made one after the other, whose text is not there once.
fn misplaced(steps: &str, text_of: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut files = HashMap::new();
    let mut wrong = Vec::new();
    for (file, find, replace) in edits(steps) {
        let text = files.entry(file).or_insert_with(|| text_of(file).unwrap_or_default());
        // Orderings are weakened before, and what an edit puts there is told by its number.
        let is_plain = !["Ordering::", "MUTANT"].iter().any(|part| find.contains(part));
        match text.matches(find).count() {
            1 if is_plain => *text = text.replace(find, replace),
            times => wrong.push(format!("{times} times in {file}: {find}")),
        }
    }
    wrong
}

/// Or `.ci/mutants`, which runs for hours and so not often, would not run at all.
#[test]
fn each_step_that_is_broken_is_there_once() {
    let steps = read("tests/models/mutants/steps.toml").expect("steps");
    assert!(edits(&steps).count() > 100);
    let wrong = misplaced(&steps, |file| read(&format!("src/{file}")));
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn edits_of_what_is_not_there_are_found() {
    let edit = |file: &str, find: &str, replace: &str| {
        format!(
            "[[step.edits]]\nfile = \"{file}\"\nfind = '''\n{find}'''\nreplace = '''\n{replace}'''\n\n"
        )
    };
    let text_of = |file: &str| {
        (file == "a.rs").then(|| "one\ntwo two\nthree(Ordering::SeqCst)\n".to_string())
    };
    let wrong = |steps: &[String]| misplaced(&steps.concat(), text_of).len();
    assert_eq!(
        wrong(&[edit("a.rs", "one", "MUTANT a"), edit("a.rs", " a", "MUTANT")]),
        0,
        "chained"
    );
    assert_eq!(wrong(&[edit("a.rs", "one", "MUTANT"), edit("a.rs", "one", "MUTANT")]), 1, "gone");
    assert_eq!(wrong(&[edit("a.rs", "two", "MUTANT"), edit("a.rs", "four", "MUTANT")]), 2);
    assert_eq!(wrong(&[edit("a.rs", "one", "MUTANT"), edit("a.rs", "MUTANT", "MUTANT")]), 1);
    assert_eq!(wrong(&[edit("a.rs", "Ordering::SeqCst", "MUTANT")]), 1, "another by then");
    assert_eq!(wrong(&[edit("b.rs", "one", "MUTANT")]), 1, "no such file");
}

/// The check complains where it should, and only there.
#[test]
fn what_is_not_there_is_found() {
    let text_of = |file: &str| match file {
        "tests/f.rs" => Some("#[test]\nfn a() {\n}\n\nfn helper() {\n}\n".to_string()),
        "src/cells.rs" => {
            Some("pub fn a() {\n    \"one\"\n}\n\nfn b() {\n    \"two\"\n}\n".to_string())
        }
        _ => None,
    };
    let count =
        |cell: &str| complaints(&format!("| `ORD(x)` | y | {cell} |\n"), "ORD", text_of).len();
    assert_eq!(count("`f::a`"), 0);
    assert_eq!(count("`f::a::one`, and `f::a` by `SeqCst`"), 0);
    assert_eq!(count("none: no model can exercise this"), 0);
    assert_eq!(count(""), 1, "nothing");
    assert_eq!(count("none: so"), 1, "no reason");
    assert_eq!(count("`f::helper`"), 1, "not a test");
    assert_eq!(count("`f::a::two`"), 1, "a scenario of another test");
    assert_eq!(count("`g::a`, `f::c` and `f::a::three`"), 3);
    assert_eq!(complaints("| `LP(x)` | `f::c` |\n", "ORD", text_of).len(), 0, "another table");
}
