//! The configuration of the install, and what the app's own settings tell.

use serde::Deserialize;

/// What a configuration may be.
pub const SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "wokchat",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "utc_offset_minutes": { "type": "integer", "minimum": -840, "maximum": 840, "default": 480,
      "description": "the time zone of the times in lists, in minutes east of Greenwich" }
  }
}"#;

/// All settings; every one may be absent.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub struct Config {
    /// Minutes east of Greenwich.
    pub utc_offset_minutes: i32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            utc_offset_minutes: 480,
        }
    }
}

/// The settings of the app that concern this protocol.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct App {
    /// Where the app is reached from outside, if that is fixed.
    pub public_url: Option<String>,
    /// Where each message that is sent is posted.
    pub push_url: Option<String>,
    /// Changes of groups are stored as messages, too.
    pub system_messages: bool,
}

/// Reads settings; what cannot be read has its default.
pub fn read<T: Default + for<'de> Deserialize<'de>>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_states_the_default() {
        let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
        assert!(jsonschema::validator_for(&schema).is_ok());
        let config: Config = read("{}");
        assert_eq!(
            schema["properties"]["utc_offset_minutes"]["default"],
            config.utc_offset_minutes
        );
    }

    #[test]
    fn an_apps_settings_may_hold_more_and_less() {
        let app: App =
            read(r#"{"name":"x","push_url":null,"public_url":"https://a","system_messages":true,"login":"single"}"#);
        assert!(app.system_messages && app.push_url.is_none());
        assert_eq!(app.public_url.as_deref(), Some("https://a"));
    }
}
