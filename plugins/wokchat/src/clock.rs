//! Times as the protocol writes them: `2026-11-22 01:05:09`, and short ones for lists, in the tenant's own time zone.

/// A point in time in a time zone.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// Now, in milliseconds.
    pub now: u64,
    /// Minutes east of Greenwich.
    pub offset_minutes: i32,
}

/// A date and a time of day.
struct Moment {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

impl Clock {
    /// `2026-11-22 01:05:09`.
    pub fn full(&self, at: u64) -> String {
        let Moment {
            year,
            month,
            day,
            hour,
            minute,
            second,
        } = self.moment(at);
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }

    /// `01:05` today, else `11-22 01:05`.
    pub fn short(&self, at: u64) -> String {
        let (then, now) = (self.moment(at), self.moment(self.now));
        let clock = format!("{:02}:{:02}", then.hour, then.minute);
        if (then.year, then.month, then.day) == (now.year, now.month, now.day) {
            return clock;
        }
        format!("{:02}-{:02} {clock}", then.month, then.day)
    }

    /// `20261122010509`.
    pub fn digits(&self) -> String {
        self.full(self.now).chars().filter(char::is_ascii_digit).collect()
    }

    fn moment(&self, at: u64) -> Moment {
        // A year of five digits would be far beyond any clock: what is later is told as the end of the year 9999.
        let seconds = i64::try_from(at / 1_000).unwrap_or(i64::MAX).min(253_402_214_400);
        let local = seconds + i64::from(self.offset_minutes) * 60;
        let (days, rest) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        Moment {
            year,
            month,
            day,
            hour: rest / 3_600,
            minute: rest / 60 % 60,
            second: rest % 60,
        }
    }
}

/// The date of a day counted from 1970-01-01: years begin in March, so that the leap day is the last one.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHINA: Clock = Clock {
        now: 1_700_000_000_000,
        offset_minutes: 480,
    };

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(CHINA.full(1_700_000_000_000), "2023-11-15 06:13:20");
        let greenwich = Clock {
            now: 0,
            offset_minutes: 0,
        };
        assert_eq!(greenwich.full(0), "1970-01-01 00:00:00");
        assert_eq!(greenwich.full(951_782_400_000), "2000-02-29 00:00:00");
        assert_eq!(greenwich.full(4_107_542_399_000), "2100-02-28 23:59:59");
        assert_eq!(greenwich.full(4_107_542_400_000), "2100-03-01 00:00:00");
        assert!(greenwich.full(u64::MAX).starts_with("9999-"));
    }

    #[test]
    fn today_has_no_date() {
        assert_eq!(CHINA.short(1_700_000_000_000), "06:13");
        assert_eq!(CHINA.short(1_699_971_000_000), "11-14 22:10");
        assert_eq!(CHINA.digits(), "20231115061320");
    }

    proptest::proptest! {
        #[test]
        fn every_time_has_a_date(at: u64, offset in -840_i32..=840) {
            let clock = Clock { now: 0, offset_minutes: offset };
            proptest::prop_assert_eq!(clock.full(at).len(), 19);
        }
    }
}
