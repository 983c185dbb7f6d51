//! HTTP as the tests need it: one request on a connection of its own, bytes in, JSON out.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use super::failure::Failure;
use super::within;

/// A request on its way.
pub struct Outgoing {
    to: SocketAddr,
    method: String,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
}

/// A request to a server.
pub fn request(to: SocketAddr, method: &str, path: &str) -> Outgoing {
    Outgoing {
        to,
        method: method.to_owned(),
        path: path.to_owned(),
        headers: Vec::new(),
        body: Bytes::new(),
    }
}

impl Outgoing {
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    pub fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// A JSON body; none for null.
    pub fn json(self, body: &Value) -> Self {
        if body.is_null() {
            return self;
        }
        self.header("content-type", "application/json".to_owned())
            .bytes(body.to_string())
    }

    /// A form with files: each a field, a file name (none: a text) and its bytes.
    pub fn form(self, parts: &[(&str, Option<&str>, &[u8])]) -> Self {
        const BOUNDARY: &str = "----of-the-tests";
        let mut body = Vec::new();
        for (field, name, bytes) in parts {
            let name = name.map_or_else(String::new, |name| format!("; filename=\"{name}\""));
            let head = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{field}\"{name}\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        self.header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
            .bytes(body)
    }

    pub fn bytes(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// The answer; fails if there is none.
    pub async fn send(self) -> Response {
        let what = format!("{} {}", self.method, self.path);
        match within(&what, self.try_send()).await {
            Ok(response) => response,
            Err(error) => panic!("{what}: {error}"),
        }
    }

    /// The answer, or why there is none.
    pub async fn try_send(self) -> Result<Response, String> {
        let what = format!("{} {}", self.method, self.path);
        let told = |error: &dyn std::fmt::Display| error.to_string();
        let stream = TcpStream::connect(self.to).await.map_err(|error| told(&error))?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| told(&error))?;
        let connection = tokio::spawn(connection);
        let mut request = Request::builder()
            .method(Method::from_bytes(self.method.as_bytes()).map_err(|error| told(&error))?)
            .uri(&self.path)
            .header("host", self.to.to_string());
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(self.body)).map_err(|error| told(&error))?;
        let response = sender.send_request(request).await.map_err(|error| told(&error))?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let kind = response
            .headers()
            .get("content-type")
            .map(|kind| kind.to_str().unwrap().to_owned());
        let id = response
            .headers()
            .get("x-request-id")
            .map(|id| id.to_str().unwrap().to_owned());
        let body = response
            .into_body()
            .collect()
            .await
            .map_err(|error| told(&error))?
            .to_bytes();
        connection.abort();
        Ok(Response {
            status,
            kind,
            headers,
            body,
            id,
            what,
        })
    }
}

/// An answer.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    /// The content type.
    pub kind: Option<String>,
    pub headers: hyper::HeaderMap,
    pub body: Bytes,
    /// How the server names the request.
    id: Option<String>,
    what: String,
}

impl Response {
    /// A header's value; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What a success says; fails on a refusal.
    #[track_caller]
    pub fn ok(&self) -> Value {
        match self.outcome() {
            Ok(value) => value,
            Err(failure) => panic!("{}: {failure:?}", self.what),
        }
    }

    /// Why it was refused; fails on a success.
    #[track_caller]
    pub fn refused(&self) -> Failure {
        match self.outcome() {
            Err(failure) => failure,
            Ok(value) => panic!("{} was not refused: {value}", self.what),
        }
    }

    /// What it says, or why it was refused.
    #[track_caller]
    pub fn outcome(&self) -> Result<Value, Failure> {
        let json = || serde_json::from_slice::<Value>(&self.body);
        match self.status {
            204 => Ok(Value::Null),
            200..=299 => Ok(json().unwrap_or_else(|error| panic!("{}: {error}: {}", self.what, self.text()))),
            status => {
                let body = json().unwrap_or_else(|error| panic!("{}: {status}, {error}: {}", self.what, self.text()));
                let named = body["error"]["request_id"].as_str();
                assert!(
                    named.is_some() && named == self.id.as_deref(),
                    "{}: {:?}, {body}",
                    self.what,
                    self.id
                );
                Err(Failure::read(&body["error"], Some(status)))
            }
        }
    }
}
