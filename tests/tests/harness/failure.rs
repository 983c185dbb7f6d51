//! A refusal as a client sees it, checked against the table of the protocol wherever one is met.

use serde_json::Value;

/// A refusal.
#[derive(Debug, Clone)]
pub struct Failure {
    pub code: String,
    pub message: String,
    pub field: Option<String>,
    pub retry_after_ms: Option<u64>,
    /// The status, over HTTP.
    pub status: Option<u16>,
}

impl Failure {
    /// Reads the `error` of a frame or of a body.
    pub fn read(error: &Value, status: Option<u16>) -> Self {
        let text = |name: &str| error[name].as_str().map(str::to_owned);
        let failure = Self {
            code: text("code").unwrap_or_else(|| panic!("a refusal without a code: {status:?} {error}")),
            message: text("message").unwrap_or_else(|| panic!("a refusal without words: {error}")),
            field: text("field"),
            retry_after_ms: error["retry_after_ms"].as_u64(),
            status,
        };
        assert!(!failure.message.is_empty(), "a refusal without words: {error}");
        if let Some(status) = status {
            let expected = status_of(&failure.code);
            assert_eq!(status, expected, "the status of {error}");
            assert!(
                status != 503 || failure.retry_after_ms.is_none_or(|ms| ms > 0),
                "{error}"
            );
        }
        failure
    }

    /// Fails unless it is this code.
    #[track_caller]
    pub fn is(&self, code: &str) -> &Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// Fails unless it blames this field.
    #[track_caller]
    pub fn blames(&self, field: &str) -> &Self {
        assert_eq!(self.field.as_deref(), Some(field), "{self:?}");
        self
    }
}

/// The status of a code. What the core does not know is a plugin's own.
fn status_of(code: &str) -> u16 {
    match code {
        "bad_json" | "bad_frame" | "unknown_type" | "missing_field" | "bad_field" => 400,
        "unauthenticated" | "bad_token" | "expired_token" => 401,
        "app_disabled" | "user_banned" | "not_permitted" | "blocked" | "muted" => 403,
        "not_found" => 404,
        "method_not_allowed" => 405,
        "conflict" => 409,
        "too_large" => 413,
        "rate_limited" => 429,
        "internal" => 500,
        "plugin_failed" | "busy" | "storage_unavailable" => 503,
        "storage_full" => 507,
        _ => 422,
    }
}
