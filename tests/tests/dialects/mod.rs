//! Foreign protocols: what the server does for every dialect, then each of the bundled ones with the requests its
//! document prints.

mod hooks;
mod host;
mod imrest;
mod shiku;
mod social;
mod wokchat;
