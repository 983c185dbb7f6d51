//! An observer that answers every message: the rate at which messages and answers keep up with each other, and whether
//! each message has got exactly one.
//!
//! Only one side of each conversation is connected, so that an answer that arrives belongs to its own messages.

use crate::{
    figures::figure::{Figure, Unit},
    load::{
        plan::{Content, Credit, Kind, Nonces, Work},
        report::Report,
    },
    scenario::{Bench, Findings, compare},
    server::Crowd,
};

pub const CROWD: Crowd = Crowd::Halves(200);
/// Messages of one connection that the observer has not yet answered.
const IN_FLIGHT: u64 = 16;

pub fn run(bench: &Bench, findings: &mut Findings) -> anyhow::Result<()> {
    let plugins = [bench.guest("echo_observer", "messages-send")?];
    let content = Content {
        kind: Kind::Text,
        nonces: Nonces::TimeOrdered,
    };
    let work = Work::Closed {
        in_flight: IN_FLIGHT,
        credit: Credit::PluginReply,
        content,
        at_most: None,
    };
    let mut reports = Vec::new();
    for _ in 0..bench.pairs() {
        let report = compare::native(bench, CROWD, &plugins, &work)?;
        findings.check("observer", "switchboard", &report);
        reports.push(report);
    }
    let rate = |report: &Report| report.window.replies as f64 / report.seconds;
    let wrong: u64 = reports
        .iter()
        .map(|report| report.totals.replies.abs_diff(report.totals.acknowledged))
        .sum();
    let cpu = |report: &Report| report.cpu_seconds * 1e6 / report.window.replies.max(1) as f64;
    findings.add(Figure::median(
        "observer",
        "messages with a reply",
        Unit::PerSecond,
        compare::each(&reports, rate),
    ));
    findings.add(Figure::single(
        "observer",
        "replies missing or double",
        Unit::Count,
        wrong as f64,
    ));
    let each = compare::each(&reports, cpu);
    findings.add(Figure::median(
        "observer",
        "CPU per message and reply",
        Unit::Microseconds,
        each,
    ));
    Ok(())
}
