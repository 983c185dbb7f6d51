//! The dialect `hooks`: tests are named after the rows of its document, `h1` to `h6`.

mod callbacks;
mod chat;
mod cron;
mod events;
mod mutations;
mod offline;
mod register;
pub mod scene;
mod tickets;
