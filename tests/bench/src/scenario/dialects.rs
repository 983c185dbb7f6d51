//! Dialects beside the native protocol: what a message costs more when a plugin reads and writes its frames.
//!
//! CPU times are compared at a rate that both protocols can hold (see [`steady::work`]): a dialect takes one frame of a
//! connection after the other, so a sender in a hurry gets smaller groups than natively, for the disk and for each
//! receiver. What that costs stands beside it, as figures of a full room.

use crate::{
    figures::figure::{Figure, Unit},
    load::{
        plan::{Kind, Work},
        report::Report,
    },
    scenario::{Bench, Findings, compare, direct, room, steady},
    server::{Crowd, Dialect, Native, populate},
};

/// Direct messages.
const PER_SECOND: u32 = 2_000;
/// Messages to a room: each is nearly a thousand deliveries.
const ROOM_PER_SECOND: u32 = 100;

/// Names of the figures that every comparison has.
struct Names {
    messages: &'static str,
    native: &'static str,
    cpu: &'static str,
    native_cpu: &'static str,
    cpu_ratio: &'static str,
}

const WOKCHAT: Names = Names {
    messages: "wokchat direct, messages",
    native: "wokchat direct, native messages",
    cpu: "wokchat direct, CPU per message",
    native_cpu: "wokchat direct, native CPU per message",
    cpu_ratio: "wokchat direct, CPU per message, ratio",
};
const SOCIAL: Names = Names {
    messages: "social room of 1,000, messages",
    native: "social room of 1,000, native messages",
    cpu: "social room of 1,000, CPU per message",
    native_cpu: "social room of 1,000, native CPU per message",
    cpu_ratio: "social room of 1,000, CPU per message, ratio",
};
const FULL: Names = Names {
    messages: "social room of 1,000, full, messages",
    native: "social room of 1,000, full, native messages",
    cpu: "social room of 1,000, full, CPU per message",
    native_cpu: "social room of 1,000, full, native CPU per message",
    cpu_ratio: "social room of 1,000, full, CPU per message, ratio",
};

/// Samples of both protocols, in turns.
struct Turns {
    dialect: Vec<Report>,
    native: Vec<Report>,
}

impl Turns {
    fn ratios(&self, value: impl Fn(&Report) -> f64) -> Vec<f64> {
        let turns = self.dialect.iter().zip(&self.native);
        turns.map(|(dialect, native)| value(dialect) / value(native)).collect()
    }
}

pub fn run(bench: &Bench, findings: &mut Findings) -> anyhow::Result<()> {
    let work = steady::at(PER_SECOND, Kind::Text);
    let turns = take_turns(bench, findings, Dialect::Wokchat, direct::CROWD, &work)?;
    add(findings, &WOKCHAT, &turns);
    let work = room::steady(ROOM_PER_SECOND);
    let turns = take_turns(bench, findings, Dialect::Social, room::CROWD, &work)?;
    add(findings, &SOCIAL, &turns);
    findings.add(Figure::median(
        "dialects",
        "social room of 1,000, delivery p50",
        Unit::Milliseconds,
        compare::each(&turns.dialect, |report| f64::from(report.delivery.p50) / 1e3),
    ));
    let turns = take_turns(bench, findings, Dialect::Social, room::CROWD, &room::work())?;
    add(findings, &FULL, &turns);
    findings.add(Figure::median(
        "dialects",
        "social room of 1,000, full, deliveries",
        Unit::PerSecond,
        compare::each(&turns.dialect, Report::delivered_per_second),
    ));
    Ok(())
}

fn add(findings: &mut Findings, names: &Names, turns: &Turns) {
    let Turns { dialect, native } = turns;
    let (rate, cpu) = (Report::acknowledged_per_second, Report::cpu_per_message);
    let mut add = |name, unit, samples| findings.add(Figure::median("dialects", name, unit, samples));
    add(names.messages, Unit::PerSecond, compare::each(dialect, rate));
    add(names.native, Unit::PerSecond, compare::each(native, rate));
    add(names.cpu, Unit::Microseconds, compare::each(dialect, cpu));
    add(names.native_cpu, Unit::Microseconds, compare::each(native, cpu));
    add(names.cpu_ratio, Unit::Ratio, turns.ratios(cpu));
}

/// The same work in a dialect and natively, as often as the run asks for.
fn take_turns(
    bench: &Bench,
    findings: &mut Findings,
    dialect: Dialect,
    crowd: Crowd,
    work: &Work,
) -> anyhow::Result<Turns> {
    let mut turns = Turns {
        dialect: Vec::new(),
        native: Vec::new(),
    };
    for _ in 0..bench.pairs() {
        let report = spoken(bench, dialect, crowd, work)?;
        findings.check("dialects", dialect.name(), &report);
        turns.dialect.push(report);
        let report = compare::native(bench, crowd, &[], work)?;
        findings.check("dialects", "native", &report);
        turns.native.push(report);
    }
    Ok(turns)
}

/// One sample in a dialect, on a fresh file.
fn spoken(bench: &Bench, dialect: Dialect, crowd: Crowd, work: &Work) -> anyhow::Result<Report> {
    let directory = bench.directory()?;
    let server = Native::start(bench, &directory.path().join("data"))?;
    let app = server.admin.create_app("bench")?;
    let sessions = populate(&server.admin, &app, crowd)?;
    dialect.set_up(bench, &server.admin, &app)?;
    let sessions = dialect.sessions(&server.admin, &app, sessions)?;
    let report = bench.load(&server.plan_in(dialect.protocol(), bench, sessions, work.clone()))?;
    server.stop()?;
    Ok(report)
}
