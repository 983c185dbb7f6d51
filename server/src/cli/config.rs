//! `config`: looks at a configuration without starting a server.

use clap::Subcommand;

use super::print;
use super::serve::Source;
use crate::config::Config;

/// The command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Tell what is wrong with a configuration, or that nothing is.
    Check(Source),
}

impl Args {
    /// Does it.
    pub fn run(self) -> anyhow::Result<()> {
        let What::Check(source) = self.what;
        let config = source.load()?;
        let file = source
            .file()
            .map_or("the defaults".into(), |file| file.display().to_string());
        print::line(&format!("{file}: nothing is wrong"))?;
        print::line(&print::fields(&summary(&config)))
    }
}

fn summary(config: &Config) -> Vec<(&'static str, String)> {
    let apps: Vec<String> = config.apps.iter().map(|app| app.id.to_string()).collect();
    vec![
        ("listen", config.server.listen.to_string()),
        ("data", config.storage.data_dir.display().to_string()),
        ("plugins", config.plugins.bundled.display().to_string()),
        (
            "apps",
            if apps.is_empty() {
                "none".to_owned()
            } else {
                apps.join(", ")
            },
        ),
    ]
}
