//! Hot swap: a policy is replaced again and again while direct messages run at full load through it. Every replacement
//! is a component of its own (a custom section makes its digest differ), so that each one is compiled and admitted.

use std::{
    ops::RangeInclusive,
    thread,
    time::{Duration, Instant},
};

use crate::{
    figures::{
        figure::{Figure, Unit},
        statistics::median,
    },
    load::{
        child::Load,
        plan::{Kind, Nonces},
        report::Report,
    },
    scenario::{Bench, Findings, direct},
    server::{Install, Native, populate},
};

/// Load before the first swap.
const BEFORE: Duration = Duration::from_secs(5);
/// From the end of one swap to the beginning of the next.
const BETWEEN: Duration = Duration::from_millis(1_500);
/// Load after the last swap.
const AFTER: Duration = Duration::from_secs(2);
/// After the swaps that are timed: so many more between two components that are known, one right after the other.
const AT_ONCE: u32 = 1_000;
const AT_MOST_MS: u64 = 10 * 60 * 1000;

pub fn run(bench: &Bench, findings: &mut Findings) -> anyhow::Result<()> {
    let policy = bench.guest("noop_policy", "")?;
    let directory = bench.directory()?;
    let server = Native::start(bench, &directory.path().join("data"))?;
    let app = server.admin.create_app("bench")?;
    let sessions = populate(&server.admin, &app, direct::CROWD)?;
    server.admin.install(&app, &policy)?;

    let mut plan = server.plan(bench, sessions, direct::saturating(Kind::Text, Nonces::TimeOrdered));
    plan.measure_ms = AT_MOST_MS;
    let load = Load::start(&plan, &bench.load_cores)?;
    let began = Instant::now();
    thread::sleep(BEFORE);
    let (mut swaps, mut failed) = (Vec::new(), 0_u32);
    for number in 0..bench.full_or_quick(20, 5) {
        let from = began.elapsed().as_secs() as usize;
        let next = Install {
            component: variant(&policy.component, number),
            ..policy.clone()
        };
        if let Err(error) = server.admin.install(&app, &next) {
            failed += 1;
            findings.notes.push(format!("hot-swap: swap {number}: {error:#}"));
        }
        swaps.push(from..=began.elapsed().as_secs() as usize);
        thread::sleep(BETWEEN);
    }
    let at_once = bench.full_or_quick(AT_ONCE, 10);
    for number in 0..at_once {
        let known = Install {
            component: variant(&policy.component, number % 2),
            ..policy.clone()
        };
        if let Err(error) = server.admin.install(&app, &known) {
            failed += 1;
            findings.notes.push(format!("hot-swap: swap back {number}: {error:#}"));
        }
    }
    thread::sleep(AFTER);
    let report = load.stop()?;
    server.stop()?;
    findings.check("hot-swap", "switchboard", &report);
    findings.add(Figure::single(
        "hot-swap",
        "swaps at once",
        Unit::Count,
        f64::from(at_once),
    ));
    judge(&report, &swaps, failed, findings);
    Ok(())
}

fn judge(report: &Report, swaps: &[RangeInclusive<usize>], failed_swaps: u32, findings: &mut Findings) {
    let totals = report.totals;
    let failed = totals.refused + totals.closed + report.unanswered() + u64::from(failed_swaps);
    let milliseconds = |second: usize| report.by_second.get(second).map(|latency| f64::from(latency.p99) / 1e3);
    let before: Vec<f64> = (0..BEFORE.as_secs() as usize).filter_map(milliseconds).collect();
    let base = median(&before);
    let mut touched: Vec<usize> = swaps.iter().cloned().flatten().collect();
    touched.dedup();
    let during: Vec<f64> = touched.into_iter().filter_map(milliseconds).collect();
    let ratios: Vec<f64> = during.iter().map(|p99| p99 / base).collect();
    let worst = ratios.iter().copied().fold(0.0, f64::max);
    let single = |name, unit, value| Figure::single("hot-swap", name, unit, value);
    findings.add(single("swaps", Unit::Count, swaps.len() as f64));
    findings.add(single("failed", Unit::Count, failed as f64));
    findings.add(single("lost", Unit::Count, report.lost as f64));
    findings.add(Figure::median("hot-swap", "p99 before", Unit::Milliseconds, before));
    findings.add(Figure::median(
        "hot-swap",
        "p99 in seconds of a swap",
        Unit::Milliseconds,
        during,
    ));
    findings.add(Figure::median(
        "hot-swap",
        "p99 in seconds of a swap, ratio",
        Unit::Ratio,
        ratios,
    ));
    findings.add(single("p99 in the worst such second, ratio", Unit::Ratio, worst));
}

/// The same component with a custom section behind it: another digest, the same behaviour.
pub fn variant(component: &[u8], number: u32) -> Vec<u8> {
    const NAME: &[u8] = b"bench-variant";
    let content = number.to_be_bytes();
    let mut out = component.to_vec();
    // Section id 0, the section's size, the size of its name; all sizes are below 128 and so one byte each.
    out.extend([0, (1 + NAME.len() + content.len()) as u8, NAME.len() as u8]);
    out.extend(NAME);
    out.extend(content);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::report::{Counts, Latency};

    #[test]
    fn variants_differ_only_behind_the_component() {
        let (first, second) = (variant(b"wasm", 1), variant(b"wasm", 2));
        assert_ne!(first, second);
        assert!(first.starts_with(b"wasm"));
        assert_eq!(first[4], 0);
        assert_eq!(usize::from(first[5]), first.len() - 6);
    }

    #[test]
    fn seconds_of_swaps_are_set_against_those_before() {
        let second = |p99| Latency {
            count: 1,
            p50: 1,
            p99,
            longest: p99,
        };
        let mut by_second = vec![second(10_000); 5];
        by_second.extend([second(15_000), second(10_000), second(30_000)]);
        let totals = Counts {
            sent: 11,
            acknowledged: 10,
            ..Counts::default()
        };
        let report = Report {
            totals,
            by_second,
            lost: 2,
            ..Report::default()
        };
        let mut findings = Findings::default();
        judge(&report, &[5..=5, 7..=7], 0, &mut findings);
        let value = |name| {
            findings
                .figures
                .iter()
                .find(|figure| figure.name == name)
                .unwrap()
                .value
        };
        assert!((value("p99 in seconds of a swap, ratio") - 2.25).abs() < 1e-9);
        assert!((value("p99 in the worst such second, ratio") - 3.0).abs() < 1e-9);
        assert!((value("failed") - 1.0).abs() < 1e-9);
        assert!((value("lost") - 2.0).abs() < 1e-9);
    }
}
