//! The configuration of an install.

use serde::Deserialize;
use switchboard_plugin::config;

/// The JSON Schema of the configuration.
pub const CONFIG: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "imrest",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "require_tokens": { "type": "boolean", "default": false,
      "description": "every request and login must bring a token: Authorization: Bearer, a JWT (HS256 under the app's secret)" }
  }
}"#;

/// A configuration.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Every request and login must bring a token.
    pub require_tokens: bool,
}

impl Config {
    /// That of this install. One that cannot be read demands tokens: the strict side.
    pub fn of_install() -> Self {
        config::read().unwrap_or(Self { require_tokens: true })
    }
}

/// Whether the app lets users in who bring nothing.
pub fn open_logins() -> bool {
    #[derive(Deserialize)]
    struct Settings {
        #[serde(default)]
        open_logins: bool,
    }
    serde_json::from_str::<Settings>(&switchboard_plugin::host::config::app()).is_ok_and(|app| app.open_logins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_states_the_defaults() {
        let schema: serde_json::Value = serde_json::from_str(CONFIG).unwrap();
        assert_eq!(
            schema["properties"]["require_tokens"]["default"],
            Config::default().require_tokens
        );
        let schema = jsonschema::validator_for(&schema).unwrap();
        assert!(schema.is_valid(&serde_json::json!({ "require_tokens": true })));
        assert!(!schema.is_valid(&serde_json::json!({ "require_token": true })));
    }
}
