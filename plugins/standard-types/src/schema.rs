//! JSON Schemas (2020-12) of the kinds, made from their table.
//!
//! A schema is never stricter than `check`; it may be looser where a schema would only give an unreadable reason.

use crate::kinds::{FIELDS, Kind, Shape};
use serde_json::{Value, json};

/// The schema of a kind's body. Null stands for an absent field everywhere.
pub fn of(kind: &Kind) -> String {
    let mut properties = serde_json::Map::new();
    for field in kind.fields {
        let mut schema = shape(field.shape);
        schema["description"] = field.about.into();
        properties.insert(field.name.to_owned(), schema);
    }
    let needs: Vec<Value> = kind.needs.iter().map(|group| json!({ "required": group })).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": kind.label,
        "type": "object",
        "maxProperties": FIELDS,
        "properties": properties,
        "anyOf": needs,
        "additionalProperties": true,
    })
    .to_string()
}

fn shape(shape: Shape) -> Value {
    match shape {
        Shape::Url => json!({ "type": ["string", "null"], "maxLength": 2048 }),
        Shape::Text(max) => json!({ "type": ["string", "null"], "maxLength": max }),
        Shape::Mime => json!({ "type": ["string", "null"], "maxLength": 127 }),
        Shape::Flag => json!({ "type": ["boolean", "null"] }),
        Shape::Anything => json!({}),
        Shape::Whole(max) => {
            json!({ "type": ["integer", "string", "null"], "minimum": 0, "maximum": max, "maxLength": 20 })
        }
        Shape::Seconds => {
            json!({ "type": ["number", "string", "null"], "minimum": 0, "maximum": 604_800, "maxLength": 20 })
        }
        Shape::Degrees(max) => json!({
            "type": ["number", "string", "null"],
            "minimum": -i64::from(max),
            "maximum": max,
            "maxLength": 32,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::KINDS;

    #[test]
    fn every_kind_has_a_schema_that_names_its_fields() {
        for kind in KINDS {
            let schema: Value = serde_json::from_str(&of(kind)).unwrap();
            assert_eq!(schema["type"], "object");
            for field in kind.fields {
                assert!(
                    schema["properties"][field.name]["description"].is_string(),
                    "{}",
                    field.name
                );
            }
            for group in kind.needs {
                for name in *group {
                    assert!(
                        kind.fields.iter().any(|field| field.name == *name),
                        "{} of {}",
                        name,
                        kind.name
                    );
                }
            }
        }
    }

    /// What the check takes, the schema must let through: the host asks the schema first.
    #[test]
    fn a_schema_is_never_stricter_than_the_check() {
        let bodies = [
            json!({ "url": "/a.png", "width": "640", "height": 0, "size": 9_007_199_254_740_992_u64, "mine": {} }),
            json!({ "url": "", "text": "x", "attr": null, "duration": "3.5", "name": null }),
            json!({ "attr": "null", "latitude": "24.5", "longitude": -118.1, "etag": "x" }),
            json!({ "user": "u1", "title": "t", "url": "https://a", "width": 12.0, "duration": 0.5 }),
            json!({ "latitude": -90, "longitude": 180 }),
        ];
        for kind in KINDS {
            let schema: Value = serde_json::from_str(&of(kind)).unwrap();
            let schema = jsonschema::validator_for(&schema).unwrap();
            for body in &bodies {
                let taken = crate::check::check(kind, &body.to_string());
                assert!(taken.is_err() || schema.is_valid(body), "{} {body}", kind.name);
                if let Ok(stored) = taken {
                    assert!(
                        schema.is_valid(&serde_json::from_str(&stored).unwrap()),
                        "{} {stored}",
                        kind.name
                    );
                }
            }
            for bad in [
                json!([]),
                json!({}),
                json!({ "text": 7 }),
                json!({ "text": "x", "size": -1, "zoom": -1 }),
            ] {
                assert!(
                    !schema.is_valid(&bad) || kind.name == "card" || kind.name == "link",
                    "{} {bad}",
                    kind.name
                );
            }
        }
    }
}
