//! Medians and spreads.

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

/// A number with an optional k or M.
pub fn parse_count(text: &str) -> Result<usize, String> {
    let (digits, unit) = match text.strip_suffix(['k', 'M']) {
        Some(digits) if text.ends_with('k') => (digits, 1_000),
        Some(digits) => (digits, 1_000_000),
        None => (text, 1),
    };
    match digits.parse::<usize>().ok().and_then(|count| count.checked_mul(unit)) {
        Some(count) if (1..=1_000_000_000).contains(&count) => Ok(count),
        _ => Err("expected a number such as 1000, 50k or 1M, up to 1000M".into()),
    }
}

/// A number as `parse_count` takes it.
pub fn show_count(count: usize) -> String {
    match count {
        _ if count.is_multiple_of(1_000_000) => format!("{} M", count / 1_000_000),
        _ if count.is_multiple_of(1_000) => format!("{} k", count / 1_000),
        _ => count.to_string(),
    }
}

/// Nanoseconds, in the unit that suits.
pub fn show_time(ns: f64) -> String {
    match ns {
        _ if ns < 1e3 => format!("{ns:.0} ns"),
        _ if ns < 1e4 => format!("{:.1} µs", ns / 1e3),
        _ if ns < 1e6 => format!("{:.0} µs", ns / 1e3),
        _ if ns < 1e7 => format!("{:.1} ms", ns / 1e6),
        _ if ns < 1e9 => format!("{:.0} ms", ns / 1e6),
        _ => format!("{:.1} s", ns / 1e9),
    }
}

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

    #[test]
    fn counts_may_have_units() {
        assert_eq!(parse_count("50k"), Ok(50_000));
        assert_eq!(parse_count("1M"), Ok(1_000_000));
        assert_eq!(parse_count("7"), Ok(7));
        for wrong in ["", "k", "0", "-1", "1G", "1001M", "99999999999999M"] {
            assert!(parse_count(wrong).is_err(), "{wrong}");
        }
        assert_eq!([7, 50_000, 2_000_000].map(show_count), ["7", "50 k", "2 M"]);
    }

    #[test]
    fn times_have_the_unit_that_suits() {
        let times = [7.4, 1_234.0, 45_600.0, 1_500_000.0, 25e6, 2e9].map(show_time);
        assert_eq!(times, ["7 ns", "1.2 µs", "46 µs", "1.5 ms", "25 ms", "2.0 s"]);
    }
}
