//! The JSON Schema of the configuration.

/// What a configuration may be.
pub const CONFIG: &str = include_str!("schema.json");

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use switchboard_plugin::testing::{Schema, examples};

    #[test]
    fn the_schema_takes_what_the_readme_shows() {
        let schema = Schema::of(super::CONFIG);
        let examples = examples(include_str!("../README.md"));
        assert!(examples.len() >= 4);
        for example in examples {
            schema.takes_text(example);
            let config = crate::config::Config::parse(example).unwrap();
            if let Some(hours) = &config.hours {
                crate::hours::Hours::read(hours).unwrap();
            }
        }
        schema.takes(&json!({}));
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
        let schema = Schema::of(super::CONFIG);
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
        schema.refuses(rules.into_iter().chain(hours).chain(others));
    }

    /// Whatever the schema takes, the plugin reads.
    #[test]
    fn what_fits_the_schema_is_read() {
        let schema = Schema::of(super::CONFIG);
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
            schema.takes(&config);
            crate::config::Config::parse(&config.to_string()).unwrap();
        }
        let menu = json!({ "menu": { "text": "a", "choices": pages(3) } });
        schema.takes(&menu);
        crate::config::Config::parse(&menu.to_string()).unwrap();
        schema.takes(&json!({ "hours": null, "menu": null }));
        crate::config::Config::parse(r#"{ "hours": null, "menu": null }"#).unwrap();
    }
}
