//! The questions asked, one file each.

mod cold_start;
mod compare;
mod dialects;
mod direct;
mod history;
mod hooks;
mod hostile;
mod hot_swap;
mod idle;
mod observer;
mod policy;
mod reference;
mod room;
mod standard_types;
mod steady;
mod tenants;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use tempfile::TempDir;

use crate::{
    arguments::Arguments,
    figures::{figure::Figure, target::TARGETS},
    load::{
        child::Load,
        plan::{Plan, Session, Work},
        protocol::Protocol,
        report::Report,
    },
    machine::cores::Cores,
    server::Install,
};

/// From so many cores busy with other work on, a sample is noted as disturbed.
const DISTURBED: f64 = 0.5;

/// A question.
pub struct Scenario {
    pub name: &'static str,
    pub about: &'static str,
    pub run: fn(&Bench, &mut Findings) -> anyhow::Result<()>,
    /// Whether it runs unless others are named.
    by_default: bool,
}

const fn scenario(
    name: &'static str,
    about: &'static str,
    run: fn(&Bench, &mut Findings) -> anyhow::Result<()>,
) -> Scenario {
    Scenario {
        name,
        about,
        run,
        by_default: true,
    }
}

/// All scenarios, in the order in which they run.
pub const ALL: &[Scenario] = &[
    scenario(
        "direct",
        "200 connections, 16 messages in flight each, durable before the acknowledgement",
        direct::run,
    ),
    scenario(
        "steady",
        "direct messages at a steady rate, latency from when each was due",
        steady::run,
    ),
    scenario(
        "room",
        "one sender to a room of 1,000, 32 messages in flight",
        room::run,
    ),
    scenario("idle", "memory of connections that do nothing", idle::run),
    scenario("policy", "CPU per message with 0, 1 and 3 policy plugins", policy::run),
    scenario(
        "standard-types",
        "CPU per message through a message-type plugin",
        standard_types::run,
    ),
    scenario("observer", "an observer that answers every message", observer::run),
    scenario(
        "hooks",
        "what a call of each hook takes, and a component that was never seen before",
        hooks::run,
    ),
    scenario(
        "history",
        "pages of 50 with few and with many messages stored",
        history::run,
    ),
    scenario(
        "tenants",
        "CPU per message with 1 and with 1,000 apps of 3 installs",
        tenants::run,
    ),
    scenario(
        "cold-start",
        "from the start of the process to ready, with many installs",
        cold_start::run,
    ),
    scenario(
        "hot-swap",
        "a policy is replaced again and again under full load",
        hot_swap::run,
    ),
    scenario(
        "dialects",
        "CPU per message of dialects beside the native protocol",
        dialects::run,
    ),
    scenario(
        "hostile",
        "what one app's messages wait longer while another app's plugin attacks",
        hostile::run,
    ),
    Scenario {
        name: "reference",
        about: "the bare server alone: what this machine allows",
        run: reference::run,
        by_default: false,
    },
];

/// The named scenarios, or the default ones.
pub fn choose(names: &[String]) -> anyhow::Result<Vec<&'static Scenario>> {
    if names.is_empty() {
        return Ok(ALL.iter().filter(|scenario| scenario.by_default).collect());
    }
    let find = |name: &String| {
        let found = ALL.iter().find(|scenario| scenario.name == name);
        found.with_context(|| format!("no scenario is called {name}; `list` names them all"))
    };
    names.iter().map(find).collect()
}

/// What every scenario needs to know.
pub struct Bench {
    pub arguments: Arguments,
    /// The bare server, built beside this program.
    pub reference: PathBuf,
    pub server_cores: Cores,
    pub load_cores: Cores,
    /// How many files one process may have open.
    pub open_files: u64,
}

impl Bench {
    pub fn new(arguments: Arguments, server_cores: Cores, load_cores: Cores, open_files: u64) -> anyhow::Result<Self> {
        let reference = std::env::current_exe()?.with_file_name("switchboard-bench-reference");
        Ok(Self {
            arguments,
            reference,
            server_cores,
            load_cores,
            open_files,
        })
    }

