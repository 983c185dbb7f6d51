//! `plugin test`: plays a plugin's own stories, without a server.

use std::path::{Path, PathBuf};
use tokio::time::Instant;

use anyhow::{Context as _, bail};

use super::project::{Pace, Project};
use crate::cli::print::{self, clean};
use crate::rehearsal::{Played, Story, Troupe, play};

/// `test`.
#[derive(Debug, clap::Args)]
pub struct Test {
    /// The plugin's folder.
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Play only stories with this in their names.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Play with this component instead of building the folder's.
    #[arg(long, value_name = "FILE")]
    component: Option<PathBuf>,
}

impl Test {
    /// Plays them; fails if one is not as expected.
    pub fn run(self) -> anyhow::Result<()> {
        let project = Project::open(&self.folder)?;
        let file = match &self.component {
            Some(file) => file.clone(),
            None => {
                let built = project.build(Pace::Thorough)?;
                eprintln!("built {}", built.told());
                built.file
            }
        };
        let component = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let troupe = Troupe {
            name: project.name.clone(),
            component,
            artifacts: project.artifacts(),
        };
        let stories = self.stories(&project.root.join("tests"))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let mut failed = 0;
        for file in &stories {
            let begun = Instant::now();
            let name = file.strip_prefix(&self.folder).unwrap_or(file).display().to_string();
            let story = Story::read(file)?;
            let played = runtime.block_on(play(&story, &troupe)).with_context(|| name.clone())?;
            failed += usize::from(played.failed.is_some());
            print::line(&told(&name, &played, begun.elapsed().as_secs_f64()))?;
        }
        if failed > 0 {
            bail!("{failed} of {} stories failed", stories.len());
        }
        Ok(())
    }

    fn stories(&self, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
        let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
        let mut stories: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|ending| ending == "toml" || ending == "json")
            })
            .filter(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                self.only.as_ref().is_none_or(|part| name.contains(part.as_str()))
            })
            .collect();
        stories.sort();
        if stories.is_empty() {
            bail!("{} has no stories (*.toml, *.json) to play", folder.display());
        }
        Ok(stories)
    }
}

fn told(name: &str, played: &Played, seconds: f64) -> String {
    let Some((at, what, found, lines)) = &played.failed else {
        return format!("ok      {name} ({} steps, {seconds:.1} s)", played.steps);
    };
    let mut text = format!("FAILED  {name}, step {at} ({what})");
    for mismatch in found {
        for line in mismatch.to_string().lines() {
            text.push_str(&format!("\n        {}", clean(line)));
        }
    }
    if !lines.is_empty() {
        text.push_str("\n        the plugin's log in this step:");
    }
    for line in lines.iter().flat_map(|line| line.text.lines()) {
        text.push_str(&format!("\n          {}", clean(line)));
    }
    text
}
