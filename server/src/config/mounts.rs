//! `[[mounts]]`: where dialects answer.

use serde::Deserialize;

use super::problems::Problems;
use crate::model::{AppId, Mount, MountError, PluginName};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    dialect: String,
    #[serde(default)]
    prefix: String,
    host: Option<String>,
    app: Option<i64>,
}

/// Checks all mounts.
pub(super) fn check(raw: toml::Value, problems: &mut Problems) -> Vec<Mount> {
    let entries: Vec<toml::Value> = problems.read("mounts", raw).unwrap_or_default();
    let numbered = entries.into_iter().enumerate();
    numbered.filter_map(|(at, entry)| one(at, entry, problems)).collect()
}

fn one(at: usize, entry: toml::Value, problems: &mut Problems) -> Option<Mount> {
    let key = format!("mounts[{at}]");
    let raw: Raw = problems.read(&key, entry)?;
    let dialect = PluginName::new(&raw.dialect).map_err(|error| problems.add(format_args!("{key}.dialect"), error));
    let app = raw
        .app
        .map(|id| u64::try_from(id).ok().and_then(|id| AppId::new(id).ok()));
    if app == Some(None) {
        problems.add(
            format_args!("{key}.app"),
            "must be an integer from 1 to 9007199254740991",
        );
    }
    let mount = Mount {
        dialect: dialect.ok()?,
        prefix: raw.prefix,
        host: raw.host,
        app: app.flatten(),
    };
    if let Err(error) = mount.check() {
        let field = if error == MountError::Host { "host" } else { "prefix" };
        problems.add(format_args!("{key}.{field}"), error);
    }
    Some(mount)
}
