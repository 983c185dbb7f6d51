//! `plugin dev`: a plugin that follows its files: built, installed and its log shown, again with every change. What does not
//! build or is not accepted is told, and what runs goes on.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use tokio::time::Instant;

use anyhow::Context as _;
use notify::{RecursiveMode, Watcher as _};
use serde_json::Value;

use super::project::{Pace, Project};
use super::{Grants, config, path};
use crate::cli::client::{Access, Call, Failure, part};
use crate::cli::print::{self, clean, word};
use crate::model::{AppId, Capability, PluginName};

/// How often the log is asked for more.
const LOOK: Duration = Duration::from_millis(300);
/// After a change: more that are saved together come within this time.
const CALM: Duration = Duration::from_millis(80);
/// Lines of the log that are asked for at once.
const PAGE: usize = 1000;

/// `dev`.
#[derive(Debug, clap::Args)]
pub struct Dev {
    /// The plugin's folder.
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// The app it runs in.
    #[arg(long)]
    app: AppId,
    /// Its name in the app; the project's if not given.
    #[arg(long)]
    name: Option<PluginName>,
    /// What it may use: all, or names with commas between. All if not given.
    #[arg(long)]
    grants: Option<Grants>,
    /// Its configuration; in an upgrade as before if not given.
    #[arg(long, value_name = "JSON|@FILE", value_parser = config)]
    config: Option<Value>,
}

impl Dev {
    /// Goes on until it is interrupted.
    pub fn run(self, access: &Access) -> anyhow::Result<()> {
        let folder = std::path::absolute(&self.folder)?;
        let project = Project::open(&folder)?;
        let name = self.name.clone().unwrap_or_else(|| project.name.clone());
        let (_watcher, changes) = watch(&project)?;
        let mut workshop = Workshop {
            tail: Tail::new(access, self.app, &name)?,
            access,
            dev: &self,
            project: &project,
            name: &name,
        };
        workshop.renew(Instant::now());
        workshop.say(Tone::Plain, "waiting for changes; end with Ctrl-C");
        loop {
            match changes.recv_timeout(LOOK) {
                Ok(()) => {
                    let begun = Instant::now();
                    while changes.recv_timeout(CALM).is_ok() {}
                    // What is saved while this builds rings again: what the build itself touches is no part of the plugin.
                    workshop.renew(begun);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => anyhow::bail!("the folder is not watched any more"),
            }
            workshop.tail.show()?;
        }
    }

    fn install(&self, access: &Access, name: &PluginName, component: Vec<u8>) -> anyhow::Result<Value> {
        let all = || Grants(Capability::ALL.to_vec());
        let grants = self.grants.clone().unwrap_or_else(all).names().join(",");
        let (name, grants) = (part(name.as_str()), part(&grants));
        let mut call = Call::new(
            "POST",
            format!("/apps/{}/plugins?name={name}&grants={grants}", self.app),
        );
        if let Some(config) = &self.config {
            call = call.header("x-plugin-config", config.to_string());
        }
        access.call(call.component(component))
    }
}

/// What a change goes through.
struct Workshop<'a> {
    access: &'a Access,
    dev: &'a Dev,
    project: &'a Project,
    name: &'a PluginName,
    tail: Tail<'a>,
}

impl Workshop<'_> {
    /// Builds and installs; tells what came of it.
    fn renew(&mut self, begun: Instant) {
        let built = match self.project.build(Pace::Quick) {
            Ok(built) => built,
            Err(error) => return self.say(Tone::Bad, &format!("{error:#}; what runs goes on")),
        };
        let installed = std::fs::read(&built.file)
            .map_err(anyhow::Error::from)
            .and_then(|component| self.dev.install(self.access, self.name, component));
        match installed {
            Ok(answer) => {
                let number = &answer["current"]["number"];
                let text = format!(
                    "live in app {} as {}, version {number}, after {:.1} s (build {:.1} s, {} KiB)",
                    self.dev.app,
                    self.name,
                    begun.elapsed().as_secs_f64(),
                    built.took.as_secs_f64(),
                    built.bytes.div_ceil(1024)
                );
                self.say(Tone::Good, &text);
            }
            Err(error) => self.say(Tone::Bad, &format!("not installed: {error:#}")),
        }
    }

    fn say(&self, tone: Tone, text: &str) {
        eprintln!("{}", self.tail.paint.dye(tone, &clean(text)));
    }
}

