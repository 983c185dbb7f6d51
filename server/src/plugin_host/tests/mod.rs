//! The host with real guests: what they may do, what happens when they misbehave. The guests come from `tests/guests`,
//! built into the folder that `SWITCHBOARD_GUESTS` names; `SWITCHBOARD_BIN` names the server, which compiles them.

mod calls;
mod installs;
mod misdeeds;
mod shelf;
pub mod stage;
mod waiting;
