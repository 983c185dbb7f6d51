//! The dialect `hooks`: a tenant's server registers tokens and sends events to them; it is told who went offline, and
//! is called back at planned times. Registered users chat beside it.
//!
//! Pure first: `answer`, `fields`, `object`, `registration`, `plan`, `frames` and `down` reach no capability. `ticket`
//! says who asks; `registry` keeps who is registered for what; `events`, `cron`, `notice`, `chat` and `socket` do it.

pub mod answer;
pub mod down;
pub mod fields;
pub mod frames;
pub mod object;
pub mod plan;
pub mod registration;
pub mod schema;

mod chat;
mod cron;
mod events;
mod groups;
mod notice;
mod plugin;
mod registry;
mod socket;
mod ticket;
