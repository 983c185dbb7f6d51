//! The configuration of an install, and what the app's own settings say to this protocol.

use serde::Deserialize;
use serde_json::Value;

/// What a configuration may be.
pub const SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Shiku",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "console_users": { "type": "array", "maxItems": 1000, "default": [],
      "items": { "type": ["string", "integer"] },
      "description": "user ids or phones of those who may push messages between other users" },
    "token_days": { "type": "integer", "minimum": 1, "maximum": 365, "default": 30,
      "description": "how long a login lasts" },
    "area_code": { "type": "string", "pattern": "^[0-9]{1,4}$", "default": "86",
      "description": "where a phone is if nobody says" },
    "prefix": { "type": "string", "pattern": "^(/[A-Za-z0-9._~-]+)*$", "maxLength": 200, "default": "/shiku",
      "description": "where the mount is, as /config tells it to clients" }
  }
}"#;

/// All settings; every one may be absent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Who may push messages between others.
    pub console_users: Vec<Value>,
    /// How long a login lasts.
    pub token_days: u32,
    /// Where a phone is if nobody says.
    pub area_code: String,
    /// Where the mount is.
    pub prefix: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            console_users: Vec::new(),
            token_days: 30,
            area_code: "86".to_owned(),
            prefix: "/shiku".to_owned(),
        }
    }
}

impl Config {
    /// Whether one of these names of a user is on the list of those who may push.
    pub fn may_push(&self, names: &[&str]) -> bool {
        let listed = self.console_users.iter().map(crate::object::text);
        listed.into_iter().any(|listed| names.contains(&listed.as_str()))
    }
}

/// What the app's settings say.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct App {
    /// The app's name.
    pub name: String,
    /// Files may be left by nobody in particular.
    pub anonymous_uploads: bool,
    /// Changes of rooms are messages as well.
    pub system_messages: bool,
}

/// The app's settings; what cannot be read is off.
pub fn app() -> App {
    serde_json::from_str(&switchboard_plugin::host::config::app()).unwrap_or_default()
}

/// The configuration; one that cannot be read is the default one, for the schema has let it pass.
pub fn install() -> Config {
    switchboard_plugin::config::read().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_schema_takes_what_the_readme_shows() {
        let schema = jsonschema::validator_for(&serde_json::from_str(SCHEMA).unwrap()).unwrap();
        let readme = include_str!("../README.md");
        let example = readme
            .split("```json\n")
            .nth(1)
            .and_then(|rest| rest.split("```").next())
            .unwrap();
        let example: Value = serde_json::from_str(example).unwrap();
        assert!(schema.is_valid(&example) && schema.is_valid(&json!({})));
        let config: Config = serde_json::from_value(example).unwrap();
        assert!(config.may_push(&["100164"]) && config.may_push(&["x", "18094152050"]) && !config.may_push(&["x", ""]));
        for bad in [
            json!({"prefix": "shiku"}),
            json!({"token_days": 0}),
            json!({"users": []}),
        ] {
            assert!(!schema.is_valid(&bad), "{bad}");
        }
    }
}
