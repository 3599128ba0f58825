//! What the public surface must have, read off the sources: an example for every call, and the same
//! calls on a map and on a map under a pin. Each checker is a function from text to complaints,
//! tested below on bad input.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Calls without an example of their own, and why.
const NO_EXAMPLE: [(&str, &str, &str); 0] = [];

/// Calls by `&self` that one of two surfaces has alone, and why.
const ALONE: [(&str, &str, &str); 12] = [
    ("HashMap", "pin", "makes the other surface"),
    ("HashMap", "pin_owned", "makes the other surface"),
    ("Pinned", "map", "leads back to the map"),
    ("HashSet", "pin", "makes the other surface"),
    ("HashSet", "pin_owned", "makes the other surface"),
    ("set::Pinned", "set", "leads back to the set"),
    ("WordMap", "pin", "makes the other surface"),
    ("WordMap", "pin_owned", "makes the other surface"),
    ("words::Pinned", "map", "leads back to the map"),
    ("WordSet", "pin", "makes the other surface"),
    ("WordSet", "pin_owned", "makes the other surface"),
    ("words::set::Pinned", "set", "leads back to the set"),
];

/// Types of modules that users know from the root.
const OF_ROOT: [&str; 3] = ["HashSet", "WordMap", "WordSet"];

/// A call: `pub fn` in an `impl` of a type.
#[derive(Debug)]
struct Call {
    /// As the crate names it: `set::Pinned` is another type than `Pinned`.
    of: String,
    name: String,
    docs: String,
    by_reference: bool,
}

