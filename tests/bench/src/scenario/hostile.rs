//! A hostile neighbour: direct messages of one app at a steady rate, alone and while another app's plugin does its worst,
//! on the same server and in turns. What is compared is how long the first app's messages take.

use anyhow::ensure;
use serde_json::json;

use crate::{
    figures::figure::{Figure, Unit},
    load::{
        plan::{Kind, Session},
        report::Report,
    },
    scenario::{Bench, Findings, compare, steady},
    server::{Attack, Crowd, Native, populate},
};

const CROWD: Crowd = Crowd::Pairs(50);
/// Messages of the app that is left alone.
const PER_SECOND: u32 = 2_000;
/// Messages of the app that attacks, each a call of its plugin.
const ATTACKS_PER_SECOND: u32 = 20;
/// How long a call that stays below its deadline computes, of the 50 ms that it may by default.
const DRIP_MS: u32 = 40;

/// What the plugin does, in which hook, and what its figures are called.
struct Mode {
    mode: &'static str,
    hook: &'static str,
    without: [&'static str; 2],
    with: [&'static str; 2],
    ratio: &'static str,
}

macro_rules! mode {
    ($mode:literal in $hook:literal) => {
        Mode {
            mode: $mode,
            hook: $hook,
            without: [concat!($mode, ", p50 without"), concat!($mode, ", p99 without")],
            with: [concat!($mode, ", p50 with"), concat!($mode, ", p99 with")],
            ratio: concat!($mode, ", p99, ratio"),
        }
    };
}

const MODES: [Mode; 11] = [
    mode!("loop" in "policy"),
    mode!("memory" in "policy"),
    mode!("recurse" in "policy"),
    mode!("trap" in "policy"),
    mode!("flood" in "policy"),
    mode!("huge" in "policy"),
    mode!("nap" in "policy"),
    mode!("drip" in "policy"),
    mode!("log" in "observer"),
    mode!("kv" in "observer"),
    mode!("messages" in "observer"),
];

pub fn run(bench: &Bench, findings: &mut Findings) -> anyhow::Result<()> {
    for mode in &MODES {
        measure(bench, findings, mode)?;
    }
    Ok(())
}

/// One way to attack, on a server of its own.
fn measure(bench: &Bench, findings: &mut Findings, mode: &Mode) -> anyhow::Result<()> {
    let directory = bench.directory()?;
    let server = Native::start(bench, &directory.path().join("data"))?;
    let app = server.admin.create_app("left alone")?;
    let sessions = populate(&server.admin, &app, CROWD)?;
    let config = json!({ "mode": mode.mode, "at": mode.hook, "millis": DRIP_MS });
    let attack = Attack::prepare(&server.admin, bench.guest("hostile", "")?.configured(config))?;
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..bench.pairs() {
        without.push(load(bench, &server, &sessions)?);
        let attack = attack.begin(ATTACKS_PER_SECOND);
        let report = load(bench, &server, &sessions);
        let sent = attack.end();
        ensure!(sent > 0, "{}: no message of the attack was answered", mode.mode);
        with.push(report?);
    }
    server.stop()?;
    for report in without.iter().chain(&with) {
        findings.check("hostile", mode.mode, report);
    }
    let values: [fn(&Report) -> f64; 2] = [p50, p99];
    for (names, reports) in [(mode.without, &without), (mode.with, &with)] {
        for (name, value) in names.into_iter().zip(values) {
            let samples = compare::each(reports, value);
            findings.add(Figure::median("hostile", name, Unit::Milliseconds, samples));
        }
    }
    let ratios = with
        .iter()
        .zip(&without)
        .map(|(with, without)| p99(with) / p99(without));
    findings.add(Figure::median("hostile", mode.ratio, Unit::Ratio, ratios.collect()));
    Ok(())
}

fn load(bench: &Bench, server: &Native, sessions: &[Session]) -> anyhow::Result<Report> {
    let work = steady::at(PER_SECOND, Kind::Text);
    bench.load(&server.plan(bench, sessions.to_vec(), work))
}

fn p50(report: &Report) -> f64 {
    f64::from(report.acknowledgement.p50) / 1e3
}

fn p99(report: &Report) -> f64 {
    f64::from(report.acknowledgement.p99) / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::target::TARGETS;

    #[test]
    fn every_way_to_attack_has_its_target() {
        let targets = TARGETS.iter().filter(|target| target.scenario == "hostile");
        let names: Vec<_> = targets.map(|target| target.name).collect();
        assert_eq!(names, MODES.each_ref().map(|mode| mode.ratio));
    }
}
