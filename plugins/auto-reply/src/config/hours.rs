//! Business hours as they are configured, and the words for a time.

use serde::Deserialize;

/// When somebody is there.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HoursConfig {
    /// An IANA name, or a fixed offset such as `+08:00`; empty: UTC.
    pub time_zone: String,
    /// Periods such as `09:00-12:30`, by day.
    pub weekly: Week,
    /// Days that are not like others.
    pub holidays: Vec<Holiday>,
    /// How a time is put in words.
    pub words: Words,
}

/// The periods of each day.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Week {
    /// Monday.
    pub mon: Vec<String>,
    /// Tuesday.
    pub tue: Vec<String>,
    /// Wednesday.
    pub wed: Vec<String>,
    /// Thursday.
    pub thu: Vec<String>,
    /// Friday.
    pub fri: Vec<String>,
    /// Saturday.
    pub sat: Vec<String>,
    /// Sunday.
    pub sun: Vec<String>,
}

/// A day, or days in a row, with periods of their own or none.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Holiday {
    /// The only day, `2026-12-25`.
    pub date: Option<String>,
    /// The first day.
    pub from: Option<String>,
    /// The last day.
    pub to: Option<String>,
    /// Whether the year does not count.
    pub yearly: bool,
    /// What it is called.
    pub name: String,
    /// When somebody is there all the same.
    pub periods: Vec<String>,
}

/// How a time is put in words: templates and names.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Words {
    /// A time of day.
    pub time: String,
    /// A date.
    pub date: String,
    /// A time of the same day.
    pub today: String,
    /// A time of the next day.
    pub tomorrow: String,
    /// A time of the five days after.
    pub week: String,
    /// Any later time.
    pub later: String,
    /// From Monday.
    pub weekdays: Vec<String>,
    /// From January.
    pub months: Vec<String>,
    /// Before noon.
    pub am: String,
    /// After noon.
    pub pm: String,
    /// So many days.
    pub days: Plural,
    /// So many hours.
    pub hours: Plural,
    /// So many minutes.
    pub minutes: Plural,
}

/// A template for a number, or one for 1 and one for others.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Plural {
    /// For all.
    One(String),
    /// For 1, and for others.
    Two([String; 2]),
}

impl Plural {
    /// The template for this number.
    pub fn of(&self, number: i64) -> &str {
        match self {
            Plural::One(text) => text,
            Plural::Two([one, others]) => {
                if number == 1 {
                    one
                } else {
                    others
                }
            }
        }
    }
}

impl Default for Words {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let plural = |text: &str| Plural::One(text.to_owned());
        Words {
            time: "{hh}:{minute}".to_owned(),
            date: "{year}-{mm}-{dd}".to_owned(),
            today: "{time}".to_owned(),
            tomorrow: "{date} {time}".to_owned(),
            week: "{date} {time}".to_owned(),
            later: "{date} {time}".to_owned(),
            weekdays: names(&["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]),
            months: names(&[
                "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
            ]),
            am: "am".to_owned(),
            pm: "pm".to_owned(),
            days: plural("{n} d"),
            hours: plural("{n} h"),
            minutes: plural("{n} min"),
        }
    }
}
