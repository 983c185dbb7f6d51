//! Figures of the plugin's own, under the server's `/metrics`; importing it asks for the grant `metrics`:
//! `metrics::count("answers", &[("source", "faq")], 1)?`.

use crate::host::metrics as host;
use crate::host::types::{Error, Param};

/// Adds to a counter.
///
/// # Errors
/// [`Error::Invalid`] for a bad name, or one that was used for another type; [`Error::Quota`] beyond 50 names or 200 series.
pub fn count(name: &str, labels: &[(&str, &str)], by: u64) -> Result<(), Error> {
    host::count(name, &params(labels), by)
}

/// Sets a gauge.
///
/// # Errors
/// As [`count`].
pub fn set(name: &str, labels: &[(&str, &str)], value: f64) -> Result<(), Error> {
    host::set(name, &params(labels), value)
}

/// Adds an observation to a histogram, such as a duration in seconds.
///
/// # Errors
/// As [`count`].
pub fn record(name: &str, labels: &[(&str, &str)], value: f64) -> Result<(), Error> {
    host::record(name, &params(labels), value)
}

fn params(labels: &[(&str, &str)]) -> Vec<Param> {
    labels
        .iter()
        .map(|(name, value)| Param {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        })
        .collect()
}
