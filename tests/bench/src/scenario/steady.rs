//! Direct messages at a rate that both servers can hold: what a user waits for.

use crate::{
    figures::figure::{Figure, Unit},
    load::{
        plan::{Content, Kind, Nonces, Work},
        report::Report,
    },
    scenario::{Bench, Findings, compare, direct},
};

const PER_SECOND: u32 = 10_000;

/// A steady rate over all connections: also where CPU times are compared, because at saturation the faster side commits
/// larger groups, and the comparison would count that too.
pub fn work(kind: Kind) -> Work {
    at(PER_SECOND, kind)
}

/// The same at another rate.
pub fn at(per_second: u32, kind: Kind) -> Work {
    paced(per_second, kind, true)
}

/// The same where only the senders are connected.
pub fn unheard(per_second: u32, kind: Kind) -> Work {
    paced(per_second, kind, false)
}

fn paced(per_second: u32, kind: Kind, heard: bool) -> Work {
    Work::Paced {
        per_second,
        content: Content {
            kind,
            nonces: Nonces::TimeOrdered,
        },
        heard,
    }
}

pub fn run(bench: &Bench, findings: &mut Findings) -> anyhow::Result<()> {
    let pairs = compare::pairs(bench, findings, "steady", direct::CROWD, &work(Kind::Text))?;
    let mut add = |name, unit, samples| findings.add(Figure::median("steady", name, unit, samples));
    let p50 = |report: &Report| f64::from(report.acknowledgement.p50) / 1e3;
    let p99 = |report: &Report| f64::from(report.acknowledgement.p99) / 1e3;
    add(
        "messages",
        Unit::PerSecond,
        compare::each(&pairs.native, Report::acknowledged_per_second),
    );
    add("p50", Unit::Milliseconds, compare::each(&pairs.native, p50));
    add(
        "p50, reference",
        Unit::Milliseconds,
        compare::each(&pairs.reference, p50),
    );
    add("p50, ratio", Unit::Ratio, pairs.ratios(p50));
    add("p99", Unit::Milliseconds, compare::each(&pairs.native, p99));
    add(
        "p99, reference",
        Unit::Milliseconds,
        compare::each(&pairs.reference, p99),
    );
    add("p99, ratio", Unit::Ratio, pairs.ratios(p99));
    add(
        "CPU per message, ratio",
        Unit::Ratio,
        pairs.ratios(Report::cpu_per_message),
    );
    Ok(())
}
