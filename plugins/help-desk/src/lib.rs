//! A help desk: customers wait, people answer, and nothing is lost in between.
//!
//! A conversation's *ticket* and an *agent* are each one value that is only ever replaced by compare-and-set. A ticket says
//! what the world should be like: who is a member, what the conversation's data say, when to look again, and what is still
//! to be said. Whoever changes a ticket makes the world so (`reconcile`) and may be killed at any point of it: whoever looks
//! next goes on, and what is done twice has no second effect.

pub mod agent;
pub mod arrivals;
pub mod cases;
pub mod clock;
pub mod command;
pub mod config;
pub mod console;
pub mod desk;
pub mod dispatch;
pub mod events;
pub mod host;
pub mod hours;
pub mod moves;
pub mod routes;
pub mod schema;
pub mod staff;
pub mod survey;
pub mod talk;
pub mod texts;
pub mod ticket;

mod live;
mod plugin;

#[cfg(test)]
mod tests;
