//! Red packets: a message of kind `red-packet` holds a sum of money-like minor units, and each member of its conversation
//! claims one share of it until nothing is left or its time is over.
//!
//! The whole state is the message's body, which only an action may change, one after the other. At any time
//! `claims + left + returned = total`; nothing is ever paid twice or beyond the total.

pub mod act;
pub mod config;
pub mod create;
pub mod packet;
pub mod schema;
pub mod shares;

mod plugin;