    /// An empty directory, where one was asked for or beside this program: on a disk, which the system's own place for
    /// such may not be.
    pub fn directory(&self) -> anyhow::Result<TempDir> {
        let asked_for = self.arguments.directory.as_deref();
        let place = asked_for.or(self.reference.parent());
        let place = place.context("a program without a directory")?;
        Ok(tempfile::Builder::new().prefix("bench-").tempdir_in(place)?)
    }

    /// How often each side of a comparison is measured.
    pub fn pairs(&self) -> usize {
        self.full_or_quick(3, 1)
    }

    /// The first in a full run, the second in a quick one.
    pub fn full_or_quick<T>(&self, full: T, quick: T) -> T {
        if self.arguments.quick { quick } else { full }
    }

    /// A plan with the usual windows.
    pub fn plan(
        &self,
        protocol: Protocol,
        address: SocketAddr,
        server_pid: u32,
        sessions: Vec<Session>,
        work: Work,
    ) -> Plan {
        Plan {
            protocol,
            address,
            server_pid,
            sessions,
            warm_up_ms: self.full_or_quick(1_500, 500),
            measure_ms: self.full_or_quick(5_000, 2_000),
            drain_ms: 20_000,
            work,
        }
    }

    /// Runs a load from beginning to end.
    pub fn load(&self, plan: &Plan) -> anyhow::Result<Report> {
        Load::start(plan, &self.load_cores)?.finish()
    }

    /// A guest that was built for measuring.
    pub fn guest(&self, name: &str, grants: &str) -> anyhow::Result<Install> {
        Install::read(name, &component(&self.arguments.guests, name)?, grants)
    }

    /// A plugin that ships with the server.
    pub fn plugin(&self, name: &str, grants: &str) -> anyhow::Result<Install> {
        Install::read(name, &component(&self.arguments.plugins, name)?, grants)
    }
}

/// The file of a component, whose name has `_` or `-` between its words.
fn component(directory: &Path, name: &str) -> anyhow::Result<PathBuf> {
    for name in [name.replace('-', "_"), name.replace('_', "-")] {
        let file = directory.join(name).with_extension("wasm");
        if file.exists() {
            return Ok(file);
        }
    }
    bail!("{} holds no component {name}", directory.display())
}

/// What scenarios have found so far.
#[derive(Default)]
pub struct Findings {
    pub figures: Vec<Figure>,
    pub notes: Vec<String>,
}

impl Findings {
    pub fn add(&mut self, figure: Figure) {
        self.figures.push(figure);
    }

    /// Notes targets of a scenario that nothing was measured for.
    pub fn check_targets(&mut self, scenario: &str) {
        for target in TARGETS.iter().filter(|target| target.scenario == scenario) {
            if !self
                .figures
                .iter()
                .any(|figure| figure.scenario == scenario && figure.name == target.name)
            {
                self.notes
                    .push(format!("{scenario}: no figure for the target \"{}\"", target.name));
            }
        }
    }

    /// Notes whatever makes a run doubtful.
    pub fn check(&mut self, scenario: &str, server: &str, report: &Report) {
        if report.foreign_cores > DISTURBED {
            self.notes.push(format!(
                "{scenario}, {server}: {:.1} cores were busy with other work",
                report.foreign_cores
            ));
        }
        let (totals, unanswered) = (report.totals, report.unanswered());
        if totals.refused + totals.closed + unanswered + report.lost + report.doubled > 0 {
            let first = report.first_fault.as_deref().unwrap_or("no error was told");
            self.notes.push(format!(
                "{scenario}, {server}: {} refused, {} connections closed, {unanswered} unanswered, {} deliveries lost, \
                 {} doubled; first: {first}",
                totals.refused, totals.closed, report.lost, report.doubled
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_chosen_in_the_order_asked() {
        let names = |chosen: Vec<&Scenario>| chosen.iter().map(|scenario| scenario.name).collect::<Vec<_>>();
        assert_eq!(
            names(choose(&["room".into(), "direct".into()]).unwrap()),
            ["room", "direct"]
        );
        assert!(!names(choose(&[]).unwrap()).contains(&"reference"));
        assert!(choose(&["nothing".into()]).is_err());
    }
}
