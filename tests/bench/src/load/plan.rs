//! What the driver asks of a load process: one line of JSON on its standard input.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::protocol::Protocol;

/// One run of load.
#[derive(Clone, Serialize, Deserialize)]
pub struct Plan {
    pub protocol: Protocol,
    pub address: SocketAddr,
    /// Whose CPU time and memory to read.
    pub server_pid: u32,
    pub sessions: Vec<Session>,
    /// Load before anything is counted.
    pub warm_up_ms: u64,
    /// The window that is counted; a line or the end of standard input ends it early.
    pub measure_ms: u64,
    /// After the load has stopped: how long missing answers are waited for.
    pub drain_ms: u64,
    pub work: Work,
}

/// One connection to open.
#[derive(Clone, Serialize, Deserialize)]
pub struct Session {
    /// A number of its own: part of nonces, and decides the address to come from.
    pub user: u32,
    /// What proves the user: a user token, or the whole frame that logs in. The reference asks for none.
    pub token: String,
    pub conversation: u64,
}

/// What a user is called on Switchboard: a number, because not every dialect knows other names.
pub fn uid(user: u32) -> u64 {
    u64::from(user) + 1
}

/// What the connections do.
#[derive(Clone, Serialize, Deserialize)]
pub enum Work {
    /// Every connection sends to its conversation, with so many messages unanswered.
    Closed {
        in_flight: u64,
        credit: Credit,
        content: Content,
        at_most: Option<u64>,
    },
    /// All connections together send at a steady rate, whatever the answers do. `heard`: whoever a message is for is
    /// connected.
    Paced {
        per_second: u32,
        content: Content,
        heard: bool,
    },
    /// The first connection sends; so many messages may not have reached all the others.
    Room { in_flight: u64, content: Content },
    /// The first connection sends at a steady rate, to all the others.
    SteadyRoom { per_second: u32, content: Content },
    /// The connections are opened and kept.
    Idle,
    /// Pages of history by REST, one request at a time on every connection.
    Pages { limit: u64 },
}

impl Work {
    /// Whether one sends and all the others receive.
    pub fn is_room(&self) -> bool {
        matches!(self, Self::Room { .. } | Self::SteadyRoom { .. })
    }
}

/// What gives a sender room for the next message.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Credit {
    /// The durable acknowledgement.
    Acknowledgement,
    /// A message that a plugin has made in answer.
    PluginReply,
}

/// What is sent.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Content {
    pub kind: Kind,
    pub nonces: Nonces,
}

/// The kind of the messages.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    Text,
    Image,
}

/// How nonces begin: where a nonce goes in its index is what it costs.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Nonces {
    /// As UUIDv4 does.
    Random,
    /// As UUIDv7 does.
    TimeOrdered,
}
