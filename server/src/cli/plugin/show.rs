//! Components and installs in words.

use serde_json::Value;

use crate::cli::print::{self, items, time, word};

/// What a component is.
pub fn component(answer: &Value) -> String {
    let mut fields = vec![
        ("summary", word(&answer["summary"])),
        ("version", word(&answer["version"])),
        ("digest", word(&answer["digest"])),
        ("bytes", word(&answer["size"])),
    ];
    fields.extend(duties(answer));
    fields.push(("config schema", word(&answer["config_schema"])));
    print::fields(&fields)
}

/// What a component does and wants.
fn duties(answer: &Value) -> Vec<(&'static str, String)> {
    let kinds: Vec<Value> = items(answer, "kinds").iter().map(|kind| kind["kind"].clone()).collect();
    vec![
        ("does", word(&answer["hooks"])),
        ("wants", word(&answer["capabilities"])),
        ("kinds", word(&kinds.into())),
        ("judges", word(&answer["rules"]["policy"])),
        ("hears", word(&answer["rules"]["observer"]["events"])),
    ]
}

/// An install with its counters.
pub fn install(answer: &Value) -> String {
    let mut fields = vec![
        ("name", word(&answer["name"])),
        ("state", state(answer)),
        ("version", version(&answer["current"])),
        ("previous", version(&answer["previous"])),
        ("grants", word(&answer["grants"])),
        ("may ask", word(&answer["http_hosts"])),
        ("priority", word(&answer["priority"])),
        ("reuse", word(&answer["reuse"])),
        ("config", word(&answer["config"])),
    ];
    if answer["component"].is_object() {
        fields.extend(duties(&answer["component"]));
    }
    let used_up = answer["quotas"].as_object().into_iter().flatten();
    let used_up: Vec<Value> = used_up
        .map(|(name, hits)| format!("{name} ({hits} times)").into())
        .collect();
    if !used_up.is_empty() {
        fields.push(("used up", word(&used_up.into())));
    }
    let text = print::fields(&fields);
    let rows: Vec<[String; 6]> = items(answer, "counters").iter().map(counters).collect();
    if rows.is_empty() {
        return text;
    }
    let table = print::table(["HOOK", "CALLS", "FAILED", "REFUSED", "P50 µs", "P99 µs"], &rows);
    format!("{text}\n\n{table}")
}

fn counters(hook: &Value) -> [String; 6] {
    let failures = hook["failures"].as_object().into_iter().flatten();
    let failed: u64 = failures.filter_map(|(_, count)| count.as_u64()).sum();
    [
        word(&hook["hook"]),
        word(&hook["calls"]),
        failed.to_string(),
        word(&hook["refused"]),
        word(&hook["p50_us"]),
        word(&hook["p99_us"]),
    ]
}

/// All plugins of an app.
pub fn list(answer: &Value) -> String {
    let row = |install: &Value| {
        [
            word(&install["name"]),
            state(install),
            word(&install["current"]["number"]),
            word(&install["component"]["hooks"]),
            word(&install["grants"]),
        ]
    };
    let rows: Vec<[String; 5]> = items(answer, "plugins").iter().map(row).collect();
    print::table(["NAME", "STATE", "VERSION", "DOES", "GRANTS"], &rows)
}

fn state(install: &Value) -> String {
    let state = word(&install["state"]);
    match install["reason"].as_str() {
        Some(reason) => format!("{state}: {reason}"),
        None => state,
    }
}

fn version(version: &Value) -> String {
    if version.is_null() {
        return "-".to_owned();
    }
    let digest: String = word(&version["digest"]).chars().take(12).collect();
    format!(
        "{} of {} ({digest})",
        word(&version["number"]),
        time(&version["created_at"])
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn example() -> Value {
        json!({"name": "word-filter", "state": "suspended", "reason": "trapped", "enabled": true,
            "current": {"number": 2, "digest": "0123456789abcdef", "created_at": 0}, "previous": null,
            "grants": ["kv"], "http_hosts": ["a.example.com"], "quotas": {"http_per_minute": 2}, "config": {"mode": "mask"}, "priority": 10, "reuse": 1,
            "component": {"hooks": ["about", "policy"], "capabilities": ["kv"], "kinds": [],
                "rules": {"policy": {"sends": true}}},
            "counters": [{"hook": "policy", "calls": 9, "failures": {"trap": 2, "deadline": 1}, "refused": 0,
                "suspended": 0, "total_us": 90, "p50_us": 8, "p99_us": 16}]})
    }

    #[test]
    fn an_install_is_shown_with_its_counters() {
        let text = install(&example());
        for part in [
            "name      word-filter\n",
            "state     suspended: trapped\n",
            "version   2 of 1970-01-01T00:00:00.000Z (0123456789ab)\n",
            "previous  -\n",
            "config    {\"mode\":\"mask\"}\n",
            "may ask   a.example.com\n",
            "does      about, policy\n",
            "used up   http_per_minute (2 times)\n",
            "HOOK    CALLS  FAILED  REFUSED  P50 µs  P99 µs\npolicy  9      3       0        8       16",
        ] {
            assert!(text.contains(part), "{part}\n---\n{text}");
        }
    }

    #[test]
    fn a_list_has_a_row_each() {
        let text = list(&json!({"plugins": [example()]}));
        let rows: Vec<&str> = text.lines().collect();
        assert_eq!(rows.len(), 2);
        assert!(
            rows[1].starts_with("word-filter  suspended: trapped  2        about, policy  kv"),
            "{text}"
        );
    }

    #[test]
    fn a_component_is_shown_with_its_kinds() {
        let text = component(
            &json!({"digest": "ab", "size": 5, "hooks": ["message-type"], "capabilities": [],
            "summary": "", "version": "1", "config_schema": null, "kinds": [{"kind": "image", "schema": {}}],
            "rules": {}}),
        );
        assert!(
            text.contains("kinds          image\n") && text.contains("wants          -\n"),
            "{text}"
        );
    }
}
