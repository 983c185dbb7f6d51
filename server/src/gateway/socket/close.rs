//! Close codes: each tells a client whether to come back.

use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::hub::CloseReason;

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// The server ends it, for a reason.
    Because(CloseReason),
    /// A frame too large for the framing to go on.
    TooLarge,
    /// The client did not speak WebSocket.
    Broken,
    /// What was to be done over it is done.
    Done,
    /// The client has gone: there is nobody to tell.
    Gone,
}

impl Closing {
    /// The frame that says so, if there is anybody to read it.
    pub fn frame(self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            Self::Gone => return None,
            Self::Done => (1000, ""),
            Self::Broken => (1002, "not WebSocket"),
            Self::TooLarge => (1009, "frame too large"),
            Self::Because(CloseReason::GoingAway) => (1001, "going away"),
            Self::Because(CloseReason::Idle) => (4000, "idle too long"),
            Self::Because(CloseReason::Replaced) => (4001, "replaced by another login"),
            Self::Because(CloseReason::NotLoggedIn) => (4002, "not logged in"),
            Self::Because(CloseReason::Expelled) => (4003, "disconnected by the app"),
            Self::Because(CloseReason::TooSlow) => (4008, "too slow"),
        };
        Some(CloseFrame {
            code: CloseCode::from(code),
            reason: reason.into(),
        })
    }
}
