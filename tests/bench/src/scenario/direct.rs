//! Direct messages at saturation: how much of the bare server's rate is left with all features on the way.

use crate::{
    figures::figure::{Figure, Unit},
    load::{
        plan::{Content, Credit, Kind, Nonces, Work},
        report::Report,
    },
    scenario::{Bench, Findings, compare},
    server::Crowd,
};

/// 200 connections.
pub const CROWD: Crowd = Crowd::Pairs(100);
const IN_FLIGHT: u64 = 16;

/// Figures of one kind of nonce: names first, as the targets know them.
struct Names {
    native: &'static str,
    reference: &'static str,
    ratio: &'static str,
    p50: &'static str,
    p99: &'static str,
    p50_ratio: &'static str,
    p99_ratio: &'static str,
    cpu_ratio: &'static str,
}

const RANDOM: Names = Names {
    native: "random nonces, messages",
    reference: "random nonces, reference",
    ratio: "random nonces, ratio",
    p50: "random nonces, p50",
    p99: "random nonces, p99",
    p50_ratio: "random nonces, p50 ratio",
    p99_ratio: "random nonces, p99 ratio",
    cpu_ratio: "random nonces, CPU per message, ratio",
};
const TIME_ORDERED: Names = Names {
    native: "time-ordered nonces, messages",
    reference: "time-ordered nonces, reference",
    ratio: "time-ordered nonces, ratio",
    p50: "time-ordered nonces, p50",
    p99: "time-ordered nonces, p99",
    p50_ratio: "time-ordered nonces, p50 ratio",
    p99_ratio: "time-ordered nonces, p99 ratio",
    cpu_ratio: "time-ordered nonces, CPU per message, ratio",
};

/// As many messages as the server takes.
pub fn saturating(kind: Kind, nonces: Nonces) -> Work {
    Work::Closed {
        in_flight: IN_FLIGHT,
        credit: Credit::Acknowledgement,
        content: Content { kind, nonces },
        at_most: None,
    }
}

pub fn run(bench: &Bench, findings: &mut Findings) -> anyhow::Result<()> {
    for (nonces, names) in [(Nonces::Random, &RANDOM), (Nonces::TimeOrdered, &TIME_ORDERED)] {
        let work = saturating(Kind::Text, nonces);
        let pairs = compare::pairs(bench, findings, "direct", CROWD, &work)?;
        let mut add = |name, unit, samples| findings.add(Figure::median("direct", name, unit, samples));
        let p50 = |report: &Report| f64::from(report.acknowledgement.p50) / 1e3;
        let p99 = |report: &Report| f64::from(report.acknowledgement.p99) / 1e3;
        add(
            names.native,
            Unit::PerSecond,
            compare::each(&pairs.native, Report::acknowledged_per_second),
        );
        add(
            names.reference,
            Unit::PerSecond,
            compare::each(&pairs.reference, Report::acknowledged_per_second),
        );
        add(names.ratio, Unit::Ratio, pairs.ratios(Report::acknowledged_per_second));
        add(names.p50, Unit::Milliseconds, compare::each(&pairs.native, p50));
        add(names.p99, Unit::Milliseconds, compare::each(&pairs.native, p99));
        add(names.p50_ratio, Unit::Ratio, pairs.ratios(p50));
        add(names.p99_ratio, Unit::Ratio, pairs.ratios(p99));
        add(names.cpu_ratio, Unit::Ratio, pairs.ratios(Report::cpu_per_message));
    }
    Ok(())
}
