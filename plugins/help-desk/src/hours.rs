//! When the desk is open, on the tenant's own clock. Pure: the time is passed in.

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use serde::Deserialize;

/// Opening hours.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hours {
    /// An IANA name, such as `Asia/Shanghai`; empty: UTC.
    pub zone: String,
    /// When it is open; empty: always, but for `closed`.
    pub periods: Vec<Period>,
    /// Days on which it is not, such as `2026-12-25`.
    pub closed: Vec<String>,
}

/// So long on some days of the week.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// `mon` to `sun`; empty: all.
    #[serde(default)]
    pub days: Vec<String>,
    /// From this minute, `HH:MM`.
    pub from: String,
    /// To before this one; not after `from`: on the next day.
    pub to: String,
}

impl Hours {
    /// Whether it is open at a time in milliseconds. What cannot be read counts as open, and is told.
    ///
    /// # Errors
    /// What cannot be read.
    pub fn open(&self, now: u64) -> Result<bool, String> {
        let zone = match self.zone.as_str() {
            "" => TimeZone::UTC,
            name => TimeZone::get(name).map_err(|_| format!("configuration: hours: no zone {name}"))?,
        };
        let stamp = i64::try_from(now)
            .ok()
            .and_then(|now| Timestamp::from_millisecond(now).ok());
        let Some(stamp) = stamp else { return Ok(true) };
        let here = zone.to_datetime(stamp);
        let (day, time) = (here.date(), here.time());
        if self.closed.contains(&day.to_string()) {
            return Ok(false);
        }
        let mut open = self.periods.is_empty();
        for period in &self.periods {
            open |= period.covers(day, time)?;
        }
        Ok(open)
    }
}

impl Period {
    fn covers(&self, day: Date, time: Time) -> Result<bool, String> {
        let (from, to) = (minute(&self.from)?, minute(&self.to)?);
        if from < to {
            return Ok(self.on(day.weekday()) && time >= from && time < to);
        }
        let began_today = self.on(day.weekday()) && time >= from;
        let began_before = self.on(day.weekday().wrapping_sub(1)) && time < to;
        Ok(began_today || began_before)
    }

    fn on(&self, day: Weekday) -> bool {
        let name = match day {
            Weekday::Monday => "mon",
            Weekday::Tuesday => "tue",
            Weekday::Wednesday => "wed",
            Weekday::Thursday => "thu",
            Weekday::Friday => "fri",
            Weekday::Saturday => "sat",
            Weekday::Sunday => "sun",
        };
        self.days.is_empty() || self.days.iter().any(|known| known == name)
    }
}

fn minute(text: &str) -> Result<Time, String> {
    let read = || {
        let (hour, minute) = text.split_once(':')?;
        Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
    };
    read().ok_or_else(|| format!("configuration: hours: {text} is no time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> u64 {
        text.parse::<Timestamp>().unwrap().as_millisecond().cast_unsigned()
    }

    fn hours(text: &str) -> Hours {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_tenants_clock_counts_also_where_it_is_changed() {
        let berlin = hours(
            r#"{"zone":"Europe/Berlin","periods":[{"days":["sun"],"from":"09:00","to":"12:00"}],"closed":["2026-11-01"]}"#,
        );
        // Winter time begins on 2026-10-25.
        for (time, open) in [
            ("2026-10-18T07:00:00Z", true),
            ("2026-10-18T06:59:00Z", false),
            ("2026-10-25T07:30:00Z", false),
            ("2026-10-25T08:00:00Z", true),
            ("2026-10-25T11:00:00Z", false),
            ("2026-10-26T08:00:00Z", false),
            ("2026-11-01T09:00:00Z", false),
        ] {
            assert_eq!(berlin.open(at(time)), Ok(open), "{time}");
        }
    }

    #[test]
    fn a_night_belongs_to_the_day_it_began_on() {
        let night = hours(r#"{"periods":[{"days":["fri"],"from":"22:00","to":"02:00"}]}"#);
        for (time, open) in [
            ("2026-11-20T21:59:00Z", false),
            ("2026-11-20T22:00:00Z", true),
            ("2026-11-21T01:59:00Z", true),
            ("2026-11-21T02:00:00Z", false),
            ("2026-11-20T01:00:00Z", false),
        ] {
            assert_eq!(night.open(at(time)), Ok(open), "{time}");
        }
        assert_eq!(hours("{}").open(0), Ok(true));
        assert!(hours(r#"{"zone":"Mars/Base"}"#).open(0).is_err());
        assert!(hours(r#"{"periods":[{"from":"25:00","to":"1"}]}"#).open(0).is_err());
    }
}
