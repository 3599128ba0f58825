//! Axes, linear and logarithmic, with ticks at round numbers.

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use std::ops::Range;

/// An axis.
#[derive(Clone)]
pub struct Axis {
    pub label: String,
    scale: Scale,
    /// From and to, as the scale has them.
    range: (f64, f64),
    /// Values and their labels.
    pub ticks: Vec<(f64, String)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Scale {
    Linear,
    Log,
}

impl Axis {
    /// From nothing.
    pub fn linear(label: &str, values: impl Iterator<Item = f64>) -> Axis {
        let most = values.fold(0.0, f64::max).max(1e-9) * 1.05;
        let step = round_step(most / 5.0);
        let steps = (most / step).floor() as usize;
        let ticks = (0..=steps).map(|n| n as f64 * step).map(|at| (at, short(at))).collect();
        Axis { label: label.into(), scale: Scale::Linear, range: (0.0, most), ticks }
    }

    /// Over the values, and a little room.
    pub fn log(label: &str, values: impl Iterator<Item = f64>) -> Axis {
        let places = values.filter(|value| *value > 0.0).map(f64::log10);
        let (least, most) =
            places.fold((f64::MAX, f64::MIN), |(least, most), at| (at.min(least), at.max(most)));
        if least > most {
            return Axis::log(label, [1.0, 10.0].into_iter());
        }
        let room = ((most - least) * 0.04).max(0.02);
        let range = (least - room, most + room);
        let in_range = |at: &f64| (range.0..=range.1).contains(at);
        let decades = range.0.floor() as i32..=range.1.ceil() as i32;
        let at = |factors: &'static [f64]| {
            let of_decade = move |decade: i32| {
                factors.iter().map(move |factor| f64::from(decade) + factor.log10())
            };
            decades.clone().flat_map(of_decade).filter(in_range).collect::<Vec<f64>>()
        };
        let mut places = at(&[1.0]);
        if places.len() < 4 {
            places = at(&[1.0, 2.0, 5.0]);
        }
        let ticks = places.into_iter().map(|at| 10f64.powf(at)).map(|at| (at, short(at))).collect();
        Axis { label: label.into(), scale: Scale::Log, range, ticks }
    }

    /// The first value and the last.
    pub fn ends(&self) -> (f64, f64) {
        (self.range().start, self.range().end)
    }

    /// Rows, one to each 1, from below.
    pub fn rows(names: impl ExactSizeIterator<Item = String>) -> Axis {
        let range = (0.0, names.len() as f64);
        let ticks = names.enumerate().map(|(row, name)| (row as f64 + 0.5, name)).collect();
        Axis { label: String::new(), scale: Scale::Linear, range, ticks }
    }

    /// An axis without a label.
    pub fn silent(self) -> Axis {
        Axis { label: String::new(), ..self }
    }

    /// With these ticks only.
    pub fn with_ticks(self, ticks: impl Iterator<Item = (f64, String)>) -> Axis {
        Axis { ticks: ticks.collect(), ..self }
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, pixels: (i32, i32)) -> i32 {
        let place = match self.scale {
            Scale::Linear => *value,
            Scale::Log => value.max(1e-12).log10(),
        };
        let share = (place - self.range.0) / (self.range.1 - self.range.0);
        pixels.0 + (f64::from(pixels.1 - pixels.0) * share).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.iter().map(|(value, _)| *value).collect()
    }

    fn range(&self) -> Range<f64> {
        match self.scale {
            Scale::Linear => self.range.0..self.range.1,
            Scale::Log => 10f64.powf(self.range.0)..10f64.powf(self.range.1),
        }
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        let tick = self.ticks.iter().find(|(tick, _)| tick == value);
        tick.map_or_else(|| short(*value), |(_, label)| label.clone())
    }
}

/// The next of 1, 2, 5, 10, 20 ..
fn round_step(least: f64) -> f64 {
    let decade = 10f64.powf(least.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * decade >= least);
    factor.unwrap_or(10.0) * decade
}

/// A number in few characters.
pub fn short(value: f64) -> String {
    let (scaled, unit) = match value.abs() {
        size if size >= 0.999_999e9 => (value / 1e9, "G"),
        size if size >= 0.999_999e6 => (value / 1e6, "M"),
        size if size >= 0.999_999e3 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    let digits = match scaled.abs() {
        size if size >= 10.0 || size == 0.0 => 0,
        size if size >= 1.0 => 1,
        size if size >= 0.01 => 2,
        _ => 3,
    };
    let text = format!("{scaled:.digits$}");
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: Axis) -> Vec<String> {
        axis.ticks.into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(
            labels(Axis::linear("", [3.0, 47.0].into_iter())),
            ["0", "10", "20", "30", "40"]
        );
        assert_eq!(labels(Axis::linear("", [0.4].into_iter())), ["0", "0.1", "0.2", "0.3", "0.4"]);
        assert_eq!(labels(Axis::log("", [1e3, 1e6].into_iter())), ["1k", "10k", "100k", "1M"]);
        assert_eq!(labels(Axis::log("", [1.5, 25.0].into_iter())), ["2", "5", "10", "20"]);
        let wide = ["0.001", "0.01", "0.1", "1", "10"];
        assert_eq!(labels(Axis::log("", [0.001, 10.0].into_iter())), wide);
    }

    #[test]
    fn nothing_makes_an_axis_too() {
        for axis in [Axis::linear("", [].into_iter()), Axis::log("", [].into_iter())] {
            assert!(axis.range.0 < axis.range.1 && axis.range.1.is_finite());
        }
        assert_eq!(round_step(0.12), 0.2);
    }
}
