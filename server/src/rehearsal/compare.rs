//! Whether what happened is what was expected. Of an object only the named fields count; lists count whole.

use std::fmt;

use serde_json::Value;

/// Something that is not as the story expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What was looked at, such as `messages`.
    pub of: String,
    /// What the story expects, a line each.
    pub expected: Vec<String>,
    /// What happened, a line each.
    pub happened: Vec<String>,
}

impl Mismatch {
    /// One of a single line on either side.
    pub(super) fn plain(of: &str, expected: impl Into<String>, happened: impl Into<String>) -> Self {
        Self {
            of: of.to_owned(),
            expected: vec![expected.into()],
            happened: vec![happened.into()],
        }
    }
}

impl fmt::Display for Mismatch {
    /// As a diff: what is on both sides once, `-` what was expected and is not there, `+` what is there instead. What is
    /// there twice is on both sides only if it was expected twice.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}:", self.of)?;
        if self.expected.is_empty() {
            writeln!(f, "  - (nothing)")?;
        }
        let mut rest: Vec<&String> = self.happened.iter().collect();
        let mut missing = false;
        for line in &self.expected {
            let found = rest.iter().position(|other| *other == line);
            let mark = found.map_or('-', |at| {
                rest.remove(at);
                ' '
            });
            missing |= found.is_none();
            writeln!(f, "  {mark} {line}")?;
        }
        if !missing && rest.is_empty() {
            writeln!(f, "  in another order:")?;
            rest = self.happened.iter().collect();
        }
        for line in rest {
            writeln!(f, "  + {line}")?;
        }
        if self.happened.is_empty() {
            writeln!(f, "  + (nothing)")?;
        }
        Ok(())
    }
}

/// Whether a value is as expected.
pub(super) fn fits(expected: &Value, happened: &Value) -> bool {
    match (expected, happened) {
        (Value::Object(expected), Value::Object(happened)) => expected
            .iter()
            .all(|(name, value)| fits(value, happened.get(name).unwrap_or(&Value::Null))),
        (Value::Array(expected), Value::Array(happened)) => {
            expected.len() == happened.len() && expected.iter().zip(happened).all(|(a, b)| fits(a, b))
        }
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        _ => expected == happened,
    }
}

/// Compares one value.
pub(super) fn value(of: &str, expected: &Value, happened: &Value) -> Option<Mismatch> {
    (!fits(expected, happened))
        .then(|| Mismatch::plain(of, expected.to_string(), shaped(expected, happened).to_string()))
}

/// Compares lists.
pub(super) fn list(of: &str, expected: &[Value], happened: &[Value]) -> Option<Mismatch> {
    let whole = expected.len() == happened.len();
    if whole && expected.iter().zip(happened).all(|(a, b)| fits(a, b)) {
        return None;
    }
    // Beside what was expected only the fields that were asked for, so that what fits reads the same.
    let shape = |at: usize, item: &Value| match expected.iter().find(|one| fits(one, item)).or(expected.get(at)) {
        Some(expected) => shaped(expected, item).to_string(),
        None => item.to_string(),
    };
    Some(Mismatch {
        of: of.to_owned(),
        expected: expected.iter().map(Value::to_string).collect(),
        happened: happened.iter().enumerate().map(|(at, item)| shape(at, item)).collect(),
    })
}

/// What happened, as far as it was asked about.
fn shaped(expected: &Value, happened: &Value) -> Value {
    match (expected, happened) {
        (Value::Object(expected), Value::Object(fields)) => expected
            .iter()
            .map(|(name, value)| {
                let there = fields.get(name).unwrap_or(&Value::Null);
                (name.clone(), shaped(value, there))
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
        _ => happened.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn named_fields_count_and_lists_count_whole() {
        let happened = json!({"a": 1, "b": [{"c": 2, "d": 3}]});
        for good in [
            json!({}),
            json!({"a": 1.0}),
            json!({"b": [{"c": 2}]}),
            json!({"z": null}),
        ] {
            assert!(fits(&good, &happened), "{good}");
        }
        for bad in [
            json!({"a": 2}),
            json!({"b": []}),
            json!({"b": [{"c": 2}, {}]}),
            json!([]),
        ] {
            assert!(!fits(&bad, &happened), "{bad}");
        }
    }

    #[test]
    fn a_difference_is_shown_line_by_line() {
        let expected = [json!({"text": "a"}), json!({"text": "b"})];
        let happened = [json!({"text": "a", "to": "x"}), json!({"text": "c", "to": "x"})];
        let mismatch = list("messages", &expected, &happened).unwrap();
        assert_eq!(
            mismatch.to_string(),
            "messages:\n    {\"text\":\"a\"}\n  - {\"text\":\"b\"}\n  + {\"text\":\"c\"}\n"
        );
        let nothing = list("messages", &[], &happened[..1]).unwrap();
        assert_eq!(
            nothing.to_string(),
            "messages:\n  - (nothing)\n  + {\"text\":\"a\",\"to\":\"x\"}\n"
        );
        assert_eq!(list("messages", &expected[..1], &happened[..1]), None);
        let twice = [happened[0].clone(), happened[0].clone()];
        assert_eq!(
            list("messages", &expected[..1], &twice).unwrap().to_string(),
            "messages:\n    {\"text\":\"a\"}\n  + {\"text\":\"a\"}\n"
        );
        let wanted = [json!({"text": "c"}), json!({"text": "a"})];
        assert_eq!(
            list("messages", &wanted, &happened).unwrap().to_string(),
            "messages:\n    {\"text\":\"c\"}\n    {\"text\":\"a\"}\n  in another order:\n  + {\"text\":\"a\"}\n  + \
             {\"text\":\"c\"}\n"
        );
    }
}
