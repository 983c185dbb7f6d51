//! The bare server, on a fresh file.

use std::{
    net::{SocketAddr, TcpStream},
    process::Command,
};

use tempfile::TempDir;

use super::running::{Running, free_address};
use crate::{
    load::{
        plan::{Plan, Work},
        protocol::Protocol,
    },
    scenario::Bench,
    server::Crowd,
};

/// A running reference; its file goes with it.
pub struct Reference {
    running: Running,
    address: SocketAddr,
    _directory: TempDir,
}

impl Reference {
    pub fn start(bench: &Bench) -> anyhow::Result<Self> {
        let directory = bench.directory()?;
        let address = free_address()?;
        let mut command = Command::new(&bench.reference);
        command.arg("--listen").arg(address.to_string());
        command.arg("--database").arg(directory.path().join("messages.db"));
        let log = directory.path().join("reference.log");
        let ready = || TcpStream::connect(address).is_ok();
        let running = Running::start(command, &bench.server_cores, &log, ready)?;
        Ok(Self {
            running,
            address,
            _directory: directory,
        })
    }

    /// The same crowd and work as asked of Switchboard.
    pub fn plan(&self, bench: &Bench, crowd: Crowd, work: Work) -> Plan {
        bench.plan(
            Protocol::Reference,
            self.address,
            self.running.pid(),
            crowd.anonymous_sessions(),
            work,
        )
    }
}
