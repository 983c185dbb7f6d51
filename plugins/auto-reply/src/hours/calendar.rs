//! Holidays and closed ranges: days that are not like others of their name.

use jiff::civil::Date;

use super::period::{self, Period};
use crate::config::Holiday;

/// Days in a row with periods of their own, or none.
#[derive(Debug)]
pub struct Closing<'c> {
    /// What it is called.
    pub name: &'c str,
    /// When somebody is there all the same.
    pub periods: Vec<Period>,
    from: Date,
    to: Date,
    yearly: bool,
}

impl<'c> Closing<'c> {
    /// Reads a holiday.
    pub fn read(of: &'c Holiday) -> Result<Closing<'c>, String> {
        let (from, to) = match (&of.date, &of.from, &of.to) {
            (Some(date), None, None) => (date, date),
            (None, Some(from), Some(to)) => (from, to),
            _ => return Err("a holiday has either a date, or from and to".to_owned()),
        };
        let read = |text: &String| -> Result<Date, String> {
            date(text).ok_or_else(|| format!("{text:?} is no date such as 2026-12-25"))
        };
        let (from, to) = (read(from)?, read(to)?);
        if to < from && !of.yearly {
            return Err("a range ends before it begins".to_owned());
        }
        Ok(Closing {
            name: &of.name,
            periods: period::read_all(&of.periods)?,
            from,
            to,
            yearly: of.yearly,
        })
    }

    /// Whether a day is one of them. A yearly range may go on past the end of the year.
    pub fn covers(&self, date: Date) -> bool {
        if !self.yearly {
            return (self.from..=self.to).contains(&date);
        }
        let day = |date: Date| (date.month(), date.day());
        let (from, to, date) = (day(self.from), day(self.to), day(date));
        if from <= to {
            (from..=to).contains(&date)
        } else {
            date >= from || date <= to
        }
    }
}

/// `2026-12-25`. Read here, for the crate's own reader brings along every format it knows.
fn date(text: &str) -> Option<Date> {
    let dash = |at| at == 4 || at == 7;
    let fits = |(at, byte): (usize, u8)| if dash(at) { byte == b'-' } else { byte.is_ascii_digit() };
    let shaped = text.len() == 10 && text.bytes().enumerate().all(fits);
    let mut parts = text.split('-').filter(|_| shaped);
    let date = Date::new(
        parts.next()?.parse().ok()?,
        parts.next()?.parse().ok()?,
        parts.next()?.parse().ok()?,
    );
    date.ok().filter(|_| parts.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn holiday(text: &str) -> Holiday {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn days_ranges_and_years() {
        let one = holiday(r#"{"date":"2026-12-25"}"#);
        let one = Closing::read(&one).unwrap();
        assert!(one.covers(date(2026, 12, 25)) && !one.covers(date(2027, 12, 25)) && !one.covers(date(2026, 12, 24)));
        let yearly = holiday(r#"{"from":"2026-12-24","to":"2027-01-01","yearly":true}"#);
        let yearly = Closing::read(&yearly).unwrap();
        assert!(yearly.covers(date(2030, 12, 31)) && yearly.covers(date(2031, 1, 1)));
        assert!(!yearly.covers(date(2031, 1, 2)) && !yearly.covers(date(2026, 7, 1)));
        let leap = holiday(r#"{"date":"2028-02-29","yearly":true}"#);
        let leap = Closing::read(&leap).unwrap();
        assert!(leap.covers(date(2032, 2, 29)) && !leap.covers(date(2031, 2, 28)) && !leap.covers(date(2031, 3, 1)));
        for wrong in [
            "{}",
            r#"{"date":"2026-13-01"}"#,
            r#"{"date":"2026-1-001"}"#,
            r#"{"date":"26-12-2025"}"#,
            r#"{"date":"2026-12-25","from":"2026-12-25"}"#,
            r#"{"from":"2026-12-25","to":"2026-12-24"}"#,
        ] {
            assert!(Closing::read(&holiday(wrong)).is_err(), "{wrong}");
        }
    }
}
