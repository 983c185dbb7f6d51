//! Requests of guests to other servers: checked against the install's allow-list, counted, bounded in time, size and
//! number, and sent through the same guarded client as webhooks. Both interfaces for it, our own and WASI's, come here.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, header};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout_at};

use super::machine::Machine;
use super::plugin::Plugin;
use super::quota::Quota;
use crate::model::{CallId, LogLevel};
use crate::outbound::{Bounds, CONNECTION_HEADERS, SendError};

/// The longest URL.
const URL_BYTES: usize = 8 << 10;
/// How many headers a request may have, and how long all of them together.
const HEADERS: usize = 64;
const HEADERS_BYTES: usize = 16 << 10;

/// Why a guest gets no answer from another server.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// It asked for what cannot be asked.
    #[error("{0}")]
    Invalid(String),
    /// The tenant does not allow this host.
    #[error("{0} is not among the hosts this plugin may ask (http_hosts)")]
    Forbidden(String),
    /// It asks too often.
    #[error("too many requests to other servers (http_per_minute)")]
    Quota,
    /// It asks too many at the same time.
    #[error("too many requests to other servers at the same time (http_per_install)")]
    Crowded,
    /// The server is going away.
    #[error("the server is stopping")]
    Leaving,
    /// It went out, or should have, and no answer came.
    #[error(transparent)]
    Send(#[from] SendError),
}

/// How the requests of an install went, by outcome.
#[derive(Debug, Default)]
pub struct HttpCounts([AtomicU64; OUTCOMES.len()]);

/// The outcomes that are told apart.
const OUTCOMES: [&str; 8] = [
    "answered",
    "forbidden",
    "private",
    "quota",
    "timeout",
    "too_large",
    "invalid",
    "failed",
];

impl HttpCounts {
    fn count<T>(&self, outcome: &Result<T, Unanswered>) {
        let index = match outcome {
            Ok(_) => 0,
            Err(Unanswered::Forbidden(_)) => 1,
            Err(Unanswered::Send(SendError::Private(_))) => 2,
            Err(Unanswered::Quota) => 3,
            Err(Unanswered::Send(SendError::Timeout(_))) => 4,
            Err(Unanswered::Send(SendError::TooLarge(_))) => 5,
            Err(Unanswered::Invalid(_) | Unanswered::Send(SendError::Url(_))) => 6,
            Err(Unanswered::Crowded | Unanswered::Leaving | Unanswered::Send(_)) => 7,
        };
        self.0[index].fetch_add(1, Relaxed);
    }

    /// How many there were of each.
    #[must_use]
    pub fn read(&self) -> Vec<(&'static str, u64)> {
        let counted = OUTCOMES.into_iter().zip(&self.0);
        counted.map(|(name, count)| (name, count.load(Relaxed))).collect()
    }
}

/// An answer, and the room it takes among those that are under way.
pub struct Answered {
    /// The answer.
    pub response: Response<Bytes>,
    /// Held as long as the answer is.
    pub room: (OwnedSemaphorePermit, OwnedSemaphorePermit),
}

/// Leave to ask before there is anything to ask, so that an install keeps no more than so many requests in memory.
///
/// # Errors
/// `Crowded`, which is counted and told to the plugin's log.
pub fn leave(plugin: &Plugin, call: &CallId) -> Result<OwnedSemaphorePermit, Unanswered> {
    let leave = plugin.ledger.asking.clone().try_acquire_owned();
    leave.map_err(|_| {
        plugin.ledger.http.count(&Err::<(), _>(Unanswered::Crowded));
        let now = plugin.machine.clock.now();
        let text = format!("http: {}", Unanswered::Crowded);
        plugin.ledger.log.push(now, LogLevel::Warn, call.as_str(), text);
        Unanswered::Crowded
    })
}

/// Asks another server. `asked` has an absolute URI; `own` is the install's leave to ask, if it has got it already.
pub async fn ask(
    plugin: &Arc<Plugin>,
    call: &CallId,
    asked: Request<Bytes>,
    timeout: Option<Duration>,
    own: Option<OwnedSemaphorePermit>,
) -> Result<Answered, Unanswered> {
    let place = place(asked.uri()).unwrap_or_else(|| ("nowhere".to_owned(), 0));
    let outcome = tokio::select! {
        outcome = admitted(plugin, asked, timeout, own) => outcome,
        () = plugin.machine.leaving.cancelled() => Err(Unanswered::Leaving),
    };
    plugin.ledger.http.count(&outcome);
    if let Err(error @ (Unanswered::Forbidden(_) | Unanswered::Send(_) | Unanswered::Quota)) = &outcome {
        let text = format!("http: {}:{}: {}", place.0, place.1, in_words(error));
        let now = plugin.machine.clock.now();
        plugin.ledger.log.push(now, LogLevel::Warn, call.as_str(), text);
    }
    outcome
}

