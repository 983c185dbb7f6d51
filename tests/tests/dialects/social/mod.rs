//! The dialect `social`, row by row: frames with an action and a nonce over real sockets, and the requests around them.

mod accounts;
mod acks;
pub mod club;
mod document;
mod groups;
pub mod line;
mod missed;
mod mutations;
mod packets;
mod refusals;
mod sending;
mod sync;
mod together;
mod types;
