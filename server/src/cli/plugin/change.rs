//! Changes of an install that need no new component.

use serde_json::{Map, Value};

use super::{Grants, config, path};
use crate::cli::client::Call;
use crate::model::{AppId, PluginName};

/// `configure`.
#[derive(Debug, clap::Args)]
pub struct Configure {
    app: AppId,
    name: PluginName,
    #[command(flatten)]
    changes: Changes,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
struct Changes {
    /// Its configuration, which replaces the old one.
    #[arg(long, value_name = "JSON|@FILE", value_parser = config)]
    config: Option<Value>,
    /// What it may use: all, or names with commas between.
    #[arg(long)]
    grants: Option<Grants>,
    /// Its place among the app's policies; lower is asked first.
    #[arg(long, allow_negative_numbers = true)]
    priority: Option<i32>,
    /// How many of a hundred conversations meet its canary.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(1..=99))]
    canary: Option<u8>,
    /// Whether a new version that fails is rolled back without being asked.
    #[arg(long, value_name = "BOOL")]
    auto_rollback: Option<bool>,
}

impl Configure {
    /// The call that does it.
    pub fn call(self) -> Call {
        let changes = self.changes;
        let fields = [
            ("config", changes.config),
            ("grants", changes.grants.map(|grants| grants.names().into())),
            ("priority", changes.priority.map(Value::from)),
            ("canary_percent", changes.canary.map(Value::from)),
            ("auto_rollback", changes.auto_rollback.map(Value::from)),
        ];
        let given = fields
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        call(self.app, &self.name, &Value::Object(given.collect::<Map<_, _>>()))
    }
}

/// The call that changes an install.
pub fn call(app: AppId, name: &PluginName, changes: &Value) -> Call {
    Call::new("PATCH", path(app, name)).json(changes)
}
