//! The JSON Schema of the configuration.

/// What a configuration may be.
pub const CONFIG: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Answers by a language model",
  "type": "object",
  "additionalProperties": false,
  "anyOf": [{ "maxProperties": 0 }, { "required": ["bot", "endpoint"] }],
  "properties": {
    "bot": { "type": "string", "minLength": 1, "maxLength": 64, "description": "uid of the member who answers" },
    "agents": { "type": "array", "maxItems": 1000, "default": [],
      "items": { "type": "string", "minLength": 1, "maxLength": 64 },
      "description": "uids of humans who answer customers; they are never answered" },
    "conversations": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "kinds": { "type": "array", "maxItems": 4, "default": ["direct", "temporary"],
          "items": { "enum": ["direct", "temporary", "group", "chatroom"] },
          "description": "where it answers; it must be a member" },
        "mention_only": { "type": "boolean", "default": true,
          "description": "in groups and chatrooms that no desk has given to the bot: only what mentions the bot" },
        "quiet_minutes": { "type": "integer", "minimum": 0, "maximum": 1440, "default": 10,
          "description": "without a desk: silent so long after a human has answered; 0: never" }
      }
    },
    "endpoint": {
      "type": "object",
      "additionalProperties": false,
      "required": ["url", "model"],
      "properties": {
        "url": { "type": "string", "pattern": "^https?://", "maxLength": 2048,
          "description": "up to /v1, or all of it up to /chat/completions; its host must be on the install's http_hosts" },
        "model": { "type": "string", "minLength": 1, "maxLength": 200 },
        "api_key": { "type": "string", "maxLength": 2048, "pattern": "^[!-~]*$", "default": "", "writeOnly": true,
          "description": "shown as a bearer token; empty: none" },
        "headers": { "type": "object", "maxProperties": 16, "default": {}, "writeOnly": true,
          "propertyNames": { "pattern": "^[A-Za-z0-9-]{1,64}$" },
          "additionalProperties": { "type": "string", "maxLength": 2048, "pattern": "^[ -~]*$" } },
        "temperature": { "type": ["number", "null"], "minimum": 0, "maximum": 2, "default": null,
          "description": "null: the model's own" },
        "max_tokens": { "type": "integer", "minimum": 1, "maximum": 32000, "default": 500,
          "description": "of one answer" },
        "max_tokens_field": { "enum": ["max_tokens", "max_completion_tokens"], "default": "max_tokens",
          "description": "what the endpoint calls that bound" },
        "timeout_ms": { "type": "integer", "minimum": 1000, "maximum": 30000, "default": 20000,
          "description": "of one try" },
        "retries": { "type": "integer", "minimum": 0, "maximum": 3, "default": 1,
          "description": "further tries where they may help, as far as all fit into 55 seconds" }
      }
    },
    "context": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "messages": { "type": "integer", "minimum": 1, "maximum": 80, "default": 12,
          "description": "how many messages the model is told, the customer's included" },
        "chars": { "type": "integer", "minimum": 0, "maximum": 100000, "default": 8000,
          "description": "how many characters of them, the newest first" },
        "snippets": { "type": "integer", "minimum": 0, "maximum": 50, "default": 5,
          "description": "how many snippets of knowledge" }
      }
    },
    "system": { "type": "string", "minLength": 1, "maxLength": 20000, "description": "who the model is and how it speaks" },
    "knowledge": {
      "type": "array", "maxItems": 200, "default": [],
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["text"],
        "properties": {
          "keywords": { "type": "array", "maxItems": 50, "default": [],
            "items": { "type": "string", "minLength": 1, "maxLength": 100 },
            "description": "told if the customer has used one of them; none: always" },
          "text": { "type": "string", "minLength": 1, "maxLength": 4000 }
        }
      }
    },
    "answers": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "format": { "enum": ["text", "json"], "default": "text",
          "description": "json: the model answers {answer, handoff, confidence}" },
        "chars": { "type": "integer", "minimum": 1, "maximum": 5000, "default": 1000,
          "description": "longest answer; a longer one is cut at the end of a sentence" }
      }
    },
    "budget": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "conversation_tokens": { "type": "integer", "minimum": 0, "maximum": 1000000000000, "default": 0,
          "description": "tokens of a conversation in a day (UTC); 0: any number" },
        "app_tokens": { "type": "integer", "minimum": 0, "maximum": 1000000000000, "default": 0,
          "description": "tokens of the app in a day (UTC); 0: any number" }
      }
    },
    "handoff": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "words": { "type": "array", "maxItems": 100, "items": { "type": "string", "minLength": 1, "maxLength": 100 },
          "description": "words of a customer who wants a human" },
        "marker": { "type": "string", "maxLength": 100, "default": "[[HANDOFF]]",
          "description": "what the model says when it is not sure; empty: it is not told of one" },
        "phrases": { "type": "array", "maxItems": 100, "items": { "type": "string", "minLength": 1, "maxLength": 100 },
          "description": "what also shows that it is not sure" },
        "min_confidence": { "type": "number", "minimum": 0, "maximum": 1, "default": 0.5,
          "description": "with the format json: the least confidence that is enough" },
        "desk": { "enum": ["present", "always"], "default": "present",
          "description": "call a desk where the conversation's data has one, or everywhere" },
        "text": { "type": ["string", "null"], "maxLength": 2000, "default": null,
          "description": "what the customer is told; empty: nothing; null: that a colleague will take over, or, where no desk is called, that the bot cannot help" },
        "texts": {
          "type": "object",
          "additionalProperties": false,
          "description": "what the customer is told instead for a reason",
          "properties": {
            "asked": { "type": "string", "maxLength": 2000 },
            "unsure": { "type": "string", "maxLength": 2000 },
            "failed": { "type": "string", "maxLength": 2000 },
            "budget": { "type": "string", "maxLength": 2000 }
          }
        }
      }
    }
  }
}"#;

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use serde_json::{Value, json};
    use switchboard_plugin::testing::{Schema, examples};

    #[test]
    fn the_schema_takes_what_the_readme_shows_and_refuses_mistakes() {
        let schema = Schema::of(super::CONFIG);
        let example = examples(include_str!("../README.md"))[0];
        schema.takes_text(example);
        assert!(Config::parse(example).unwrap().is_complete());
        schema.takes(&json!({}));
        assert!(!Config::parse("{}").unwrap().is_complete());
        schema.hides(["endpoint/api_key", "endpoint/headers"]);
        let with = |name: &str, value: Value| {
            let mut config = json!({ "bot": "b", "endpoint": { "url": "https://a/v1", "model": "m" } });
            config[name] = value;
            config
        };
        schema.takes(&with("agents", json!([])));
        schema.refuses([
            json!({ "bot": "b" }),
            json!({ "agents": [] }),
            with("endpoint", json!({ "url": "https://a/v1" })),
            with("endpoint", json!({ "url": "a", "model": "m" })),
            with(
                "endpoint",
                json!({ "url": "https://a", "model": "m", "api_key": "two words" }),
            ),
            with("conversations", json!({ "kinds": ["room"] })),
            with("context", json!({ "messages": 0 })),
            with("answers", json!({ "format": "xml" })),
            with("budget", json!({ "app_tokens": -1 })),
            with("handoff", json!({ "texts": { "other": "x" } })),
            with("knowledge", json!([{ "keywords": ["a"] }])),
            with("model", json!("m")),
        ]);
    }

    #[test]
    fn an_empty_configuration_is_the_default_that_the_schema_states() {
        let schema = Schema::of(super::CONFIG);
        let config = Config::parse("{}").unwrap();
        let (rooms, endpoint) = (&config.conversations, &config.endpoint);
        for (key, value) in [
            ("conversations/kinds", json!(rooms.kinds)),
            ("conversations/mention_only", json!(rooms.mention_only)),
            ("conversations/quiet_minutes", json!(rooms.quiet_minutes)),
            ("endpoint/temperature", json!(endpoint.temperature)),
            ("endpoint/max_tokens", json!(endpoint.max_tokens)),
            ("endpoint/max_tokens_field", json!(endpoint.max_tokens_field)),
            ("endpoint/timeout_ms", json!(endpoint.timeout_ms)),
            ("endpoint/retries", json!(endpoint.retries)),
            ("context/messages", json!(config.context.messages)),
            ("context/chars", json!(config.context.chars)),
            ("context/snippets", json!(config.context.snippets)),
            ("answers/chars", json!(config.answers.chars)),
            ("budget/conversation_tokens", json!(config.budget.conversation_tokens)),
            ("budget/app_tokens", json!(config.budget.app_tokens)),
            ("handoff/marker", json!(config.handoff.marker)),
            ("handoff/min_confidence", json!(config.handoff.min_confidence)),
            ("handoff/text", json!(config.handoff.text)),
        ] {
            schema.states(key, value);
        }
    }
}
