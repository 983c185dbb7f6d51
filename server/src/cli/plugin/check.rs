//! `plugin check`: what a component is, found out as a server would, without one.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::{Map, Value};

use super::project::{Pace, Project};
use super::show;
use crate::cli::print;
use crate::gateway::admin::inspection::Inspection;
use crate::model::Millis;
use crate::plugin_host::{self, CONTRACT};
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
        let answer = answer(&found, size)?;
        if as_json {
            return print::json(&answer);
        }
        print::line(&show::component(&answer))
    }
}

fn inspect(artifacts: &Path, component: Vec<u8>) -> anyhow::Result<plugin_host::Inspection> {
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

/// What a server would answer, and the contract it would hold the component to.
fn answer(found: &plugin_host::Inspection, size: usize) -> anyhow::Result<Value> {
    let mut answer = serde_json::to_value(Inspection::of(found, Some(size)))?;
    answer["contract"] = CONTRACT.into();
    Ok(answer)
}
