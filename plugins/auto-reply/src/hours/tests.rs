use super::*;
use crate::config::HoursConfig;
use proptest::prelude::*;
use serde_json::{Value, json};

const MINUTE: u64 = 60_000;

fn config(value: Value) -> HoursConfig {
    serde_json::from_value(value).unwrap()
}

/// A time by the wall clock of a zone, which must be one.
fn at(zone: &str, wall: &str) -> u64 {
    let zone = super::zone(zone).unwrap();
    let wall: jiff::civil::DateTime = wall.parse().unwrap();
    let found = zone.to_ambiguous_timestamp(wall).unambiguous().unwrap();
    u64::try_from(found.as_millisecond()).unwrap()
}

fn wall(zone: &str, at: u64) -> String {
    super::zone(zone)
        .unwrap()
        .to_datetime(timestamp(at).unwrap())
        .to_string()
}

#[test]
fn several_periods_and_one_over_midnight() {
    let config = config(json!({ "time_zone": "Asia/Shanghai",
        "weekly": { "mon": ["09:00-12:00", "13:30-18:00"], "fri": ["22:00-02:00"] } }));
    let hours = Hours::read(&config).unwrap();
    let shanghai = |wall| at("Asia/Shanghai", wall);
    for (wall, open) in [
        ("2026-11-23T08:59", false),
        ("2026-11-23T09:00", true),
        ("2026-11-23T11:59", true),
        ("2026-11-23T12:00", false),
        ("2026-11-23T13:30", true),
        ("2026-11-23T18:00", false),
        ("2026-11-27T21:59", false),
        ("2026-11-27T23:59", true),
        ("2026-11-28T01:59", true),
        ("2026-11-28T02:00", false),
        ("2026-11-27T01:00", false),
    ] {
        assert_eq!(hours.is_open(shanghai(wall)), open, "{wall}");
    }
    let next = |wall| super::tests::wall("Asia/Shanghai", hours.next_open(shanghai(wall)).unwrap());
    assert_eq!(next("2026-11-23T12:15"), "2026-11-23T13:30:00");
    assert_eq!(next("2026-11-23T18:00"), "2026-11-27T22:00:00");
    assert_eq!(next("2026-11-28T02:00"), "2026-11-30T09:00:00");
}

#[test]
fn clocks_that_are_put_forward_and_back() {
    let config = config(json!({ "time_zone": "Europe/Berlin", "weekly": { "sun": ["01:30-02:30", "02:15-02:45"] } }));
    let hours = Hours::read(&config).unwrap();
    let berlin = |wall| at("Europe/Berlin", wall);
    // 2026-03-29: from 02:00 to 03:00. What the clock leaves out is not there.
    let spring = berlin("2026-03-29T01:59");
    assert!(hours.is_open(spring) && !hours.is_open(spring + MINUTE));
    // 2026-10-25: 02:00 to 03:00 comes twice, and counts twice.
    let autumn = berlin("2026-10-25T01:00");
    let open = |minute: u64| hours.is_open(autumn + minute * MINUTE);
    assert!(!open(29) && open(30) && open(104), "until 02:45 of summer");
    assert!(
        !open(105) && !open(119) && open(120) && open(164) && !open(165),
        "and again from 02:00 of winter"
    );
    assert_eq!(hours.next_open(autumn + 110 * MINUTE), Some(autumn + 120 * MINUTE));
    // A period that is left out as a whole: the next one is a week later.
    let gone = self::config(json!({ "time_zone": "Europe/Berlin", "weekly": { "sun": ["02:10-02:50"] } }));
    let hours = Hours::read(&gone).unwrap();
    let next = hours.next_open(berlin("2026-03-28T12:00")).unwrap();
    assert_eq!(wall("Europe/Berlin", next), "2026-04-05T02:10:00");
}

