//! `mount`: where an app's dialects answer.

use clap::Subcommand;
use serde_json::{Map, Value};

use super::client::{Access, Call, part};
use super::print::{self, items, word};
use crate::model::{AppId, PluginName};

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
    /// Let a dialect of an app answer at an address, from now on.
    Add {
        app: AppId,
        #[command(flatten)]
        place: Place,
    },
    /// List where the dialects of an app answer.
    List { app: AppId },
    /// Let nothing of it answer there any more.
    Remove {
        app: AppId,
        #[command(flatten)]
        place: Place,
    },
}

/// A dialect at an address.
#[derive(Debug, clap::Args)]
struct Place {
    /// The dialect: the name of its install in the app.
    dialect: PluginName,
    /// What goes before its paths, such as /chat; nothing if not given.
    #[arg(long, default_value = "")]
    prefix: String,
    /// Only requests for this host name.
    #[arg(long)]
    host: Option<String>,
}

impl Place {
    fn fields(self) -> impl Iterator<Item = (&'static str, String)> {
        [
            ("dialect", Some(self.dialect.as_str().to_owned())),
            ("prefix", Some(self.prefix)),
            ("host", self.host),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }
}

impl Args {
    /// Does it.
    pub fn run(self) -> anyhow::Result<()> {
        let is_list = matches!(self.what, What::List { .. });
        let answer = self.access.call(call(self.what))?;
        if self.access.json {
            return print::json(&answer);
        }
        let mounts = if is_list {
            items(&answer, "mounts")
        } else if answer.is_null() {
            return print::line("done");
        } else {
            std::slice::from_ref(&answer)
        };
        print::line(&table(mounts))
    }
}

fn call(what: What) -> Call {
    let path = |app: AppId| format!("/apps/{app}/mounts");
    match what {
        What::Add { app, place } => {
            let body: Map<String, Value> = place
                .fields()
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect();
            Call::new("POST", path(app)).json(&body.into())
        }
        What::List { app } => Call::new("GET", path(app)),
        What::Remove { app, place } => {
            let query: Vec<String> = place
                .fields()
                .map(|(name, value)| format!("{name}={}", part(&value)))
                .collect();
            Call::new("DELETE", format!("{}?{}", path(app), query.join("&")))
        }
    }
}

fn table(mounts: &[Value]) -> String {
    let rows: Vec<[String; 3]> = mounts
        .iter()
        .map(|mount| ["dialect", "prefix", "host"].map(|name| word(&mount[name])))
        .collect();
    print::table(["DIALECT", "PREFIX", "HOST"], &rows)
}
