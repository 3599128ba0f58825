//! The results as Markdown: for the terminal, a page of their own, and the project's page.

mod choice;
mod latency;
mod machine;
mod memory;
mod times;

use crate::page::Section;
use crate::plots::Plot;
use crate::results::Results;
use std::fmt::Write;

/// Every part, by name; empty where nothing was measured. Plots are linked below `folder`.
pub fn sections(results: &Results, plots: &[Plot], folder: &str) -> Vec<Section> {
    vec![
        ("machine", machine::machine(results)),
        ("plots", links(plots, folder)),
        ("times", times::plain(results)),
        ("locks", times::locks(results)),
        ("kinds", times::kinds(results)),
        ("mixes", times::mixes(results)),
        ("limits", memory::limits(results)),
        ("hot", times::hot(results)),
        ("counters", times::counters(results)),
        ("tail", latency::table(results)),
        ("bytes", memory::bytes(results)),
        ("aims", times::aims(results)),
    ]
}

/// The parts of the page on how to share a map.
pub fn choice(results: &Results) -> Vec<Section> {
    vec![("ways", choice::ways(results)), ("ours", choice::ours(results))]
}

const TITLES: [(&str, &str); 10] = [
    ("times", "Time of a call"),
    ("locks", "Beside locks, and the floor of one thread"),
    ("kinds", "Other keys and values"),
    ("mixes", "Hit rates of the mixes"),
    ("limits", "Against memory itself"),
    ("hot", "One key for all threads"),
    ("counters", "Counters"),
    ("tail", "Latency while a map grows"),
    ("bytes", "Bytes"),
    ("aims", "Aims"),
];

/// A page of its own.
pub fn page(results: &Results, plots: &[Plot]) -> String {
    let sections = sections(results, plots, "");
    let section = |wanted: &str| {
        let found = sections.iter().find(|(name, _)| *name == wanted);
        found.map_or("", |(_, text)| text.as_str())
    };
    let mut page = format!("# Results\n\n{}\n\n{}\n", section("machine"), section("plots"));
    for (name, title) in TITLES {
        if !section(name).is_empty() {
            let _ = write!(page, "\n## {title}\n\n{}\n", section(name).trim());
        }
    }
    page
}

/// For the terminal.
pub fn text(results: &Results) -> String {
    page(results, &[]).replace("<br>", "  ").replace("&nbsp;", " ")
}

fn links(plots: &[Plot], folder: &str) -> String {
    let link = |plot: &Plot| format!("![{}]({folder}{})\n\n{}\n", plot.title, plot.file, plot.text);
    plots.iter().map(link).collect::<Vec<_>>().join("\n")
}

/// A table; nothing without rows.
fn table(columns: &[String], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let dashes = format!("|{}|\n", vec!["---"; columns.len()].join("|"));
    line(columns) + &dashes + &rows.iter().map(|row| line(row)).collect::<String>()
}

fn strings<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(String::from).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::KeyKind;
    use crate::limits::{FOOTPRINTS, MEMORY, memory_name};
    use crate::results::Measured;
    use crate::results::tests::{about, cell, measured, series};
    use crate::workload::{Cell, Workload};

    #[test]
    fn tables_are_rectangular() {
        let mut results = Results::empty(about());
        let ns: [(&str, &[f64]); 3] =
            [("dolmen", &[10.0, 11.0]), ("papaya", &[20.0, 22.0]), ("mutex", &[])];
        for workload in [Workload::Get, Workload::Miss, Workload::Hot] {
            results.cells.push(measured(cell(workload, 1_000_000, 2), &ns));
        }
        let page = page(&results, &[]);
        assert!(
            page.contains("| miss | 1 M | 2 | 10.5 | 21.0<br>**0.50**&nbsp;(0.50-0.50) |"),
            "{page}"
        );
        let mut width = 0;
        for line in page.lines() {
            let cells = line.matches('|').count();
            assert!(cells == 0 || width == 0 || cells == width, "{line}");
            width = cells;
        }
    }

    #[test]
    fn keys_of_other_types_and_lengths_have_rows_in_one_table() {
        let mut results = Results::empty(about());
        for key in KeyKind::strings() {
            let cell = Cell { key, ..cell(Workload::Get, 1_000_000, 1) };
            let limits = vec![series(&memory_name(MEMORY[0], FOOTPRINTS[0].1), &[5.0])];
            results.cells.push(Measured { limits, ..measured(cell, &[("dolmen", &[10.0])]) });
        }
        let sections = sections(&results, &[], "");
        let filled: Vec<_> = sections.iter().filter(|(_, text)| !text.is_empty()).collect();
        assert_eq!(filled.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["machine", "kinds"]);
        for key in KeyKind::strings() {
            let row = format!("| get | String, {} B | 8 B | 1 M | 1 | 10.0 |", key.bytes());
            assert_eq!(filled[1].1.matches(&row).count(), 1, "{}", filled[1].1);
        }
    }

    #[test]
    fn nothing_measured_is_nothing_said() {
        let results = Results::empty(about());
        let said = [sections(&results, &[], ""), choice(&results)].concat();
        let said: Vec<_> = said.iter().filter(|(_, text)| !text.is_empty()).collect();
        assert_eq!(said.len(), 1, "the machine only: {said:?}");
    }
}
