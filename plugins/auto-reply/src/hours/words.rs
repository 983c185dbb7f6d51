//! When somebody is back, in the tenant's words: templates with fields, no language of its own.

use jiff::civil::{Date, DateTime};

use super::{Hours, timestamp};
use crate::config::Words;
use crate::fill::fill;

impl Hours<'_> {
    /// The value of a field about the hours at a time; none if it is no such field. While somebody is there, and where
    /// nobody ever is, the fields of coming back are empty.
    pub fn field(&self, name: &str, now: u64) -> Option<String> {
        if name == "holiday" {
            return Some(self.holiday(now).to_owned());
        }
        if !name.starts_with("back_") {
            return None;
        }
        let back = if self.is_open(now) { None } else { self.next_open(now) };
        let Some(back) = back else { return Some(String::new()) };
        let wall = |at| timestamp(at).map(|at| self.zone.to_datetime(at));
        let (here, there) = (wall(now)?, wall(back)?);
        Some(match name {
            "back_at" => self.words.moment(here.date(), there),
            "back_in" => self.words.duration((back - now).div_ceil(60_000)),
            "back_time" => self.words.part(&self.words.time, there),
            "back_date" => self.words.part(&self.words.date, there),
            "back_weekday" => self.words.weekday(there.date()).to_owned(),
            _ => return None,
        })
    }
}

impl Words {
    /// A time, seen from a day.
    fn moment(&self, today: Date, there: DateTime) -> String {
        let days = there.date().duration_since(today).as_hours() / 24;
        self.whole(
            match days {
                ..=0 => &self.today,
                1 => &self.tomorrow,
                2..=6 => &self.week,
                _ => &self.later,
            },
            there,
        )
    }

    /// The two largest units of a wait in minutes.
    fn duration(&self, minutes: u64) -> String {
        let minutes = i64::try_from(minutes).unwrap_or(i64::MAX);
        let units = [
            (minutes / 1440, &self.days),
            (minutes / 60 % 24, &self.hours),
            (minutes % 60, &self.minutes),
        ];
        let first = units.iter().position(|(number, _)| *number > 0).unwrap_or(2);
        let said = units.iter().skip(first).take(2).filter(|(number, _)| *number > 0);
        let texts =
            said.map(|(number, words)| fill(words.of(*number), |field| (field == "n").then(|| number.to_string())));
        texts.collect::<Vec<_>>().join(" ")
    }

    fn weekday(&self, date: Date) -> &str {
        let day = usize::from(date.weekday().to_monday_zero_offset().unsigned_abs());
        self.weekdays.get(day).map_or("", String::as_str)
    }

    /// A template that may name the other two.
    fn whole(&self, template: &str, at: DateTime) -> String {
        fill(template, |field| match field {
            "time" => Some(self.part(&self.time, at)),
            "date" => Some(self.part(&self.date, at)),
            _ => self.field(field, at),
        })
    }

    /// A template of plain fields.
    fn part(&self, template: &str, at: DateTime) -> String {
        fill(template, |field| self.field(field, at))
    }

    fn field(&self, name: &str, at: DateTime) -> Option<String> {
        Some(match name {
            "weekday" => self.weekday(at.date()).to_owned(),
            "month_name" => {
                let month = usize::from(at.month().unsigned_abs()).saturating_sub(1);
                self.months.get(month).cloned().unwrap_or_default()
            }
            "year" => at.year().to_string(),
            "month" => at.month().to_string(),
            "mm" => format!("{:02}", at.month()),
            "day" => at.day().to_string(),
            "dd" => format!("{:02}", at.day()),
            "hour" => at.hour().to_string(),
            "hh" => format!("{:02}", at.hour()),
            "hour12" => ((at.hour() + 11) % 12 + 1).to_string(),
            "ampm" => if at.hour() < 12 { &self.am } else { &self.pm }.clone(),
            "minute" => format!("{:02}", at.minute()),
            _ => return None,
        })
    }
}
