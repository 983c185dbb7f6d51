//! A plugin an app has from the start.

use serde::Deserialize;

use crate::config::problems::Problems;
use crate::model::{Body, Capability, HttpHost, PluginName};

/// A plugin an app has from the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppPlugin {
    /// Its name in the app.
    pub name: PluginName,
    /// Which bundled component it is: the file's name without `.wasm`.
    pub component: String,
    /// What it is granted.
    pub grants: Grants,
    /// The hosts it may ask, if it is granted `http`.
    pub http_hosts: Vec<HttpHost>,
    /// Comes before the plugin's own priority, if set.
    pub priority: Option<i32>,
    /// How many calls one instance may serve, 1 to 512.
    pub reuse: u32,
    /// Its configuration: a JSON object.
    pub config: Body,
}

/// What a plugin is granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grants {
    /// All that the component imports.
    All,
    /// These.
    Only(Vec<Capability>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    name: String,
    component: String,
    grants: toml::Value,
    #[serde(default)]
    http_hosts: Vec<String>,
    priority: Option<i64>,
    reuse: Option<i64>,
    #[serde(default)]
    config: toml::Table,
}

/// Checks one.
pub fn check(key: &str, entry: toml::Value, problems: &mut Problems) -> Option<AppPlugin> {
    let raw: Raw = problems.read(key, entry)?;
    let name = PluginName::new(&raw.name).map_err(|error| problems.add(format_args!("{key}.name"), error));
    // A file stem has the form of an install's name: no path leads out of the folder.
    if let Err(error) = PluginName::new(&raw.component) {
        problems.add(format_args!("{key}.component"), error);
    }
    let grants = grants(&raw.grants).map_err(|what| problems.add(format_args!("{key}.grants"), what));
    let mut http_hosts = Vec::with_capacity(raw.http_hosts.len());
    for text in &raw.http_hosts {
        match HttpHost::new(text) {
            Ok(host) => http_hosts.push(host),
            Err(what) => problems.add(format_args!("{key}.http_hosts"), format_args!("{text:?} {what}")),
        }
    }
    let config = json(&toml::Value::Table(raw.config)).map_err(|what| problems.add(format_args!("{key}.config"), what));
    let (least, most) = (i64::from(i32::MIN), i64::from(i32::MAX));
    Some(AppPlugin {
        priority: raw
            .priority
            .map(|priority| problems.number(format_args!("{key}.priority"), priority, least..=most)),
        reuse: problems.number(format_args!("{key}.reuse"), raw.reuse.unwrap_or(1), 1..=512),
        name: name.ok()?,
        component: raw.component,
        grants: grants.ok()?,
        http_hosts,
        config: Body::trusted(&config.ok()?.to_string()),
    })
}

fn grants(value: &toml::Value) -> Result<Grants, String> {
    let known = || Capability::ALL.map(Capability::as_str).join(", ");
    let wrong = || format!("must be \"all\" or a list of these: {}", known());
    match value {
        toml::Value::String(text) if text == "all" => Ok(Grants::All),
        toml::Value::Array(names) => {
            let named = |name: &toml::Value| name.as_str().and_then(Capability::named).ok_or_else(wrong);
            names.iter().map(named).collect::<Result<_, _>>().map(Grants::Only)
        }
        _ => Err(wrong()),
    }
}

fn json(value: &toml::Value) -> Result<serde_json::Value, &'static str> {
    Ok(match value {
        toml::Value::String(text) => text.clone().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => serde_json::Number::from_f64(*number)
            .ok_or("JSON has no infinite number")?
            .into(),
        toml::Value::Boolean(yes) => (*yes).into(),
        toml::Value::Datetime(at) => at.to_string().into(),
        toml::Value::Array(items) => items.iter().map(json).collect::<Result<_, _>>()?,
        toml::Value::Table(fields) => fields
            .iter()
            .map(|(key, value)| Ok::<_, &str>((key.clone(), json(value)?)))
            .collect::<Result<serde_json::Map<_, _>, &str>>()?
            .into(),
    })
}
