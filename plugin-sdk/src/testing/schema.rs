//! The JSON Schema of a configuration, as a test asks about it: does it take what the README shows, does it refuse
//! mistakes, are its defaults those that the plugin has.

use jsonschema::Validator;
use serde_json::Value;

/// The blocks of JSON in a README, in their order.
#[must_use]
pub fn examples(readme: &str) -> Vec<&str> {
    let blocks = readme.split("```json\n").skip(1);
    blocks.filter_map(|rest| rest.split("```").next()).collect()
}

/// A schema to be asked. Every answer that is not hoped for is a panic at the place of the question.
#[derive(Debug)]
pub struct Schema {
    schema: Value,
    validator: Validator,
}

impl Schema {
    /// Reads it.
    ///
    /// # Panics
    /// If it is no JSON Schema.
    #[must_use]
    #[track_caller]
    pub fn of(text: &str) -> Self {
        let schema = json(text);
        match jsonschema::validator_for(&schema) {
            Ok(validator) => Self { schema, validator },
            Err(error) => panic!("no schema: {error}"),
        }
    }

    /// It takes this value.
    ///
    /// # Panics
    /// With what is wrong, if it does not.
    #[track_caller]
    pub fn takes(&self, value: &Value) {
        let wrong: Vec<String> = self
            .validator
            .iter_errors(value)
            .map(|error| error.to_string())
            .collect();
        assert!(wrong.is_empty(), "refused: {wrong:?}: {value}");
    }

    /// It takes this text, which is answered as a value.
    ///
    /// # Panics
    /// With what is wrong, if it does not.
    #[track_caller]
    pub fn takes_text(&self, text: &str) -> Value {
        let value = json(text);
        self.takes(&value);
        value
    }

    /// It refuses each of these.
    ///
    /// # Panics
    /// With the first that it takes.
    #[track_caller]
    pub fn refuses(&self, values: impl IntoIterator<Item = Value>) {
        for value in values {
            assert!(!self.validator.is_valid(&value), "taken: {value}");
        }
    }

    /// It states this default for a key, inner ones by their path: `endpoint/timeout_ms`.
    ///
    /// # Panics
    /// If it states another, or none.
    #[track_caller]
    pub fn states(&self, key: &str, default: impl Into<Value>) {
        assert_eq!(self.property(key)["default"], default.into(), "{key}");
    }

    /// It names these keys as secrets (`writeOnly`).
    ///
    /// # Panics
    /// With the first that it does not.
    #[track_caller]
    pub fn hides<'k>(&self, keys: impl IntoIterator<Item = &'k str>) {
        for key in keys {
            assert_eq!(self.property(key)["writeOnly"], true, "{key}");
        }
    }

    /// The schema of a key; of the entries of a list by `*`: `targets/*/url`.
    #[must_use]
    pub fn property(&self, key: &str) -> &Value {
        key.split('/').fold(&self.schema, |schema, name| match name {
            "*" => &schema["items"],
            name => &schema["properties"][name],
        })
    }
}

#[track_caller]
fn json(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => panic!("no JSON: {error}: {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SCHEMA: &str = r#"{
        "additionalProperties": false,
        "properties": {
            "list": { "items": { "properties": { "key": { "type": "string", "writeOnly": true } } } },
            "inner": { "properties": { "many": { "type": "integer", "default": 7 } } }
        }
    }"#;

    #[test]
    fn it_answers_what_is_asked() {
        let schema = Schema::of(SCHEMA);
        schema.takes(&json!({ "inner": { "many": 1 } }));
        assert_eq!(schema.takes_text("{}"), json!({}));
        schema.refuses([json!({ "other": 1 }), json!({ "inner": { "many": "1" } })]);
        schema.states("inner/many", 7);
        schema.hides(["list/*/key"]);
    }

    #[test]
    #[should_panic(expected = "taken: {}")]
    fn what_is_taken_is_not_refused() {
        Schema::of(SCHEMA).refuses([json!({})]);
    }

    #[test]
    #[should_panic(expected = "inner/many")]
    fn another_default_is_told() {
        Schema::of(SCHEMA).states("inner/many", 8);
    }

    #[test]
    fn blocks_of_other_languages_are_no_examples() {
        let readme = "a\n```json\n{}\n```\n```js\nx\n```\n```json\n[1]\n```\n";
        assert_eq!(examples(readme), ["{}\n", "[1]\n"]);
    }
}
