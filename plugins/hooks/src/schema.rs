//! The configuration of an install.

use serde::Deserialize;
use switchboard_plugin::config;

/// The JSON Schema of the configuration.
pub const CONFIG: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "hooks",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "ticket_seconds": { "type": "integer", "minimum": 10, "maximum": 86400, "default": 600,
      "description": "how long a ticket is good for" }
  }
}"#;

/// A configuration.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How long a ticket is good for.
    pub ticket_seconds: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self { ticket_seconds: 600 }
    }
}

impl Config {
    /// That of this install; one that cannot be read stands for the default.
    pub fn of_install() -> Self {
        config::read().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_states_the_defaults() {
        let schema: serde_json::Value = serde_json::from_str(CONFIG).unwrap();
        assert_eq!(
            schema["properties"]["ticket_seconds"]["default"],
            Config::default().ticket_seconds
        );
        let schema = jsonschema::validator_for(&schema).unwrap();
        assert!(schema.is_valid(&serde_json::json!({ "ticket_seconds": 60 })));
        assert!(!schema.is_valid(&serde_json::json!({ "ticket_seconds": 1 })));
    }
}
