//! `plugin build`: a project becomes a component.

use std::path::PathBuf;

use super::project::{Pace, Project};
use crate::cli::print;

/// `build`.
#[derive(Debug, clap::Args)]
pub struct Build {
    /// The plugin's folder.
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Build quickly instead of small.
    #[arg(long)]
    quick: bool,
}

impl Build {
    /// Builds it.
    pub fn run(self) -> anyhow::Result<()> {
        let pace = if self.quick { Pace::Quick } else { Pace::Thorough };
        let built = Project::open(&self.folder)?.build(pace)?;
        print::line(&built.told())
    }
}
