//! Foreign protocols as their own clients speak them, each mounted for one app of the shared server.

mod wokchat;
//! Foreign protocols, each by the requests its document prints.

mod hooks;
mod imrest;
mod social;
//! The foreign protocols, each with the requests its document prints.

mod shiku;
