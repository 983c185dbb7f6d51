//! A hostile neighbour: direct messages of one app at a steady rate, alone and while another app's plugin does its worst,
//! on the same server, by turns of a few seconds. What is compared is how long the first app's messages take.

use std::{
    iter,
    ops::Range,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use serde_json::json;

use crate::{
    figures::{
        figure::{Figure, Unit},
        statistics::median,
    },
    load::{
        child::Load,
        plan::Kind,
        report::{Latency, Report},
    },
    scenario::{Bench, Findings, steady},
    server::{Attack, Crowd, Native, populate},
};

const CROWD: Crowd = Crowd::Pairs(50);
/// Messages of the app that is left alone.
const PER_SECOND: u32 = 2_000;
/// Messages of the app that attacks, each a call of its plugin.
const ATTACKS_PER_SECOND: u32 = 20;
/// Turns of either side, and the seconds of each that are counted.
const ROUNDS: u32 = 8;
const TURN: u64 = 4;
const AT_MOST_MS: u64 = 10 * 60 * 1000;
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

/// What such an app costs whose plugin does nothing: as much as two measurements differ by themselves.
const CONTROL: Mode = mode!("nothing" in "policy");

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
    for mode in iter::once(&CONTROL).chain(&MODES) {
        measure(bench, findings, mode)?;
    }
    Ok(())
}

/// One way to attack, on a server of its own, while the other app's messages go on: alone and beside it by turns, so that
/// what the machine does meanwhile meets both. What is compared are the seconds of either.
fn measure(bench: &Bench, findings: &mut Findings, mode: &Mode) -> anyhow::Result<()> {
    let directory = bench.directory()?;
    let server = Native::start(bench, &directory.path().join("data"))?;
    let app = server.admin.create_app("left alone")?;
    let sessions = populate(&server.admin, &app, CROWD)?;
    let config = json!({ "mode": mode.mode, "at": mode.hook, "millis": DRIP_MS });
    let attack = Attack::prepare(&server.admin, bench.guest("hostile", "")?.configured(config))?;
    let mut plan = server.plan(bench, sessions, steady::at(PER_SECOND, Kind::Text));
    plan.measure_ms = AT_MOST_MS;
    let load = Load::start(&plan, &bench.load_cores)?;
    let began = Instant::now();
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..bench.full_or_quick(ROUNDS, 2) {
        without.extend(seconds(began));
        let attack = attack.begin(ATTACKS_PER_SECOND);
        with.extend(seconds(began));
        let sent = attack.end();
        ensure!(sent > 0, "{}: no message of the attack was answered", mode.mode);
    }
    let report = load.stop()?;
    server.stop()?;
    findings.check("hostile", mode.mode, &report);
    judge(&report, mode, &without, &with, findings)
}

/// Waits; answers which whole seconds of the load those were. What was before has a second to settle.
fn seconds(began: Instant) -> Range<usize> {
    let from = began.elapsed().as_secs() as usize + 2;
    thread::sleep((began + Duration::from_secs(from as u64 + TURN)).saturating_duration_since(Instant::now()));
    from..from + TURN as usize
}

fn judge(
    report: &Report,
    mode: &Mode,
    without: &[usize],
    with: &[usize],
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let values: [fn(&Latency) -> f64; 2] = [p50, p99];
    for (names, seconds) in [(mode.without, without), (mode.with, with)] {
        for (name, value) in names.into_iter().zip(values) {
            let samples = samples(report, seconds, value)?;
            findings.add(Figure::median("hostile", name, Unit::Milliseconds, samples));
        }
    }
    let ratio = median(&samples(report, with, p99)?) / median(&samples(report, without, p99)?);
    findings.add(Figure::single("hostile", mode.ratio, Unit::Ratio, ratio));
    Ok(())
}

fn samples(report: &Report, seconds: &[usize], value: fn(&Latency) -> f64) -> anyhow::Result<Vec<f64>> {
    let found = seconds.iter().map(|second| report.by_second.get(*second).map(value));
    found.collect::<Option<_>>().context("a second without a message")
}

fn p50(of: &Latency) -> f64 {
    f64::from(of.p50) / 1e3
}

fn p99(of: &Latency) -> f64 {
    f64::from(of.p99) / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::target::TARGETS;

    #[test]
    fn the_seconds_of_the_attack_are_set_against_the_others() {
        let second = |p99| Latency {
            count: 1,
            p50: 1,
            p99,
            longest: p99,
        };
        let report = Report {
            by_second: [9, 10, 10, 50, 15, 15, 90].map(|p99| second(p99 * 1_000)).to_vec(),
            ..Report::default()
        };
        let mut findings = Findings::default();
        judge(&report, &MODES[0], &[1, 2, 3], &[4, 5, 6], &mut findings).unwrap();
        let ratio = findings.figures.iter().find(|figure| figure.name == MODES[0].ratio);
        assert!((ratio.unwrap().value - 1.5).abs() < 1e-9);
        assert!(judge(&report, &MODES[0], &[1], &[7], &mut findings).is_err());
    }

    #[test]
    fn every_way_to_attack_has_its_target() {
        let targets = TARGETS.iter().filter(|target| target.scenario == "hostile");
        let names: Vec<_> = targets.map(|target| target.name).collect();
        assert_eq!(names, MODES.each_ref().map(|mode| mode.ratio));
    }
}
