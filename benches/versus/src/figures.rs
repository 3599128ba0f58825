//! Medians, spreads, and what we want to reach.

use crate::workload::Workload;

/// The middle of some figures, and where most of them are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    pub p10: f64,
    pub median: f64,
    pub p90: f64,
}

impl Spread {
    pub fn of(figures: impl IntoIterator<Item = f64>) -> Option<Spread> {
        let mut sorted: Vec<f64> = figures.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().checked_sub(1)?;
        let at = |share: f64| {
            let place = share * last as f64;
            let (below, above) = (sorted[place as usize], sorted[place.ceil() as usize]);
            below + (above - below) * place.fract()
        };
        Some(Spread { p10: at(0.1), median: at(0.5), p90: at(0.9) })
    }
}

/// How much of a peer's time our time may be.
pub fn target(workload: Workload, peer: &str) -> Option<f64> {
    Some(match (workload, peer) {
        (Workload::Get, "papaya") => 0.55,
        (Workload::Get, "dashmap") => 1.0,
        (Workload::Getpin, "papaya") => 0.85,
        (Workload::Grow, "papaya") => 0.6,
        (Workload::Grow, "dashmap") => 1.5,
        (Workload::Fill, "dashmap") => 1.1,
        (Workload::Overwrite, "papaya") => 0.5,
        (Workload::Overwrite, "dashmap") => 1.8,
        (Workload::Update, "dashmap") => 1.6,
        (Workload::Recur, "papaya" | "dashmap") => 1.1,
        _ => return None,
    })
}

/// A map with one entry should not take more bytes than this.
pub const MOST_BYTES_FOR_ONE: isize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_between_its_figures() {
        let spread = Spread::of((0..=10).rev().map(f64::from)).unwrap();
        assert_eq!(spread, Spread { p10: 1.0, median: 5.0, p90: 9.0 });
        assert_eq!(Spread::of([1.0, 2.0]).unwrap().median, 1.5);
        assert_eq!(Spread::of([3.0]).unwrap(), Spread { p10: 3.0, median: 3.0, p90: 3.0 });
        assert_eq!(Spread::of([]), None);
    }
}
