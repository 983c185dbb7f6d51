//! Speaks a social messenger's HTTP interface, with a socket beside it. The map, in the order of a request: `plugin`
//! (the hooks) → `params`, `caller` (what is asked, and by whom) → one module per area of the document → `envelope`
//! (the answer). What only translates (`object`, `system`, `entry`, `profile`, `room_json`, `ids`) calls no capability
//! and is tested natively.

#![recursion_limit = "256"]

mod clock;
mod config;
mod entry;
mod envelope;
mod ids;
mod object;
mod order;
mod other;
mod params;
mod profile;
mod room_json;
mod system;

mod account;
mod caller;
mod chats;
mod console;
mod deletion;
mod encode;
mod friends;
mod history;
mod members;
mod people;
mod pins;
mod rooms;
mod routes;
mod search;
mod send;
mod socket;
mod upload;

mod plugin;
