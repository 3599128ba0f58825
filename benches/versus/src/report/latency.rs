//! The table of the tails.

use super::strings;
use crate::figures::{show_count, show_time};
use crate::results::{Results, TailOf, TailRound};
use crate::tail::PERCENTILES;

/// Percentiles of the table.
const SHOWN: [f64; 4] = [50.0, 99.0, 99.9, 99.99];

/// The writer's, and the reader's.
const THREADS: [fn(&TailRound) -> &Vec<f64>; 2] = [|round| &round.write, |round| &round.read];

/// Medians of the rounds, and the worst of all.
pub fn table(results: &Results) -> String {
    let mut columns = strings(["map", "entries"]);
    for call in ["insert", "get"] {
        columns.extend(SHOWN.map(|at| format!("{call} p{at}")));
        columns.extend([format!("{call} max"), format!("{call} max of all rounds")]);
    }
    let last = PERCENTILES.len() - 1;
    let row = |tail: &TailOf| {
        let mut row = vec![tail.map.clone(), show_count(tail.size)];
        for thread in THREADS {
            let place = |at: f64| PERCENTILES.iter().position(|&p| p == at).unwrap_or(last);
            row.extend(SHOWN.map(|at| show_time(tail.median(thread, place(at)))));
            row.push(show_time(tail.median(thread, last)));
            let worst = tail.rounds.iter().map(|round| thread(round)[last]).fold(0.0, f64::max);
            row.push(show_time(worst));
        }
        row
    };
    super::table(&columns, &results.tails.iter().map(row).collect::<Vec<_>>())
}
