//! `http`: ask other servers at once, by an interface of our own and by WASI's. The same grant opens both, and the same
//! checks guard both.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderName, HeaderValue, Method, Request, Response, Uri};
use http_body_util::{BodyExt as _, Full};
use serde_json::json;
use wasmtime_wasi_http::{Error as WasiError, RequestOptions, WasiBody, WasiHttpHooks};

use super::{Answer, invalid};
use crate::outbound::{CONNECTION_HEADERS, SendError};
use crate::plugin_host::bindings::switchboard::plugin::http::{self as wit, Host};
use crate::plugin_host::bindings::switchboard::plugin::types::{Error, Param};
use crate::plugin_host::instance::{State, Task};
use crate::plugin_host::outgoing::{Unanswered, ask, in_words, leave};
use crate::plugin_host::trace::Effect;
use crate::plugin_host::{convert, waits};

impl Host for State {
    async fn fetch(&mut self, request: wit::Request) -> Answer<wit::Response> {
        self.charge()?;
        // Headers may hold what is nobody else's, and bodies are large: who looks sees where it went and what came.
        self.asked("fetch", || {
            let bytes = request.body.len();
            json!({ "method": request.method, "url": request.url, "bytes": bytes, "timeout_ms": request.timeout_ms })
        });
        let answer = self.ask_server(request).await;
        self.came(|| match &answer {
            Ok(response) => json!({ "status": response.status, "bytes": response.body.len() }),
            Err(error) => json!({ "error": error }),
        });
        Ok(answer)
    }
}

impl State {
    async fn ask_server(&mut self, asked: wit::Request) -> Result<wit::Response, Error> {
        let (plugin, call) = self.at_work()?;
        let timeout = asked.timeout_ms.map(|timeout| Duration::from_millis(timeout.into()));
        let request = request(asked)?;
        let _away = waits::away();
        match ask(&plugin, &call.id, request, timeout, None).await {
            Ok(answered) => Ok(response(&answered.response)),
            Err(error) => Err(told(&error)),
        }
    }
}

fn request(asked: wit::Request) -> Result<Request<Bytes>, Error> {
    let mut request = Request::new(Bytes::from(asked.body));
    *request.method_mut() = Method::from_bytes(asked.method.as_bytes()).map_err(|_| invalid("method is none"))?;
    let uri: Uri = asked.url.parse().map_err(|_| invalid("url is none"))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none_or(str::is_empty) {
        return Err(invalid("url must begin with http:// or https:// and a host"));
    }
    *request.uri_mut() = uri;
    for Param { name, value } in asked.headers {
        let name = name.to_ascii_lowercase();
        if CONNECTION_HEADERS.contains(&name.as_str()) {
            return Err(invalid(format!("`{name}` is the connection's own: no request has it")));
        }
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid(format!("`{name}` is no header")))?;
        let value =
            HeaderValue::from_str(&value).map_err(|_| invalid(format!("the value of `{name}` fits into no header")))?;
        let added = request.headers_mut().try_append(name, value);
        added.map_err(|_| invalid("too many headers"))?;
    }
    Ok(request)
}

fn response(answered: &Response<Bytes>) -> wit::Response {
    let header = |(name, value): (&HeaderName, &HeaderValue)| Param {
        name: name.as_str().to_owned(),
        value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
    };
    wit::Response {
        status: answered.status().as_u16(),
        headers: answered.headers().iter().map(header).collect(),
        body: answered.body().to_vec(),
    }
}

fn told(error: &Unanswered) -> Error {
    let text = in_words(error);
    match error {
        Unanswered::Invalid(_) | Unanswered::Send(SendError::Url(_)) => Error::Invalid(text),
        Unanswered::Forbidden(_) => convert::refused("http_forbidden", &text),
        Unanswered::Quota => Error::Quota("http_per_minute".to_owned()),
        Unanswered::Send(SendError::Private(_)) => convert::refused("http_private", &text),
        Unanswered::Send(SendError::TooLarge(_)) => convert::refused("http_too_large", &text),
        Unanswered::Crowded | Unanswered::Leaving | Unanswered::Send(_) => Error::Unavailable(text),
    }
}

type Sent = Result<
    (
        Response<WasiBody>,
        Box<dyn Future<Output = Result<(), WasiError>> + Send>,
    ),
    WasiError,
>;