async fn admitted(
    plugin: &Arc<Plugin>,
    asked: Request<Bytes>,
    timeout: Option<Duration>,
    own: Option<OwnedSemaphorePermit>,
) -> Result<Answered, Unanswered> {
    let machine = &plugin.machine;
    let settings = &machine.settings.http;
    check(&asked, settings.request_bytes)?;
    let (host, port) = place(asked.uri()).ok_or(SendError::Url("neither http nor https, or no host"))?;
    if !plugin.install.http_hosts.iter().any(|own| own.admits(&host, port)) {
        return Err(Unanswered::Forbidden(format!("{host}:{port}")));
    }
    let quotas = &plugin.ledger.quotas;
    quotas
        .take(Quota::Http, &machine.settings.quotas, machine.clock.now())
        .map_err(|_| Unanswered::Quota)?;
    let most = Duration::from_millis(settings.timeout_ms);
    let timeout = timeout.map_or(most, |timeout| timeout.min(most));
    let until = Instant::now() + timeout;
    let room = timeout_at(until, room(plugin, machine, own)).await;
    let room = room
        .map_err(|_| SendError::Timeout(timeout))?
        .ok_or(Unanswered::Leaving)?;
    let bounds = Bounds {
        timeout: until.saturating_duration_since(Instant::now()),
        answer_bytes: settings.response_bytes,
    };
    let response = machine.client.fetch(prepared(asked), bounds).await;
    let response = response.map_err(|error| match error {
        SendError::Timeout(_) => SendError::Timeout(timeout),
        other => other,
    })?;
    Ok(Answered { response, room })
}

/// Leave to ask: of the install's own first, so that whoever waits for that holds up nobody else.
async fn room(
    plugin: &Plugin,
    machine: &Machine,
    own: Option<OwnedSemaphorePermit>,
) -> Option<(OwnedSemaphorePermit, OwnedSemaphorePermit)> {
    let own = match own {
        Some(own) => own,
        None => plugin.ledger.asking.clone().acquire_owned().await.ok()?,
    };
    let one = machine.asking.clone().acquire_owned().await.ok()?;
    Some((own, one))
}

/// Whether a request is inside its bounds.
fn check(asked: &Request<Bytes>, body_bytes: usize) -> Result<(), Unanswered> {
    let invalid = |text: String| Err(Unanswered::Invalid(text));
    if asked.uri().to_string().len() > URL_BYTES {
        return invalid(format!("a URL has at most {URL_BYTES} bytes"));
    }
    if asked
        .uri()
        .authority()
        .is_some_and(|authority| authority.as_str().contains('@'))
    {
        return invalid("a URL has no user in it: use a header".to_owned());
    }
    if asked.method() == http::Method::CONNECT {
        return invalid("CONNECT is for proxies".to_owned());
    }
    let headers = asked.headers();
    let bytes: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if headers.len() > HEADERS || bytes > HEADERS_BYTES {
        return invalid(format!(
            "a request has at most {HEADERS} headers of {HEADERS_BYTES} bytes together"
        ));
    }
    if asked.body().len() > body_bytes {
        return invalid(format!(
            "a request's body has at most {body_bytes} bytes (plugins.http_request_bytes)"
        ));
    }
    Ok(())
}

/// Host and port that a URI leads to.
fn place(uri: &Uri) -> Option<(String, u16)> {
    let default = match uri.scheme_str()? {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let host = uri.host().filter(|host| !host.is_empty())?;
    Some((host.to_ascii_lowercase(), uri.port_u16().unwrap_or(default)))
}

/// Without what is the connection's own, and with a name.
fn prepared(mut asked: Request<Bytes>) -> Request<Bytes> {
    let headers = asked.headers_mut();
    for name in CONNECTION_HEADERS {
        headers.remove(name);
    }
    headers
        .entry(header::USER_AGENT)
        .or_insert(HeaderValue::from_static("Switchboard"));
    asked
}

/// An error with what is behind it.
pub fn in_words(error: &Unanswered) -> String {
    use std::error::Error as _;
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(url: &str) -> Request<Bytes> {
        Request::builder().uri(url).body(Bytes::from_static(b"12345")).unwrap()
    }

    #[test]
    fn a_url_leads_to_a_host_and_a_port() {
        for (url, expected) in [
            ("http://A.example.com/x", Some(("a.example.com", 80))),
            ("https://a.example.com", Some(("a.example.com", 443))),
            ("https://[::1]:8443/", Some(("[::1]", 8443))),
            ("ftp://a/", None),
            ("/x", None),
        ] {
            let found = place(&url.parse().unwrap());
            let expected = expected.map(|(host, port)| (host.to_owned(), port));
            assert_eq!(found, expected, "{url}");
        }
    }

    #[test]
    fn requests_are_bounded() {
        assert!(check(&request("http://a/"), 5).is_ok());
        let long = format!("http://a/{}", "x".repeat(URL_BYTES));
        for (bad, bytes) in [("http://a/", 4), ("http://u:p@a/", 5), (long.as_str(), 5)] {
            assert!(
                matches!(check(&request(bad), bytes), Err(Unanswered::Invalid(_))),
                "{bad}"
            );
        }
        let mut many = request("http://a/");
        for number in 0..=HEADERS {
            many.headers_mut().append("x-a", HeaderValue::from(number));
        }
        assert!(check(&many, 5).is_err());
        let mut large = request("http://a/");
        large
            .headers_mut()
            .insert("x-a", HeaderValue::from_bytes(&[b'a'; HEADERS_BYTES]).unwrap());
        assert!(check(&large, 5).is_err());
    }

    #[test]
    fn what_is_the_connections_is_not_sent_on() {
        let mut asked = request("http://a/");
        for name in ["host", "content-length", "x-own"] {
            asked.headers_mut().insert(name, HeaderValue::from_static("1"));
        }
        let headers = prepared(asked).headers().clone();
        let mut names: Vec<&str> = headers.keys().map(http::HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["user-agent", "x-own"]);
    }
}
