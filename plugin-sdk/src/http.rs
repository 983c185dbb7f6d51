//! Asking other servers; calling anything here asks for the grant `http`, and the install's `http_hosts` says which hosts
//! are reached: `http::get("https://api.example.com/v1").header("accept", "text/plain").send()?.text()`.
//!
//! Any status is an answer, redirects too: they are not followed.

pub use crate::host::http::{Request, Response, fetch};
use crate::host::types::{Error, Param};
use crate::params;

/// A `GET` request, to be sent.
pub fn get(url: impl Into<String>) -> Request {
    Request::new("GET", url)
}

/// A `POST` request with a body, to be sent.
pub fn post(url: impl Into<String>, body: impl Into<Vec<u8>>) -> Request {
    Request::new("POST", url).body(body)
}

/// A `POST` request with a body of JSON, to be sent.
///
/// # Errors
/// [`Error::Invalid`] if the value has no JSON form.
#[cfg(feature = "json")]
pub fn post_json<T: serde::Serialize>(url: impl Into<String>, value: &T) -> Result<Request, Error> {
    let body = serde_json::to_vec(value).map_err(|error| Error::Invalid(format!("body: {error}")))?;
    Ok(post(url, body).header("content-type", "application/json"))
}

impl Request {
    /// A request without headers and body.
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            url: url.into(),
            headers: Vec::new(),
            body: Vec::new(),
            timeout_ms: None,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push(Param {
            name: name.into(),
            value: value.into(),
        });
        self
    }

    /// Shows a token: `authorization: Bearer …`.
    #[must_use]
    pub fn bearer(self, token: impl AsRef<str>) -> Self {
        self.header("authorization", format!("Bearer {}", token.as_ref()))
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Waits no longer than this, instead of 30 seconds.
    #[must_use]
    pub fn timeout_ms(mut self, milliseconds: u32) -> Self {
        self.timeout_ms = Some(milliseconds);
        self
    }

    /// Sends it and waits for the answer.
    ///
    /// # Errors
    /// [`Error::Refused`] if the host is not on the allow-list, its address is private or its answer too large,
    /// [`Error::Quota`] if there were too many requests, [`Error::Unavailable`] if there is no answer in time.
    pub fn send(&self) -> Result<Response, Error> {
        fetch(self)
    }
}

impl Response {
    /// Whether the status says that it went well.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first header of this name, in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        params::first(&self.headers, name)
    }

    /// The body as text; what is no UTF-8 is replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body, read as JSON.
    ///
    /// # Errors
    /// [`Error::Invalid`] if it is no such JSON.
    #[cfg(feature = "json")]
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| Error::Invalid(format!("answer: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_what_was_said() {
        let request = post("https://api.example.com", "x").bearer("t").timeout_ms(500);
        assert_eq!(request.method, "POST");
        assert_eq!(request.body, b"x");
        assert_eq!(request.headers[0].value, "Bearer t");
        assert_eq!(request.timeout_ms, Some(500));
    }

    #[test]
    fn an_answer_is_read() {
        let answer = Response {
            status: 204,
            headers: get("").header("etag", "1").headers,
            body: b"[1]".to_vec(),
        };
        assert!(answer.is_success());
        assert_eq!(answer.header("etag"), Some("1"));
        assert_eq!(answer.text(), "[1]");
    }
}
