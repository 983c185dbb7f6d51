//! The kind of this protocol's types that no other plugin has a kind for: a type, its content, and the fields around.

use serde_json::Value;
use switchboard_plugin::hooks::message_type::Kind;

use crate::object::OTHER;

/// The types below this are what people say; from here on the system speaks.
pub const TYPES: i64 = 900;

/// The schema of its body.
const SCHEMA: &str = r#"{
  "type": "object",
  "additionalProperties": false,
  "required": ["type"],
  "properties": {
    "type": { "type": "integer", "minimum": 0, "maximum": 899 },
    "text": { "type": "string", "maxLength": 5000 },
    "attr": { "type": "object", "maxProperties": 64 }
  }
}"#;

/// The one kind.
pub fn kind() -> Kind {
    Kind::new(OTHER, SCHEMA)
}

/// Plain words: the content if it is some, else the type.
pub fn summary(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let words = body["text"].as_str().unwrap_or_default().trim();
    if words.is_empty() || words.starts_with(['{', '[']) {
        return format!("[{}]", body["type"].as_i64().unwrap_or_default());
    }
    words
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(200)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_other_type_fits_the_schema() {
        let schema = jsonschema::validator_for(&serde_json::from_str(SCHEMA).unwrap()).unwrap();
        let object = json!({"type": 85, "content": "", "objectId": "[1]"});
        let said = crate::object::Said::read(object.as_object().unwrap()).unwrap();
        assert!(schema.is_valid(&said.body().1));
        assert!(!schema.is_valid(&json!({"type": 907})) && !schema.is_valid(&json!({"text": "x"})));
    }

    #[test]
    fn a_summary_is_one_line() {
        assert_eq!(summary(r#"{"type":5,"text":" a\n b "}"#), "a b");
        assert_eq!(summary(r#"{"type":85,"text":"[{}]"}"#), "[85]");
        assert_eq!(summary("x"), "[0]");
        assert_eq!(
            summary(&json!({"type": 5, "text": "长".repeat(500)}).to_string())
                .chars()
                .count(),
            200
        );
    }
}
