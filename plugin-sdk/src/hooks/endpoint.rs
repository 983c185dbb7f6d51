//! HTTP requests under the install's own path, `/apps/{app}/plugins/{plugin}/…`.

use crate::host::types::{Context, Param};
use crate::params;

bindings!("hook-endpoint", "::switchboard_plugin::hooks::endpoint::bindings");

pub use bindings::exports::switchboard::plugin::endpoint::{Request, Response};

/// Answers HTTP requests. See the contract in `hooks.wit` for what the host does before and after.
pub trait Endpoint {
    /// Answers one request. `request.uid` is who asks, as the host has checked it.
    fn handle(ctx: Context, request: Request) -> Response;
}

impl<P: Endpoint> bindings::exports::switchboard::plugin::endpoint::Guest for P {
    fn handle(ctx: Context, request: Request) -> Response {
        P::handle(ctx, request)
    }
}

impl Request {
    /// The first header of this name, which is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        params::first(&self.headers, name)
    }

    /// The last parameter of this name in the query.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        params::last(&self.query, name)
    }

    /// The body, if it is text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.body).ok()
    }

    /// The body, read as JSON.
    ///
    /// # Errors
    /// The text says what does not fit.
    #[cfg(feature = "json")]
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_slice(&self.body).map_err(|error| format!("body: {error}"))
    }
}

impl Response {
    /// A body of a type, such as `text/html; charset=utf-8`.
    pub fn new(status: u16, content_type: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self::empty(status).with_body(body).header("content-type", content_type)
    }

    /// Plain text.
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self::new(status, "text/plain; charset=utf-8", body.into())
    }

    /// JSON text.
    pub fn json(status: u16, body: impl Into<String>) -> Self {
        Self::new(status, "application/json", body.into())
    }

    /// A status and nothing more.
    #[must_use]
    pub const fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push(Param {
            name: name.into(),
            value: value.into(),
        });
        self
    }

    fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}
