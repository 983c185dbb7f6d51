//! From a request to a WebSocket: the handshake of RFC 6455, by hand over hyper's upgrade. Whoever brings a token is
//! told about it before the upgrade, as an HTTP answer.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::Edge;
use super::auth::authenticate;
use super::error::{Failure, Result};
use super::native::{self, Opening, Socket};
use super::rest::bearer;
use crate::model::{Code, Cursor, DeviceId, Limits, Refusal};

/// Bytes read at once. Kept for the life of a connection, so it decides what an idle one costs.
const READ_BUFFER: usize = 4 * 1024;

/// Bytes gathered before they are written out, if nobody flushes.
const WRITE_BUFFER: usize = 8 * 1024;

/// The longest list in one answer, in messages: what may wait for a slow socket is one answer, never two.
const PAGE: usize = 128;

/// A frame this many times over the limit is still read, so that its sender is told; beyond, the connection ends.
const TOLD: usize = 4;

#[derive(Deserialize)]
struct Parameters {
    token: Option<String>,
    device: Option<DeviceId>,
    cursor: Option<Cursor>,
}

/// `GET /v1/ws`.
pub(super) async fn upgrade(State(edge): State<Arc<Edge>>, mut request: Request) -> Result<Response> {
    let accept = accept_key(request.headers())?;
    let Query(parameters) = Query::<Parameters>::try_from_uri(request.uri())?;
    let token = bearer(request.headers()).map(str::to_owned).or(parameters.token);
    let identity = match token {
        Some(token) => Some(authenticate(&edge.chat, &token, edge.clock.now()).await?),
        None => None,
    };
    let pending = request
        .extensions_mut()
        .remove::<OnUpgrade>()
        .ok_or_else(not_a_handshake)?;
    let opening = Opening {
        identity,
        device: parameters.device,
        cursor: parameters.cursor,
    };
    let tasks = edge.tasks.clone();
    tasks.spawn(async move {
        if let Some(socket) = open(pending, &edge.limits).await {
            native::run(edge, socket, opening).await;
        }
    });
    switching(accept)
}

/// Takes the connection over from HTTP; `None` if the client has gone meanwhile.
async fn open(pending: OnUpgrade, limits: &Limits) -> Option<Box<Socket>> {
    let upgraded = pending.await.ok()?;
    let largest = limits.frame_bytes.saturating_mul(TOLD);
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(limits.message_bytes.saturating_mul(PAGE).saturating_add(largest))
        .max_message_size(Some(largest))
        .max_frame_size(Some(largest));
    let io = TokioIo::new(upgraded);
    Some(Box::new(
        WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await,
    ))
}

fn switching(accept: HeaderValue) -> Result<Response> {
    let response = Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(header::CONNECTION, "upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_ACCEPT, accept)
        .body(Body::empty());
    response.map_err(|_| Failure(Refusal::internal()))
}

/// What proves to the client that its handshake was understood.
fn accept_key(headers: &HeaderMap) -> Result<HeaderValue, Refusal> {
    let asks = lists(headers, &header::CONNECTION, "upgrade") && lists(headers, &header::UPGRADE, "websocket");
    let version = headers
        .get(header::SEC_WEBSOCKET_VERSION)
        .is_some_and(|version| version == "13");
    match headers.get(header::SEC_WEBSOCKET_KEY) {
        Some(key) if asks && version => {
            HeaderValue::from_str(&derive_accept_key(key.as_bytes())).map_err(|_| Refusal::internal())
        }
        _ => Err(not_a_handshake()),
    }
}

fn lists(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let values = headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .any(|item| item.trim().eq_ignore_ascii_case(word))
}

fn not_a_handshake() -> Refusal {
    Refusal::new(Code::BadFrame, "this address speaks WebSocket, version 13")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handshake_is_answered_with_the_key_of_the_rfc() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            (header::CONNECTION, "keep-alive, Upgrade"),
            (header::UPGRADE, "WebSocket"),
            (header::SEC_WEBSOCKET_VERSION, "13"),
            (header::SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ=="),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        assert_eq!(accept_key(&headers).unwrap(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        headers.remove(header::UPGRADE);
        assert!(accept_key(&headers).is_err());
    }
}