impl WasiHttpHooks for Task {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), WasiError>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let Some(tape) = self.tape.clone() else {
            return self.send(request, options);
        };
        let with = json!({ "method": request.method().as_str(), "url": request.uri().to_string() });
        let sending = Box::into_pin(self.send(request, options));
        Box::new(async move {
            let sent = sending.await;
            let outcome = match &sent {
                Ok((response, _)) => json!({ "status": response.status().as_u16() }),
                Err(error) => json!({ "error": error.to_string() }),
            };
            let what = "http.outgoing-handler".to_owned();
            tape.noted(Effect { what, with, outcome });
            sent
        })
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        64 << 10
    }
}

impl Task {
    fn send(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let Some(plugin) = self.plugin.clone() else {
            return Box::new(async { Err(WasiError::HttpRequestDenied) });
        };
        let call = self.call.id.clone();
        // Nothing more is done for a guest that has called the host too often; it ends with its next other call.
        if self.charge().is_none() {
            return Box::new(async { Err(WasiError::HttpRequestDenied) });
        }
        let own = match leave(&plugin, &call) {
            Ok(own) => own,
            Err(error) => {
                let most = Duration::from_millis(plugin.machine.settings.http.timeout_ms);
                return Box::new(async move {
                    // Whoever still writes the body hears first that it is not wanted, and not why.
                    let _ = tokio::time::timeout(most, discarded(request)).await;
                    Err(wasi_error(&error))
                });
            }
        };
        let timeout = options.and_then(|options| options.first_byte_timeout);
        // The request goes on in a task of its own; the call waits as long as that does.
        let away = waits::away();
        let settings = &plugin.machine.settings.http;
        let (most, bytes) = (Duration::from_millis(settings.timeout_ms), settings.request_bytes);
        Box::new(async move {
            let _away = away;
            let whole = tokio::time::timeout(most, whole(request, bytes)).await;
            let request = whole.unwrap_or(Err(WasiError::ConnectionWriteTimeout))?;
            let answered = ask(&plugin, &call, request, timeout, Some(own))
                .await
                .map_err(|error| wasi_error(&error))?;
            let room = answered.room;
            // What was answered takes room until the guest has read it, or is gone.
            let body = answered.response.map(|body| {
                let kept = Full::new(body).map_frame(move |frame| {
                    let _ = &room;
                    frame
                });
                kept.map_err(|never| match never {}).boxed_unsync()
            });
            let after: Box<dyn Future<Output = Result<(), WasiError>> + Send> = Box::new(async { Ok(()) });
            Ok((body, after))
        })
    }
}

/// Reads what the guest writes to its end, and keeps nothing.
async fn discarded(request: Request<WasiBody>) {
    let mut body = request.into_body();
    while let Some(Ok(_)) = body.frame().await {}
}

/// A request whose body the guest has written to its end.
async fn whole(request: Request<WasiBody>, limit: usize) -> Result<Request<Bytes>, WasiError> {
    let (head, mut body) = request.into_parts();
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame?.into_data() else { continue };
        if whole.len() + piece.len() > limit {
            return Err(WasiError::HttpRequestBodySize(Some(limit as u64)));
        }
        whole.extend_from_slice(&piece);
    }
    Ok(Request::from_parts(head, whole.freeze()))
}

fn wasi_error(error: &Unanswered) -> WasiError {
    match error {
        Unanswered::Invalid(text) => WasiError::InternalError(Some(text.clone())),
        Unanswered::Forbidden(_) => WasiError::HttpRequestDenied,
        Unanswered::Quota | Unanswered::Crowded => WasiError::ConnectionLimitReached,
        Unanswered::Leaving => WasiError::ConnectionTerminated,
        Unanswered::Send(error) => match error {
            SendError::Url(_) => WasiError::HttpRequestUriInvalid,
            SendError::Name(_) => WasiError::DnsError {
                rcode: None,
                info_code: None,
            },
            SendError::Private(_) => WasiError::DestinationIpProhibited,
            SendError::Connect(_) => WasiError::ConnectionRefused,
            SendError::Http(_) => WasiError::HttpProtocolError,
            SendError::Timeout(_) => WasiError::HttpResponseTimeout,
            SendError::TooLarge(limit) => WasiError::HttpResponseBodySize(Some(*limit as u64)),
        },
    }
}
