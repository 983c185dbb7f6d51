//! The way out to other servers, for webhooks and for what plugins ask: a request goes over a connection of its own to an
//! address that was checked, inside bounds of time and size. Nothing else in the server makes connections.

mod address;
mod client;
mod reach;

pub use client::{Bounds, Client, Fetch, SendError};
pub use reach::Reach;

/// Headers that belong to the connection and not to who asks, in lower case.
pub const CONNECTION_HEADERS: [&str; 12] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "upgrade",
    "http2-settings",
    "te",
    "trailer",
    "expect",
    "proxy-authorization",
    "proxy-connection",
];
