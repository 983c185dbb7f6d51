//! Foreign protocols, each by the requests its document prints.

mod hooks;
mod imrest;
