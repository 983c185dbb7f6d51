//! Connections that do nothing: what each of them keeps in memory.

use crate::{
    figures::figure::{Figure, Unit},
    load::{plan::Work, report::Report},
    scenario::{Bench, Findings, compare},
    server::Crowd,
};

/// Files a server has open beside its connections.
const OTHER_FILES: u64 = 200;

/// As many as the question asks for and the machine allows.
pub fn connections(bench: &Bench) -> u32 {
    let wanted = bench.full_or_quick(10_000, 2_000);
    let allowed = bench.open_files.saturating_sub(OTHER_FILES);
    u32::try_from(allowed).unwrap_or(u32::MAX).min(wanted)
}

/// KiB of resident memory that one connection has added.
pub fn per_connection(report: &Report, connections: u32) -> f64 {
    (report.resident_after as f64 - report.resident_before as f64) / 1024.0 / f64::from(connections)
}

pub fn run(bench: &Bench, findings: &mut Findings) -> anyhow::Result<()> {
    let connections = connections(bench);
    let pairs = compare::pairs(bench, findings, "idle", Crowd::Strangers(connections), &Work::Idle)?;
    let each = |report: &Report| per_connection(report, connections);
    let before = |report: &Report| report.resident_before as f64 / 1024.0 / 1024.0;
    findings.add(Figure::single(
        "idle",
        "connections",
        Unit::Count,
        f64::from(connections),
    ));
    let mut add = |name, unit, samples| findings.add(Figure::median("idle", name, unit, samples));
    add(
        "memory per connection",
        Unit::KibiBytes,
        compare::each(&pairs.native, each),
    );
    add(
        "memory per connection, reference",
        Unit::KibiBytes,
        compare::each(&pairs.reference, each),
    );
    add("memory before", Unit::MebiBytes, compare::each(&pairs.native, before));
    Ok(())
}
