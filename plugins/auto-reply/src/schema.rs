//! The JSON Schema of the configuration.

/// What a configuration may be.
pub const CONFIG: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Auto-reply",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "greeting": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "default": { "type": "string", "maxLength": 2000, "default": "",
          "description": "for peers without a text of their own, when online; empty: none" },
        "default_offline": { "type": "string", "maxLength": 2000, "default": "",
          "description": "the same for peers who are offline" },
        "cooldown_seconds": { "type": "integer", "minimum": 0, "maximum": 2592000, "default": 3600,
          "description": "how long a conversation is not greeted again" }
      }
    },
    "agents": { "type": "array", "maxItems": 1000, "default": [],
      "items": { "type": "string", "minLength": 1, "maxLength": 64 },
      "description": "uids that answer customers; they are never greeted or answered" },
    "reply_as": { "type": ["string", "null"], "minLength": 1, "maxLength": 64, "default": null,
      "description": "the member who answers in groups; null: the app itself" },
    "quiet_minutes": { "type": "integer", "minimum": 0, "maximum": 1440, "default": 5,
      "description": "no rule answers so long after a human has; 0: always" },
    "rules": {
      "type": "array", "maxItems": 200, "default": [],
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["name", "reply"],
        "oneOf": [
          { "required": ["keywords"] },
          { "required": ["pattern"], "properties": { "match": false } }
        ],
        "dependentSchemas": { "pattern": { "properties": { "keywords": false } } },
        "properties": {
          "name": { "type": "string", "minLength": 1, "maxLength": 48, "description": "unique; keys the cooldown" },
          "keywords": { "type": "array", "minItems": 1, "maxItems": 100,
            "items": { "type": "string", "minLength": 1, "maxLength": 100 } },
          "match": { "enum": ["any", "all", "exact"], "default": "any",
            "description": "contains any, contains all, or is one of the keywords" },
          "pattern": { "type": "string", "minLength": 1, "maxLength": 500,
            "description": "a regular expression, instead of keywords" },
          "reply": { "type": "string", "minLength": 1, "maxLength": 2000 },
          "case_sensitive": { "type": "boolean", "default": false },
          "cooldown_seconds": { "type": "integer", "minimum": 0, "maximum": 2592000, "default": 30,
            "description": "how long the rule stays silent in a conversation after it has answered there" }
        }
      }
    }
  }
}"#;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    #[test]
    fn the_schema_takes_what_the_readme_shows_and_refuses_mistakes() {
        let schema: Value = serde_json::from_str(super::CONFIG).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        let readme = include_str!("../README.md");
        let example = readme
            .split("```json\n")
            .nth(1)
            .and_then(|rest| rest.split("```").next())
            .unwrap();
        assert!(schema.is_valid(&serde_json::from_str(example).unwrap()));
        assert_eq!(crate::config::Config::parse(example).unwrap().rules.len(), 2);
        assert!(schema.is_valid(&json!({})));
        for bad in [
            json!({ "rule": [] }),
            json!({ "rules": [{ "name": "a", "reply": "b" }] }),
            json!({ "rules": [{ "name": "a", "reply": "b", "keywords": ["x"], "pattern": "x" }] }),
            json!({ "rules": [{ "name": "a", "reply": "b", "keywords": ["x"], "pattern": "x", "match": "any" }] }),
            json!({ "rules": [{ "name": "a", "reply": "b", "pattern": "x", "match": "any" }] }),
            json!({ "rules": [{ "name": "a", "reply": "b", "keywords": [] }] }),
            json!({ "greeting": { "cooldown_seconds": -1 } }),
            json!({ "greeting": "hello" }),
        ] {
            assert!(!schema.is_valid(&bad), "{bad}");
        }
    }
}
