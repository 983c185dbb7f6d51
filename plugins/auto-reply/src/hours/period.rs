//! A period of a day such as `09:00-12:30`: from the first minute up to, but not including, the second. One that does not
//! end after it begins goes on into the next day.

use jiff::civil::{Date, DateTime};

/// Minutes of a day.
pub const DAY: i32 = 24 * 60;

/// A period, in minutes since the midnight of the day it begins on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    from: i32,
    to: i32,
}

impl Period {
    /// Reads `09:00-12:30`. The end may be `24:00`.
    pub fn read(text: &str) -> Result<Period, String> {
        let wrong = |why: &str| format!("{text:?} is no period: {why}");
        let (from, to) = text.split_once('-').ok_or_else(|| wrong("it needs a `-`"))?;
        let (Some(from), Some(to)) = (minutes(from.trim()), minutes(to.trim())) else {
            return Err(wrong("times are written 00:00 to 24:00"));
        };
        if from == DAY || from == to {
            return Err(wrong("it has no length; a whole day is 00:00-24:00"));
        }
        Ok(Period {
            from,
            to: if to < from { to + DAY } else { to },
        })
    }

    /// Whether a minute is inside; those of the next day go on counting.
    pub fn holds(&self, minute: i32) -> bool {
        (self.from..self.to).contains(&minute)
    }

    /// When it begins on a day, by the wall clock.
    pub fn start(&self, date: Date) -> Option<DateTime> {
        let (hour, minute) = (i8::try_from(self.from / 60).ok()?, i8::try_from(self.from % 60).ok()?);
        Some(date.at(hour, minute, 0, 0))
    }
}

/// Reads the periods of a day.
pub fn read_all(texts: &[String]) -> Result<Vec<Period>, String> {
    texts.iter().map(|text| Period::read(text)).collect()
}

/// `09:30` in minutes, up to `24:00`.
pub fn minutes(text: &str) -> Option<i32> {
    let (hour, minute) = text.split_once(':')?;
    let two = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<i32>().ok()).flatten()
    };
    let (hour, minute) = (two(hour)?, two(minute)?);
    let minutes = hour * 60 + minute;
    (minute < 60 && minutes <= DAY).then_some(minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_read_strictly() {
        assert_eq!(Period::read("09:00-12:30"), Ok(Period { from: 540, to: 750 }));
        assert_eq!(Period::read("22:00 - 02:00"), Ok(Period { from: 1320, to: 1560 }));
        assert_eq!(Period::read("00:00-24:00"), Ok(Period { from: 0, to: DAY }));
        assert_eq!(Period::read("18:00-00:00"), Ok(Period { from: 1080, to: DAY }));
        for text in [
            "9-12",
            "09:00",
            "24:00-01:00",
            "10:00-10:00",
            "09:60-10:00",
            "09:00-24:01",
            "+9:00-10:00",
        ] {
            assert!(Period::read(text).is_err(), "{text}");
        }
    }
}
