//! The JSON Schema of the configuration.

/// What a configuration may be.
pub const CONFIG: &str = include_str!("schema.json");

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    fn schema() -> jsonschema::Validator {
        jsonschema::validator_for(&serde_json::from_str(super::CONFIG).unwrap()).unwrap()
    }

    #[test]
    fn the_schema_takes_what_the_readme_shows() {
        let schema = schema();
        let readme = include_str!("../README.md");
        let examples: Vec<&str> = readme
            .split("```json\n")
            .skip(1)
            .filter_map(|rest| rest.split("```").next())
            .collect();
        assert!(examples.len() >= 4);
        for example in examples {
            let value: Value = serde_json::from_str(example).unwrap();
            let wrong: Vec<String> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
            assert!(wrong.is_empty(), "{wrong:?}: {example}");
            let config = crate::config::Config::parse(example).unwrap();
            if let Some(hours) = &config.hours {
                crate::hours::Hours::read(hours).unwrap();
            }
        }
        assert!(schema.is_valid(&json!({})));
    }

    /// So many pages inside of one another, and an answer.
    fn pages(deep: usize) -> Value {
        let answer = json!([{ "label": "b", "reply": "c" }]);
        (0..deep).fold(
            answer,
            |inner, _| json!([{ "label": "b", "menu": { "text": "c", "choices": inner } }]),
        )
    }

    #[test]
    fn the_schema_refuses_mistakes() {
        let schema = schema();
        let rules = [
            json!({ "name": "a", "reply": "b" }),
            json!({ "name": "a", "keywords": ["x"] }),
            json!({ "name": "a", "keywords": ["x"], "reply": "b", "actions": [{ "text": "c" }] }),
            json!({ "name": "a", "reply": "b", "keywords": ["x"], "pattern": "x" }),
            json!({ "name": "a", "reply": "b", "keywords": ["x"], "pattern": "x", "match": "any" }),
            json!({ "name": "a", "reply": "b", "pattern": "x", "match": "any" }),
            json!({ "name": "a", "reply": "b", "keywords": [] }),
            json!({ "name": "a", "reply": "b", "on": "opened", "keywords": ["x"] }),
            json!({ "name": "a", "reply": "b", "on": "message", "idle_seconds": 5 }),
            json!({ "name": "a", "reply": "b", "on": "idle", "idle_seconds": 0 }),
            json!({ "name": "a", "on": "opened", "actions": [] }),
            json!({ "name": "a", "on": "opened", "actions": ["jump"] }),
            json!({ "name": "a", "on": "opened", "actions": [{ "text": "a", "set": {} }] }),
            json!({ "name": "a", "reply": "b", "when": { "user": { "vip": true } } }),
            json!({ "name": "a", "reply": "b", "when": { "user": { "/vip": { "is": 1 } } } }),
            json!({ "name": "a", "reply": "b", "when": { "scripts": ["german"] } }),
        ];
        let hours = [
            json!({ "time_zone": "Europe Berlin" }),
            json!({ "weekly": { "monday": [] } }),
            json!({ "weekly": { "mon": ["9-17"] } }),
            json!({ "weekly": { "mon": ["09:00-25:00"] } }),
            json!({ "holidays": [{ "from": "2026-01-01" }] }),
            json!({ "holidays": [{ "date": "2026-01-01", "to": "2026-01-02" }] }),
            json!({ "holidays": [{ "date": "1.1.2026" }] }),
            json!({ "words": { "weekdays": ["Mo"] } }),
        ];
        let others = [
            json!({ "rule": [] }),
            json!({ "greeting": { "cooldown_seconds": -1 } }),
            json!({ "greeting": "hello" }),
            json!({ "out_of_office": "hello" }),
            json!({ "menu": { "text": "a", "choices": [] } }),
            json!({ "menu": { "text": "a", "choices": [{ "label": "b" }] } }),
            json!({ "menu": { "text": "a", "choices": [{ "label": "b", "menu": { "text": "c" } }] } }),
            json!({ "menu": { "text": "a", "choices": [{ "label": "b", "reply": "c", "say": "d" }] } }),
            json!({ "menu": { "text": "a", "choices": pages(4) } }),
        ];
        let rules = rules.map(|rule| json!({ "rules": [rule] }));
        let hours = hours.map(|hours| json!({ "hours": hours }));
        for bad in rules.into_iter().chain(hours).chain(others) {
            assert!(!schema.is_valid(&bad), "{bad}");
        }
    }

    /// Whatever the schema takes, the plugin reads.
    #[test]
    fn what_fits_the_schema_is_read() {
        let schema = schema();
        for rule in [
            json!({ "name": "a", "reply": "b", "keywords": ["x"], "match": "all", "case_sensitive": true }),
            json!({ "name": "a", "reply": "b", "on": "idle" }),
            json!({ "name": "a", "reply": "b", "on": "outside_hours", "pattern": "x" }),
            json!({ "name": "a", "actions": ["stop"], "when": { "desk": ["none"], "remembered": { "x": { "not": null } } } }),
            json!({ "name": "a", "actions": ["menu", { "card": {} }, { "message": { "kind": "image", "body": {} } },
                { "set": {} }, { "add": { "path": "/a", "value": 1 } }, { "remember": { "name": "x" } },
                { "hand_off": "y" }] }),
        ] {
            let config = json!({ "rules": [rule] });
            assert!(schema.is_valid(&config), "{config}");
            crate::config::Config::parse(&config.to_string()).unwrap();
        }
        let menu = json!({ "menu": { "text": "a", "choices": pages(3) } });
        assert!(schema.is_valid(&menu));
        crate::config::Config::parse(&menu.to_string()).unwrap();
        assert!(schema.is_valid(&json!({ "hours": null, "menu": null })));
        crate::config::Config::parse(r#"{ "hours": null, "menu": null }"#).unwrap();
    }
}
