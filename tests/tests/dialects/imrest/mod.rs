//! The dialect `imrest`: tests are named after the rows of its document, `r1` to `r10`.

mod bounds;
mod codes;
mod conversations;
mod files;
mod members;
mod messages;
mod mutations;
pub mod scene;
mod sockets;
mod strangers;
mod translation;
pub mod wire;
