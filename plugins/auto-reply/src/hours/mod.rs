//! Business hours: open is what the clock on the wall of the time zone says.
//!
//! A wall clock that is put back shows a period twice, and both count; one that is put forward never shows what it leaves
//! out. Only the zones' own data decide, and nothing here asks the server.

mod calendar;
mod period;
mod words;

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};

use crate::config::{HoursConfig, Words};
use calendar::Closing;
use period::Period;

/// How many days ahead the next opening is looked for: two yearly closings and what is between them.
const AHEAD: i64 = 800;
/// How many days are looked at together.
const STEP: i64 = 8;

/// Hours that were read.
#[derive(Debug)]
pub struct Hours<'c> {
    zone: TimeZone,
    /// From Monday.
    week: [Vec<Period>; 7],
    holidays: Vec<Closing<'c>>,
    words: &'c Words,
}

impl<'c> Hours<'c> {
    /// Reads hours; the text of an error says what is wrong.
    pub fn read(config: &'c HoursConfig) -> Result<Hours<'c>, String> {
        let week = &config.weekly;
        let mut days = [const { Vec::new() }; 7];
        let named = [
            &week.mon, &week.tue, &week.wed, &week.thu, &week.fri, &week.sat, &week.sun,
        ];
        for (day, periods) in days.iter_mut().zip(named) {
            *day = period::read_all(periods)?;
        }
        Ok(Hours {
            zone: zone(&config.time_zone)?,
            week: days,
            holidays: config.holidays.iter().map(Closing::read).collect::<Result<_, _>>()?,
            words: &config.words,
        })
    }

    /// Whether somebody is there at a time in milliseconds.
    pub fn is_open(&self, at: u64) -> bool {
        timestamp(at).is_some_and(|at| self.opens(at))
    }

    /// The first time after this one at which somebody is there; none if nobody ever is.
    pub fn next_open(&self, at: u64) -> Option<u64> {
        let at = timestamp(at)?;
        let first = self.zone.to_datetime(at).date();
        (0..AHEAD / STEP).find_map(|step| {
            // A day more on either side: a zone may leave a whole day out.
            let days = (step * STEP - 1..=step * STEP + STEP).filter_map(|day| after(first, day));
            let mut starts: Vec<Timestamp> = days.flat_map(|date| self.starts(date)).collect();
            starts.extend(self.jumps(at, after(first, (step + 1) * STEP + 1)?));
            let next = starts
                .into_iter()
                .filter(|start| *start > at && self.opens(*start))
                .min()?;
            u64::try_from(next.as_millisecond()).ok()
        })
    }

    /// The day by the wall clock, as `2026-11-22`.
    pub fn day(&self, at: u64) -> String {
        timestamp(at).map_or_else(String::new, |at| {
            let date = self.zone.to_datetime(at).date();
            format!("{}-{:02}-{:02}", date.year(), date.month(), date.day())
        })
    }

    /// What the holiday is called that a time is in; empty if it is in none.
    pub fn holiday(&self, at: u64) -> &'c str {
        let date = timestamp(at).map(|at| self.zone.to_datetime(at).date());
        date.and_then(|date| self.closing(date))
            .map_or("", |closing| closing.name)
    }

    fn opens(&self, at: Timestamp) -> bool {
        let wall = self.zone.to_datetime(at);
        let (date, minute) = (wall.date(), i32::from(wall.hour()) * 60 + i32::from(wall.minute()));
        let today = self.periods(date).iter().any(|period| period.holds(minute));
        // What began the day before goes on past midnight, but not into a holiday.
        let since_yesterday = || {
            self.closing(date).is_none()
                && date.yesterday().is_ok_and(|yesterday| {
                    let periods = self.periods(yesterday);
                    periods.iter().any(|period| period.holds(minute + period::DAY))
                })
        };
        today || since_yesterday()
    }

    fn closing(&self, date: Date) -> Option<&Closing<'c>> {
        self.holidays.iter().find(|closing| closing.covers(date))
    }

    fn periods(&self, date: Date) -> &[Period] {
        match self.closing(date) {
            Some(closing) => &closing.periods,
            None => &self.week[usize::from(date.weekday().to_monday_zero_offset().unsigned_abs())],
        }
    }

    /// When the periods of a day begin: twice if the wall clock shows it twice.
    fn starts(&self, date: Date) -> Vec<Timestamp> {
        let of = |period: &Period| {
            let wall = period.start(date)?;
            let found = self.zone.to_ambiguous_timestamp(wall);
            Some([found.earlier().ok()?, found.later().ok()?])
        };
        self.periods(date).iter().filter_map(of).flatten().collect()
    }

    /// When the wall clock is put forward or back, from now on until a day has begun.
    fn jumps(&self, at: Timestamp, end: Date) -> Vec<Timestamp> {
        let end = self.zone.to_timestamp(end.at(0, 0, 0, 0)).unwrap_or(Timestamp::MAX);
        let changes = self.zone.following(at).map(|change| change.timestamp());
        changes.take_while(|change| *change <= end).collect()
    }
}

fn after(date: Date, days: i64) -> Option<Date> {
    date.checked_add(SignedDuration::from_hours(days * 24)).ok()
}

fn timestamp(at: u64) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(at).ok()?).ok()
}

/// An IANA name, or a fixed offset such as `+08:00` or `-03:30`.
fn zone(name: &str) -> Result<TimeZone, String> {
    let unknown = || format!("time_zone: {name:?} is no time zone");
    if name.is_empty() {
        return Ok(TimeZone::UTC);
    }
    let Some(sign) = name
        .starts_with('+')
        .then_some(1)
        .or(name.starts_with('-').then_some(-1))
    else {
        return TimeZoneDatabase::bundled().get(name).map_err(|_| unknown());
    };
    let minutes = period::minutes(&name[1..]).filter(|minutes| *minutes <= 14 * 60);
    let seconds = minutes.ok_or_else(unknown)? * 60 * sign;
    Offset::from_seconds(seconds)
        .map(TimeZone::fixed)
        .map_err(|_| unknown())
}

#[cfg(test)]
mod tests;
