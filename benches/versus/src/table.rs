//! The results: as a Markdown table, and as JSON.

use crate::args::show_count;
use crate::figures::{MOST_BYTES_FOR_ONE, Spread, target};
use crate::subject::{Bytes, Cell};
use serde_json::{Value, json};
use std::fmt::Write;

/// The samples of a cell: for each map in order, nanoseconds a call in each round; none where the
/// map does not stand the workload.
pub struct Measured {
    pub cell: Cell,
    pub samples: Vec<Vec<f64>>,
}

impl Measured {
    /// Ours by a peer's, round by round.
    fn ratio(&self, peer: usize) -> Option<Spread> {
        Spread::of(
            self.samples[0].iter().zip(&self.samples[peer]).map(|(ours, theirs)| ours / theirs),
        )
    }
}

/// A line of the head and one of dashes.
fn head(columns: &[String]) -> String {
    let dashes = vec!["---"; columns.len()].join("|");
    format!("| {} |\n|{dashes}|\n", columns.join(" | "))
}

/// Nanoseconds a call, and the ratios of the first map to the others.
pub fn times(maps: &[&str], results: &[Measured]) -> String {
    let mut columns: Vec<String> = ["workload", "keys", "threads"].map(String::from).into();
    columns.extend(maps.iter().map(|map| format!("{map} ns")));
    columns.extend(maps[1..].iter().map(|peer| format!("{} / {peer} (p10-p90)", maps[0])));
    let mut table = head(&columns);
    for result in results {
        let Cell { workload, size, threads, .. } = result.cell;
        let _ = write!(table, "| {} | {} | {threads} |", workload.name(), show_count(size));
        for samples in &result.samples {
            let median = Spread::of(samples.iter().copied()).map(|spread| spread.median);
            let _ = write!(table, " {} |", median.map_or("-".into(), |ns| format!("{ns:.1}")));
        }
        for (peer, name) in maps.iter().enumerate().skip(1) {
            let target = (maps[0] == "dolmen").then(|| target(workload, name)).flatten();
            let ratio = result.ratio(peer).map_or("-".into(), |ratio| show_ratio(ratio, target));
            let _ = write!(table, " {ratio} |");
        }
        table.push('\n');
    }
    table
}

fn show_ratio(ratio: Spread, target: Option<f64>) -> String {
    let Spread { p10, median, p90 } = ratio;
    let mut shown = format!("**{median:.2}** ({p10:.2}-{p90:.2})");
    if let Some(target) = target {
        let met = if median <= target { "≤" } else { "**misses**" };
        let _ = write!(shown, " {met} {target:.2}");
    }
    shown
}

/// Heap bytes, as asked for from the allocator.
pub fn bytes(maps: &[&str], sizes: &[usize], bytes: &[Vec<Bytes>]) -> String {
    let mut columns = vec!["live heap bytes".to_string()];
    columns.extend(maps.iter().map(ToString::to_string));
    let mut table = head(&columns);
    let mut row = |name: String, show: &dyn Fn(usize) -> String| {
        let shown: Vec<String> = (0..maps.len()).map(show).collect();
        let _ = writeln!(table, "| {name} | {} |", shown.join(" | "));
    };
    row("one entry written".into(), &|map| {
        let one = bytes[0][map].one;
        let over = maps[map] == "dolmen" && one > MOST_BYTES_FOR_ONE;
        if over { format!("{one} **misses** {MOST_BYTES_FOR_ONE}") } else { one.to_string() }
    });
    row("and removed".into(), &|map| bytes[0][map].none.to_string());
    for (size, bytes) in sizes.iter().zip(bytes) {
        let name = format!("an entry, grown to {}", show_count(*size));
        row(name, &|map| format!("{:.1}", bytes[map].per_entry));
    }
    table
}

/// Everything, for later plots and comparisons.
pub fn json(about: &Value, maps: &[&str], results: &[Measured], bytes: &[Vec<Bytes>]) -> Value {
    let by_map = |values: Vec<Value>| -> Value {
        maps.iter().map(ToString::to_string).zip(values).collect::<serde_json::Map<_, _>>().into()
    };
    let cells: Vec<Value> = results
        .iter()
        .map(|result| {
            let Cell { workload, size, threads, .. } = result.cell;
            let samples = result.samples.iter().map(|samples| json!(samples)).collect();
            json!({
                "workload": workload.name(),
                "size": size,
                "threads": threads,
                "nanoseconds": by_map(samples),
            })
        })
        .collect();
    let memory = |bytes: &Bytes| {
        json!({
            "one": bytes.one, "none": bytes.none, "per_entry": bytes.per_entry,
        })
    };
    let bytes: Vec<Value> =
        bytes.iter().map(|bytes| by_map(bytes.iter().map(memory).collect())).collect();
    json!({ "about": about, "maps": maps, "cells": cells, "bytes": bytes })
}
