//! The servers under test: starting and stopping them, and filling Switchboard through its public interfaces.

mod admin;
mod attack;
mod dialect;
mod native;
mod population;
mod reference;
mod running;
mod settings;
mod token;

pub use admin::Install;
pub use attack::Attack;
pub use dialect::Dialect;
pub use native::Native;
pub use population::{Crowd, in_parallel, populate};
pub use reference::Reference;
