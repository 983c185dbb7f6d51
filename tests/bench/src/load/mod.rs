//! The load: a process of its own, so that its work is never counted as the server's.
//!
//! The driver starts this same program as `switchboard-bench load`, writes a [`plan::Plan`] to its standard input and
//! reads [`report::Line`]s from its standard output (`child`, the driver's side). The rest of this folder runs in the
//! load process: connections are opened, work is done for the warm-up and the window, then the senders stop, missing
//! answers are waited for, and all is counted.

pub mod child;
mod closed;
mod frame;
mod ledger;
mod paced;
mod pages;
pub mod plan;
pub mod protocol;
mod reader;
pub mod report;
mod room;
mod run;
mod socket;

pub use run::main;
