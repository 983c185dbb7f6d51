//! Families of figures on their way to text: all series of a name stand together, under one line that says what they are.

use std::collections::BTreeMap;
use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;

use crate::model::{Code, Refusal};

/// Names and values.
pub type Labels = Vec<(String, String)>;

/// What a figure is.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// It only grows. Its name is written with `_total` at the end.
    Counter(u64),
    /// It goes up and down.
    Gauge(f64),
    /// The sum of all values, and how many there were up to each bound and above the one before.
    Histogram(f64, Vec<(f64, u64)>),
}

/// Families by name.
#[derive(Debug, Default)]
pub struct Page(BTreeMap<String, Family>);

#[derive(Debug)]
struct Family {
    help: &'static str,
    series: Vec<(Labels, Value)>,
}

impl Page {
    /// Adds a series.
    pub fn add(&mut self, name: impl Into<String>, help: &'static str, labels: Labels, value: Value) {
        let family = self.0.entry(name.into()).or_insert_with(|| Family {
            help,
            series: Vec::new(),
        });
        family.series.push((labels, value));
    }

    /// All of it.
    pub fn text(self) -> Result<String, Refusal> {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(self));
        let mut text = String::new();
        encode(&mut text, &registry).map_err(|_| Refusal::new(Code::Internal, "figures have no text"))?;
        Ok(text)
    }
}

impl Collector for Page {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for (name, family) in &self.0 {
            // What different plugins call by the same name need not be the same.
            let kinds = [MetricType::Counter, MetricType::Gauge, MetricType::Histogram];
            let mut present = kinds
                .iter()
                .filter(|kind| family.series.iter().any(|(_, value)| value.is(**kind)));
            let kind = match (present.next(), present.next()) {
                (Some(only), None) => *only,
                _ => MetricType::Unknown,
            };
            let mut family_encoder = encoder.encode_descriptor(name, family.help, None, kind)?;
            for (labels, value) in &family.series {
                if labels.is_empty() {
                    value.write(&mut family_encoder)?;
                } else {
                    value.write(&mut family_encoder.encode_family(labels)?)?;
                }
            }
        }
        Ok(())
    }
}

impl Value {
    const fn is(&self, kind: MetricType) -> bool {
        matches!(
            (self, kind),
            (Self::Counter(_), MetricType::Counter)
                | (Self::Gauge(_), MetricType::Gauge)
                | (Self::Histogram(..), MetricType::Histogram)
        )
    }

    fn write(&self, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
        match self {
            Self::Counter(sum) => encoder.encode_counter::<NoLabelSet, u64, u64>(sum, None),
            Self::Gauge(value) => encoder.encode_gauge(value),
            Self::Histogram(sum, buckets) => {
                let count = buckets.iter().map(|(_, count)| count).sum();
                encoder.encode_histogram::<NoLabelSet>(*sum, count, buckets, None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_of_a_name_stand_together() {
        let mut page = Page::default();
        let labels = |app: &str| vec![("app".to_owned(), app.to_owned())];
        page.add("b", "Second", labels("1"), Value::Counter(1));
        page.add("a", "First", Labels::new(), Value::Gauge(1.5));
        page.add("b", "Second", labels("x\"\n\\"), Value::Counter(2));
        let histogram = Value::Histogram(3.0, vec![(0.5, 1), (f64::INFINITY, 2)]);
        page.add("c", "Third", labels("1"), histogram);
        page.add("d", "Mixed", labels("1"), Value::Counter(1));
        page.add("d", "Mixed", labels("2"), Value::Gauge(1.0));
        let text = page.text().unwrap();
        let expected = "# HELP a First\n# TYPE a gauge\na 1.5\n\
            # HELP b Second\n# TYPE b counter\nb_total{app=\"1\"} 1\nb_total{app=\"x\\\"\\n\\\\\"} 2\n\
            # HELP c Third\n# TYPE c histogram\nc_sum{app=\"1\"} 3.0\nc_count{app=\"1\"} 3\n\
            c_bucket{le=\"0.5\",app=\"1\"} 1\nc_bucket{le=\"+Inf\",app=\"1\"} 3\n\
            # HELP d Mixed\n# TYPE d unknown\nd_total{app=\"1\"} 1\nd{app=\"2\"} 1.0\n# EOF\n";
        assert_eq!(text, expected);
    }
}
