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
        "oneOf": [{ "required": ["keywords"] }, { "required": ["pattern"], "not": { "required": ["match"] } }],
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
