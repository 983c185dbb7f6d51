//! Foreign protocols: what the server does for every dialect, then each of the bundled ones with the requests its document
//! prints, and all of them at once in one app.

mod hooks;
mod host;
mod imrest;
mod interoperation;
mod judged;
mod shiku;
mod social;
mod wokchat;
