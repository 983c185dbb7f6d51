//! Policy plugins on the way of every message: CPU time they add.

use crate::{
    figures::{
        figure::{Figure, Unit},
        statistics::median,
    },
    load::plan::{Kind, Nonces},
    scenario::{Bench, Findings, compare, direct, steady},
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
    let (steady, full) = (
        steady::work(Kind::Text),
        direct::saturating(Kind::Text, Nonces::TimeOrdered),
    );
    let plugins = policies(bench, 3)?;
    let (mut cpu, mut rate) = ([const { Vec::new() }; 3], [const { Vec::new() }; 3]);
    for _ in 0..bench.pairs() {
        for (place, count) in [0, 1, 3].into_iter().enumerate() {
            let report = compare::native(bench, direct::CROWD, &plugins[..count], &steady)?;
            findings.check("policy", "switchboard", &report);
            cpu[place].push(report.cpu_per_message());
            let report = compare::native(bench, direct::CROWD, &plugins[..count], &full)?;
            findings.check("policy", "switchboard", &report);
            rate[place].push(report.acknowledged_per_second());
        }
    }
    let [none, one, three] = cpu;
    let base = median(&none);
    let added = |samples: Vec<f64>| samples.into_iter().map(|sample| sample - base).collect();
    let mut add = |name, unit, samples| findings.add(Figure::median("policy", name, unit, samples));
    add("CPU per message, no policy", Unit::Microseconds, none);
    add("added by 1 policy", Unit::Microseconds, added(one));
    add("added by 3 policies", Unit::Microseconds, added(three));
    let [none, one, three] = rate;
    add("messages, no policy", Unit::PerSecond, none);
    add("messages, 1 policy", Unit::PerSecond, one);
    add("messages, 3 policies", Unit::PerSecond, three);
    Ok(())
}
