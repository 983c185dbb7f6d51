//! Components and installs in words.

use serde_json::Value;

use crate::cli::print::{self, items, time, word};
use crate::model::Capability;

/// Characters of a state in a list; all of it is shown with the plugin.
const STATE_CHARS: usize = 72;

/// What a component is.
pub fn component(answer: &Value) -> String {
    let mut fields = vec![
        ("summary", word(&answer["summary"])),
        ("version", word(&answer["version"])),
        ("digest", word(&answer["digest"])),
        ("bytes", word(&answer["size"])),
    ];
    // Only who looks without a server has to be told what it is held to.
    if answer["contract"].is_string() {
        fields.push(("contract", word(&answer["contract"])));
    }
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
        ("canary", canary(&answer["canary"])),
        ("auto rollback", auto_rollback(&answer["auto_rollback"])),
        ("grants", grants(answer)),
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
    if items(answer, "counters").is_empty() {
        return text;
    }
    let table = if answer["canary"].is_object() {
        side_by_side(answer)
    } else {
        let shown = items(answer, "counters").iter().filter(|hook| is_shown(answer, hook));
        let rows: Vec<[String; 7]> = shown.map(counters).collect();
        print::table(
            ["HOOK", "CALLS", "FAILED", "REFUSED", "LEFT OUT", "P50 µs", "P99 µs"],
            &rows,
        )
    };
    format!("{text}\n\n{table}")
}

/// Whether there is anything to say of a hook: the component has it, or it was called in either version.
fn is_shown(answer: &Value, hook: &Value) -> bool {
    let name = &hook["hook"];
    let counted = [items(answer, "counters"), items(&answer["canary"], "counters")].concat();
    let called = |of: &Value| of["hook"] == *name && (of["calls"] != 0 || of["suspended"] != 0);
    items(&answer["component"], "hooks").contains(name) || counted.iter().any(called)
}

fn counters(hook: &Value) -> [String; 7] {
    [
        word(&hook["hook"]),
        word(&hook["calls"]),
        failed(hook),
        word(&hook["refused"]),
        word(&hook["suspended"]),
        word(&hook["p50_us"]),
        word(&hook["p99_us"]),
    ]
}

/// How many calls failed, and why.
fn failed(hook: &Value) -> String {
    let failures = || hook["failures"].as_object().into_iter().flatten();
    let sum: u64 = failures().filter_map(|(_, count)| count.as_u64()).sum();
    let reasons: Vec<String> = failures().map(|(reason, count)| format!("{reason} {count}")).collect();
    if reasons.is_empty() {
        return sum.to_string();
    }
    format!("{sum} ({})", reasons.join(", "))
}

/// Hook by hook: the current version's figures, and below them the canary's.
fn side_by_side(answer: &Value) -> String {
    let canary = &answer["canary"];
    let versions = [
        (word(&answer["current"]["number"]), items(answer, "counters")),
        (
            format!("{} (canary)", word(&canary["number"])),
            items(canary, "counters"),
        ),
    ];
    let hooks = items(answer, "counters").iter().filter(|hook| is_shown(answer, hook));
    let rows = hooks.map(|hook| &hook["hook"]).flat_map(|hook| {
        versions.iter().filter_map(move |(version, counted)| {
            let found = counted.iter().find(|counted| counted["hook"] == *hook)?;
            let [hook, calls, failed, refused, left_out, p50, p99] = counters(found);
            Some([hook, version.clone(), calls, failed, refused, left_out, p50, p99])
        })
    });
    print::table(
        [
            "HOOK", "VERSION", "CALLS", "FAILED", "REFUSED", "LEFT OUT", "P50 µs", "P99 µs",
        ],
        &rows.collect::<Vec<_>>(),
    )
}

fn canary(canary: &Value) -> String {
    if canary.is_null() {
        return "-".to_owned();
    }
    let (percent, since) = (word(&canary["percent"]), time(&canary["since"]));
    let (version, state) = (version(canary), state(canary));
    format!("{version} for {percent} of 100 since {since}, {state}")
}

fn auto_rollback(wanted: &Value) -> String {
    match wanted.as_bool() {
        Some(yes) => word(&yes.into()),
        None => "canaries only".to_owned(),
    }
}

/// All plugins of an app.
pub fn list(answer: &Value) -> String {
    let row = |install: &Value| {
        [
            word(&install["name"]),
            print::cut(&state(install), STATE_CHARS),
            word(&install["current"]["number"]),
            word(&install["component"]["hooks"]),
            grants(install),
        ]
    };
    let rows: Vec<[String; 5]> = items(answer, "plugins").iter().map(row).collect();
    print::table(["NAME", "STATE", "VERSION", "DOES", "GRANTS"], &rows)
}

/// What it may use, in the word that grants all of it if that is so.
fn grants(install: &Value) -> String {
    if items(install, "grants").len() == Capability::ALL.len() {
        return "all".to_owned();
    }
    word(&install["grants"])
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
                "suspended": 0, "total_us": 90, "p50_us": 8, "p99_us": 16}, {"hook": "timer", "calls": 0, "failures": {},
                "refused": 0, "suspended": 0, "total_us": 0, "p50_us": 0, "p99_us": 0}]})
    }

    #[test]
    fn an_install_is_shown_with_its_counters() {
        let text = install(&example());
        for part in [
            "name           word-filter\n",
            "state          suspended: trapped\n",
            "version        2 of 1970-01-01T00:00:00.000Z (0123456789ab)\n",
            "previous       -\n",
            "canary         -\nauto rollback  canaries only\n",
            "config         {\"mode\":\"mask\"}\n",
            "may ask        a.example.com\n",
            "does           about, policy\n",
            "used up        http_per_minute (2 times)\n",
            "HOOK    CALLS  FAILED                  REFUSED  LEFT OUT  P50 µs  P99 µs\n",
            "policy  9      3 (deadline 1, trap 2)  0        0         8       16",
        ] {
            assert!(text.contains(part), "{part}\n---\n{text}");
        }
        assert!(
            !text.contains("timer"),
            "nothing was called, and there is nothing to call: {text}"
        );
    }

    #[test]
    fn a_canarys_figures_stand_below_the_current_versions() {
        let mut install_with_canary = example();
        install_with_canary["canary"] = json!({"number": 3, "digest": "fedcba9876543210", "created_at": 0, "percent": 10,
            "since": 0, "state": "active", "counters": [{"hook": "policy", "calls": 1, "failures": {}, "refused": 0,
                "suspended": 0, "total_us": 4, "p50_us": 4, "p99_us": 4}]});
        let text = install(&install_with_canary);
        for part in [
            "canary         3 of 1970-01-01T00:00:00.000Z (fedcba987654) for 10 of 100 since 1970-01-01T00:00:00.000Z, active\n",
            "policy  2           9      3 (deadline 1, trap 2)  0        0         8       16\n",
            "policy  3 (canary)  1      0                       0        0         4       4",
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
        let mut broken = example();
        broken["reason"] = "trapped ".repeat(20).into();
        let cut = list(&json!({"plugins": [broken]}));
        assert!(
            cut.contains("trapped trap…  2") && cut.lines().all(|line| line.len() < 150),
            "{cut}"
        );
        let mut trusted = example();
        trusted["grants"] = Capability::ALL.map(Capability::as_str).to_vec().into();
        assert!(list(&json!({"plugins": [trusted]})).ends_with("about, policy  all"));
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
