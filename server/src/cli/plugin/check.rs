//! `plugin check`: what a component is, found out as a server would, without one.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::{Map, Value, json};

use super::project::{Pace, Project};
use crate::cli::print::{self, word};
use crate::model::{Capability, Hook, Millis};
use crate::plugin_host::{CONTRACT, Inspection};
use crate::rehearsal::Stage;

/// `check`.
#[derive(Debug, clap::Args)]
pub struct Check {
    /// A component, or a plugin's folder, which is built first.
    #[arg(default_value = ".")]
    what: PathBuf,
}

impl Check {
    /// Shows what the component is; fails if no server would install it.
    pub fn run(self, as_json: bool) -> anyhow::Result<()> {
        let (file, artifacts, _folder) = if self.what.is_dir() {
            let project = Project::open(&self.what)?;
            let built = project.build(Pace::Thorough)?;
            (built.file, project.artifacts(), None)
        } else {
            let folder = tempfile::tempdir()?;
            (self.what, folder.path().join("artifacts"), Some(folder))
        };
        let component = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let size = component.len();
        let found = inspect(&artifacts, component)?;
        if as_json {
            return print::json(&answer(&found, size));
        }
        print::line(&text(&found, size))
    }
}

fn inspect(artifacts: &Path, component: Vec<u8>) -> anyhow::Result<Inspection> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let stage = Stage::open(artifacts, &Map::new(), Millis(0)).await?;
        let found = stage.inspect(component).await;
        stage.close().await;
        found
    })
}

/// What a server would answer, as far as it can be known here.
fn answer(found: &Inspection, size: usize) -> Value {
    json!({
        "contract": CONTRACT,
        "size": size,
        "digest": found.digest.0,
        "summary": found.summary,
        "version": found.version,
        "hooks": found.hooks.iter().copied().map(Hook::as_str).collect::<Vec<_>>(),
        "capabilities": found.capabilities.iter().copied().map(Capability::as_str).collect::<Vec<_>>(),
        "kinds": found.kinds.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(),
        "hears": found.observer.as_ref().map(|interest| interest.events.iter().map(|kind| kind.as_str()).collect::<Vec<_>>()),
        "config_schema": found.config_schema.as_ref().and_then(|schema| serde_json::from_str::<Value>(schema.as_str()).ok()),
    })
}

fn text(found: &Inspection, size: usize) -> String {
    let answer = answer(found, size);
    let mut fields: Vec<(&str, String)> = [
        ("summary", "summary"),
        ("version", "version"),
        ("contract", "contract"),
        ("does", "hooks"),
        ("wants", "capabilities"),
        ("kinds", "kinds"),
        ("hears", "hears"),
        ("config schema", "config_schema"),
        ("digest", "digest"),
    ]
    .into_iter()
    .map(|(label, key)| (label, word(&answer[key])))
    .collect();
    fields.push(("size", format!("{} KiB", size.div_ceil(1024))));
    print::fields(&fields)
}
