//! WebSockets, whatever is spoken over them: the handshake, frames in and out, close codes, the place in the hub.

pub mod close;
pub mod handshake;
pub mod out;
pub mod place;

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;

/// A client's socket.
pub type Socket = WebSocketStream<TokioIo<Upgraded>>;