/// Rings when a file of the plugin has changed.
fn watch(project: &Project) -> anyhow::Result<(notify::RecommendedWatcher, Receiver<()>)> {
    let (bell, changes) = mpsc::channel();
    let made_of = project.clone();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let Ok(event) = event else { return };
        let looked = matches!(event.kind, notify::EventKind::Access(_));
        if !looked && event.paths.iter().any(|path| made_of.is_made_of(path)) {
            // Nobody listens any more: then it does not matter.
            let _ = bell.send(());
        }
    })?;
    watcher
        .watch(&project.root, RecursiveMode::Recursive)
        .with_context(|| format!("cannot watch {}", project.root.display()))?;
    Ok((watcher, changes))
}

/// How a line is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As any other.
    Plain,
    /// Beside the point.
    Faint,
    /// It went well.
    Good,
    /// Worth a look.
    Odd,
    /// It went wrong.
    Bad,
}

/// Colours, if the reader is a terminal that wants them.
#[derive(Debug, Clone, Copy)]
pub struct Paint(bool);

impl Paint {
    /// For what goes to a terminal or not.
    #[must_use]
    pub fn new(terminal: bool) -> Self {
        Self(terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()))
    }

    /// A line in its colour. It must be clean: what a plugin wrote colours nothing by itself.
    #[must_use]
    pub fn dye(self, tone: Tone, line: &str) -> String {
        let code = match tone {
            _ if !self.0 => return line.to_owned(),
            Tone::Plain => return line.to_owned(),
            Tone::Faint => 2,
            Tone::Good => 32,
            Tone::Odd => 33,
            Tone::Bad => 31,
        };
        format!("\u{1b}[{code}m{line}\u{1b}[0m")
    }
}

/// The end of the plugin's log.
struct Tail<'a> {
    access: &'a Access,
    path: String,
    after: u64,
    paint: Paint,
}

impl<'a> Tail<'a> {
    /// From now on. That nobody answers, or no token is there, is told at once.
    fn new(access: &'a Access, app: AppId, name: &PluginName) -> anyhow::Result<Self> {
        let mut tail = Self {
            access,
            path: path(app, name),
            after: 0,
            paint: Paint::new(std::io::stdout().is_terminal()),
        };
        loop {
            let lines = match tail.more() {
                Ok(lines) => lines,
                // It is not installed yet.
                Err(error) if is_refused(&error, "not_found") => break,
                Err(error) => return Err(error),
            };
            if lines.len() < PAGE {
                break;
            }
        }
        Ok(tail)
    }

    fn more(&mut self) -> anyhow::Result<Vec<Value>> {
        let path = format!("{}/logs?after={}&limit={PAGE}", self.path, self.after);
        let answer = self.access.call(Call::new("GET", path))?;
        let lines = print::items(&answer, "lines").to_vec();
        self.after = lines.last().and_then(|line| line["id"].as_u64()).unwrap_or(self.after);
        Ok(lines)
    }

    /// Prints what is new. A server that does not answer now may do so later.
    fn show(&mut self) -> anyhow::Result<()> {
        for line in self.more().unwrap_or_default() {
            let level = word(&line["level"]);
            let tone = match level.as_str() {
                "error" => Tone::Bad,
                "warn" => Tone::Odd,
                "debug" | "trace" => Tone::Faint,
                _ => Tone::Plain,
            };
            // A backtrace has lines of its own.
            for text in word(&line["text"]).lines() {
                print::line(&self.paint.dye(tone, &format!("{level:<5} {}", clean(text))))?;
            }
        }
        Ok(())
    }
}

fn is_refused(error: &anyhow::Error, with: &str) -> bool {
    matches!(error.downcast_ref::<Failure>(), Some(Failure::Refused { code, .. }) if code == with)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_terminals() {
        assert_eq!(Paint(false).dye(Tone::Bad, "x"), "x");
        assert_eq!(Paint(true).dye(Tone::Plain, "x"), "x");
        assert_eq!(Paint(true).dye(Tone::Bad, "x"), "\u{1b}[31mx\u{1b}[0m");
    }
}
