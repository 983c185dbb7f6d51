//! One connection: one task that reads commands and writes whatever has gathered, with one flush for all of it.

use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use tokio::{net::TcpStream, select, sync::Notify, sync::mpsc};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async_with_config,
    tungstenite::{
        Message, Utf8Bytes,
        handshake::server::{ErrorResponse, Request, Response},
        protocol::WebSocketConfig,
    },
};

use crate::{
    frames::{Down, Up},
    rooms::{Connection, Rooms},
    writer::Job,
};

/// Frames that may wait for a slow reader.
const QUEUE: usize = 1024;
/// Frames gathered into one write.
const GATHER: usize = 256;
const NONCE_BYTES: usize = 64;

/// Serves one socket until it closes, breaks the protocol or reads too slowly.
pub async fn run(socket: TcpStream, id: u64, rooms: Arc<Rooms>, writer: mpsc::Sender<Job>) {
    let Some((mut socket, user)) = handshake(socket).await else {
        return;
    };
    let (queue, mut outgoing) = mpsc::channel(QUEUE);
    let connection = Arc::new(Connection {
        id,
        user,
        queue,
        too_slow: Notify::new(),
    });
    let mut joined = Vec::new();
    let mut gathered = Vec::new();
    loop {
        select! {
            count = outgoing.recv_many(&mut gathered, GATHER) => {
                if count == 0 || !write(&mut socket, &mut gathered).await {
                    break;
                }
            }
            frame = socket.next() => match frame {
                Some(Ok(Message::Text(text))) => {
                    if take(&text, &connection, &rooms, &mut joined, &writer).await.is_none() {
                        break;
                    }
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
            () = connection.too_slow.notified() => break,
        }
    }
    rooms.leave(&joined, id);
}

async fn write(socket: &mut WebSocketStream<TcpStream>, gathered: &mut Vec<Utf8Bytes>) -> bool {
    for frame in gathered.drain(..) {
        if socket.feed(Message::Text(frame)).await.is_err() {
            return false;
        }
    }
    socket.flush().await.is_ok()
}

/// Does what one frame asks; none when the client breaks the protocol or the server is going away.
async fn take(
    text: &str,
    connection: &Arc<Connection>,
    rooms: &Rooms,
    joined: &mut Vec<i64>,
    writer: &mpsc::Sender<Job>,
) -> Option<()> {
    let up: Up<'_> = serde_json::from_str(text).ok()?;
    match up.action {
        "join" => {
            rooms.join(up.conversation, connection);
            joined.push(up.conversation);
            let answer = serde_json::to_string(&Down::Joined { conv: up.conversation }).ok()?;
            connection.queue.send(answer.into()).await.ok()
        }
        "msg" => {
            let content = up.content?.to_owned();
            if up.nonce.is_empty() || up.nonce.len() > NONCE_BYTES || !joined.contains(&up.conversation) {
                return None;
            }
            let (kind, nonce) = (up.kind.into_owned(), up.nonce.into_owned());
            let from = Arc::clone(connection);
            writer
                .send(Job {
                    conversation: up.conversation,
                    kind,
                    content,
                    nonce,
                    from,
                })
                .await
                .ok()
        }
        _ => None,
    }
}

/// Upgrades the socket; the user is the number after `?user=`.
async fn handshake(socket: TcpStream) -> Option<(WebSocketStream<TcpStream>, i64)> {
    let mut user = 0;
    #[expect(
        clippy::result_large_err,
        reason = "the socket library fixes the type of this callback"
    )]
    let read_user = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        let query = request.uri().query().unwrap_or_default();
        user = query
            .strip_prefix("user=")
            .and_then(|number| number.parse().ok())
            .unwrap_or(0);
        Ok(response)
    };
    let socket = accept_hdr_async_with_config(socket, read_user, Some(buffers()))
        .await
        .ok()?;
    Some((socket, user))
}

/// The same sizes as the real server: the library's default read buffer alone would halve the rate.
fn buffers() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(4 * 1024)
        .write_buffer_size(16 * 1024)
        .max_write_buffer_size(1024 * 1024)
        .max_message_size(Some(64 * 1024))
        .max_frame_size(Some(64 * 1024))
}
