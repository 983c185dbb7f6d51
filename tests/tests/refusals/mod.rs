//! What must not work, and how it is refused: with a stable code, on a connection that goes on.

mod admin;
mod bounds;
mod busy;
mod commands;
mod endpoints;
mod fields;
mod frames;
mod mutations;
mod strangers;
mod tokens;
