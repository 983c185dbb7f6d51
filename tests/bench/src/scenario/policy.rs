//! Policy plugins on the way of every message: CPU time they add.

use crate::{
    figures::{
        figure::{Figure, Unit},
        statistics::median,
    },
    load::plan::{Kind, Nonces},
    scenario::{Bench, Findings, compare, direct},
    server::Install,
};

/// The same policy under so many names.
pub fn policies(bench: &Bench, count: usize) -> anyhow::Result<Vec<Install>> {
    let guest = bench.guest("noop_policy", "")?;
    Ok((1..=count)
        .map(|number| guest.named(format!("noop-{number}")))
        .collect())
}

pub fn run(bench: &Bench, findings: &mut Findings) -> anyhow::Result<()> {
    let work = direct::saturating(Kind::Text, Nonces::TimeOrdered);
    let plugins = policies(bench, 3)?;
    let (mut none, mut one, mut three) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bench.pairs() {
        for (count, samples) in [(0, &mut none), (1, &mut one), (3, &mut three)] {
            let report = compare::native(bench, direct::CROWD, &plugins[..count], &work)?;
            findings.check("policy", "switchboard", &report);
            samples.push(report);
        }
    }
    let cpu = |reports: &[_]| compare::each(reports, crate::load::report::Report::cpu_per_message);
    let base = median(&cpu(&none));
    let added = |reports: &[_]| cpu(reports).iter().map(|sample| sample - base).collect();
    let mut add = |name, unit, samples| findings.add(Figure::median("policy", name, unit, samples));
    add("CPU per message, no policy", Unit::Microseconds, cpu(&none));
    add("added by 1 policy", Unit::Microseconds, added(&one));
    add("added by 3 policies", Unit::Microseconds, added(&three));
    let rate = |reports: &[_]| compare::each(reports, crate::load::report::Report::acknowledged_per_second);
    add("messages, no policy", Unit::PerSecond, rate(&none));
    add("messages, 1 policy", Unit::PerSecond, rate(&one));
    add("messages, 3 policies", Unit::PerSecond, rate(&three));
    Ok(())
}
