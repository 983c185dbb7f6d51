//! Cold start: from the start of the process to ready, with many installs whose artifacts are in the cache, and what an
//! install that nobody calls keeps in memory.

use std::{thread, time::Duration};

use crate::{
    figures::{
        figure::{Figure, Unit},
        statistics::median,
    },
    scenario::{Bench, Findings},
    server::{Native, in_parallel},
};

/// 3 installs each.
const APPS: usize = 100;
/// 1,002 installs.
const MANY_APPS: usize = 334;
const INSTALLS: usize = 3;
/// After a start: what is done in the background has been done.
const SETTLE: Duration = Duration::from_secs(2);

/// Seconds to ready, and resident bytes after settling; one of each per start.
#[derive(Default)]
struct Starts {
    seconds: Vec<f64>,
    resident: Vec<f64>,
}

pub fn run(bench: &Bench, findings: &mut Findings) -> anyhow::Result<()> {
    let none = starts(bench, 0)?;
    let some = starts(bench, APPS)?;
    let many = starts(bench, MANY_APPS)?;
    let empty = median(&none.resident);
    let kibibytes = |resident: &f64| (resident - empty) / 1024.0 / (MANY_APPS * INSTALLS) as f64;
    let each = many.resident.iter().map(kibibytes).collect();
    let mut add = |name, unit, samples| findings.add(Figure::median("cold-start", name, unit, samples));
    add("no installs, to ready", Unit::Seconds, none.seconds);
    add("300 installs, to ready", Unit::Seconds, some.seconds);
    add("1,000 installs, to ready", Unit::Seconds, many.seconds);
    add("memory per idle install", Unit::KibiBytes, each);
    Ok(())
}

/// Fills a server, stops it, and starts it again as often as the run asks for.
fn starts(bench: &Bench, apps: usize) -> anyhow::Result<Starts> {
    let plugins = [
        bench.guest("noop_policy", "")?,
        bench.guest("echo_observer", "messages-send")?,
        bench.plugin("standard-types", "")?,
    ];
    let directory = bench.directory()?;
    let data = directory.path().join("data");
    let server = Native::start(bench, &data)?;
    in_parallel(apps, |number| {
        let app = server.admin.create_app(&format!("tenant {number}"))?;
        plugins.iter().try_for_each(|plugin| server.admin.install(&app, plugin))
    })?;
    server.stop()?;
    let mut starts = Starts::default();
    for _ in 0..bench.pairs() {
        let server = Native::start(bench, &data)?;
        starts.seconds.push(server.ready_after().as_secs_f64());
        thread::sleep(SETTLE);
        starts.resident.push(server.resident_bytes()? as f64);
        server.stop()?;
    }
    Ok(starts)
}
