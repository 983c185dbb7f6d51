//! What was done to an app's plugins.

use serde_json::Value;

use super::tell;
use crate::cli::client::{Access, Call, part};
use crate::cli::print::{self, items, time, word};
use crate::model::{AppId, PluginName};

/// `audit`.
#[derive(Debug, clap::Args)]
pub struct Audit {
    app: AppId,
    /// Only what was done to this plugin.
    name: Option<PluginName>,
    /// How many entries, at most 1000.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Only entries before the one with this id.
    #[arg(long, value_name = "ID")]
    before: Option<u64>,
}

impl Audit {
    /// Shows the entries, newest first.
    pub fn run(self, access: &Access) -> anyhow::Result<()> {
        let mut path = format!("/apps/{}/audit?limit={}", self.app, self.limit);
        path.extend(self.name.map(|name| format!("&plugin={}", part(name.as_str()))));
        path.extend(self.before.map(|before| format!("&before={before}")));
        tell(access, &access.call(Call::new("GET", path))?, table)
    }
}

fn table(answer: &Value) -> String {
    let row = |entry: &Value| {
        [
            word(&entry["id"]),
            time(&entry["at"]),
            word(&entry["who"]),
            word(&entry["what"]),
            word(&entry["plugin"]),
            word(&entry["digest"]).chars().take(12).collect(),
            word(&entry["detail"]),
        ]
    };
    let rows: Vec<[String; 7]> = items(answer, "entries").iter().map(row).collect();
    let table = print::table(["ID", "AT", "WHO", "WHAT", "PLUGIN", "DIGEST", "DETAIL"], &rows);
    match rows.last() {
        Some([last, ..]) if answer["has_more"] == true => format!("{table}\nolder ones: --before {last}"),
        _ => table,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entry_is_a_row() {
        let entry = json!({"id": 9, "at": 0, "who": "app", "what": "promoted", "plugin": "a", "digest": "0123456789abcdef",
            "detail": {"version": 2}});
        let text = table(&json!({ "entries": [entry], "has_more": true }));
        let rows: Vec<&str> = text.lines().collect();
        assert_eq!(
            rows[1..],
            [
                "9   1970-01-01T00:00:00.000Z  app  promoted  a       0123456789ab  {\"version\":2}",
                "older ones: --before 9"
            ]
        );
    }
}
