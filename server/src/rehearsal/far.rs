//! The other servers of a story: what they answer when the plugin asks them, and what they were asked.

use std::collections::BTreeMap;
use std::io;

use anyhow::Context as _;
use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use parking_lot::Mutex;
use serde_json::{Map, Value, json};

use super::names::Names;
use super::story::{Failing, FarLine};
use crate::model::HttpHost;
use crate::outbound::{Bounds, Fetch, SendError};

/// Answers instead of other servers, and keeps what they were asked.
#[derive(Debug, Default)]
pub(super) struct Far(Mutex<Script>);

#[derive(Debug, Default)]
struct Script {
    lines: Vec<Line>,
    asked: Vec<Value>,
}

/// An answer, ready to be given so many times.
#[derive(Debug)]
struct Line {
    method: Option<Method>,
    url: String,
    left: Option<u32>,
    outcome: Result<Response<Bytes>, Failing>,
}

impl Far {
    /// Sets what is answered; which hosts that are.
    pub(super) fn script(&self, lines: &[FarLine], names: &Names) -> anyhow::Result<Vec<HttpHost>> {
        let (mut read, mut hosts) = (Vec::new(), BTreeMap::new());
        for line in lines {
            let url = names.filled(&line.url);
            let of = || format!("http: {:?}", line.url);
            let host = host(&url).with_context(of)?;
            hosts.insert(host.as_str().to_owned(), host);
            read.push(Line::read(line, url, names).with_context(of)?);
        }
        self.0.lock().lines = read;
        Ok(hosts.into_values().collect())
    }

    /// What was asked since this was last looked at.
    pub(super) fn take(&self) -> Vec<Value> {
        std::mem::take(&mut self.0.lock().asked)
    }
}

#[async_trait]
impl Fetch for Far {
    async fn fetch(&self, request: Request<Bytes>, bounds: Bounds) -> Result<Response<Bytes>, SendError> {
        let (method, url) = (request.method(), request.uri().to_string());
        let mut script = self.0.lock();
        script.asked.push(seen(&request));
        let mut lines = script.lines.iter_mut();
        let Some(line) = lines.find(|line| line.answers(method, &url)) else {
            let nobody = format!("the story has no [[http]] for {method} {url}");
            return Err(SendError::Connect(io::Error::other(nobody)));
        };
        line.left = line.left.map(|left| left - 1);
        match &line.outcome {
            Ok(response) if response.body().len() > bounds.answer_bytes => {
                Err(SendError::TooLarge(bounds.answer_bytes))
            }
            Ok(response) => Ok(response.clone()),
            Err(Failing::Timeout) => Err(SendError::Timeout(bounds.timeout)),
            Err(Failing::Connect) => Err(SendError::Connect(io::ErrorKind::ConnectionRefused.into())),
        }
    }
}

impl Line {
    fn read(of: &FarLine, url: String, names: &Names) -> anyhow::Result<Self> {
        let method = of.method.as_deref().map(|method| Method::from_bytes(method.as_bytes()));
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::from_u16(of.status.unwrap_or(200))?;
        let body = of.body.as_ref().map(|body| names.fill(body));
        if let Some(Value::String(text)) = body {
            *response.body_mut() = text.into();
        } else if let Some(value) = body {
            *response.body_mut() = value.to_string().into();
            let json = HeaderValue::from_static("application/json");
            response.headers_mut().insert(header::CONTENT_TYPE, json);
        }
        for (name, value) in &of.headers {
            let name = HeaderName::from_bytes(name.as_bytes())?;
            let value = HeaderValue::from_str(&names.filled(value))?;
            response.headers_mut().insert(name, value);
        }
        Ok(Self {
            method: method.transpose()?,
            url,
            left: of.times,
            outcome: of.fails.map_or(Ok(response), Err),
        })
    }

    /// Whether it is for such a request. A URL that ends with `*` stands for all that begin like it.
    fn answers(&self, method: &Method, url: &str) -> bool {
        let fits = match self.url.strip_suffix('*') {
            Some(beginning) => url.starts_with(beginning),
            None => url == self.url,
        };
        fits && self.left != Some(0) && self.method.as_ref().is_none_or(|own| own == method)
    }
}

/// The host and port of a URL, as an install lists them.
fn host(url: &str) -> anyhow::Result<HttpHost> {
    let uri: Uri = url.trim_end_matches('*').parse().context("no URL")?;
    let authority = uri
        .authority()
        .filter(|_| matches!(uri.scheme_str(), Some("http" | "https")));
    let authority = authority.context("a URL begins with http:// or https:// and a host")?;
    HttpHost::new(authority.as_str()).map_err(|error| anyhow::anyhow!("the host {error}"))
}

fn seen(request: &Request<Bytes>) -> Value {
    let headers = request.headers().iter();
    let headers: Map<String, Value> = headers
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()))
        .collect();
    let text = String::from_utf8_lossy(request.body());
    let body = serde_json::from_str(&text).unwrap_or_else(|_| Value::from(&*text));
    json!({ "method": request.method().as_str(), "url": request.uri().to_string(), "headers": headers, "body": body })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn far(lines: Value) -> (Far, Vec<HttpHost>) {
        let lines: Vec<FarLine> = serde_json::from_value(lines).unwrap();
        let far = Far::default();
        let hosts = far.script(&lines, &Names::default()).unwrap();
        (far, hosts)
    }

    async fn ask(far: &Far, method: &str, url: &str) -> String {
        let request = Request::builder().method(method).uri(url).body(Bytes::new()).unwrap();
        let bounds = Bounds {
            timeout: Duration::from_secs(1),
            answer_bytes: 10,
        };
        match far.fetch(request, bounds).await {
            Ok(response) => format!("{} {}", response.status(), String::from_utf8_lossy(response.body())),
            Err(error) => error.to_string(),
        }
    }

    #[tokio::test]
    async fn the_first_line_that_fits_answers() {
        let (far, hosts) = far(json!([
            { "url": "https://a.example/x", "times": 1, "fails": "timeout" },
            { "url": "https://a.example/x", "body": "ok" },
            { "url": "https://a.example:8443/*", "method": "POST", "status": 503 },
            { "url": "https://a.example/long", "body": "more than ten" },
            { "url": "https://a.example/gone", "fails": "connect" },
        ]));
        let hosts: Vec<&str> = hosts.iter().map(HttpHost::as_str).collect();
        assert_eq!(hosts, ["a.example", "a.example:8443"]);
        for (method, url, answer) in [
            ("GET", "https://a.example/x", "no answer within 1s"),
            ("GET", "https://a.example/x", "200 OK ok"),
            ("POST", "https://a.example:8443/y?z", "503 Service Unavailable "),
            ("GET", "https://a.example:8443/y", "cannot connect"),
            ("GET", "https://a.example/long", "the answer has more than 10 bytes"),
            ("GET", "https://a.example/gone", "cannot connect"),
        ] {
            assert_eq!(ask(&far, method, url).await, answer, "{method} {url}");
        }
        assert_eq!(far.take().len(), 6);
        assert!(far.take().is_empty());
    }

    #[test]
    fn what_is_no_answer_is_named() {
        for line in [
            json!({ "url": "a.example" }),
            json!({ "url": "https://a.example/", "status": 9 }),
            json!({ "url": "https://a.example/", "method": "" }),
            json!({ "url": "https://a.example/", "headers": { "a b": "c" } }),
        ] {
            let lines = [serde_json::from_value(line.clone()).unwrap()];
            let error = Far::default().script(&lines, &Names::default()).unwrap_err();
            assert!(error.to_string().starts_with("http: "), "{line}");
        }
    }
}
