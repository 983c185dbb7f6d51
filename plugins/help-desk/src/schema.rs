//! The JSON Schemas: of the configuration, and of the message that asks how it was.

use crate::texts::Texts;

/// What a configuration may be, but for the texts, which are alike.
const CONFIG: &str = r##"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Help desk",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "agents": { "type": "array", "maxItems": 1000, "default": [], "description": "who answers customers",
      "items": { "type": "object", "additionalProperties": false, "required": ["uid"], "properties": {
        "uid": { "$ref": "#/$defs/uid" },
        "cap": { "type": ["integer", "null"], "minimum": 1, "maximum": 200, "description": "conversations at a time" },
        "teams": { "type": "array", "maxItems": 8, "items": { "$ref": "#/$defs/team" }, "description": "empty: all" }
      } } },
    "role": { "type": ["string", "null"], "minLength": 1, "maxLength": 64, "default": "agent",
      "description": "users whose attribute `role` is this answer as well; null: only those listed" },
    "teams": { "type": "array", "minItems": 1, "maxItems": 8, "uniqueItems": true, "default": ["main"],
      "items": { "$ref": "#/$defs/team" }, "description": "the first is where customers wait unless said otherwise" },
    "cap": { "type": "integer", "minimum": 1, "maximum": 200, "default": 3,
      "description": "conversations of an agent at a time, unless the agent's own says otherwise" },
    "kinds": { "type": "array", "minItems": 1, "maxItems": 3, "items": { "enum": ["group", "temporary", "direct"] },
      "default": ["group", "temporary", "direct"],
      "description": "conversations that may come to the desk; direct ones only when somebody asks" },
    "start": { "enum": ["asked", "message", "opened"], "default": "asked", "description": "when one comes" },
    "assign": { "enum": ["least_loaded", "round_robin", "manual"], "default": "least_loaded" },
    "returning": { "type": "boolean", "default": true, "description": "who was there last time is asked first" },
    "accept_seconds": { "$ref": "#/$defs/seconds", "default": 30, "description": "0: what is assigned is accepted" },
    "transfers": { "type": "integer", "minimum": 0, "maximum": 100, "default": 5,
      "description": "how often agents may pass a conversation on" },
    "leave": { "type": "boolean", "default": true,
      "description": "agents leave what is closed or passed on" },
    "unavailable": { "enum": ["bot", "message"], "default": "bot",
      "description": "when nobody is there: back to the bot, or leave a message that waits" },
    "hours": { "type": ["object", "null"], "default": null, "additionalProperties": false, "properties": {
      "zone": { "type": "string", "maxLength": 64, "description": "IANA name; empty: UTC" },
      "periods": { "type": "array", "maxItems": 50, "items": { "type": "object", "additionalProperties": false,
        "required": ["from", "to"], "properties": {
          "days": { "type": "array", "maxItems": 7,
            "items": { "enum": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] } },
          "from": { "$ref": "#/$defs/minute" }, "to": { "$ref": "#/$defs/minute" } } } },
      "closed": { "type": "array", "maxItems": 366,
        "items": { "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" } } } },
    "reply": { "type": "object", "additionalProperties": false, "properties": {
      "first_seconds": { "$ref": "#/$defs/seconds", "default": 0, "description": "for the first word; 0: for ever" },
      "next_seconds": { "$ref": "#/$defs/seconds", "default": 0, "description": "for each further one; 0: for ever" },
      "reassign": { "type": "boolean", "default": false, "description": "then somebody else is asked" },
      "notify": { "type": "array", "maxItems": 20, "default": [], "items": { "$ref": "#/$defs/uid" },
        "description": "who gets the event `escalated`" } } },
    "idle": { "type": "object", "additionalProperties": false, "properties": {
      "remind_seconds": { "$ref": "#/$defs/seconds", "default": 0, "description": "without a word; 0: never" },
      "close_seconds": { "$ref": "#/$defs/seconds", "default": 0, "description": "after the reminder; 0: never" } } },
    "away": { "type": "object", "additionalProperties": false, "properties": {
      "offline_seconds": { "$ref": "#/$defs/seconds", "default": 120, "description": "without a connection; 0: never" },
      "missed": { "type": "integer", "minimum": 0, "maximum": 100, "default": 2,
        "description": "offers in a row not accepted; 0: never" },
      "check_seconds": { "$ref": "#/$defs/seconds", "exclusiveMinimum": 0, "default": 20,
        "description": "how often the desk looks" } } },
    "queue": { "type": "object", "additionalProperties": false, "properties": {
      "every_seconds": { "$ref": "#/$defs/seconds", "exclusiveMinimum": 0, "default": 30,
        "description": "a customer is told of a new place at most so often" },
      "told": { "type": "integer", "minimum": 1, "maximum": 1000, "default": 100,
        "description": "who is further back is told no number" },
      "max_seconds": { "$ref": "#/$defs/seconds", "default": 0, "description": "the longest wait; 0: for ever" } } },
    "survey": { "type": "object", "additionalProperties": false, "properties": {
      "enabled": { "type": "boolean", "default": true },
      "as": { "enum": ["survey", "text"], "default": "survey" },
      "open_seconds": { "$ref": "#/$defs/seconds", "default": 86400, "description": "how long it can be answered" },
      "comment_seconds": { "$ref": "#/$defs/seconds", "default": 120,
        "description": "how long after a bare number the next text is its comment; 0: not at all" } } },
    "keep_days": { "type": "integer", "minimum": 1, "maximum": 3650, "default": 30,
      "description": "how long closed tickets and surveys are kept" },
    "console_key": { "type": "string", "maxLength": 256, "default": "",
      "description": "opens the console to who sends it as `x-desk-key`; empty: nothing does" },
    "texts": { "type": "object", "additionalProperties": false, "properties": { TEXTS } }
  },
  "$defs": {
    "uid": { "type": "string", "minLength": 1, "maxLength": 64 },
    "team": { "type": "string", "pattern": "^[a-z0-9_-]{1,32}$" },
    "seconds": { "type": "number", "minimum": 0, "maximum": 31536000 },
    "minute": { "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$" }
  }
}"##;

