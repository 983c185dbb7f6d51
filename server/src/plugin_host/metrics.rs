//! Figures of a plugin's own: counters, gauges and histograms by name and labels, for each install, bounded in number.
//! They survive swaps and upgrades and are gone with the install or the server.

use std::collections::BTreeMap;

use parking_lot::Mutex;

/// How many names an install may have.
const NAMES: usize = 50;
/// How many series, over all names.
const SERIES: usize = 200;
/// How many labels a series may have.
const LABELS: usize = 4;
/// The longest name of a figure or label.
const NAME_BYTES: usize = 64;
/// The longest value of a label.
const VALUE_BYTES: usize = 128;
/// Labels that are the host's own, or have a meaning of their own.
const RESERVED: [&str; 4] = ["app", "plugin", "le", "quantile"];

/// Upper bounds of a histogram's buckets: for seconds from a millisecond to minutes, and for small counts.
pub const BOUNDS: [f64; 18] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 1000.0,
];

/// Names and values, by name.
pub type Labels = Vec<(String, String)>;

/// The figures of an install.
#[derive(Debug, Default)]
pub struct Metrics(Mutex<Figures>);

#[derive(Debug, Default)]
struct Figures {
    families: BTreeMap<String, Family>,
    series: usize,
}

/// All series of a name.
#[derive(Debug, Clone)]
struct Family {
    kind: Kind,
    series: BTreeMap<Labels, Figure>,
}

/// What a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Observations, sorted by size.
    Histogram,
}

/// A figure as it stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Figure {
    /// A sum.
    Counter(u64),
    /// The last value.
    Gauge(f64),
    /// Observations.
    Histogram(Box<Histogram>),
}

/// Observations, sorted by size.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Histogram {
    /// How many there were up to each bound and above the one before; the last has no bound.
    pub buckets: [u64; BOUNDS.len() + 1],
    /// All of them together.
    pub sum: f64,
}

/// What is done with a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// Adds to a counter.
    Count(u64),
    /// Sets a gauge.
    Set(f64),
    /// Adds an observation.
    Record(f64),
}

/// One series, for whoever shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: Labels,
    /// How it stands.
    pub figure: Figure,
}

/// Why a figure does not change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unchanged {
    /// A name, a label or a value that is none.
    Invalid(String),
    /// There are as many as there may be.
    Full,
}

impl Metrics {
    /// Changes a figure, which is made if need be.
    pub fn change(&self, name: &str, mut labels: Labels, change: Change) -> Result<(), Unchanged> {
        check(name, &labels, change)?;
        labels.sort_unstable();
        if labels.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(invalid("a label is named twice"));
        }
        let mut figures = self.0.lock();
        let Figures { families, series } = &mut *figures;
        let kind = change.kind();
        let (names, present) = (families.len(), families.contains_key(name));
        if !present && (names >= NAMES || *series >= SERIES) {
            return Err(Unchanged::Full);
        }
        let family = families.entry(name.to_owned()).or_insert_with(|| Family {
            kind,
            series: BTreeMap::new(),
        });
        if family.kind != kind {
            return Err(invalid(format!("`{name}` is a {}", family.kind.as_str())));
        }
        if let Some(figure) = family.series.get_mut(&labels) {
            figure.change(change);
            return Ok(());
        }
        if *series >= SERIES {
            return Err(Unchanged::Full);
        }
        *series += 1;
        let mut figure = kind.empty();
        figure.change(change);
        family.series.insert(labels, figure);
        Ok(())
    }

    /// All of them, by name and labels.
    pub fn read(&self) -> Vec<Series> {
        let figures = self.0.lock();
        let families = figures.families.iter();
        let series = families.flat_map(|(name, family)| family.series.iter().map(move |series| (name, series)));
        series
            .map(|(name, (labels, figure))| Series {
                name: name.clone(),
                labels: labels.clone(),
                figure: figure.clone(),
            })
            .collect()
    }
}

impl Kind {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }

    fn empty(self) -> Figure {
        match self {
            Self::Counter => Figure::Counter(0),
            Self::Gauge => Figure::Gauge(0.0),
            Self::Histogram => Figure::Histogram(Box::default()),
        }
    }
}

impl Change {
    const fn kind(self) -> Kind {
        match self {
            Self::Count(_) => Kind::Counter,
            Self::Set(_) => Kind::Gauge,
            Self::Record(_) => Kind::Histogram,
        }
    }
}

impl Figure {
    fn change(&mut self, change: Change) {
        match (self, change) {
            (Self::Counter(sum), Change::Count(by)) => *sum = sum.saturating_add(by),
            (Self::Gauge(value), Change::Set(to)) => *value = to,
            (Self::Histogram(histogram), Change::Record(value)) => {
                let at = BOUNDS.iter().position(|bound| value <= *bound).unwrap_or(BOUNDS.len());
                histogram.buckets[at] += 1;
                histogram.sum += value;
            }
            // A family has one kind.
            _ => {}
        }
    }
}

