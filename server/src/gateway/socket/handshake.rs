//! The handshake of RFC 6455, by hand over hyper's upgrade.

use axum::body::Body;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::Socket;
use crate::model::{Code, Limits, Refusal};

/// Bytes read at once. Kept for the life of a connection, so it decides what an idle one costs.
const READ_BUFFER: usize = 4 * 1024;

/// Bytes gathered before they are written out, if nobody flushes.
const WRITE_BUFFER: usize = 8 * 1024;

/// The longest list in one answer, in messages: what may wait for a slow socket is one answer, never two.
const PAGE: usize = 128;

/// What becomes the socket once the request is answered.
pub fn pending(extensions: &mut Extensions) -> Result<OnUpgrade, Refusal> {
    extensions.remove::<OnUpgrade>().ok_or_else(not_a_handshake)
}

/// Whether a request wants to become a WebSocket.
pub fn asks(headers: &HeaderMap) -> bool {
    lists(headers, &header::CONNECTION, "upgrade") && lists(headers, &header::UPGRADE, "websocket")
}

/// Takes the connection over from HTTP; a frame `told` times over the limit is still read. `None` if the client has gone meanwhile.
pub async fn open(pending: OnUpgrade, limits: &Limits, told: usize) -> Option<Box<Socket>> {
    let upgraded = pending.await.ok()?;
    let largest = limits.frame_bytes.saturating_mul(told);
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

/// The answer that ends HTTP.
pub fn switching(accept: HeaderValue) -> Result<Response, Refusal> {
    let response = Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(header::CONNECTION, "upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_ACCEPT, accept)
        .body(Body::empty());
    response.map_err(|_| Refusal::internal())
}

/// What proves to the client that its handshake was understood.
pub fn accept_key(headers: &HeaderMap) -> Result<HeaderValue, Refusal> {
    let version = headers
        .get(header::SEC_WEBSOCKET_VERSION)
        .is_some_and(|version| version == "13");
    match headers.get(header::SEC_WEBSOCKET_KEY) {
        Some(key) if asks(headers) && version => {
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
