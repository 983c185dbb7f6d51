//! `serve`: runs a server until it is told to stop.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::config::{Config, Format, Override};
use crate::telemetry::{self, Lines};

/// The file that is read if none is named.
const USUAL_FILE: &str = "config.toml";

/// Holds the operator's token; a variable, because arguments are seen by everyone on the machine.
pub const TOKEN_VARIABLE: &str = "SWITCHBOARD_ADMIN_TOKEN";

/// Where the configuration comes from.
#[derive(Debug, clap::Args)]
pub struct Source {
    /// The configuration; `config.toml` if it is there, or else the defaults without any app.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Set a key over the file's; the value is TOML, or a text. May be repeated.
    #[arg(long = "set", value_name = "SECTION.KEY=VALUE")]
    sets: Vec<Override>,
    /// The folder of the database: short for `--set storage.data_dir=`.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// The address to listen on: short for `--set server.listen=`.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
}

impl Source {
    /// The file that is read.
    pub fn file(&self) -> Option<&Path> {
        let usual = Path::new(USUAL_FILE);
        self.config.as_deref().or_else(|| usual.exists().then_some(usual))
    }

    /// The checked configuration.
    pub fn load(&self) -> anyhow::Result<Config> {
        let mut sets = self.sets.clone();
        let named = [("storage.data_dir", &self.data_dir), ("server.listen", &self.listen)];
        sets.extend(
            named
                .into_iter()
                .filter_map(|(key, value)| Some(Override::text(key, value.clone()?))),
        );
        Ok(Config::load(self.file(), &sets)?)
    }
}

/// The command.
#[derive(Debug, clap::Args)]
pub struct Serve {
    #[command(flatten)]
    source: Source,
}

impl Serve {
    /// Runs until the server has stopped.
    pub fn run(self) -> anyhow::Result<()> {
        let config = self.source.load()?;
        let lines = match config.log.format {
            Format::Text => Lines::Text,
            Format::Json => Lines::Json,
        };
        telemetry::start(config.log.level.as_str(), lines)?;
        let admin_token = std::env::var(TOKEN_VARIABLE).ok().filter(|token| !token.is_empty());
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        if config.server.worker_threads > 0 {
            runtime.worker_threads(config.server.worker_threads);
        }
        let runtime = runtime
            .enable_all()
            .build()
            .context("cannot start the worker threads")?;
        runtime.block_on(crate::node::run(config, admin_token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_options_go_before_sets() {
        let source = Source {
            config: None,
            sets: vec!["server.listen=127.0.0.1:1".parse().unwrap()],
            data_dir: Some("true".to_owned()),
            listen: Some("127.0.0.1:2".to_owned()),
        };
        let config = source.load().unwrap();
        assert_eq!(config.server.listen.port(), 2);
        assert_eq!(config.storage.data_dir, Path::new("true"), "a text, not TOML");
    }
}