#[test]
fn holidays_close_whole_days_and_may_have_hours_of_their_own() {
    let config = config(json!({ "time_zone": "+08:00",
        "weekly": { "wed": ["20:00-03:00"], "thu": ["09:00-17:00"], "fri": ["09:00-17:00"] },
        "holidays": [
            { "from": "2026-12-24", "to": "2026-12-26", "yearly": true, "name": "Christmas" },
            { "date": "2026-12-31", "periods": ["10:00-12:00"], "name": "Silvester" }
        ] }));
    let hours = Hours::read(&config).unwrap();
    let there = |wall| at("+08:00", wall);
    assert!(hours.is_open(there("2026-12-23T23:59")) && !hours.is_open(there("2026-12-24T00:00")));
    assert!(!hours.is_open(there("2030-12-26T10:00")), "every year");
    assert_eq!(hours.holiday(there("2026-12-25T10:00")), "Christmas");
    assert_eq!(hours.holiday(there("2026-12-27T10:00")), "");
    assert!(hours.is_open(there("2026-12-31T11:00")) && !hours.is_open(there("2026-12-31T13:00")));
    let next = hours.next_open(there("2026-12-24T00:00")).unwrap();
    assert_eq!(wall("+08:00", next), "2026-12-30T20:00:00");
    let never = self::config(json!({ "weekly": { "mon": ["09:00-10:00"] },
        "holidays": [{ "from": "2026-01-01", "to": "2026-12-31", "yearly": true }] }));
    assert_eq!(Hours::read(&never).unwrap().next_open(0), None);
    assert_eq!(Hours::read(&HoursConfig::default()).unwrap().next_open(0), None);
}

#[test]
fn zones_are_names_or_offsets() {
    for name in [
        "",
        "UTC",
        "Europe/Berlin",
        "America/St_Johns",
        "+05:30",
        "-03:30",
        "+14:00",
    ] {
        assert!(zone(name).is_ok(), "{name}");
    }
    for name in ["Mars/Base", "+5", "+15:00", "08:00", "+08:60", "../etc/passwd"] {
        assert!(zone(name).unwrap_err().contains("is no time zone"), "{name}");
    }
}

#[test]
fn a_day_that_a_zone_leaves_out_is_no_obstacle() {
    // Samoa had no 30 December 2011.
    let config =
        config(json!({ "time_zone": "Pacific/Apia", "weekly": { "fri": ["09:00-17:00"], "sat": ["08:00-12:00"] } }));
    let hours = Hours::read(&config).unwrap();
    let next = hours.next_open(at("Pacific/Apia", "2011-12-29T12:00")).unwrap();
    assert_eq!(wall("Pacific/Apia", next), "2011-12-31T08:00:00");
}

#[test]
fn words_are_the_tenants() {
    let config = config(
        json!({ "time_zone": "UTC", "weekly": { "mon": ["09:05-17:00"], "tue": ["14:30-15:00"] },
        "words": { "today": "at {time}", "tomorrow": "tomorrow at {time}", "week": "on {weekday} at {time}",
            "later": "{day} {month_name} {year}, {hour12}:{minute} {ampm}",
            "hours": ["an hour", "{n} hours"], "weekdays": ["Montag", "Dienstag"], "date": "{date}{time}" },
        "holidays": [{ "from": "2026-12-01", "to": "2026-12-24" }] }),
    );
    let hours = Hours::read(&config).unwrap();
    let field = |name: &str, wall: &str| hours.field(name, at("UTC", wall)).unwrap();
    assert_eq!(field("back_at", "2026-11-23T08:00"), "at 09:05");
    assert_eq!(field("back_in", "2026-11-23T08:00"), "an hour 5 min");
    assert_eq!(field("back_at", "2026-11-22T08:00"), "tomorrow at 09:05");
    assert_eq!(field("back_in", "2026-11-22T08:00"), "1 d an hour");
    assert_eq!(field("back_at", "2026-11-17T15:00"), "on Montag at 09:05");
    assert_eq!(field("back_at", "2026-11-30T18:00"), "28 Dec 2026, 9:05 am");
    assert_eq!(field("back_weekday", "2026-11-17T15:00"), "Montag");
    assert_eq!(field("back_time", "2026-11-23T18:00"), "14:30");
    assert_eq!(field("back_at", "2026-11-23T10:00"), "", "somebody is there");
    assert_eq!(
        field("back_date", "2026-11-23T18:00"),
        "{date}{time}",
        "no template is inside itself"
    );
    assert_eq!(hours.field("nickname", 0), None);
}

