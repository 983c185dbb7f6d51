//! The driver's side of a load process.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context, bail};

use super::{
    plan::Plan,
    report::{Line, Report},
};
use crate::machine::cores::{self, Cores};

/// A load process under way.
pub struct Load {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Load {
    /// Starts the process on its cores and waits until it counts.
    pub fn start(plan: &Plan, on: &Cores) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("load").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = cores::pinned(on, || command.spawn()).context("the load process")?;
        let (input, output) = (
            process.stdin.take(),
            process.stdout.take().context("no standard output")?,
        );
        let mut load = Self {
            process,
            input,
            output: BufReader::new(output),
        };
        let input = load.input.as_mut().context("no standard input")?;
        writeln!(input, "{}", serde_json::to_string(plan)?)?;
        input.flush()?;
        match load.line()? {
            Line::Measuring => Ok(load),
            Line::Report(_) => bail!("the load has ended before it began"),
        }
    }

    /// Ends the counted window now and waits for the report.
    pub fn stop(mut self) -> anyhow::Result<Report> {
        self.input = None;
        self.report()
    }

    /// Waits for the report.
    pub fn finish(mut self) -> anyhow::Result<Report> {
        self.report()
    }

    fn report(&mut self) -> anyhow::Result<Report> {
        match self.line()? {
            Line::Report(report) => Ok(*report),
            Line::Measuring => bail!("two beginnings of one run"),
        }
    }

    fn line(&mut self) -> anyhow::Result<Line> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            bail!("the load process has failed: {}", self.process.wait()?);
        }
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        // It has ended by itself unless something went wrong before; both calls then only tidy up.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
