//! Pages of history: a page must cost the same however much is stored. Two servers are filled once through the front
//! door and then asked in turns.

use std::path::PathBuf;

use anyhow::ensure;
use tempfile::TempDir;

use crate::{
    figures::figure::{Figure, Unit},
    load::{
        plan::{Content, Credit, Kind, Nonces, Session, Work},
        report::Report,
    },
    scenario::{Bench, Findings, compare, direct},
    server::{Native, populate},
};

const FEW: u64 = 10_000;
const PAGE: u64 = 50;
/// Connections that ask at the same time.
const READERS: usize = 8;
const FILL_AT_MOST_MS: u64 = 30 * 60 * 1000;

/// A filled data directory.
struct Store {
    data: PathBuf,
    sessions: Vec<Session>,
    _directory: TempDir,
}

pub fn run(bench: &Bench, findings: &mut Findings) -> anyhow::Result<()> {
    let many = bench.full_or_quick(1_000_000, 100_000);
    let stores = [fill(bench, FEW)?, fill(bench, many)?];
    let mut reports = [Vec::new(), Vec::new()];
    for _ in 0..bench.pairs() {
        for (store, reports) in stores.iter().zip(&mut reports) {
            let report = read(bench, store)?;
            findings.check("history", "switchboard", &report);
            reports.push(report);
        }
    }
    let [few, many_reports] = &reports;
    let p50 = |report: &Report| f64::from(report.acknowledgement.p50) / 1e3;
    let ratios = few
        .iter()
        .zip(many_reports)
        .map(|(few, many)| p50(many) / p50(few))
        .collect();
    findings.add(Figure::single("history", "few", Unit::Count, FEW as f64));
    findings.add(Figure::single("history", "many", Unit::Count, many as f64));
    let mut add = |name, unit, samples| findings.add(Figure::median("history", name, unit, samples));
    add(
        "pages, few",
        Unit::PerSecond,
        compare::each(few, Report::acknowledged_per_second),
    );
    add(
        "pages, many",
        Unit::PerSecond,
        compare::each(many_reports, Report::acknowledged_per_second),
    );
    add("p50, few", Unit::Milliseconds, compare::each(few, p50));
    add("p50, many", Unit::Milliseconds, compare::each(many_reports, p50));
    add("p50, many over few", Unit::Ratio, ratios);
    Ok(())
}

fn fill(bench: &Bench, messages: u64) -> anyhow::Result<Store> {
    let directory = bench.directory()?;
    let data = directory.path().join("data");
    let server = Native::start(bench, &data)?;
    let app = server.admin.create_app("bench")?;
    let sessions = populate(&server.admin, &app, direct::CROWD)?;
    let content = Content {
        kind: Kind::Text,
        nonces: Nonces::TimeOrdered,
    };
    let credit = Credit::Acknowledgement;
    let work = Work::Closed {
        in_flight: 16,
        credit,
        content,
        at_most: Some(messages),
    };
    let mut plan = server.plan(bench, sessions.clone(), work);
    plan.warm_up_ms = 0;
    plan.measure_ms = FILL_AT_MOST_MS;
    let totals = bench.load(&plan)?.totals;
    ensure!(
        totals.acknowledged == messages,
        "{} of {messages} messages could be stored",
        totals.acknowledged
    );
    server.stop()?;
    Ok(Store {
        data,
        sessions,
        _directory: directory,
    })
}

fn read(bench: &Bench, store: &Store) -> anyhow::Result<Report> {
    let server = Native::start(bench, &store.data)?;
    // Every second session: the first user of a conversation each.
    let readers = store.sessions.iter().step_by(2).take(READERS).cloned().collect();
    let report = bench.load(&server.plan(bench, readers, Work::Pages { limit: PAGE }))?;
    server.stop()?;
    Ok(report)
}
