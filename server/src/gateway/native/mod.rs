//! The native protocol: JSON text frames over a WebSocket, as PROTOCOL.md writes them. One task for each connection
//! reads frames, asks `chat`, and writes answers and events in one order. A bad frame never ends a connection.

mod decode;
mod encode;
mod login;
mod resume;
mod session;

use std::net::IpAddr;
use std::sync::Arc;

pub use encode::NativeEncoder;

use super::Edge;
use super::auth::Admitted;
use super::socket::Socket;
use super::socket::out::Out;
use crate::model::{Cursor, DeviceId};

/// What a connection brings along in its handshake.
pub(super) struct Opening {
    /// Who it is, and on which device, if it has said so and was let in.
    pub admitted: Option<Admitted>,
    /// The device it names.
    pub device: Option<DeviceId>,
    /// From which address.
    pub from: IpAddr,
    /// How far it has seen the stream.
    pub cursor: Option<Cursor>,
}

/// Serves a connection until it ends.
pub(super) async fn run(edge: Arc<Edge>, socket: Box<Socket>, opening: Opening) {
    let mut out = Out::new(socket, edge.limits.idle_timeout_ms);
    match login::login(&edge, &mut out, opening).await {
        Ok(entry) => session::Session::enter(&edge, out, entry).run().await,
        Err(closing) => out.close(closing).await,
    }
}

#[cfg(test)]
mod tests;
