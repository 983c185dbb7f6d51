//! What a chat is: every command, told over the socket and over REST.

mod blocks;
mod conversations;
mod devices;
mod files;
mod friends;
mod history;
mod members;
mod messages;
mod receipts;
mod signals;
mod users;
