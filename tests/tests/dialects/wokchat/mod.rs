//! The dialect `wokchat`, row by row: the document's requests over real HTTP and real sockets.

mod accounts;
mod document;
mod events;
mod greeting;
mod lists;
mod login;
mod md5;
mod mutations;
pub mod page;
mod push;
mod refusals;
mod rooms;
mod sending;
mod sessions;
pub mod shop;
mod uploads;
