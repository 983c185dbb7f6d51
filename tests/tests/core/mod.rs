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
mod rooms;
mod search;
mod signals;
mod system;
mod users;