fn check(name: &str, labels: &Labels, change: Change) -> Result<(), Unchanged> {
    if !is_name(name) {
        return Err(invalid(format!(
            "a name is a-z, 0-9 and _, begins with a letter and has at most {NAME_BYTES} bytes"
        )));
    }
    if let Change::Set(value) | Change::Record(value) = change
        && !value.is_finite()
    {
        return Err(invalid("a value must be a finite number"));
    }
    if labels.len() > LABELS {
        return Err(invalid(format!("a figure has at most {LABELS} labels")));
    }
    for (label, value) in labels {
        if !is_name(label) || RESERVED.contains(&label.as_str()) {
            return Err(invalid(format!("`{label}` is no name for a label")));
        }
        if value.len() > VALUE_BYTES {
            return Err(invalid(format!(
                "the value of `{label}` has more than {VALUE_BYTES} bytes"
            )));
        }
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    name.len() <= NAME_BYTES && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.bytes().all(plain)
}

fn invalid(text: impl Into<String>) -> Unchanged {
    Unchanged::Invalid(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(of: &[(&str, &str)]) -> Labels {
        of.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn figures_add_up_by_name_and_labels() {
        let metrics = Metrics::default();
        for (a, b) in [("1", "2"), ("1", "2"), ("2", "2")] {
            metrics
                .change("seen", labels(&[("b", b), ("a", a)]), Change::Count(2))
                .unwrap();
        }
        metrics.change("depth", Labels::new(), Change::Set(2.5)).unwrap();
        metrics.change("depth", Labels::new(), Change::Set(-1.0)).unwrap();
        for value in [0.001, 0.3, 5000.0] {
            metrics.change("took", Labels::new(), Change::Record(value)).unwrap();
        }
        let read = metrics.read();
        assert_eq!(read.len(), 4);
        assert_eq!(read[0].figure, Figure::Gauge(-1.0));
        assert_eq!(read[1].labels, labels(&[("a", "1"), ("b", "2")]));
        assert_eq!(read[1].figure, Figure::Counter(4));
        let Figure::Histogram(histogram) = &read[3].figure else {
            panic!("{read:?}")
        };
        assert_eq!(
            (histogram.buckets[0], histogram.buckets[8], histogram.buckets[18]),
            (1, 1, 1)
        );
        assert!((histogram.sum - 5000.301).abs() < 1e-9);
    }

    #[test]
    fn there_are_only_so_many() {
        let metrics = Metrics::default();
        for number in 0..NAMES {
            metrics
                .change(&format!("n{number}"), Labels::new(), Change::Count(1))
                .unwrap();
        }
        assert_eq!(
            metrics.change("one_more", Labels::new(), Change::Count(1)),
            Err(Unchanged::Full)
        );
        let series = |number: usize| metrics.change("n0", labels(&[("x", &number.to_string())]), Change::Count(1));
        for number in NAMES..SERIES {
            series(number).unwrap();
        }
        assert_eq!(series(SERIES), Err(Unchanged::Full));
        assert_eq!(series(NAMES), Ok(()), "those that are there go on");
        assert_eq!(metrics.read().len(), SERIES);
    }

    #[test]
    fn what_is_no_figure_is_refused() {
        let metrics = Metrics::default();
        metrics.change("n", Labels::new(), Change::Count(1)).unwrap();
        let long = "x".repeat(129);
        for (name, of, change) in [
            ("", vec![], Change::Count(1)),
            ("N", vec![], Change::Count(1)),
            ("1n", vec![], Change::Count(1)),
            ("n-n", vec![], Change::Count(1)),
            ("n", vec![], Change::Set(1.0)),
            ("m", vec![], Change::Set(f64::NAN)),
            ("m", vec![], Change::Record(f64::INFINITY)),
            ("m", vec![("app", "1")], Change::Count(1)),
            ("m", vec![("le", "1")], Change::Count(1)),
            ("m", vec![("a", "1"), ("a", "2")], Change::Count(1)),
            ("m", vec![("a", long.as_str())], Change::Count(1)),
            (
                "m",
                vec![("a", ""), ("b", ""), ("c", ""), ("d", ""), ("e", "")],
                Change::Count(1),
            ),
        ] {
            let refused = metrics.change(name, labels(&of), change);
            assert!(matches!(refused, Err(Unchanged::Invalid(_))), "{name} {of:?}");
        }
        assert_eq!(metrics.read().len(), 1);
    }
}
