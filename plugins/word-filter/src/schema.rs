//! The JSON Schema of the configuration.

/// What a configuration may be. The word list has no pattern: checking it costs only when it is set.
pub const CONFIG: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Word filter",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "mode": { "enum": ["mask", "reject"], "default": "mask",
      "description": "replace the matched characters, or refuse the message" },
    "words": { "type": "array", "maxItems": 20000, "default": [],
      "items": { "type": "string", "minLength": 1, "maxLength": 64 },
      "description": "what to look for" },
    "mask": { "type": "string", "minLength": 1, "maxLength": 1, "default": "*",
      "description": "the character that replaces each matched one" },
    "match": { "enum": ["substring", "word"], "default": "substring",
      "description": "word: Latin and similar words only as whole words; Chinese and similar anywhere" },
    "case_sensitive": { "type": "boolean", "default": false },
    "kinds": { "type": "array", "maxItems": 8, "uniqueItems": true, "default": ["text"],
      "items": { "enum": ["text", "image", "voice", "video", "location", "file", "card", "link"] },
      "description": "which kinds of message to look at" },
    "message": { "type": "string", "minLength": 1, "maxLength": 160,
      "default": "This message contains words that are not allowed here.",
      "description": "what the sender of a refused message is told" }
  }
}"#;

#[cfg(test)]
mod tests {
    use crate::filter::{Memory, Outcome, filter};
    use serde_json::json;
    use switchboard_plugin::testing::{Schema, examples};

    #[test]
    fn the_schema_takes_what_the_readme_shows_and_refuses_mistakes() {
        let schema = Schema::of(super::CONFIG);
        let example = examples(include_str!("../README.md"))[0];
        schema.takes_text(example);
        let body = json!({ "text": "Ｓpam! spammer, 这是敏感词" }).to_string();
        let masked = json!({ "text": "****! spammer, 这是***" }).to_string();
        let outcome = filter(&mut Memory::default(), example.to_owned(), "text", &body);
        assert_eq!(outcome, Ok(Outcome::Masked(masked)));
        schema.refuses([
            json!({ "word": [] }),
            json!({ "words": [""] }),
            json!({ "words": ["a", 1] }),
            json!({ "mask": "**" }),
            json!({ "mode": "eat" }),
            json!({ "kinds": ["poll"] }),
        ]);
    }
}
