//! Tables of the cells.

use super::{strings, table};
use crate::aims::{self, CONCURRENT};
use crate::figures::{Spread, show_count};
use crate::limits::COUNTER;
use crate::results::{Measured, Results, Series};
use crate::script::Kind;
use crate::workload::{Shape, Workload};

/// The first map and the concurrent ones, on the usual keys.
pub fn plain(results: &Results) -> String {
    times(results, &concurrent(results), Measured::is_plain)
}

/// The first map and the others.
pub fn locks(results: &Results) -> String {
    let concurrent = concurrent(results);
    let mut maps = results.maps();
    maps.retain(|map| !concurrent[1..].contains(map));
    if maps.len() < 2 { String::new() } else { times(results, &maps, Measured::is_plain) }
}

pub fn kinds(results: &Results) -> String {
    times(results, &concurrent(results), |measured| !measured.is_plain())
}

fn concurrent(results: &Results) -> Vec<&str> {
    let mut maps = results.maps();
    let first = maps.first().copied();
    maps.retain(|map| Some(*map) == first || CONCURRENT.contains(map) || *map == "dolmen");
    maps
}

fn times(results: &Results, maps: &[&str], wanted: impl Fn(&Measured) -> bool) -> String {
    let cells: Vec<_> = results.cells.iter().filter(|measured| wanted(measured)).collect();
    let plain = cells.iter().all(|measured| measured.is_plain());
    let mut columns = strings(["workload", "entries", "threads"]);
    if !plain {
        columns.splice(1..1, strings(["key", "value"]));
    }
    columns.extend(maps.iter().enumerate().map(|(place, map)| match place {
        0 => format!("{map}, ns"),
        _ => format!("{map}, ns<br>**{} / {map}**", maps[0]),
    }));
    let row = |measured: &&Measured| {
        let cell = &measured.cell;
        let mut row = vec![cell.workload.name(), show_count(cell.size), cell.threads.to_string()];
        if !plain {
            let value = format!("{} B", cell.value);
            row.splice(1..1, [cell.key.name().to_string(), value]);
        }
        row.extend(maps.iter().enumerate().map(|(place, map)| {
            let series = measured.series(map);
            let ours = measured.series(maps[0]).filter(|_| place > 0);
            series.and_then(|series| show(series, ours)).unwrap_or_else(|| "-".into())
        }));
        row
    };
    table(&columns, &cells.iter().map(row).collect::<Vec<_>>())
}

/// Nanoseconds, and how much of them ours are.
fn show(series: &Series, ours: Option<&Series>) -> Option<String> {
    let note = series.note.as_ref().map_or(String::new(), |note| format!(" ({note})"));
    let ns = format!("{:.1}{note}", series.median()?);
    let ratio = ours.and_then(|ours| ours.by(series));
    Some(ratio.map_or(ns.clone(), |ratio| format!("{ns}<br>{}", show_ratio(ratio))))
}

fn show_ratio(Spread { p10, median, p90 }: Spread) -> String {
    format!("**{median:.2}**&nbsp;({p10:.2}-{p90:.2})")
}

/// What the mixes really hit: the same for every map, for every map gets the same calls.
pub fn mixes(results: &Results) -> String {
    let mut columns = strings(["workload", "entries", "threads"]);
    columns.extend(Kind::NAMES.map(|kind| format!("{kind}: share, hits")));
    let scripted = results.cells.iter().filter(|m| m.cell.workload.shape() == Shape::Script);
    let row = |measured: &Measured| {
        let cell = &measured.cell;
        let tallies = measured.maps.iter().find_map(|series| series.tallies)?;
        let all: u64 = tallies.iter().map(|tally| tally.calls).sum();
        let mut row = vec![cell.workload.name(), show_count(cell.size), cell.threads.to_string()];
        row.extend(tallies.iter().map(|tally| match tally.calls {
            0 => "-".into(),
            calls => {
                let percent = |part: u64, of: u64| part as f64 * 100.0 / of as f64;
                format!("{:.1} %, {:.1} %", percent(calls, all), percent(tally.hits, calls))
            }
        }));
        Some(row)
    };
    table(&columns, &scripted.filter_map(row).collect::<Vec<_>>())
}

/// All threads on one key: how much each loses by the others, the counter too.
pub fn hot(results: &Results) -> String {
    let cells: Vec<_> = results.cells(Workload::Hot).filter(|m| m.is_plain()).collect();
    let Some(alone) = cells.iter().find(|measured| measured.cell.threads == 1) else {
        return String::new();
    };
    let mut columns = strings(["threads"]);
    let names: Vec<&str> =
        results.maps().into_iter().filter(|map| *map != "hashbrown").chain([COUNTER]).collect();
    columns.extend(names.iter().map(|name| format!("{name}, M/s")));
    let row = |measured: &&Measured| {
        let mut row = vec![measured.cell.threads.to_string()];
        row.extend(names.iter().map(|name| {
            let rate = |of: &Measured| of.throughput(of.series(name)?);
            match (rate(measured), rate(alone)) {
                (Some(rate), Some(alone)) => format!("{rate:.1} (x {:.2})", rate / alone),
                _ => "-".into(),
            }
        }));
        row
    };
    table(&columns, &cells.iter().map(row).collect::<Vec<_>>())
}

pub fn aims(results: &Results) -> String {
    let columns =
        strings(["workload", "entries", "threads", "against", "at most", "measured", "met"]);
    let of_times = aims::of(results).into_iter().map(|aim| {
        let cell = &aim.measured.cell;
        vec![
            cell.workload.name(),
            show_count(cell.size),
            cell.threads.to_string(),
            aim.against.clone(),
            format!("{:.2}", aim.wanted),
            show_ratio(aim.got),
            yes(aim.is_met()),
        ]
    });
    let ours = results.bytes.iter().find(|of| of.map == "dolmen").map(|of| &of.bytes);
    let of_bytes = ours.into_iter().flat_map(|bytes| {
        let most = bytes.grown.iter().max_by(|one, other| one.1.total_cmp(&other.1));
        let row = |what: &str, wanted: f64, got: f64| {
            let mut row = strings(["bytes", "-", "1"]);
            row.extend([what.into(), format!("{wanted:.0}"), format!("**{got:.0}**")]);
            row.push(yes(got <= wanted));
            row
        };
        let empty = row("one inserted, removed", aims::EMPTY_BYTES as f64, bytes.none as f64);
        let entry = most.map(|(_, most)| row("an entry, at worst", aims::ENTRY_BYTES, *most));
        [Some(empty), entry].into_iter().flatten()
    });
    table(&columns, &of_times.chain(of_bytes).collect::<Vec<_>>())
}

fn yes(met: bool) -> String {
    if met { "yes".into() } else { "**no**".into() }
}
