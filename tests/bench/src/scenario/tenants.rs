//! Many tenants: what a message costs in one app must not depend on how many others there are. Both servers are filled
//! once and then loaded in turns, on data that grows alike.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::{
    figures::figure::{Figure, Unit},
    load::{
        plan::{Kind, Nonces, Session},
        report::Report,
    },
    scenario::{Bench, Findings, compare, direct, policy},
    server::{Native, in_parallel, populate},
};

const INSTALLS: usize = 3;

/// A data directory with a number of apps, of which the first is used.
struct Store {
    data: PathBuf,
    sessions: Vec<Session>,
    _directory: TempDir,
}

pub fn run(bench: &Bench, findings: &mut Findings) -> anyhow::Result<()> {
    let many = bench.full_or_quick(1_000, 100);
    let stores = [fill(bench, 1)?, fill(bench, many)?];
    let mut reports = [Vec::new(), Vec::new()];
    for _ in 0..bench.pairs() {
        for (store, reports) in stores.iter().zip(&mut reports) {
            let report = load(bench, store)?;
            findings.check("tenants", "switchboard", &report);
            reports.push(report);
        }
    }
    let [alone, among_many] = &reports;
    let ratio = |(alone, among): (&Report, &Report)| among.cpu_per_message() / alone.cpu_per_message();
    let ratios = alone.iter().zip(among_many).map(ratio).collect();
    findings.add(Figure::single("tenants", "apps", Unit::Count, many as f64));
    let mut add = |name, unit, samples| findings.add(Figure::median("tenants", name, unit, samples));
    add(
        "CPU per message, 1 app",
        Unit::Microseconds,
        compare::each(alone, Report::cpu_per_message),
    );
    add(
        "CPU per message, many apps",
        Unit::Microseconds,
        compare::each(among_many, Report::cpu_per_message),
    );
    add("CPU per message, ratio", Unit::Ratio, ratios);
    Ok(())
}

fn fill(bench: &Bench, apps: usize) -> anyhow::Result<Store> {
    let plugins = policy::policies(bench, INSTALLS)?;
    let directory = bench.directory()?;
    let data = directory.path().join("data");
    let server = Native::start(bench, &data)?;
    let mut made = in_parallel(apps, |number| {
        let app = server.admin.create_app(&format!("tenant {number}"))?;
        plugins
            .iter()
            .try_for_each(|plugin| server.admin.install(&app, plugin))?;
        Ok(app)
    })?;
    let sessions = populate(&server.admin, &made.swap_remove(0), direct::CROWD)?;
    server.stop()?;
    Ok(Store {
        data,
        sessions,
        _directory: directory,
    })
}

fn load(bench: &Bench, store: &Store) -> anyhow::Result<Report> {
    let server = Native::start(bench, &store.data)?;
    let work = direct::saturating(Kind::Text, Nonces::TimeOrdered);
    let report = bench.load(&server.plan(bench, store.sessions.clone(), work))?;
    server.stop()?;
    Ok(report)
}
