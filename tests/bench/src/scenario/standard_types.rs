//! A kind that a plugin owns: CPU time that checking an image adds to a message, beside a text in the same app.

use crate::{
    figures::{
        figure::{Figure, Unit},
        statistics::median,
    },
    load::plan::{Kind, Nonces},
    scenario::{Bench, Findings, compare, direct, steady},
};

pub fn run(bench: &Bench, findings: &mut Findings) -> anyhow::Result<()> {
    let plugins = [bench.plugin("standard-types", "")?];
    let (mut texts, mut images, mut rate) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bench.pairs() {
        for (kind, samples) in [(Kind::Text, &mut texts), (Kind::Image, &mut images)] {
            let report = compare::native(bench, direct::CROWD, &plugins, &steady::work(kind))?;
            findings.check("standard-types", "switchboard", &report);
            samples.push(report.cpu_per_message());
        }
        let full = direct::saturating(Kind::Image, Nonces::TimeOrdered);
        let report = compare::native(bench, direct::CROWD, &plugins, &full)?;
        findings.check("standard-types", "switchboard", &report);
        rate.push(report.acknowledged_per_second());
    }
    let base = median(&texts);
    let added = images.iter().map(|image| image - base).collect();
    let mut add = |name, unit, samples| findings.add(Figure::median("standard-types", name, unit, samples));
    add("CPU per message, text", Unit::Microseconds, texts);
    add("added by an image", Unit::Microseconds, added);
    add("images", Unit::PerSecond, rate);
    Ok(())
}
