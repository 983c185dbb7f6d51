//! The benchmark: Switchboard beside a bare reference server, as ratios measured in one run.
//!
//! Code map, in the order of the flow: `arguments` (what to measure) → `scenario` (one file per question asked) →
//! `server` (starts the server under test and fills it through its public interfaces) → `load` (a process of its own
//! that speaks to it) → `figures` (medians, targets, the table). `machine` knows cores, files and `/proc`.
//! `reference/` is the bare server, a program of its own.
//!
//! Invariant: server and load are separate processes on separate cores, every sample of a comparison starts on a fresh
//! file, and the two sides of a comparison take turns.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the real clock")]

mod arguments;
mod figures;
mod load;
mod machine;
mod scenario;
mod server;

use std::fs;

use anyhow::Context;
use clap::Parser;

use arguments::{Arguments, Role};
use figures::table::{self, Results};
use machine::{cores, files};
use scenario::{Bench, Findings};

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    match arguments.role {
        Some(Role::Load) => load::main(),
        Some(Role::List) => {
            scenario::ALL
                .iter()
                .for_each(|scenario| println!("{:<16} {}", scenario.name, scenario.about));
            Ok(())
        }
        None => measure(arguments),
    }
}

fn measure(arguments: Arguments) -> anyhow::Result<()> {
    let chosen = scenario::choose(&arguments.scenario)?;
    let open_files = files::raise_limit()?;
    let (server_cores, load_cores) = cores::halves()?;
    let machine = format!(
        "server on {}, load on {}, {open_files} open files",
        server_cores.describe(),
        load_cores.describe()
    );
    println!("{machine}\n");
    let json = arguments.json.clone();
    let bench = Bench::new(arguments, server_cores, load_cores, open_files)?;
    let mut findings = Findings::default();
    let mut unmeasured = 0;
    for scenario in chosen {
        eprintln!("{}: {}", scenario.name, scenario.about);
        let first = findings.figures.len();
        match (scenario.run)(&bench, &mut findings) {
            Ok(()) => findings.check_targets(scenario.name),
            Err(error) => {
                findings
                    .notes
                    .push(format!("{}: not measured: {error:#}", scenario.name));
                unmeasured += 1;
            }
        }
        if findings.figures.len() > first {
            println!("{}", table::text(&findings.figures[first..]));
        }
    }
    let Findings { figures, notes } = findings;
    notes.iter().for_each(|note| println!("! {note}"));
    if let Some(file) = json {
        let results = Results {
            machine,
            pairs: bench.pairs(),
            figures,
            notes,
        };
        fs::write(&file, table::json(&results)?).with_context(|| format!("writing {}", file.display()))?;
    }
    anyhow::ensure!(unmeasured == 0, "{unmeasured} scenarios could not be measured");
    Ok(())
}
