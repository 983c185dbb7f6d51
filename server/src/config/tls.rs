//! `[tls]`: a certificate of the server's own.

use std::path::PathBuf;

use serde::Deserialize;

use super::problems::Problems;

/// Where the certificate lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// PEM: the certificate and those between it and its root.
    pub cert: PathBuf,
    /// PEM: its private key.
    pub key: PathBuf,
}

/// The section as it is written; both empty: no TLS.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(deny_unknown_fields, default)]
pub struct Raw {
    cert: String,
    key: String,
}

/// Checks the section.
pub fn check(raw: Raw, problems: &mut Problems) -> Option<Tls> {
    match (raw.cert.is_empty(), raw.key.is_empty()) {
        (true, true) => return None,
        (true, false) => problems.add("tls.cert", "is missing: tls.key is set"),
        (false, true) => problems.add("tls.key", "is missing: tls.cert is set"),
        (false, false) => {}
    }
    Some(Tls {
        cert: raw.cert.into(),
        key: raw.key.into(),
    })
}
