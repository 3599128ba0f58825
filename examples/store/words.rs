//! The words of a folder: which there are, and how often each is drawn.

use crate::store::Word;
use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Folders that hold what tools made, not text that someone wrote.
const SKIPPED: [&str; 2] = [".git", "target"];

/// The words of a text, most frequent first, and the text as indices into them.
pub struct Words {
    /// Each word once.
    pub list: Vec<String>,
    /// How often the text has each.
    pub counts: Vec<u64>,
    /// The text.
    pub text: Vec<u32>,
    /// What was read for it.
    pub read: Read,
}

/// What was found under a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Read {
    pub files: usize,
    pub binary: usize,
    pub unreadable: usize,
    pub bytes: u64,
    /// Whether the limit on bytes left text unread.
    pub cut: bool,
}

/// Why a folder gives no words.
#[derive(Debug)]
pub enum NoWords {
    Missing(PathBuf),
    NotAFolder(PathBuf),
    Unreadable(PathBuf, io::Error),
    Empty(PathBuf),
    NotText(PathBuf, Read),
    Wordless(PathBuf, Read),
}

impl fmt::Display for NoWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoWords::Missing(path) => write!(f, "there is no folder {}", path.display()),
            NoWords::NotAFolder(path) => {
                write!(f, "{} is not a folder; name one that holds text files", path.display())
            }
            NoWords::Unreadable(path, error) => {
                write!(f, "cannot read the folder {}: {error}", path.display())
            }
            NoWords::Empty(path) => write!(f, "the folder {} holds no files", path.display()),
            NoWords::NotText(path, read) => {
                let Read { binary, unreadable, .. } = read;
                write!(f, "the folder {} holds no text: ", path.display())?;
                write!(f, "{binary} binary and {unreadable} unreadable files")
            }
            NoWords::Wordless(path, read) => {
                write!(f, "the text under {} has no words ({} files)", path.display(), read.files)
            }
        }
    }
}

impl Words {
    pub fn word(&self, number: u32) -> Word<'_> {
        Word { name: &self.list[number as usize], number }
    }

    /// Reads the text files under `folder`, up to about `limit` bytes.
    pub fn read(folder: &Path, limit: u64) -> Result<Words, NoWords> {
        match fs::metadata(folder) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => return Err(NoWords::NotAFolder(folder.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(NoWords::Missing(folder.into()));
            }
            Err(error) => return Err(NoWords::Unreadable(folder.into(), error)),
        }
        let mut read = Read::default();
        let files = files_under(folder, &mut read)
            .map_err(|error| NoWords::Unreadable(folder.into(), error))?;
        let mut counter = Counter::default();
        for file in &files {
            if read.bytes >= limit {
                read.cut = true;
                break;
            }
            match text_of(file) {
                Ok(Some(text)) => {
                    read.files += 1;
                    read.bytes += text.len() as u64;
                    counter.add(&text);
                }
                Ok(None) => read.binary += 1,
                Err(_) => read.unreadable += 1,
            }
        }
        match (files.len() + read.unreadable, read.files, counter.text.len()) {
            (0, ..) => Err(NoWords::Empty(folder.into())),
            (_, 0, _) => Err(NoWords::NotText(folder.into(), read)),
            (_, _, 0) => Err(NoWords::Wordless(folder.into(), read)),
            _ => Ok(counter.finish(read)),
        }
    }
}

/// Every file under `folder`, by name, so that equal folders give equal words.
fn files_under(folder: &Path, read: &mut Read) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![fs::read_dir(folder)?];
    while let Some(folder) = folders.pop() {
        for entry in folder {
            let Ok(entry) = entry else {
                read.unreadable += 1;
                continue;
            };
            // Not through links: they may go round in a circle.
            match entry.file_type() {
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                Ok(kind) if kind.is_dir() && !is_skipped(&entry.path()) => {
                    match fs::read_dir(entry.path()) {
                        Ok(inner) => folders.push(inner),
                        Err(_) => read.unreadable += 1,
                    }
                }
                _ => {}
            }
        }
    }
    found.sort();
    Ok(found)
}

fn is_skipped(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| SKIPPED.iter().any(|skipped| name == *skipped))
}

/// The text of a file; `None` if it is binary: not UTF-8, or with a NUL in it.
fn text_of(file: &Path) -> io::Result<Option<String>> {
    let bytes = fs::read(file)?;
    if bytes.contains(&0) {
        return Ok(None);
    }
    Ok(String::from_utf8(bytes).ok())
}

/// The words of a text, as written: runs of letters and digits, with `_` and apostrophes inside.
pub fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '\'')
        .map(|word| word.trim_matches(['_', '\'']))
        .filter(|word| !word.is_empty())
}

/// Collects words in the order in which they come.
#[derive(Default)]
struct Counter {
    index: HashMap<String, u32>,
    counts: Vec<u64>,
    text: Vec<u32>,
}

impl Counter {
    fn add(&mut self, text: &str) {
        for word in split(text) {
            let word = word.to_lowercase();
            let next = self.counts.len() as u32;
            let index = *self.index.entry(word).or_insert(next);
            if index == next {
                self.counts.push(0);
            }
            self.counts[index as usize] += 1;
            self.text.push(index);
        }
    }

    /// Puts the frequent words first.
    fn finish(self, read: Read) -> Words {
        let mut words: Vec<(String, u32)> = self.index.into_iter().collect();
        words.sort_by(|(a, i), (b, j)| {
            let (m, n) = (self.counts[*i as usize], self.counts[*j as usize]);
            n.cmp(&m).then_with(|| a.cmp(b))
        });
        let mut rank = vec![0; words.len()];
        for (place, (_, index)) in words.iter().enumerate() {
            rank[*index as usize] = place as u32;
        }
        Words {
            counts: words.iter().map(|(_, index)| self.counts[*index as usize]).collect(),
            text: self.text.into_iter().map(|index| rank[index as usize]).collect(),
            list: words.into_iter().map(|(word, _)| word).collect(),
            read,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> Words {
        let mut counter = Counter::default();
        counter.add(text);
        counter.finish(Read::default())
    }

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        let text = "It's `map.get(&key_1)`; 'quoted' __init__ -- naïve, 東京!";
        let words: Vec<_> = split(text).collect();
        let expected = ["It's", "map", "get", "key_1", "quoted", "init", "naïve", "東京"];
        assert_eq!(words, expected);
    }

    #[test]
    fn punctuation_and_nothing_have_no_words() {
        assert_eq!(split("").count(), 0);
        assert_eq!(split(" \n\t.,;:!?_'_ '' -- ").count(), 0);
    }

    #[test]
    fn frequent_words_come_first_and_the_text_keeps_its_order() {
        let words = count("b a c a B a");
        assert_eq!(words.list, ["a", "b", "c"]);
        assert_eq!(words.counts, [3, 2, 1]);
        assert_eq!(words.text, [1, 0, 2, 0, 1, 0]);
    }

    #[test]
    fn tools_folders_are_skipped() {
        assert!(is_skipped(Path::new("a/.git")) && is_skipped(Path::new("target")));
        assert!(!is_skipped(Path::new("target/debug")) && !is_skipped(Path::new("src")));
    }
}
