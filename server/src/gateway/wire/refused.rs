//! Refusals.

use serde::Serialize;
use utoipa::ToSchema;

use crate::model;

/// Why something was refused.
#[derive(Debug, Serialize, ToSchema)]
pub struct Refused<'a> {
    /// The reason, for programs.
    pub code: &'a str,
    /// In words.
    pub message: &'a str,
    /// The field to blame, or the limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'a str>,
    /// A retry may help after this many milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// Names the request in the server's log; REST only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<&'a str>,
}

impl<'a> From<&'a model::Refusal> for Refused<'a> {
    fn from(refusal: &'a model::Refusal) -> Self {
        Self {
            code: refusal.code.as_str(),
            message: &refusal.text,
            field: refusal.field.as_deref(),
            retry_after_ms: refusal.retry_after_ms,
            request_id: None,
        }
    }
}
