//! The result: a table for people, JSON for machines.

use serde::Serialize;

use super::{figure::Figure, target::bound_of};

/// Everything a run has found.
#[derive(Serialize)]
pub struct Results {
    pub machine: String,
    pub pairs: usize,
    pub figures: Vec<Figure>,
    /// What went wrong and makes a figure doubtful.
    pub notes: Vec<String>,
}

/// A figure with its verdict, as written to JSON.
#[derive(Serialize)]
struct Judged<'a> {
    #[serde(flatten)]
    figure: &'a Figure,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    met: Option<bool>,
}

/// The whole result as JSON.
pub fn json(results: &Results) -> serde_json::Result<String> {
    let judged: Vec<_> = results.figures.iter().map(judge).collect();
    serde_json::to_string_pretty(&serde_json::json!({
        "machine": results.machine,
        "pairs": results.pairs,
        "figures": judged,
        "notes": results.notes,
    }))
}

/// The figures as aligned columns: scenario, figure, value, target, verdict.
pub fn text(figures: &[Figure]) -> String {
    let mut rows = vec![["scenario", "figure", "value", "target", ""].map(String::from)];
    rows.extend(figures.iter().map(row));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 5] = std::array::from_fn(width);
    let mut out = String::new();
    for [scenario, name, value, target, verdict] in &rows {
        let [a, b, c, d, _] = widths;
        let line = format!("{scenario:<a$}  {name:<b$}  {value:>c$}  {target:<d$}  {verdict}");
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

fn row(figure: &Figure) -> [String; 5] {
    let Judged { target, met, .. } = judge(figure);
    let verdict = met.map_or("", |met| if met { "met" } else { "MISSED" });
    let name = figure.name.to_owned();
    [
        figure.scenario.to_owned(),
        name,
        figure.text(),
        target.unwrap_or_default(),
        verdict.to_owned(),
    ]
}

fn judge(figure: &Figure) -> Judged<'_> {
    let bound = bound_of(figure);
    Judged {
        figure,
        target: bound.map(|bound| bound.text(figure.unit)),
        met: bound.map(|bound| bound.met(figure.value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::figure::Unit;

    fn figures() -> Vec<Figure> {
        vec![
            Figure::single("room", "deliveries, ratio", Unit::Ratio, 0.85),
            Figure::single("idle", "memory per connection", Unit::KibiBytes, 13.0),
            Figure::single("direct", "random nonces", Unit::PerSecond, 41_200.0),
        ]
    }

    #[test]
    fn columns_line_up_and_verdicts_are_given() {
        let text = text(&figures());
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].ends_with("met"));
        assert!(lines[2].ends_with("MISSED"));
        assert!(lines[3].ends_with("41.2 k/s"));
        let column = |line: &str, sign: &str| line.find(sign).map(|at| line[..at].chars().count());
        assert_eq!(column(lines[1], "≥"), column(lines[0], "target"));
    }

    #[test]
    fn json_tells_what_was_met() {
        let results = Results {
            machine: "a".into(),
            pairs: 3,
            figures: figures(),
            notes: vec![],
        };
        let value: serde_json::Value = serde_json::from_str(&json(&results).unwrap()).unwrap();
        assert_eq!(value["figures"][0]["met"], true);
        assert_eq!(value["figures"][1]["met"], false);
        assert_eq!(value["figures"][2].get("met"), None);
    }
}
