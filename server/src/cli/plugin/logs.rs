//! A plugin's log, and what is added to it.

use std::time::Duration;

use serde_json::Value;

use super::path;
use crate::cli::client::{Access, Call};
use crate::cli::print::{self, clean, word};
use crate::model::{AppId, PluginName};

/// How often a followed log is asked for more.
const PAUSE: Duration = Duration::from_secs(1);
/// Lines that one answer may have.
const PAGE: usize = 1000;

/// `logs`.
#[derive(Debug, clap::Args)]
pub struct Logs {
    app: AppId,
    name: PluginName,
    /// Go on with what is added, until interrupted.
    #[arg(long, short)]
    follow: bool,
}

impl Logs {
    /// Prints all lines, oldest first.
    pub fn run(self, access: &Access) -> anyhow::Result<()> {
        let mut after = 0;
        loop {
            let path = format!("{}/logs?after={after}&limit={PAGE}", path(self.app, &self.name));
            let answer = access.call(Call::new("GET", path))?;
            let lines = print::items(&answer, "lines");
            for line in lines {
                print::line(&if access.json { line.to_string() } else { text(line) })?;
            }
            after = lines.last().and_then(|line| line["id"].as_u64()).unwrap_or(after);
            if lines.len() < PAGE {
                if !self.follow {
                    return Ok(());
                }
                std::thread::sleep(PAUSE);
            }
        }
    }
}

fn text(line: &Value) -> String {
    let at = print::time(&line["at"]);
    clean(&format!(
        "{at} {:<5} {}  {}",
        word(&line["level"]),
        word(&line["call"]),
        word(&line["text"])
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_is_one_line() {
        let line = json!({"id": 1, "at": 0, "level": "warn", "call": "c1", "text": "a\nb\u{1b}[31m"});
        assert_eq!(text(&line), "1970-01-01T00:00:00.000Z warn  c1  a\\nb\\u{1b}[31m");
    }
}
