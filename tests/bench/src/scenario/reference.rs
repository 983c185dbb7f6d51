//! The bare server alone: what this machine allows, and whether the benchmark itself is in order.

use crate::{
    figures::figure::{Figure, Unit},
    load::{
        plan::{Kind, Nonces, Work},
        report::Report,
    },
    scenario::{Bench, Findings, compare, direct, idle, room, steady},
    server::Crowd,
};

pub fn run(bench: &Bench, findings: &mut Findings) -> anyhow::Result<()> {
    let mut sample = |crowd, work: &Work| -> anyhow::Result<Vec<Report>> {
        let reports: Vec<_> = (0..bench.pairs())
            .map(|_| compare::reference(bench, crowd, work))
            .collect::<Result<_, _>>()?;
        reports
            .iter()
            .for_each(|report| findings.check("reference", "reference", report));
        Ok(reports)
    };
    let random = sample(direct::CROWD, &direct::saturating(Kind::Text, Nonces::Random))?;
    let ordered = sample(direct::CROWD, &direct::saturating(Kind::Text, Nonces::TimeOrdered))?;
    let steady = sample(direct::CROWD, &steady::work(Kind::Text))?;
    let room = sample(room::CROWD, &room::work())?;
    let connections = idle::connections(bench);
    let idle = sample(Crowd::Strangers(connections), &Work::Idle)?;

    let mut add = |name, unit, samples| findings.add(Figure::median("reference", name, unit, samples));
    let p50 = |report: &Report| f64::from(report.acknowledgement.p50) / 1e3;
    let p99 = |report: &Report| f64::from(report.acknowledgement.p99) / 1e3;
    for (reports, names) in [
        (&random, ["random nonces", "random nonces, p50", "random nonces, p99"]),
        (
            &ordered,
            [
                "time-ordered nonces",
                "time-ordered nonces, p50",
                "time-ordered nonces, p99",
            ],
        ),
        (&steady, ["steady", "steady, p50", "steady, p99"]),
    ] {
        add(
            names[0],
            Unit::PerSecond,
            compare::each(reports, Report::acknowledged_per_second),
        );
        add(names[1], Unit::Milliseconds, compare::each(reports, p50));
        add(names[2], Unit::Milliseconds, compare::each(reports, p99));
    }
    let delivery_p50 = |report: &Report| f64::from(report.delivery.p50) / 1e3;
    add(
        "room, deliveries",
        Unit::PerSecond,
        compare::each(&room, Report::delivered_per_second),
    );
    add(
        "room, delivery p50",
        Unit::Milliseconds,
        compare::each(&room, delivery_p50),
    );
    let each = |report: &Report| idle::per_connection(report, connections);
    add("memory per connection", Unit::KibiBytes, compare::each(&idle, each));
    Ok(())
}
