//! What of a configuration is shown to nobody: values that the plugin's schema marks as `writeOnly`, such as keys of other
//! services. Each is shown as a mark; a configuration that comes back with the mark in that place keeps what was there.

use serde_json::Value;

use crate::model::Body;

/// Stands for what is not shown.
const MARK: &str = "********";
/// How deep schemas and configurations are looked into.
const DEPTH: u32 = 32;

/// A configuration without what its schema hides. Without a schema, as when the component cannot be loaded, no text is
/// shown at all.
pub fn hide(config: &Body, schema: Option<&Body>) -> Body {
    let (Some(mut shown), schema) = (read(config), schema.map(read)) else {
        return Body::empty();
    };
    match schema.flatten() {
        Some(schema) => hide_in(&mut shown, &schema, &schema, DEPTH),
        None => hide_texts(&mut shown),
    }
    Body::trusted(&shown.to_string())
}

/// A configuration with what its marks stand for.
pub fn reveal(config: Body, old: &Body) -> Body {
    if !config.as_str().contains(MARK) {
        return config;
    }
    let (Some(mut new), Some(old)) = (read(&config), read(old)) else {
        return config;
    };
    reveal_in(&mut new, &old);
    Body::trusted(&new.to_string())
}

fn read(body: &Body) -> Option<Value> {
    serde_json::from_str(body.as_str()).ok()
}

fn hide_in(value: &mut Value, schema: &Value, root: &Value, depth: u32) {
    if depth == 0 || value.is_null() {
        return;
    }
    if schema["writeOnly"] == true {
        *value = MARK.into();
        return;
    }
    let under = |value: &mut Value, schema: &Value| hide_in(value, schema, root, depth - 1);
    let pointer = schema["$ref"].as_str().and_then(|place| place.strip_prefix('#'));
    if let Some(meant) = pointer.and_then(|place| root.pointer(place)) {
        under(value, meant);
    }
    for word in ["allOf", "anyOf", "oneOf"] {
        for one in schema[word].as_array().into_iter().flatten() {
            under(value, one);
        }
    }
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                under(
                    field,
                    schema["properties"]
                        .get(name)
                        .unwrap_or(&schema["additionalProperties"]),
                );
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| under(item, &schema["items"])),
        _ => {}
    }
}

fn hide_texts(value: &mut Value) {
    match value {
        Value::String(text) => MARK.clone_into(text),
        Value::Object(fields) => fields.values_mut().for_each(hide_texts),
        Value::Array(items) => items.iter_mut().for_each(hide_texts),
        _ => {}
    }
}

fn reveal_in(new: &mut Value, old: &Value) {
    match (new, old) {
        (Value::Object(new), Value::Object(old)) => {
            for (name, field) in new {
                if let Some(old) = old.get(name) {
                    reveal_in(field, old);
                }
            }
        }
        (Value::Array(new), Value::Array(old)) => new.iter_mut().zip(old).for_each(|(new, old)| reveal_in(new, old)),
        (new, old) if *new == MARK => *new = old.clone(),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = r##"{
        "properties": {
            "api_key": { "type": "string", "writeOnly": true },
            "endpoint": { "$ref": "#/$defs/endpoint" },
            "targets": { "items": { "properties": { "secret": { "writeOnly": true } } } },
            "extra": { "additionalProperties": { "anyOf": [{ "writeOnly": true }] } }
        },
        "$defs": { "endpoint": { "properties": { "headers": { "writeOnly": true } } } }
    }"##;
    const CONFIG: &str = r#"{"api_key":"k","endpoint":{"headers":{"a":"b"},"url":"u"},"extra":{"x":"y"},"targets":[{"secret":"s","url":"v"}]}"#;

    #[test]
    fn what_the_schema_hides_is_marked_and_comes_back() {
        let config = Body::trusted(CONFIG);
        let shown = hide(&config, Some(&Body::trusted(SCHEMA)));
        let expected = r#"{"api_key":"********","endpoint":{"headers":"********","url":"u"},"extra":{"x":"********"},"targets":[{"secret":"********","url":"v"}]}"#;
        assert_eq!(shown.as_str(), expected);
        let changed = Body::trusted(&shown.as_str().replace("\"u\"", "\"w\""));
        let revealed = reveal(changed, &config);
        assert_eq!(revealed.as_str(), CONFIG.replace("\"u\"", "\"w\""));
    }

    #[test]
    fn without_a_schema_no_text_is_shown() {
        let shown = hide(&Body::trusted(r#"{"key":"k","most":3}"#), None);
        assert_eq!(shown.as_str(), r#"{"key":"********","most":3}"#);
    }

    #[test]
    fn a_mark_where_nothing_was_stays() {
        let new = Body::trusted(r#"{"other":"********"}"#);
        assert_eq!(reveal(new.clone(), &Body::trusted(CONFIG)), new);
    }

    #[test]
    fn a_schema_that_means_itself_ends() {
        let schema = Body::trusted(r##"{"$ref":"#","properties":{"a":{"$ref":"#"}}}"##);
        assert_eq!(
            hide(&Body::trusted(r#"{"a":{"a":1}}"#), Some(&schema)).as_str(),
            r#"{"a":{"a":1}}"#
        );
    }
}
