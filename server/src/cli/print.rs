//! Text for people: aligned, and clean of what a terminal would obey, because tenants and plugins wrote parts of it.

use std::io::Write as _;

use serde_json::Value;

/// Writes a text and ends the line.
pub fn line(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}

/// Writes JSON as it came, in lines.
pub fn json(value: &Value) -> anyhow::Result<()> {
    line(&serde_json::to_string_pretty(value)?)
}

/// Whether the reader of our output has gone away.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<std::io::Error>();
    io.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Rows under their headings, in columns.
pub fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    let headings = headings.map(str::to_owned);
    let all: Vec<[String; N]> = std::iter::once(&headings)
        .chain(rows)
        .map(|row| row.each_ref().map(|cell| clean(cell)))
        .collect();
    let widths: [usize; N] = std::array::from_fn(|at| all.iter().map(|row| width(&row[at])).max().unwrap_or(0));
    let lines: Vec<String> = all.iter().map(|row| columns(row, &widths)).collect();
    lines.join("\n")
}

/// Names and values, one pair a line.
pub fn fields(pairs: &[(&str, String)]) -> String {
    let widest = pairs.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    let lines: Vec<String> = pairs
        .iter()
        .map(|(name, value)| columns(&[(*name).to_owned(), clean(value)], &[widest, 0]))
        .collect();
    lines.join("\n")
}

fn columns(cells: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, wide) in cells.iter().zip(widths) {
        line.push_str(cell);
        line.extend(std::iter::repeat_n(' ', (wide + 2).saturating_sub(width(cell))));
    }
    line.trim_end().to_owned()
}

/// A JSON value as a word or two: a text without quotes, a list with commas, nothing as `-`.
pub fn word(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) if text.is_empty() => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Array(items) if items.is_empty() => "-".to_owned(),
        Value::Array(items) => items.iter().map(word).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// The items of a list in an answer.
pub fn items<'a>(answer: &'a Value, list: &str) -> &'a [Value] {
    answer[list].as_array().map_or(&[], Vec::as_slice)
}

/// A text in which every control character is spelt out.
pub fn clean(text: &str) -> String {
    let spelt = |c: char| -> String {
        if c.is_control() {
            c.escape_default().collect()
        } else {
            c.into()
        }
    };
    text.chars().map(spelt).collect()
}

/// Text of so many characters at most; who wants all of it is shown that there is more.
pub fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

/// A time as `2026-01-02T03:04:05.678Z`; `-` where there is none.
pub fn time(value: &Value) -> String {
    let Some(millis) = value.as_i64() else {
        return "-".to_owned();
    };
    let (days, rest) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
    let (year, month, day) = date(days);
    let (seconds, millis) = (rest / 1000, rest % 1000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}Z")
}

/// Year, month and day of a day since 1970-01-01, counted in eras of 400 years that begin in March.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days.saturating_add(719_468);
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

/// Columns that a text takes in a terminal: Chinese and similar characters take two.
fn width(text: &str) -> usize {
    let wide = |c: char| {
        matches!(u32::from(c), 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF
            | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD)
    };
    text.chars().map(|c| 1 + usize::from(wide(c))).sum()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [["7", "客服"], ["10001", "Shop"]].map(|row| row.map(str::to_owned));
        let rows = rows.map(|[id, name]| [id, name, "yes".to_owned()]);
        let text = table(["APP", "NAME", "ENABLED"], &rows);
        assert_eq!(text, "APP    NAME  ENABLED\n7      客服  yes\n10001  Shop  yes");
        assert_eq!(
            fields(&[("app", "7".into()), ("secret", String::new())]),
            "app     7\nsecret"
        );
    }

    #[test]
    fn nothing_reaches_the_terminal_that_it_would_obey() {
        assert_eq!(clean("a\u{1b}[2Jb\u{9b}\n"), "a\\u{1b}[2Jb\\u{9b}\\n");
        assert!(!table(["A"], &[["\u{1b}".to_owned()]]).contains('\u{1b}'));
    }

    #[test]
    fn what_is_too_long_for_a_column_is_cut() {
        assert_eq!(
            (cut("four", 4), cut("fünf!", 4)),
            ("four".to_owned(), "fün…".to_owned())
        );
    }

    #[test]
    fn values_become_words() {
        for (value, text) in [
            (json!(null), "-"),
            (json!(""), "-"),
            (json!([]), "-"),
            (json!(["kv", "users"]), "kv, users"),
            (json!(true), "yes"),
            (json!(5), "5"),
            (json!({"a": 1}), "{\"a\":1}"),
        ] {
            assert_eq!(word(&value), text);
        }
        assert!(items(&json!({}), "apps").is_empty());
    }

    #[test]
    fn times_are_dates() {
        for (millis, text) in [
            (0_i64, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_767_225_599_999, "2025-12-31T23:59:59.999Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(time(&json!(millis)), text);
        }
        assert_eq!(time(&json!(null)), "-");
    }
}
