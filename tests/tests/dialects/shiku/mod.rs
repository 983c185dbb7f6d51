//! The rows of the shiku dialect: a test is named after the row it is about.

mod accounts;
mod chats;
mod console;
mod deletion;
pub mod desk;
mod friends;
mod mutations;
mod neighbours;
mod pins;
mod printed;
mod refusals;
mod rooms;
mod search;
mod socket;
mod uploads;
