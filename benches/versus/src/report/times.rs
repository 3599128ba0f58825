//! Tables of the cells.

use super::{strings, table};
use crate::aims::{self, CONCURRENT, OURS};
use crate::figures::{Spread, show_count};
use crate::keys::KeyKind;
use crate::limits::{ARRAYS, COUNTER};
use crate::results::{Measured, Results, Series};
use crate::script::Kind;
use crate::workload::{Cell, Shape, Workload};

/// What says which cell a row is of: the heads of the columns, and what is in them.
type Labels = [(&'static str, fn(&Cell) -> String)];

const WORKLOAD: (&str, fn(&Cell) -> String) = ("workload", |cell| cell.workload.name());
const ENTRIES: (&str, fn(&Cell) -> String) = ("entries", |cell| show_count(cell.size));
const THREADS: (&str, fn(&Cell) -> String) = ("threads", |cell| cell.threads.to_string());
const KEY: (&str, fn(&Cell) -> String) = ("key", show_key);
const VALUE: (&str, fn(&Cell) -> String) = ("value", |cell| format!("{} B", cell.value));
const DRAWN: (&str, fn(&Cell) -> String) = ("drawn", show_draw);

fn show_key(cell: &Cell) -> String {
    match cell.key {
        KeyKind::U64 => cell.key.name().into(),
        key => format!("{}, {} B", key.name(), key.bytes()),
    }
}

/// How often which key is asked for.
pub fn show_draw(cell: &Cell) -> String {
    match cell.theta {
        _ if cell.size == 1 => "-".into(),
        0.0 => "uniformly".into(),
        theta => format!("by Zipf, {theta}"),
    }
}

/// Ours and the concurrent ones, on the usual keys.
pub fn plain(results: &Results) -> String {
    let labels = [WORKLOAD, ENTRIES, THREADS];
    times(results, &labels, &concurrent(results), Measured::is_plain)
}

/// Ours and the others.
pub fn locks(results: &Results) -> String {
    let (ours, concurrent) = (results.ours(), concurrent(results));
    let mut maps = results.maps();
    maps.retain(|map| ours.contains(map) || !concurrent.contains(map));
    if maps.len() == ours.len() {
        return String::new();
    }
    times(results, &[WORKLOAD, ENTRIES, THREADS], &maps, Measured::is_plain)
}

pub fn kinds(results: &Results) -> String {
    let labels = [WORKLOAD, KEY, VALUE, ENTRIES, THREADS];
    times(results, &labels, &concurrent(results), |measured| {
        !measured.is_plain() && !measured.cell.workload.counts()
    })
}

/// All maps, and the arrays.
pub fn counters(results: &Results) -> String {
    let maps: Vec<&str> = results.maps().into_iter().chain(ARRAYS).collect();
    let labels = [WORKLOAD, ENTRIES, DRAWN, THREADS];
    times(results, &labels, &maps, |measured| measured.cell.workload.counts())
}

fn concurrent(results: &Results) -> Vec<&str> {
    let ours = results.ours();
    let mut maps = results.maps();
    maps.retain(|map| [&ours[..], &CONCURRENT, &OURS].iter().any(|some| some.contains(map)));
    maps
}

/// Only maps that were measured on some of the cells.
fn times(
    results: &Results,
    labels: &Labels,
    maps: &[&str],
    wanted: impl Fn(&Measured) -> bool,
) -> String {
    let cells: Vec<_> = results.cells.iter().filter(|measured| wanted(measured)).collect();
    let is_measured = |map: &&str| cells.iter().any(|cell| cell.series(map).is_some());
    let maps: Vec<&str> = maps.iter().copied().filter(is_measured).collect();
    let mut ours = results.ours();
    ours.retain(|map| maps.contains(map));
    // Each column is compared with those of ours that are left of it.
    let compared = |place: usize| ours.iter().take(place);
    let mut columns: Vec<String> = labels.iter().map(|(head, _)| head.to_string()).collect();
    columns.extend(maps.iter().enumerate().map(|(place, map)| {
        let ratios = compared(place).map(|ours| format!("<br>**{ours} / {map}**"));
        format!("{map}, ns{}", ratios.collect::<String>())
    }));
    let row = |measured: &&Measured| {
        let mut row: Vec<String> = labels.iter().map(|(_, show)| show(&measured.cell)).collect();
        row.extend(maps.iter().enumerate().map(|(place, map)| {
            let ours: Vec<_> = compared(place).map(|name| measured.series(name)).collect();
            let series = measured.series(map);
            series.and_then(|series| show(series, &ours)).unwrap_or_else(|| "-".into())
        }));
        row
    };
    table(&columns, &cells.iter().map(row).collect::<Vec<_>>())
}

/// Nanoseconds, and how much of them each of ours takes.
fn show(series: &Series, ours: &[Option<&Series>]) -> Option<String> {
    let note = series.note.as_ref().map_or(String::new(), |note| format!(" ({note})"));
    let mut text = format!("{:.1}{note}", series.median()?);
    for ours in ours {
        let ratio = ours.and_then(|ours| ours.by(series));
        text += &format!("<br>{}", ratio.map_or("-".into(), show_ratio));
    }
    Some(text)
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
        strings(["map", "workload", "entries", "threads", "against", "at most", "measured", "met"]);
    let of_times = aims::of(results).into_iter().map(|aim| {
        let cell = &aim.measured.cell;
        vec![
            aim.map.into(),
            cell.workload.name(),
            show_count(cell.size),
            cell.threads.to_string(),
            aim.against.clone(),
            format!("{:.2}", aim.wanted),
            show_ratio(aim.got),
            yes(aim.is_met()),
        ]
    });
    let of_bytes = aims::of_bytes(results).into_iter().map(|aim| {
        let mut row = strings([aim.map, "bytes", "-", "1"]);
        let got = format!("**{:.1}**", aim.got);
        row.extend([aim.what, format!("{:.0}", aim.wanted), got, yes(aim.got <= aim.wanted)]);
        row
    });
    table(&columns, &of_times.chain(of_bytes).collect::<Vec<_>>())
}

fn yes(met: bool) -> String {
    if met { "yes".into() } else { "**no**".into() }
}
