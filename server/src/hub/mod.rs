//! The connections of this node. A seat is a user's place, whether or not anyone sits in it; a link is one connection,
//! as the rest of the server sees it. The hub moves frames that are already encoded and decides nothing.

mod link;
mod registry;
mod seat;

pub use link::{CloseReason, Frame, Inbox, Interpreter, Link, ProtocolId, Tongue};
pub use registry::{Arrival, Hub};
pub use seat::Seat;
