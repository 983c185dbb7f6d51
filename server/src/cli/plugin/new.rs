//! `plugin new`: a project that builds as it is.

use std::path::PathBuf;

use anyhow::bail;

use super::scaffold::{self, HookTemplate, Language};
use crate::cli::print;
use crate::model::PluginName;

/// `new`.
#[derive(Debug, clap::Args)]
pub struct New {
    /// Its name: a folder of this name is made.
    name: PluginName,
    /// What it is written in.
    #[arg(long)]
    lang: Language,
    /// What it does; may name several with commas between.
    #[arg(long = "hook", value_delimiter = ',', default_value = "observer")]
    hooks: Vec<HookTemplate>,
    /// Where to make the folder.
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
}

impl New {
    /// Makes it.
    pub fn run(self) -> anyhow::Result<()> {
        let name = self.name.as_str();
        let starts_well = name.starts_with(|c: char| c.is_ascii_lowercase());
        if !starts_well || name.contains('.') {
            bail!("a new plugin's name begins with a letter and has letters, digits, `-` and `_`");
        }
        let files = scaffold::files(name, self.lang, &self.hooks)?;
        let folder = self.dir.join(name);
        scaffold::write(&folder, &files)?;
        let source = match self.lang {
            Language::Rust => "src/lib.rs",
            Language::Js => "plugin.js",
            Language::Python => "plugin.py",
        };
        print::line(&format!(
            "made {folder}: the plugin is {source}, its stories are in tests/\n\n    cd {folder}\n    switchboard plugin test             \
             # builds it and plays its stories, without a server\n    switchboard plugin dev --app APP    # runs it in an app, again \
             with every change",
            folder = folder.display()
        ))
    }
}
