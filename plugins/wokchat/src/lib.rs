//! The wokchat protocol over the core.
//!
//! Two ways in, `http` and `socket`, read the same fields (`params`), ask the same questions of the server and put the
//! same answers into their own envelopes (`answer`): what a call does is written once, in the third group. `encode`
//! tells of events. Everything in the second group is pure and decides nothing about who may do what.

// What the host calls.
mod encode;
mod http;
mod plugin;
mod socket;

// The protocol's words, without the server.
mod answer;
mod clock;
mod config;
mod content;
mod fault;
mod identify;
mod params;
mod people;
mod recorded;
mod rows;
mod words;

// What the calls do.
mod accounts;
mod call;
mod greeting;
mod history;
mod proof;
mod push;
mod rooms;
mod sending;
mod sessions;
mod upload;
