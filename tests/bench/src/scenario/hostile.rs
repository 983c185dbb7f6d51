//! A hostile neighbour: direct messages of one app at a steady rate, alone and while another app's plugin does its worst,
//! on the same server, by turns of a few seconds. What is compared is how long the first app's messages take.

use std::{
    iter,
    ops::Range,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
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
    let modes = choose(&bench.arguments.attack)?;
    for (number, mode) in modes.iter().enumerate() {
        eprintln!("hostile: {} of {}, {}", number + 1, modes.len(), mode.mode);
        measure(bench, findings, mode)?;
    }
    Ok(())
}

/// The attacks of these names, or all.
fn choose(names: &[String]) -> anyhow::Result<Vec<&'static Mode>> {
    let all = || iter::once(&CONTROL).chain(&MODES);
    if let Some(unknown) = names.iter().find(|name| !all().any(|mode| mode.mode == **name)) {
        let known: Vec<_> = all().map(|mode| mode.mode).collect();
        bail!("no attack is called {unknown}; there are {}", known.join(", "));
    }
    let is_chosen = |mode: &&Mode| names.is_empty() || names.iter().any(|name| name == mode.mode);
    Ok(all().filter(is_chosen).collect())
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
    let mut rounds = Vec::new();
    for _ in 0..bench.full_or_quick(ROUNDS, 2) {
        let without = seconds(began);
        let attack = attack.begin(ATTACKS_PER_SECOND);
        let with = seconds(began);
        let sent = attack.end();
        ensure!(sent > 0, "{}: no message of the attack was answered", mode.mode);
        rounds.push(Round { without, with });
    }
    let report = load.stop()?;
    server.stop()?;
    findings.check("hostile", mode.mode, &report);
    judge(&report, mode, &rounds, findings)
}

/// Waits; answers which whole seconds of the load those were. What was before has a second to settle.
fn seconds(began: Instant) -> Range<usize> {
    let from = began.elapsed().as_secs() as usize + 2;
    thread::sleep((began + Duration::from_secs(from as u64 + TURN)).saturating_duration_since(Instant::now()));
    from..from + TURN as usize
}

/// A turn of each side, as seconds of the load: what the machine did besides was much the same in both.
struct Round {
    without: Range<usize>,
    with: Range<usize>,
}

fn judge(report: &Report, mode: &Mode, rounds: &[Round], findings: &mut Findings) -> anyhow::Result<()> {
    let without: Vec<usize> = rounds.iter().flat_map(|round| round.without.clone()).collect();
    let with: Vec<usize> = rounds.iter().flat_map(|round| round.with.clone()).collect();
    let values: [fn(&Latency) -> f64; 2] = [p50, p99];
    for (names, seconds) in [(mode.without, &without), (mode.with, &with)] {
        for (name, value) in names.into_iter().zip(values) {
            let samples = samples(report, seconds, value)?;
            findings.add(Figure::median("hostile", name, Unit::Milliseconds, samples));
        }
    }
    let turn = |seconds: &Range<usize>| -> anyhow::Result<f64> {
        let seconds: Vec<usize> = seconds.clone().collect();
        Ok(median(&samples(report, &seconds, p99)?))
    };
    let ratios = rounds
        .iter()
        .map(|round| Ok(turn(&round.with)? / turn(&round.without)?))
        .collect::<anyhow::Result<_>>()?;
    findings.add(Figure::median("hostile", mode.ratio, Unit::Ratio, ratios));
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
        let round = |without, with| Round { without, with };
        let rounds = [round(1..3, 3..5), round(1..2, 2..3), round(5..6, 6..7)];
        judge(&report, &MODES[0], &rounds, &mut findings).unwrap();
        let ratio = findings.figures.iter().find(|figure| figure.name == MODES[0].ratio);
        // Of 3.25, 1 and 6.
        assert!((ratio.unwrap().value - 3.25).abs() < 1e-9);
        assert!(judge(&report, &MODES[0], &[round(1..2, 7..8)], &mut findings).is_err());
    }

    #[test]
    fn attacks_are_chosen_by_name() {
        let chosen = |names: &[&str]| {
            let names: Vec<String> = names.iter().copied().map(str::to_owned).collect();
            choose(&names).map(|modes| modes.iter().map(|mode| mode.mode).collect::<Vec<_>>())
        };
        assert_eq!(chosen(&["drip", "nothing"]).unwrap(), ["nothing", "drip"]);
        assert_eq!(chosen(&[]).unwrap().len(), MODES.len() + 1);
        assert!(chosen(&["rain"]).unwrap_err().to_string().contains("drip"));
    }

    #[test]
    fn every_way_to_attack_has_its_target() {
        let targets = TARGETS.iter().filter(|target| target.scenario == "hostile");
        let names: Vec<_> = targets.map(|target| target.name).collect();
        assert_eq!(names, MODES.each_ref().map(|mode| mode.ratio));
    }
}
