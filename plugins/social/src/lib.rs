//! The dialect `social`: WebSocket frames with an action and a nonce, and a few requests around them.
//!
//! What is translated is pure and stands in `answer`, `params`, `content`, `frames` and `system`; `http`, `socket` and
//! `encode` bring it together with what the host knows. Whatever a client sends is answered in the protocol's own words.

pub mod answer;
pub mod content;
pub mod frames;
pub mod packet;
pub mod params;
pub mod system;

mod encode;
mod groups;
mod http;
mod keeping;
mod pending;
mod people;
mod plugin;
mod socket;
