//! The JSON Schema of the configuration.

/// What a configuration may be.
pub const CONFIG: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Webhook bridge",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "targets": {
      "type": "array", "maxItems": 10, "default": [],
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["name", "url"],
        "properties": {
          "name": { "type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,31}$",
            "description": "unique; begins the order keys by which its deliveries are found" },
          "url": { "type": "string", "pattern": "^https?://", "maxLength": 2048 },
          "events": { "type": "array", "maxItems": 50, "default": [],
            "items": { "type": "string", "pattern": "^[a-z]+(\\.[a-z]+)*(\\.\\*)?$", "maxLength": 64 },
            "description": "names of events, or beginnings such as message.*; empty: all" },
          "kinds": { "type": "array", "maxItems": 100, "default": [],
            "items": { "type": "string", "minLength": 1, "maxLength": 64 },
            "description": "of events about a message: only these kinds; empty: all" },
          "conversations": { "type": "array", "maxItems": 4, "default": [],
            "items": { "enum": ["direct", "temporary", "group", "chatroom"] },
            "description": "of events in a conversation: only these kinds of it; empty: all" },
          "uids": { "type": "array", "maxItems": 100, "default": [],
            "items": { "type": "string", "minLength": 1, "maxLength": 64 },
            "description": "only events of a user whose uid begins with one of these; empty: all events" },
          "plugins": { "type": "boolean", "default": true, "description": "whether it hears of what plugins have done" },
          "headers": { "type": "object", "maxProperties": 16, "default": {},
            "propertyNames": { "pattern": "^[A-Za-z0-9-]{1,64}$",
              "not": { "pattern": "^([Ss][Ww][Ii][Tt][Cc][Hh][Bb][Oo][Aa][Rr][Dd]-.*|[Cc][Oo][Nn][Tt][Ee][Nn][Tt]-.*)$" } },
            "additionalProperties": { "type": "string", "maxLength": 2048, "pattern": "^[ -~]*$" },
            "description": "sent with every request, such as a token of the backend's own" },
          "order": { "enum": ["conversation", "target"], "default": "conversation",
            "description": "which deliveries are sent one after the other: those of a conversation, or all of the target" }
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
        assert_eq!(crate::config::Config::parse(example).unwrap().targets.len(), 2);
        assert!(schema.is_valid(&json!({})));
        let with = |name: &str, value: Value| {
            let mut target = json!({ "name": "a", "url": "https://a/" });
            target[name] = value;
            json!({ "targets": [target] })
        };
        assert!(schema.is_valid(&with("headers", json!({ "Authorization": "Bearer x" }))));
        for bad in [
            json!({ "targets": [{ "name": "a" }] }),
            json!({ "targets": {} }),
            with("name", json!("A/b")),
            with("url", json!("ftp://a/")),
            with("events", json!(["message-sent"])),
            with("events", json!(["*"])),
            with("conversations", json!(["room"])),
            with("headers", json!({ "Switchboard-Signature": "x" })),
            with("headers", json!({ "content-type": "x" })),
            with("headers", json!({ "x": "a\r\nb" })),
            with("order", json!("none")),
            with("secret", json!("s")),
        ] {
            assert!(!schema.is_valid(&bad), "{bad}");
        }
    }
}