/// Hours of every form, in zones whose clocks are put forward and back at odd times.
fn any_hours() -> impl Strategy<Value = HoursConfig> {
    let zones = prop::sample::select(vec![
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "America/St_Johns",
        "Asia/Shanghai",
        "Africa/Cairo",
        "America/Santiago",
        "Pacific/Apia",
        "UTC",
        "-03:30",
    ]);
    let time = (0_u32..24, prop::sample::select(vec![0_u32, 1, 15, 30, 59]));
    let period = (time.clone(), time).prop_filter("no length", |(from, to)| from != to);
    let period = period.prop_map(|((h, m), (hh, mm))| format!("{h:02}:{m:02}-{hh:02}:{mm:02}"));
    let day = prop::collection::vec(period.clone(), 0..3);
    let days = prop::collection::vec(day.clone(), 7);
    // Around days on which clocks change.
    let holidays = prop::collection::vec((23_u32..31, 0_u32..3, any::<bool>(), day), 0..3);
    (zones, days, holidays).prop_map(|(zone, days, holidays)| {
        let holidays: Vec<Value> = holidays
            .iter()
            .map(|(day, more, yearly, periods)| {
                let (from, to) = (
                    format!("2026-03-{day:02}"),
                    format!("2026-03-{:02}", (day + more).min(31)),
                );
                json!({ "from": from, "to": to, "yearly": yearly, "periods": periods })
            })
            .collect();
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let week: serde_json::Map<String, Value> = names
            .iter()
            .zip(days)
            .map(|(name, day)| ((*name).to_owned(), json!(day)))
            .collect();
        config(json!({ "time_zone": zone, "weekly": week, "holidays": holidays }))
    })
}

/// Days in March, April, October and November of 2026, when clocks change somewhere.
fn any_time() -> impl Strategy<Value = u64> {
    let months = prop::sample::select(vec![
        1_772_841_600_000_u64,
        1_774_483_200_000,
        1_791_072_000_000,
        1_792_713_600_000,
    ]);
    (months, 0_u64..6 * 1440).prop_map(|(month, minute)| month + minute * MINUTE)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// The wall clock is the only truth: minute for minute, no zone's arithmetic but what it shows.
    #[test]
    fn open_is_what_the_wall_clock_shows(config in any_hours(), at in any_time()) {
        let hours = Hours::read(&config).unwrap();
        let shown = hours.zone.to_datetime(timestamp(at).unwrap());
        let minute = i32::from(shown.hour()) * 60 + i32::from(shown.minute());
        let inside = |date: Date, minute: i32| hours.periods(date).iter().any(|period| period.holds(minute));
        let holiday = config.holidays.iter().any(|of| Closing::read(of).unwrap().covers(shown.date()));
        let over = !holiday && inside(shown.date().yesterday().unwrap(), minute + period::DAY);
        prop_assert_eq!(hours.is_open(at), inside(shown.date(), minute) || over);
    }

    /// The next opening is open, and no minute before it is.
    #[test]
    fn the_next_opening_is_the_first_one(config in any_hours(), at in any_time()) {
        let hours = Hours::read(&config).unwrap();
        let minutes = (1..=9 * 1440).map(|minute| at + minute * MINUTE);
        let closed = !hours.is_open(at);
        prop_assume!(closed);
        let first = minutes.clone().find(|minute| hours.is_open(*minute));
        match hours.next_open(at) {
            Some(next) => {
                prop_assert!(hours.is_open(next) && next > at);
                prop_assert_eq!(first, (next <= at + 9 * 1440 * MINUTE).then_some(next));
            }
            None => prop_assert_eq!(first, None),
        }
    }
}
