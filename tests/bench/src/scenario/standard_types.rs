//! A kind that a plugin owns: CPU time that checking an image adds to a message, beside a text in the same app.

use crate::{
    figures::{
        figure::{Figure, Unit},
        statistics::median,
    },
    load::{
        plan::{Kind, Nonces},
        report::Report,
    },
    scenario::{Bench, Findings, compare, direct},
};

pub fn run(bench: &Bench, findings: &mut Findings) -> anyhow::Result<()> {
    let plugins = [bench.plugin("standard-types", "")?];
    let (mut texts, mut images) = (Vec::new(), Vec::new());
    for _ in 0..bench.pairs() {
        for (kind, samples) in [(Kind::Text, &mut texts), (Kind::Image, &mut images)] {
            let work = direct::saturating(kind, Nonces::TimeOrdered);
            let report = compare::native(bench, direct::CROWD, &plugins, &work)?;
            findings.check("standard-types", "switchboard", &report);
            samples.push(report);
        }
    }
    let text_cpu = compare::each(&texts, Report::cpu_per_message);
    let base = median(&text_cpu);
    let added = compare::each(&images, |report| report.cpu_per_message() - base);
    let mut add = |name, unit, samples| findings.add(Figure::median("standard-types", name, unit, samples));
    add("CPU per message, text", Unit::Microseconds, text_cpu);
    add("added by an image", Unit::Microseconds, added);
    add(
        "images",
        Unit::PerSecond,
        compare::each(&images, Report::acknowledged_per_second),
    );
    Ok(())
}
