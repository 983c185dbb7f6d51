//! Times as stories write them: `2026-01-05T09:00:00Z`, and spans such as `90s` or `1h30m`.

use crate::model::Millis;

const UNITS: [(&str, i64); 5] = [
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

/// Reads a span in milliseconds.
pub(super) fn span(text: &str) -> Option<i64> {
    let (mut rest, mut sum) = (text.trim(), 0_i64);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let (_, millis) = UNITS.iter().find(|(name, _)| *name == unit)?;
        sum = number.parse::<i64>().ok()?.checked_mul(*millis)?.checked_add(sum)?;
        rest = after.trim_start();
    }
    Some(sum)
}

/// Writes a span as it would be read.
pub(super) fn write_span(millis: i64) -> String {
    if millis <= 0 {
        return "0s".to_owned();
    }
    let (mut rest, mut text) = (millis, String::new());
    for (name, unit) in UNITS.iter().rev() {
        if rest >= *unit {
            text.push_str(&format!("{}{name}", rest / unit));
            rest %= unit;
        }
    }
    text
}

/// Reads `2026-01-05T09:00:00Z`, with or without a fraction, in UTC or with an offset such as `+08:00`.
pub(super) fn instant(text: &str) -> Option<Millis> {
    let text = text.trim();
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let date: Vec<i64> = numbers(date, '-')?;
    let [year, month, day] = date[..] else { return None };
    let (clock, offset) = match time.find(['Z', 'z', '+']).or_else(|| time.rfind('-')) {
        Some(at) => time.split_at(at),
        None => return None,
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let clock: Vec<i64> = numbers(clock, ':')?;
    let [hour, minute, second] = clock[..] else { return None };
    let in_range = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 60;
    if !in_range || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let millis: i64 = format!("{fraction:0<3}")[..3].parse().ok()?;
    let seconds = (days(year, month, day) * 24 + hour) * 3600 + minute * 60 + second - offset_seconds(offset)?;
    Some(Millis(seconds * 1000 + millis))
}

fn offset_seconds(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let [hours, minutes] = numbers(text.get(1..)?, ':')?[..] else {
        return None;
    };
    Some(sign * (hours * 3600 + minutes * 60))
}

fn numbers(text: &str, between: char) -> Option<Vec<i64>> {
    let number = |part: &str| {
        let digits = !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse().ok().filter(|_| digits)
    };
    text.split(between).map(number).collect()
}

/// Days since 1970-01-01, counted in eras of 400 years that begin in March.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let month = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_written() {
        for (text, millis) in [("90s", 90_000), ("1h30m", 5_400_000), ("2d 1ms", 172_800_001)] {
            assert_eq!(span(text), Some(millis));
            assert_eq!(span(&write_span(millis)), Some(millis));
        }
        for bad in ["", "5", "m", "5 minutes", "-1s", "99999999999999999d"] {
            assert_eq!(span(bad), None, "{bad}");
        }
        assert_eq!(write_span(600_000), "10m");
    }

    #[test]
    fn instants_are_read() {
        for (text, millis) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T00:00:00Z", 951_782_400_000),
            ("2025-12-31T23:59:59.999Z", 1_767_225_599_999),
            ("2026-01-01T08:00:00+08:00", 1_767_225_600_000),
            ("2025-12-31T19:00:00-05:00", 1_767_225_600_000),
        ] {
            assert_eq!(instant(text), Some(Millis(millis)), "{text}");
        }
        for bad in [
            "",
            "2026-01-01",
            "2026-13-01T00:00:00Z",
            "2026-01-01T25:00:00Z",
            "2026-01-01T00:00:00",
        ] {
            assert_eq!(instant(bad), None, "{bad}");
        }
    }
}
