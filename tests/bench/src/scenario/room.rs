//! A large room: one sender, everyone else receives.

use crate::{
    figures::figure::{Figure, Unit},
    load::{
        plan::{Content, Kind, Nonces, Work},
        report::Report,
    },
    scenario::{Bench, Findings, compare},
    server::Crowd,
};

pub const CROWD: Crowd = Crowd::Room(1_000);
const IN_FLIGHT: u64 = 32;
const CONTENT: Content = Content {
    kind: Kind::Text,
    nonces: Nonces::TimeOrdered,
};

/// So many messages that have not yet reached all.
pub fn work() -> Work {
    Work::Room {
        in_flight: IN_FLIGHT,
        content: CONTENT,
    }
}

/// The same room at a steady rate.
pub fn steady(per_second: u32) -> Work {
    Work::SteadyRoom {
        per_second,
        content: CONTENT,
    }
}

pub fn run(bench: &Bench, findings: &mut Findings) -> anyhow::Result<()> {
    let pairs = compare::pairs(bench, findings, "room", CROWD, &work())?;
    let mut add = |name, unit, samples| findings.add(Figure::median("room", name, unit, samples));
    let p50 = |report: &Report| f64::from(report.delivery.p50) / 1e3;
    let p99 = |report: &Report| f64::from(report.delivery.p99) / 1e3;
    let cpu = |report: &Report| report.cpu_seconds / report.window.delivered.max(1) as f64;
    add(
        "deliveries",
        Unit::PerSecond,
        compare::each(&pairs.native, Report::delivered_per_second),
    );
    add(
        "deliveries, reference",
        Unit::PerSecond,
        compare::each(&pairs.reference, Report::delivered_per_second),
    );
    add(
        "deliveries, ratio",
        Unit::Ratio,
        pairs.ratios(Report::delivered_per_second),
    );
    add("delivery p50", Unit::Milliseconds, compare::each(&pairs.native, p50));
    add("delivery p99", Unit::Milliseconds, compare::each(&pairs.native, p99));
    add("CPU per delivery, ratio", Unit::Ratio, pairs.ratios(cpu));
    Ok(())
}