/// The type of an `impl` header, without what it is generic over; `None` for a trait's.
fn type_of(header: &str) -> Option<&str> {
    let mut rest = header.trim_start().strip_prefix("impl")?;
    if rest.starts_with('<') {
        let mut depth = 0;
        let end = rest.find(|c| {
            depth += i32::from(c == '<') - i32::from(c == '>');
            depth == 0
        })?;
        rest = &rest[end + 1..];
    }
    let rest = rest.split(" where").next()?;
    if rest.contains(" for ") {
        return None;
    }
    let name = rest.trim_start().trim_start_matches('$');
    name.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

/// The calls that a file defines. `module` is what its types are known by: nothing, or `set::`.
///
/// Those in an `impl X and Pinned` are of both: the macro around it makes them so, and has those of the
/// second refer to the first.
fn calls_of(module: &str, text: &str) -> Vec<Call> {
    let (mut calls, mut of, mut on_both) = (Vec::new(), None, false);
    let lines: Vec<&str> = text.lines().collect();
    for (i, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        if code.starts_with("impl<") || code.starts_with("impl ") {
            let end = lines[i..].iter().position(|line| line.contains('{')).unwrap_or(0);
            let header = lines[i..=i + end].iter().map(|line| line.trim()).collect::<Vec<_>>();
            let header = header.join(" ");
            on_both = header.contains(" and Pinned {");
            of = type_of(&header).map(str::to_string);
        }
        let call = ["pub fn ", "pub const fn ", "pub unsafe fn "];
        let signature = call.iter().find_map(|begin| code.strip_prefix(begin));
        // Not what a macro makes of its input.
        let signature = signature.filter(|signature| !signature.starts_with('$'));
        let (Some(signature), Some(of)) = (signature, &of) else { continue };
        let before = lines[..i].iter().rev().map(|line| line.trim_start());
        let before: Vec<&str> =
            before.take_while(|line| line.starts_with("///") || line.starts_with("#[")).collect();
        // The same call in the builds of a model.
        if before.iter().any(|line| line.starts_with("#[cfg(dolmen_loom)]")) {
            continue;
        }
        let open = lines[i..].iter().map(|line| line.trim()).collect::<String>();
        let receiver = open.split_once('(').map_or("", |(_, rest)| rest);
        let name = signature.split(['(', '<']).next().unwrap_or_default().to_string();
        let by_reference = receiver.starts_with("&self")
            || receiver.starts_with("&'") && receiver.contains(" self");
        if on_both {
            let (of, docs) = (format!("{module}Pinned"), format!("/// See [`{of}::{name}`]"));
            calls.push(Call { of, name: name.clone(), docs, by_reference });
        }
        calls.push(Call {
            of: if OF_ROOT.contains(&&**of) { of.clone() } else { format!("{module}{of}") },
            name,
            docs: before.into_iter().rev().collect::<Vec<_>>().join("\n"),
            by_reference,
        });
    }
    calls
}

/// The names that the root, or a module, gives to users.
fn exported(text: &str) -> BTreeSet<&str> {
    let uses = text.split(';').filter_map(|statement| statement.split_once("pub use "));
    uses.flat_map(|(_, path)| path.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .filter(|word| word.starts_with(char::is_uppercase))
        .collect()
}

/// Calls that show no example: neither their own, nor by naming the same call of the other surface,
/// which has one.
fn without_example(calls: &[Call]) -> Vec<String> {
    let has_own = |call: &Call| call.docs.contains("```");
    let refers = |call: &Call| {
        calls.iter().any(|other| {
            let link = format!("/// See [`{}::{}`]", other.of, other.name);
            other.name == call.name && has_own(other) && call.docs.starts_with(&link)
        })
    };
    let excused = |call: &Call| {
        NO_EXAMPLE.iter().any(|(of, name, _)| (*of, *name) == (&*call.of, &*call.name))
    };
    let bare = |call: &&Call| !has_own(call) && !refers(call) && !excused(call);
    calls.iter().filter(bare).map(|call| format!("{}::{}", call.of, call.name)).collect()
}

/// Calls by `&self` that one surface has and the other has not.
fn lonely(calls: &[Call], one: &str, other: &str) -> Vec<String> {
    let names = |of: &str| -> BTreeSet<&str> {
        let shared = calls.iter().filter(|call| call.of == of && call.by_reference);
        shared.map(|call| &*call.name).collect()
    };
    let (ours, theirs) = (names(one), names(other));
    let alone = |of: &str, name: &str| ALONE.iter().any(|(o, n, _)| (*o, *n) == (of, name));
    let missing = |of: &str, here: &BTreeSet<&str>, there: &BTreeSet<&str>| -> Vec<String> {
        let only = here.difference(there).filter(|name| !alone(of, name));
        only.map(|name| format!("{of}::{name} is alone")).collect()
    };
    let stale = ALONE.iter().filter(|(of, name, _)| match *of {
        of if of == one => !ours.contains(name) || theirs.contains(name),
        of if of == other => !theirs.contains(name) || ours.contains(name),
        _ => false,
    });
    let stale = stale.map(|(of, name, _)| format!("{of}::{name} is not alone"));
    let mut complaints = missing(one, &ours, &theirs);
    complaints.extend(missing(other, &theirs, &ours));
    complaints.extend(stale);
    complaints
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every call that a user can name.
fn public_calls() -> Vec<Call> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let root = read(&src.join("lib.rs"));
    let mut known: BTreeSet<String> = exported(&root).into_iter().map(str::to_string).collect();
    let modules = [("set", "set::"), ("words", "words::"), ("words/set", "words::set::")];
    for (folder, module) in modules {
        let names = read(&src.join(folder).join("mod.rs"));
        known.extend(exported(&names).into_iter().map(|name| format!("{module}{name}")));
    }
    let mut calls = Vec::new();
    for (folder, module) in [("", ""), ("map", ""), ("reclaim", "")].into_iter().chain(modules) {
        for file in fs::read_dir(src.join(folder)).unwrap().map(|file| file.unwrap().path()) {
            // The models' hooks are in no user's build.
            if file.extension().is_some_and(|end| end == "rs") && !file.ends_with("model.rs") {
                calls.extend(calls_of(module, &read(&file)));
            }
        }
    }
    // What macros write once for a map and for a pinned one.
    let macros = ["Entry", "OccupiedEntry", "VacantEntry", "EntryRef"];
    assert!(macros.iter().all(|name| calls.iter().any(|call| call.of == *name)));
    calls.retain(|call| known.contains(&call.of));
    let mut counts = BTreeMap::new();
    calls.iter().for_each(|call| *counts.entry(&*call.of).or_insert(0) += 1);
    let least = [
        ("HashMap", 50),
        ("Pinned", 40),
        ("HashSet", 40),
        ("set::Pinned", 35),
        ("WordMap", 50),
        ("words::Pinned", 50),
        ("WordSet", 30),
        ("words::set::Pinned", 25),
    ];
    for (of, least) in least {
        assert!(counts[of] > least, "{of} has {} calls only", counts[of]);
    }
    calls
}

fn nobody_complains(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn every_call_shows_an_example() {
    nobody_complains(without_example(&public_calls()));
}

#[test]
fn a_pin_changes_no_call() {
    let calls = public_calls();
    nobody_complains(lonely(&calls, "HashMap", "Pinned"));
    nobody_complains(lonely(&calls, "HashSet", "set::Pinned"));
    nobody_complains(lonely(&calls, "WordMap", "words::Pinned"));
    nobody_complains(lonely(&calls, "WordSet", "words::set::Pinned"));
}

/// The checkers complain where they should, and only there.
mod checkers {
    use super::*;

    #[test]
    fn types_are_found() {
        assert_eq!(type_of("impl<K, V> HashMap<K, V> {"), Some("HashMap"));
        assert_eq!(
            type_of("impl<'m, Q: Into<K>, K> $EntryRef<'m, Q, K> where K: Eq {"),
            Some("EntryRef")
        );
        assert_eq!(type_of("impl Stats {"), Some("Stats"));
        assert_eq!(type_of("impl<K> Clone for Iter<K> {"), None);
        assert_eq!(
            type_of("impl<K: for<'a> From<&'a u8>> Map<K> where F: for<'a> Fn(&'a K) {"),
            Some("Map")
        );
    }

    #[test]
    fn calls_on_both_are_of_both() {
        let text = "impl<K: X> WordMap and Pinned {\n/// ```\npub fn get(&self, key: K) {\n}\n}\n";
        let calls = calls_of("words::", text);
        let of: Vec<&str> = calls.iter().map(|call| &*call.of).collect();
        assert_eq!(of, ["words::Pinned", "WordMap"]);
        assert!(without_example(&calls).is_empty());
        assert!(
            lonely(&calls, "WordMap", "words::Pinned").iter().all(|c| c.ends_with("not alone"))
        );
        let bare = calls_of("words::", &text.replace("/// ```", "/// Text."));
        assert_eq!(without_example(&bare), ["words::Pinned::get", "WordMap::get"]);
    }

    const MAP: &str = "impl<K> HashMap<K> {\n    /// Reads.\n    /// ```\n    /// ```\n    \
                       #[inline]\n    pub fn get(&self) {}\n    /// Alone.\n    /// ```\n    pub \
                       fn new() {}\n    fn private(&self) {}\n}\n";

    #[test]
    fn calls_without_an_example_are_found() {
        let bare = |text: &str| without_example(&calls_of("", &format!("{MAP}{text}")));
        assert!(bare("").is_empty());
        assert_eq!(
            bare("impl<K> Pinned<K> {\n    /// Reads.\n    pub fn get(&self) {}\n}"),
            ["Pinned::get"]
        );
        let refers =
            "impl<K> Pinned<K> {\n    /// See [`HashMap::get`].\n    pub fn get(&self) {}\n}";
        assert!(bare(refers).is_empty());
        assert_eq!(bare(&refers.replace("`]", "x`]")), ["Pinned::get"]);
        assert_eq!(bare(&refers.replace("fn get", "fn other")), ["Pinned::other"]);
        assert!(bare("impl A for B {\n    pub fn get(&self) {}\n}").is_empty());
    }

    #[test]
    fn calls_that_one_surface_has_alone_are_found() {
        let alone = |text: &str| {
            let all = "impl<K> HashMap<K> {\npub fn pin(&self) {}\npub fn pin_owned(&self) {}\n}\n\
                       impl<K> Pinned<K> {\npub fn map(&self) {}\n";
            lonely(&calls_of("", &format!("{MAP}{all}{text}}}")), "HashMap", "Pinned")
        };
        assert!(alone("pub fn get(&self) {}\n").is_empty(), "`new` has no receiver");
        assert_eq!(alone(""), ["HashMap::get is alone"]);
        assert_eq!(
            alone("pub fn get(&self) {}\npub fn put<'a>(&'a self) {}\n"),
            ["Pinned::put is alone"]
        );
        assert_eq!(
            alone("pub fn get(&self) {}\npub fn pin(&self) {}\n"),
            ["HashMap::pin is not alone"]
        );
        assert!(alone("pub fn get(&self) {}\npub fn get_mut(&mut self) {}\n").is_empty());
    }

    #[test]
    fn what_is_exported_is_found() {
        let names = exported(
            "mod a;\npub use map::{\n    Iter, Keys,\n};\npub use set::HashSet;\nuse x::Y;",
        );
        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["HashSet", "Iter", "Keys"]);
    }
}
