//! `plugin`: what components are, and the plugins of an app.

mod audit;
mod build;
mod change;
mod check;
mod dev;
mod logs;
mod new;
mod project;
mod remove;
mod scaffold;
mod show;
mod test;
mod trace;
mod upload;

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Map, Value, json};

use super::client::{Access, Call, part};
use super::print;
use crate::model::{AppId, Capability, HttpHost, PluginName};

/// The command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    access: Access,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a project for a new plugin.
    New(new::New),
    /// Build a plugin's project into a component.
    Build(build::Build),
    /// Show what a component is, without a server; fail if none would install it.
    Check(check::Check),
    /// Play a plugin's own stories (tests/*.toml) without a server.
    Test(test::Test),
    /// Run a plugin's project in an app, again with every change of its files, and show its log.
    Dev(dev::Dev),
    /// Show what a component does and what it wants, without installing it.
    Inspect {
        /// The component.
        file: PathBuf,
    },
    /// Install a component in an app, or upgrade the plugin of that name.
    Install(upload::Install),
    /// List the plugins of an app.
    List { app: AppId },
    /// Show a plugin with its configuration and what was counted.
    Show { app: AppId, name: PluginName },
    /// Change a plugin's configuration, grants or priority.
    Configure(change::Configure),
    /// Let a plugin be called again.
    Enable { app: AppId, name: PluginName },
    /// Stop calling a plugin; what it has stored stays.
    Disable { app: AppId, name: PluginName },
    /// Let a plugin's canary run for everybody.
    Promote { app: AppId, name: PluginName },
    /// End a plugin's canary; without one, go back to the version before.
    Rollback { app: AppId, name: PluginName },
    /// Remove a plugin, and keep or wipe what it has stored.
    Remove(remove::Remove),
    /// Show what was done to an app's plugins, by whom and when.
    Audit(audit::Audit),
    /// Show a plugin's log.
    Logs(logs::Logs),
    /// Show a plugin's last calls: what they were given, did and answered.
    Trace(trace::Trace),
}

impl Args {
    /// Does it.
    pub fn run(self) -> anyhow::Result<()> {
        let access = &self.access;
        let enabled = |app, name, enabled: bool| one(access, change::call(app, &name, &json!({ "enabled": enabled })));
        match self.what {
            What::New(new) => new.run(),
            What::Build(build) => build.run(),
            What::Check(check) => check.run(access.json),
            What::Test(test) => test.run(),
            What::Dev(dev) => dev.run(access),
            What::Inspect { file } => {
                let answer = upload::inspect(access, &file)?;
                tell(access, &answer, show::component)
            }
            What::Install(install) => install.run(access),
            What::List { app } => {
                let answer = access.call(Call::new("GET", format!("/apps/{app}/plugins")))?;
                tell(access, &answer, show::list)
            }
            What::Show { app, name } => one(access, Call::new("GET", path(app, &name))),
            What::Configure(configure) => one(access, configure.call()),
            What::Enable { app, name } => enabled(app, name, true),
            What::Disable { app, name } => enabled(app, name, false),
            What::Promote { app, name } => one(access, Call::new("POST", format!("{}/promote", path(app, &name)))),
            What::Rollback { app, name } => one(access, Call::new("POST", format!("{}/rollback", path(app, &name)))),
            What::Remove(remove) => remove.run(access),
            What::Audit(audit) => audit.run(access),
            What::Logs(logs) => logs.run(access),
            What::Trace(trace) => trace.run(access),
        }
    }
}

/// Makes a call that answers with an install, and shows it.
fn one(access: &Access, call: Call) -> anyhow::Result<()> {
    tell(access, &access.call(call)?, show::install)
}

fn tell(access: &Access, answer: &Value, text: fn(&Value) -> String) -> anyhow::Result<()> {
    if access.json {
        print::json(answer)
    } else {
        print::line(&text(answer))
    }
}

fn path(app: AppId, name: &PluginName) -> String {
    format!("/apps/{app}/plugins/{}", part(name.as_str()))
}

/// What a plugin is granted.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Grants(Vec<Capability>);

impl Grants {
    fn names(&self) -> Vec<&'static str> {
        self.0.iter().copied().map(Capability::as_str).collect()
    }
}

impl std::str::FromStr for Grants {
    type Err = String;

    /// Reads `all`, or names with commas between.
    fn from_str(text: &str) -> Result<Self, String> {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        let listed = Capability::listed(names).map(Self);
        listed.map_err(|name| format!("{name:?} is none of {}", Capability::known()))
    }
}

/// Reads a host that a plugin may ask.
fn host(text: &str) -> Result<String, String> {
    match HttpHost::new(text) {
        Ok(host) => Ok(host.as_str().to_owned()),
        Err(what) => Err(what.to_owned()),
    }
}

/// Reads a plugin's configuration: a JSON object, or `@` and the file that holds one.
fn config(text: &str) -> Result<Value, String> {
    let read;
    let json = match text.strip_prefix('@') {
        Some(file) => {
            read = std::fs::read_to_string(file).map_err(|error| format!("cannot read {file}: {error}"))?;
            &read
        }
        None => text,
    };
    let object: Map<String, Value> = serde_json::from_str(json).map_err(|error| format!("no JSON object: {error}"))?;
    Ok(object.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_are_all_or_named() {
        assert_eq!("all".parse::<Grants>().unwrap().0.len(), Capability::ALL.len());
        assert_eq!(
            "kv, messages-send".parse::<Grants>().unwrap().names(),
            ["kv", "messages-send"]
        );
        assert_eq!("".parse::<Grants>().unwrap().names(), [""; 0]);
        assert!(
            "kv,root"
                .parse::<Grants>()
                .unwrap_err()
                .contains("\"root\" is none of kv, users")
        );
    }

    #[test]
    fn a_configuration_is_an_object_or_a_file_of_one() {
        assert_eq!(config(r#"{"a":1}"#).unwrap(), json!({"a": 1}));
        assert!(config("[]").is_err() && config("{").is_err());
        assert!(
            config("@no/such/file")
                .unwrap_err()
                .contains("cannot read no/such/file")
        );
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("c.json");
        std::fs::write(&file, "{\n \"words\": [\"你\"]\n}\n").unwrap();
        assert_eq!(
            config(&format!("@{}", file.display())).unwrap(),
            json!({"words": ["你"]})
        );
    }
}
