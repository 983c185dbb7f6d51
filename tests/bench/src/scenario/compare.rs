//! A B A B: samples of two servers, each on a fresh file, in turns.

use crate::{
    load::{plan::Work, report::Report},
    scenario::{Bench, Findings},
    server::{Crowd, Install, Native, Reference, populate},
};

/// Samples of both sides, pair by pair.
pub struct Pairs {
    pub native: Vec<Report>,
    pub reference: Vec<Report>,
}

impl Pairs {
    /// What `value` says of Switchboard over what it says of the reference, for each pair.
    pub fn ratios(&self, value: impl Fn(&Report) -> f64) -> Vec<f64> {
        self.native
            .iter()
            .zip(&self.reference)
            .map(|(native, reference)| value(native) / value(reference))
            .collect()
    }
}

/// The same work for both servers, as often as the run asks for.
pub fn pairs(
    bench: &Bench,
    findings: &mut Findings,
    scenario: &str,
    crowd: Crowd,
    work: &Work,
) -> anyhow::Result<Pairs> {
    let mut pairs = Pairs {
        native: Vec::new(),
        reference: Vec::new(),
    };
    for _ in 0..bench.pairs() {
        let report = native(bench, crowd, &[], work)?;
        findings.check(scenario, "switchboard", &report);
        pairs.native.push(report);
        let report = reference(bench, crowd, work)?;
        findings.check(scenario, "reference", &report);
        pairs.reference.push(report);
    }
    Ok(pairs)
}

/// One sample of the bare server.
pub fn reference(bench: &Bench, crowd: Crowd, work: &Work) -> anyhow::Result<Report> {
    let server = Reference::start(bench)?;
    bench.load(&server.plan(bench, crowd, work.clone()))
}

/// One sample of Switchboard, with one app that has these plugins.
pub fn native(bench: &Bench, crowd: Crowd, plugins: &[Install], work: &Work) -> anyhow::Result<Report> {
    let directory = bench.directory()?;
    let server = Native::start_talkative(bench, &directory.path().join("data"))?;
    let app = server.admin.create_app("bench")?;
    let sessions = populate(&server.admin, &app, crowd)?;
    for plugin in plugins {
        server.admin.install(&app, plugin)?;
    }
    let report = bench.load(&server.plan(bench, sessions, work.clone()))?;
    server.stop()?;
    Ok(report)
}

/// A value of every report.
pub fn each(reports: &[Report], value: impl Fn(&Report) -> f64) -> Vec<f64> {
    reports.iter().map(value).collect()
}