/// What a survey's body may be.
pub const SURVEY: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Survey",
  "type": "object",
  "required": ["text", "scale", "customer", "asked_at", "state"],
  "properties": {
    "text": { "type": "string", "maxLength": 2000, "description": "the question, for clients without buttons" },
    "scale": { "const": 5, "description": "the best answer; 1 is the worst" },
    "customer": { "type": "string", "description": "who is asked" },
    "agent": { "type": "string", "description": "who it is about" },
    "asked_at": { "type": "integer", "minimum": 0 },
    "state": { "enum": ["open", "rated"] },
    "score": { "type": "integer", "minimum": 1, "maximum": 5 },
    "comment": { "type": "string", "maxLength": 1000 }
  }
}"#;

/// What a configuration may be.
#[must_use]
pub fn config() -> String {
    let text = |(name, default): (&str, &String)| {
        let default = serde_json::Value::from(default.as_str());
        format!(r#""{name}": {{ "type": "string", "maxLength": 2000, "default": {default} }}"#)
    };
    let texts: Vec<String> = Texts::default().all().into_iter().map(text).collect();
    CONFIG.replace("TEXTS", &texts.join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::config::Config;

    fn schema() -> Value {
        serde_json::from_str(&config()).unwrap()
    }

    #[test]
    fn the_defaults_are_those_that_the_schema_states() {
        let (schema, config) = (schema(), Config::default());
        let of = |path: &str| {
            let pointer = format!("/properties/{}/default", path.replace('.', "/properties/"));
            schema.pointer(&pointer).cloned().unwrap_or_else(|| panic!("{path}"))
        };
        assert_eq!(of("cap"), config.cap);
        assert_eq!(of("role"), json!(config.role));
        assert_eq!(of("teams"), json!(config.teams));
        assert_eq!(of("kinds"), json!(config.kinds));
        assert_eq!(of("transfers"), config.transfers);
        assert_eq!(of("leave"), config.leave);
        assert_eq!(of("returning"), config.returning);
        assert_eq!(of("keep_days"), config.keep_days);
        assert_eq!(of("away.missed"), config.away.missed);
        assert_eq!(of("queue.told"), config.queue.told);
        assert_eq!(of("survey.enabled"), config.survey.enabled);
        for (path, seconds) in [
            ("accept_seconds", config.accept_seconds),
            ("reply.first_seconds", config.reply.first_seconds),
            ("reply.next_seconds", config.reply.next_seconds),
            ("idle.remind_seconds", config.idle.remind_seconds),
            ("idle.close_seconds", config.idle.close_seconds),
            ("away.offline_seconds", config.away.offline_seconds),
            ("away.check_seconds", config.away.check_seconds),
            ("queue.every_seconds", config.queue.every_seconds),
            ("queue.max_seconds", config.queue.max_seconds),
            ("survey.open_seconds", config.survey.open_seconds),
            ("survey.comment_seconds", config.survey.comment_seconds),
        ] {
            assert_eq!(of(path).as_f64(), Some(seconds.0), "{path}");
        }
    }

    #[test]
    fn the_schema_takes_what_the_readme_shows_and_refuses_mistakes() {
        let schema = jsonschema::validator_for(&schema()).unwrap();
        let readme = include_str!("../README.md");
        let example = readme
            .split("```json\n")
            .nth(1)
            .and_then(|rest| rest.split("```").next())
            .unwrap();
        assert!(schema.is_valid(&serde_json::from_str(example).unwrap()));
        assert_eq!(Config::parse(example).unwrap().agents.len(), 2);
        assert!(schema.is_valid(&json!({})) && Config::parse("{}").is_ok());
        for bad in [
            json!({ "agent": [] }),
            json!({ "agents": [{ "cap": 1 }] }),
            json!({ "teams": [] }),
            json!({ "teams": ["A/b"] }),
            json!({ "kinds": ["chatroom"] }),
            json!({ "accept_seconds": -1 }),
            json!({ "queue": { "every_seconds": 0 } }),
            json!({ "hours": { "periods": [{ "from": "9:00", "to": "10:00" }] } }),
            json!({ "texts": { "hello": "x" } }),
            json!({ "start": "always" }),
        ] {
            assert!(!schema.is_valid(&bad), "{bad}");
        }
    }

    #[test]
    fn every_text_has_a_row_in_the_readme() {
        let readme = include_str!("../README.md");
        for (name, _) in Texts::default().all() {
            assert!(readme.contains(&format!("| `{name}` |")), "{name}");
        }
    }
}
