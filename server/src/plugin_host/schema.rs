//! JSON schemas that plugins bring. They run natively and unwatched, so what they can cost is bounded beforehand: by
//! size, by patterns of linear time, and by refusing references that multiply or go round in circles.

use jsonschema::{PatternOptions, Validator};
use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::model::Body;

/// The largest schema, in bytes.
const SCHEMA_BYTES: usize = 64 << 10;
/// How many values a schema may have once each reference is replaced by what it stands for.
const UNFOLDED_VALUES: u64 = 20_000;
/// What a compiled pattern may occupy.
const PATTERN_BYTES: usize = 256 << 10;

/// A schema, ready to check values.
#[derive(Debug)]
pub struct Schema {
    validator: Validator,
    /// As the plugin gave it.
    pub source: Body,
}

impl Schema {
    /// Compiles a schema.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn compile(text: &str) -> Result<Self, String> {
        if text.len() > SCHEMA_BYTES {
            return Err(format!("the schema has {} bytes, more than {SCHEMA_BYTES}", text.len()));
        }
        let value: Value = serde_json::from_str(text).map_err(|error| format!("the schema is no JSON: {error}"))?;
        Unfolding::of(&value)?;
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .with_pattern_options(
                PatternOptions::regex()
                    .size_limit(PATTERN_BYTES)
                    .dfa_size_limit(PATTERN_BYTES),
            )
            .offline()
            .build(&value)
            .map_err(|error| format!("at {}: {error}", error.instance_path()))?;
        Ok(Self {
            validator,
            source: Body::trusted(text),
        })
    }

    /// Checks a value.
    ///
    /// # Errors
    /// What is wrong and where, by JSON pointer.
    pub fn check(&self, json: &Body) -> Result<(), String> {
        let value: Value = serde_json::from_str(json.as_str()).map_err(|error| error.to_string())?;
        self.validator.validate(&value).map_err(|error| {
            // What is wrong is the sender's own text; it may be long.
            let mut text = error.to_string();
            text.truncate(text.floor_char_boundary(300));
            format!("at \"{}\": {text}", error.instance_path())
        })
    }
}

/// Counts what a schema amounts to with its references unfolded.
struct Unfolding<'a> {
    root: &'a Value,
    known: FxHashMap<&'a str, Option<u64>>,
}

impl<'a> Unfolding<'a> {
    fn of(root: &'a Value) -> Result<(), String> {
        let mut unfolding = Self {
            root,
            known: FxHashMap::default(),
        };
        let values = unfolding.values(root)?;
        if values > UNFOLDED_VALUES {
            return Err(format!(
                "the schema's references unfold to more than {UNFOLDED_VALUES} values"
            ));
        }
        Ok(())
    }

    fn values(&mut self, value: &'a Value) -> Result<u64, String> {
        let mut sum = 1_u64;
        match value {
            Value::Array(items) => {
                for item in items {
                    sum = sum.saturating_add(self.values(item)?);
                }
            }
            Value::Object(fields) => {
                for (name, field) in fields {
                    sum = sum.saturating_add(match (name.as_str(), field) {
                        ("$ref", Value::String(target)) => self.target(target)?,
                        ("$id" | "$anchor" | "$dynamicRef" | "$dynamicAnchor" | "$recursiveRef", Value::String(_)) => {
                            return Err(format!(
                                "the schema uses `{name}`; only `$ref` to a part of itself is allowed"
                            ));
                        }
                        _ => self.values(field)?,
                    });
                }
            }
            _ => {}
        }
        Ok(sum)
    }

    fn target(&mut self, target: &'a str) -> Result<u64, String> {
        match self.known.get(target) {
            Some(Some(values)) => return Ok(*values),
            Some(None) => return Err(format!("the schema's reference `{target}` leads back to itself")),
            None => {}
        }
        let pointer = target
            .strip_prefix('#')
            .filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let part = pointer.and_then(|pointer| self.root.pointer(pointer));
        let part = part.ok_or_else(|| format!("the schema's reference `{target}` is no part of itself"))?;
        self.known.insert(target, None);
        let values = self.values(part)?;
        self.known.insert(target, Some(values));
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_place() {
        let schema = Schema::compile(r##"{"$ref":"#/$defs/a","$defs":{"a":{"properties":{"w":{"type":"integer"}}}}}"##);
        let schema = schema.unwrap();
        assert_eq!(schema.check(&Body::trusted(r#"{"w":1}"#)), Ok(()));
        let error = schema.check(&Body::trusted(r#"{"w":"x"}"#)).unwrap_err();
        assert!(error.contains("\"/w\""), "{error}");
    }

    #[test]
    fn schemas_that_could_run_away_are_refused() {
        let refused = |text: &str| Schema::compile(text).unwrap_err();
        assert!(refused("{").contains("no JSON"));
        assert!(refused(r#"{"type":"objekt"}"#).starts_with("at "));
        assert!(refused(r#"{"$ref":"https://example.com/x"}"#).contains("no part of itself"));
        assert!(refused(r##"{"$defs":{"a":{"items":{"$ref":"#/$defs/a"}}}}"##).contains("back to itself"));
        assert!(refused(r#"{"pattern":"(?=x)"}"#).starts_with("at "));
        assert!(refused(r#"{"pattern":"(\\w{100}){100}"}"#).starts_with("at "));
        let mut parts = r#"{"type":"object"}"#.to_owned();
        for i in 0..20 {
            parts = format!(
                r##"{parts},"d{}":{{"allOf":[{{"$ref":"#/$defs/d{i}"}},{{"$ref":"#/$defs/d{i}"}}]}}"##,
                i + 1
            );
        }
        assert!(refused(&format!(r##"{{"$ref":"#/$defs/d20","$defs":{{"d0":{parts}}}}}"##)).contains("unfold"));
    }
}
