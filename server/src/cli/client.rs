//! The admin API of a running server, as the commands use it. Whatever goes wrong is told in words that say what to do.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;

use super::serve::TOKEN_VARIABLE;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// What a call may take that makes the server compile nothing.
const TIMEOUT: Duration = Duration::from_secs(180);
/// Longer than the longest compilation that a configuration allows, one hour: how long it may take is the server's to
/// say, and it gives a reason.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(3_600 + 180);
/// The largest answer that is read: a page of 1,000 apps is far smaller.
const ANSWER_BYTES: u64 = 64 << 20;

/// Which server, and how to talk to it.
#[derive(Debug, clap::Args)]
pub struct Access {
    /// The server to talk to.
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "SWITCHBOARD_SERVER",
        default_value = "http://127.0.0.1:7700"
    )]
    server: String,
    /// A file with the operator's token or the app's secret; without it, SWITCHBOARD_ADMIN_TOKEN holds it.
    #[arg(long, global = true, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Print the server's answer as JSON.
    #[arg(long, global = true)]
    pub json: bool,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The server said no.
    #[error("{code}: {message}{}", field.as_ref().map(|field| format!(" ({field})")).unwrap_or_default())]
    Refused {
        /// The stable code.
        code: String,
        /// In words.
        message: String,
        /// The field to blame.
        field: Option<String>,
    },
    /// Nobody is there.
    #[error("no server answers at {0}; start one with `switchboard serve`, or name another with --server URL")]
    Nobody(String),
    /// No token was given.
    #[error("no token: set {TOKEN_VARIABLE} to the operator's token or an app's secret, or name a --token-file")]
    NoToken,
    /// Something else answers there.
    #[error("{server} answered {status} without saying why: is it a Switchboard server?")]
    Stranger {
        /// Who was asked.
        server: String,
        /// What it answered.
        status: u16,
    },
    /// The way there is broken.
    #[error("cannot talk to {server}")]
    Broken {
        /// Who was asked.
        server: String,
        /// What is broken.
        source: ureq::Error,
    },
}

/// One call.
pub struct Call {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
    timeout: Duration,
}

impl Call {
    /// A call without a body. `path` comes after `/admin/api`; its parts have gone through [`part`].
    pub fn new(method: &'static str, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            headers: Vec::new(),
            body: None,
            timeout: TIMEOUT,
        }
    }

    /// The same with a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json")
            .bytes(body.to_string().into_bytes())
    }

    /// The same with a body as it is.
    pub fn bytes(self, body: Vec<u8>) -> Self {
        Self {
            body: Some(body),
            ..self
        }
    }

    /// The same with a component, which the server compiles before it answers.
    pub fn component(self, component: Vec<u8>) -> Self {
        let call = self.header("content-type", "application/wasm").bytes(component);
        Self {
            timeout: UPLOAD_TIMEOUT,
            ..call
        }
    }

    /// The same with one more header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// A part of a path or a value of a query, so that none of its characters means anything there.
pub fn part(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~".contains(&byte);
    let encoded = text.bytes().map(|byte| match byte {
        byte if plain(byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    encoded.collect()
}

impl Access {
    /// Makes a call; the answer's body, null if there is none.
    pub fn call(&self, call: Call) -> anyhow::Result<Value> {
        let token = self.token()?;
        let server = self.server.trim_end_matches('/');
        let mut request = http::Request::builder()
            .method(call.method)
            .uri(format!("{server}/admin/api{}", call.path))
            .header("authorization", format!("Bearer {token}"));
        for (name, value) in &call.headers {
            request = request.header(*name, value.as_bytes());
        }
        let agent = agent(call.timeout);
        let answer = match call.body {
            Some(body) => agent.run(request.body(body)?),
            None => agent.run(request.body(())?),
        };
        let mut answer = answer.map_err(|error| self.broken(error))?;
        let text = answer.body_mut().with_config().limit(ANSWER_BYTES).read_to_vec();
        let text = text.map_err(|error| self.broken(error))?;
        let status = answer.status();
        Ok(judge(&self.server, status.is_success(), status.as_u16(), &text)?)
    }

    fn token(&self) -> anyhow::Result<String> {
        let token = match &self.token_file {
            Some(file) => std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?,
            None => std::env::var(TOKEN_VARIABLE).unwrap_or_default(),
        };
        match token.trim() {
            "" => Err(Failure::NoToken.into()),
            token => Ok(token.to_owned()),
        }
    }

    fn broken(&self, error: ureq::Error) -> Failure {
        use std::io::ErrorKind::ConnectionRefused;
        let server = self.server.clone();
        match error {
            ureq::Error::Io(error) if error.kind() == ConnectionRefused => Failure::Nobody(server),
            ureq::Error::ConnectionFailed | ureq::Error::HostNotFound => Failure::Nobody(server),
            source => Failure::Broken { server, source },
        }
    }
}

/// No proxy: the token is for the server that was named and nobody in between.
fn agent(timeout: Duration) -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .max_redirects(0)
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .timeout_global(Some(timeout))
        .build()
        .into()
}

/// What an answer means.
fn judge(server: &str, success: bool, status: u16, body: &[u8]) -> Result<Value, Failure> {
    let value = if body.is_empty() {
        Ok(Value::Null)
    } else {
        serde_json::from_slice::<Value>(body)
    };
    let stranger = || Failure::Stranger {
        server: server.to_owned(),
        status,
    };
    let value = value.map_err(|_| stranger())?;
    if success {
        return Ok(value);
    }
    let text = |name: &str| value["error"][name].as_str().map(str::to_owned);
    Err(Failure::Refused {
        code: text("code").ok_or_else(stranger)?,
        message: text("message").unwrap_or_default(),
        field: text("field"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_as_the_server_tells_them() {
        let body = br#"{"error":{"code":"bad_field","message":"must be short","field":"name","request_id":"1"}}"#;
        let refused = judge("http://a", false, 400, body).unwrap_err();
        assert_eq!(refused.to_string(), "bad_field: must be short (name)");
        let body = br#"{"error":{"code":"not_found","message":"no such app"}}"#;
        let refused = judge("http://a", false, 404, body).unwrap_err();
        assert_eq!(refused.to_string(), "not_found: no such app");
    }

    #[test]
    fn strangers_are_recognised() {
        for (success, body) in [(false, "{}"), (false, "<html>"), (true, "<html>"), (false, "")] {
            let stranger = judge("http://a", success, 502, body.as_bytes()).unwrap_err();
            assert!(stranger.to_string().starts_with("http://a answered 502"), "{body}");
        }
        assert!(judge("http://a", true, 204, b"").unwrap().is_null());
    }

    #[test]
    fn parts_of_a_path_stay_parts() {
        assert_eq!(part("../a b?客"), "%2E%2E%2Fa%20b%3F%E5%AE%A2");
        assert_eq!(part("auto-reply_1"), "auto-reply_1");
    }

    #[test]
    fn an_absent_server_is_told_with_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let token = folder.path().join("token");
        std::fs::write(&token, "t\n").unwrap();
        // Bound and dropped: a port where nobody listens.
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let access = Access {
            server: format!("http://127.0.0.1:{port}"),
            token_file: Some(token.clone()),
            json: false,
        };
        let error = access.call(Call::new("GET", "/apps")).unwrap_err().to_string();
        assert!(
            error.contains("no server answers") && error.contains("switchboard serve"),
            "{error}"
        );
        std::fs::write(&token, "\n").unwrap();
        let error = access.call(Call::new("GET", "/apps")).unwrap_err().to_string();
        assert!(error.contains("SWITCHBOARD_ADMIN_TOKEN"), "{error}");
    }
}
