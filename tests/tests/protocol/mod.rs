//! What the socket promises beyond commands: order, resuming, and an end that says whether to come back.

mod order;
mod resume;
mod slow;
mod timeouts;
