//! A figure: one measured value with its unit, and the samples it is the median of.

use serde::Serialize;

use super::statistics::median;

/// How a value is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Unit {
    /// Switchboard over its yardstick.
    Ratio,
    PerSecond,
    Milliseconds,
    Microseconds,
    Seconds,
    KibiBytes,
    MebiBytes,
    Count,
}

/// One line of the result.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    pub scenario: &'static str,
    pub name: &'static str,
    pub value: f64,
    pub unit: Unit,
    pub samples: Vec<f64>,
}

impl Figure {
    /// The median of several samples.
    pub fn median(scenario: &'static str, name: &'static str, unit: Unit, samples: Vec<f64>) -> Self {
        Self {
            scenario,
            name,
            value: median(&samples),
            unit,
            samples,
        }
    }

    /// A value that was taken once, or that is a sum.
    pub fn single(scenario: &'static str, name: &'static str, unit: Unit, value: f64) -> Self {
        Self {
            scenario,
            name,
            value,
            unit,
            samples: vec![value],
        }
    }

    /// The value for people.
    pub fn text(&self) -> String {
        show(self.value, self.unit)
    }
}

/// A value with its unit, as short as it stays useful.
pub fn show(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Ratio => format!("{value:.2} ×"),
        Unit::PerSecond if value >= 1e6 => format!("{:.2} M/s", value / 1e6),
        Unit::PerSecond if value >= 1e4 => format!("{:.1} k/s", value / 1e3),
        Unit::PerSecond => format!("{value:.0} /s"),
        Unit::Milliseconds => format!("{value:.2} ms"),
        Unit::Microseconds => format!("{value:.1} µs"),
        Unit::Seconds => format!("{value:.2} s"),
        Unit::KibiBytes => format!("{value:.1} KiB"),
        Unit::MebiBytes => format!("{value:.1} MiB"),
        Unit::Count => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_short() {
        assert_eq!(show(2_345_678.0, Unit::PerSecond), "2.35 M/s");
        assert_eq!(show(58_900.0, Unit::PerSecond), "58.9 k/s");
        assert_eq!(show(812.4, Unit::PerSecond), "812 /s");
        assert_eq!(show(0.714, Unit::Ratio), "0.71 ×");
    }

    #[test]
    fn a_figure_is_the_median_of_its_samples() {
        let figure = Figure::median("room", "ratio", Unit::Ratio, vec![0.5, 0.9, 0.8]);
        assert_eq!(figure.text(), "0.80 ×");
    }
}
