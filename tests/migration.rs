//! Every public method of the maps that `docs/migration.md` is for has a row there: the methods are
//! listed in `peers.txt`, with the versions that they were read off.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// The names in the first column of a section's tables.
fn named<'p>(page: &'p str, section: &str) -> BTreeSet<&'p str> {
    let begin = format!("\n## {section}\n");
    let section = page.split_once(&begin).map_or("", |(_, rest)| rest);
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    rows.flat_map(|cell| cell.split('`').skip(1).step_by(2)).flat_map(words).collect()
}

/// `peer Type::method` for each method in `list` that has no row in its peer's section of `page`.
fn without_a_row(page: &str, list: &str) -> Vec<String> {
    let mut of = ("", "");
    let mut missing = Vec::new();
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let methods = match line.split_once(':') {
            Some((head, methods)) => {
                of = head.split_once(' ').expect("a peer and a type");
                methods
            }
            None => line,
        };
        let named = named(page, of.0);
        let unnamed = words(methods).filter(|method| !named.contains(method));
        missing.extend(unnamed.map(|method| format!("{} {}::{method}", of.0, of.1)));
    }
    missing
}

#[test]
fn every_method_of_a_peer_has_a_row() {
    let list = read("tests/peers.txt");
    assert!(words(&list).count() > 400, "the list is there");
    let missing = without_a_row(&read("docs/migration.md"), &list);
    assert!(missing.is_empty(), "\n{}\n", missing.join("\n"));
}

#[test]
fn a_method_without_a_row_is_found() {
    let page = "\n## one\n| `get`, `A::put` | `take` |\n\n`other`\n\n## two\n| `go` | here |\n";
    assert_eq!(without_a_row(page, "# text: x\none A: get\n    put\ntwo B: go\n"), [""; 0]);
    assert_eq!(
        without_a_row(page, "one A: get take\n    other go"),
        ["one A::take", "one A::other", "one A::go"]
    );
}
