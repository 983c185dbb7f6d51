//! The way in: sockets and requests become commands, and answers become frames and bodies. It knows every wire format and no rule.

pub mod wire;
