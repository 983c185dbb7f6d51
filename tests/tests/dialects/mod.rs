//! Foreign protocols as their own clients speak them, each with the requests its document prints; and all of them at once
//! in one app.

mod hooks;
mod imrest;
mod interoperation;
mod shiku;
mod social;
mod wokchat;
