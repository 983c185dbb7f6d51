//! The way in: sockets and requests become commands, and answers become frames and bodies. It knows every wire format and no rule.

pub mod admin;
pub mod auth;
pub mod demo;
pub mod error;
pub mod openapi;
mod page;
pub mod rest;
pub mod wire;
