//! Components on their way to the server.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::{Grants, config, host, show, tell};
use crate::cli::client::{Access, Call, part};
use crate::model::{AppId, PluginName};

/// A header holds no more; servers and proxies refuse larger ones in words nobody understands.
const HEADER_BYTES: usize = 32 << 10;

/// `install`.
#[derive(Debug, clap::Args)]
pub struct Install {
    app: AppId,
    /// The component.
    file: PathBuf,
    /// Its name in the app; the file's name if not given.
    #[arg(long)]
    name: Option<PluginName>,
    /// What it may use: all, or names with commas between; in an upgrade as before if not given.
    #[arg(long)]
    grants: Option<Grants>,
    /// A host it may ask with the grant `http`, such as api.example.com or *.example.com:8443; may be given again. In an
    /// upgrade as before if not given.
    #[arg(long = "allow-host", value_name = "HOST[:PORT]", value_parser = host)]
    allow_hosts: Vec<String>,
    /// Its configuration; in an upgrade as before if not given.
    #[arg(long, value_name = "JSON|@FILE", value_parser = config)]
    config: Option<Value>,
    /// Its place among the app's policies; lower is asked first.
    #[arg(long, allow_negative_numbers = true)]
    priority: Option<i32>,
    /// How many calls one instance may serve; 1 is a fresh instance for each.
    #[arg(long)]
    reuse: Option<u32>,
    /// Install it without having it called.
    #[arg(long)]
    disabled: bool,
    /// Run it as a canary beside the version that is there, for so many of a hundred conversations.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(1..=99))]
    canary: Option<u8>,
    /// Whether a new version that fails is rolled back without being asked; if never said, only canaries are.
    #[arg(long, value_name = "BOOL")]
    auto_rollback: Option<bool>,
}

impl Install {
    /// Uploads and shows what has become of it.
    pub fn run(self, access: &Access) -> anyhow::Result<()> {
        let component = read(&self.file)?;
        let name = self.name()?;
        let call = self.call(&name)?;
        let answer = send(access, &self.file, component, call)?;
        match (self.canary, &answer["canary"]) {
            (Some(percent), canary) if canary.is_object() => eprintln!(
                "compiled, loaded and running as version {} of {name} for {percent} of 100 conversations",
                canary["number"]
            ),
            _ => eprintln!(
                "compiled, loaded and installed as {name}, version {}",
                answer["current"]["number"]
            ),
        }
        tell(access, &answer, show::install)
    }

    fn call(&self, name: &PluginName) -> anyhow::Result<Call> {
        let mut path = format!("/apps/{}/plugins?name={}", self.app, part(name.as_str()));
        let given = [
            (
                "grants",
                self.grants.as_ref().map(|grants| part(&grants.names().join(","))),
            ),
            (
                "http_hosts",
                (!self.allow_hosts.is_empty()).then(|| part(&self.allow_hosts.join(","))),
            ),
            ("priority", self.priority.map(|priority| priority.to_string())),
            ("reuse", self.reuse.map(|reuse| reuse.to_string())),
            ("enabled", self.disabled.then(|| "false".to_owned())),
            ("canary_percent", self.canary.map(|percent| percent.to_string())),
            ("auto_rollback", self.auto_rollback.map(|yes| yes.to_string())),
        ];
        for (key, value) in given {
            path.extend(value.map(|value| format!("&{key}={value}")));
        }
        let call = Call::new("POST", path);
        let Some(config) = self.config.as_ref().map(Value::to_string) else {
            return Ok(call);
        };
        if config.len() > HEADER_BYTES {
            bail!(
                "a configuration of {} bytes is too large to go with the component (at most {HEADER_BYTES}): install \
                 with --disabled and without --config, then `plugin configure`, then `plugin enable`",
                config.len()
            );
        }
        Ok(call.header("x-plugin-config", config))
    }

    /// The name that was given, or the file's in the form that names have.
    fn name(&self) -> anyhow::Result<PluginName> {
        if let Some(name) = &self.name {
            return Ok(name.clone());
        }
        let stem = self
            .file
            .file_stem()
            .map(|stem| stem.to_string_lossy().to_lowercase().replace(['_', ' '], "-"));
        let name = PluginName::new(&stem.unwrap_or_default());
        name.with_context(|| format!("{} gives no name: use --name", self.file.display()))
    }
}

/// Asks the server what a component is.
pub fn inspect(access: &Access, file: &Path) -> anyhow::Result<Value> {
    let component = read(file)?;
    send(access, file, component, Call::new("POST", "/plugins/inspect"))
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

fn send(access: &Access, file: &Path, component: Vec<u8>, call: Call) -> anyhow::Result<Value> {
    eprintln!(
        "uploading {} ({} KiB); the server compiles and loads it",
        file.display(),
        component.len().div_ceil(1024)
    );
    access.call(call.component(component))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(file: &str) -> anyhow::Result<PluginName> {
        let install = Install {
            app: AppId::new(7)?,
            file: file.into(),
            name: None,
            grants: None,
            allow_hosts: Vec::new(),
            config: Some(serde_json::json!({ "words": ["x".repeat(HEADER_BYTES)] })),
            priority: None,
            reuse: None,
            disabled: false,
            canary: None,
            auto_rollback: None,
        };
        let name = install.name()?;
        assert!(install.call(&name).is_err(), "too large for a header");
        Ok(name)
    }

    #[test]
    fn a_file_gives_the_name() {
        assert_eq!(named("target/Word_Filter.wasm").unwrap().as_str(), "word-filter");
        assert!(named("插件.wasm").unwrap_err().to_string().contains("--name"));
    }
}
