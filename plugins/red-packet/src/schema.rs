//! The JSON Schemas: of the configuration, and of a body as it is sent and as it is kept.

/// What a configuration may be.
pub const CONFIG: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Red packet",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "max_total": { "type": "integer", "minimum": 1, "maximum": 1000000000000, "default": 2000000,
      "description": "largest sum of one packet, in minor units" },
    "max_count": { "type": "integer", "minimum": 1, "maximum": 100, "default": 100,
      "description": "most shares of one packet" },
    "expiry_seconds": { "type": "integer", "minimum": 1, "maximum": 2592000, "default": 86400,
      "description": "how long a packet can be claimed; a sender may ask for less" },
    "salt": { "type": "string", "maxLength": 256, "default": "", "writeOnly": true,
      "description": "a secret mixed into random shares, so that nobody can tell them in advance" }
  }
}"#;

/// What a body may be. State fields may be sent, and mean nothing then.
pub const BODY: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Red packet",
  "type": "object",
  "maxProperties": 64,
  "required": ["total", "count"],
  "properties": {
    "total": { "type": "integer", "minimum": 1, "maximum": 1000000000000, "description": "the sum, in minor units" },
    "count": { "type": "integer", "minimum": 1, "maximum": 100, "description": "how many shares" },
    "mode": { "enum": ["equal", "random"], "description": "how it is shared; equal unless said" },
    "text": { "type": ["string", "null"], "maxLength": 200, "description": "a greeting" },
    "attr": { "description": "the sender's own" },
    "expires_at": { "type": ["integer", "null"], "minimum": 0, "description": "when it ends, in milliseconds" },
    "claims": { "type": "array", "maxItems": 100, "items": {
      "type": "object",
      "properties": {
        "user": { "type": "string" },
        "amount": { "type": "integer", "minimum": 0 },
        "at": { "type": "integer", "minimum": 0 }
      }
    } },
    "left": { "type": "integer", "minimum": 0, "description": "what can still be claimed" },
    "returned": { "type": "integer", "minimum": 0, "description": "what nobody claimed in time" },
    "state": { "enum": ["open", "finished", "expired"] }
  }
}"#;

#[cfg(test)]
mod tests {
    use serde_json::json;
    use switchboard_plugin::testing::Schema;

    use super::*;
    use crate::config::Config;

    #[test]
    fn the_defaults_are_those_that_the_schema_states() {
        let schema = Schema::of(CONFIG);
        let config = Config::parse("{}").unwrap();
        schema.states("max_total", config.max_total);
        schema.states("max_count", config.max_count);
        schema.states("expiry_seconds", config.expiry_seconds);
        schema.states("salt", config.salt);
        schema.hides(["salt"]);
        schema.takes(&json!({}));
    }

    #[test]
    fn a_body_is_a_sum_and_a_number_of_shares() {
        let schema = Schema::of(BODY);
        schema.takes(&json!({ "total": 100, "count": 3, "mode": "random", "text": "恭喜发财", "mine": 1 }));
        schema.refuses([
            json!({}),
            json!({ "total": 100 }),
            json!({ "total": "100", "count": 1 }),
            json!({ "total": 1.5, "count": 1 }),
            json!({ "total": -1, "count": 1 }),
            json!({ "total": 100, "count": 101 }),
            json!({ "total": 100, "count": 0 }),
            json!({ "total": 100, "count": 1, "mode": "all" }),
        ]);
    }
}
