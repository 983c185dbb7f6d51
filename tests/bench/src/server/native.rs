//! Switchboard itself, over a data directory that outlives the process.

use std::{fs, net::SocketAddr, path::Path, time::Duration};

use super::{
    admin::Admin,
    running::{Running, free_address},
    settings,
};
use crate::{
    load::{
        plan::{Plan, Session, Work},
        protocol::Protocol,
    },
    machine::usage,
    scenario::Bench,
};

/// A running server and the way to fill it.
pub struct Native {
    running: Running,
    address: SocketAddr,
    pub admin: Admin,
}

impl Native {
    /// Starts the server on `data_dir`, which is made if need be, and waits for `/readyz`.
    pub fn start(bench: &Bench, data_dir: &Path) -> anyhow::Result<Self> {
        Self::start_with(bench, data_dir, &[])
    }

    /// The same where plugins may send as many messages as they like.
    pub fn start_talkative(bench: &Bench, data_dir: &Path) -> anyhow::Result<Self> {
        Self::start_with(bench, data_dir, &[settings::NO_MESSAGE_QUOTA])
    }

    fn start_with(bench: &Bench, data_dir: &Path, settings: &[&str]) -> anyhow::Result<Self> {
        fs::create_dir_all(data_dir)?;
        let address = free_address()?;
        let own = settings.iter().copied();
        let extra = own.chain(bench.arguments.set.iter().map(String::as_str));
        let command = settings::command(&bench.arguments.server, address, data_dir, extra)?;
        let admin = Admin::new(address, settings::OPERATOR_TOKEN);
        let log = data_dir.with_extension("log");
        let running = Running::start(command, &bench.server_cores, &log, || admin.is_ready())?;
        Ok(Self {
            running,
            address,
            admin,
        })
    }

    /// Asks for an orderly end and waits for it.
    pub fn stop(self) -> anyhow::Result<()> {
        self.running.stop()
    }

    /// From the start of the process to the first 200 of `/readyz`.
    pub fn ready_after(&self) -> Duration {
        self.running.ready_after
    }

    pub fn resident_bytes(&self) -> anyhow::Result<u64> {
        usage::resident_bytes(self.running.pid())
    }

    pub fn plan(&self, bench: &Bench, sessions: Vec<Session>, work: Work) -> Plan {
        self.plan_in(Protocol::Native, bench, sessions, work)
    }

    /// The same in a dialect.
    pub fn plan_in(&self, protocol: Protocol, bench: &Bench, sessions: Vec<Session>, work: Work) -> Plan {
        bench.plan(protocol, self.address, self.running.pid(), sessions, work)
    }
}
