//! `[demo]`: what helps to look around.

use serde::Deserialize;

/// What helps to look around.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(deny_unknown_fields, default)]
pub struct Demo {
    /// Whether the chat page is served at `/`, for users of apps that are marked `demo`.
    pub page: bool,
}

impl Default for Demo {
    fn default() -> Self {
        Self { page: true }
    }
}
