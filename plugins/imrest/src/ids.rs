//! Ids and times as the protocol writes them: 32 hex digits, and `YYYY-MM-DD HH:MM:SS` in UTC.
//!
//! An id that a client sees tells nothing of the server's own, and cannot be guessed from others: its first half is a
//! fingerprint of what it names, its second half the server's id under a mask that only the first half and the
//! server's key make.

use crate::answer::Outcome;

/// Ids of the server lie below this.
const LIMIT: u64 = 1 << 53;
/// Digits of half an id.
const HALF: usize = 16;

/// Makes what stands for a text in this app, always the same, and that nobody else can make: 16 hex digits or more.
pub trait Prints {
    /// The print of a text.
    ///
    /// # Errors
    /// If there is no way to make one now.
    fn print(&self, text: &str) -> Outcome<String>;
}

/// What an id names: ids of different things are never mistaken for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// A conversation.
    Conversation,
    /// A message that is stored.
    Message,
    /// One that is not, by its time.
    Moment,
}

impl Thing {
    const fn word(self) -> &'static str {
        match self {
            Self::Conversation => "conversation",
            Self::Message => "message",
            Self::Moment => "moment",
        }
    }
}

/// The id of 32 hex digits that clients see for an id of the server. What is no number stands for 0.
///
/// # Errors
/// As [`Prints::print`].
pub fn seal(prints: &impl Prints, thing: Thing, id: &str) -> Outcome<String> {
    let id: u64 = id.parse().unwrap_or(0);
    let tag = tag(prints, thing, id)?;
    Ok(format!("{tag:016x}{:016x}", id ^ mask(prints, thing, tag)?))
}

/// The server's id that clients see as these 32 hex digits; none if they are none of ours.
///
/// # Errors
/// As [`Prints::print`].
pub fn open(prints: &impl Prints, thing: Thing, hex: &str) -> Outcome<Option<String>> {
    if hex.len() != 2 * HALF || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(None);
    }
    let (given, masked) = (number(&hex[..HALF]), number(&hex[HALF..]));
    let id = masked ^ mask(prints, thing, given)?;
    if !(1..LIMIT).contains(&id) {
        return Ok(None);
    }
    Ok((tag(prints, thing, id)? == given).then(|| id.to_string()))
}

fn tag(prints: &impl Prints, thing: Thing, id: u64) -> Outcome<u64> {
    half(prints, &format!("imrest id: {} {id}", thing.word()))
}

fn mask(prints: &impl Prints, thing: Thing, tag: u64) -> Outcome<u64> {
    half(prints, &format!("imrest mask: {} {tag:016x}", thing.word()))
}

fn half(prints: &impl Prints, text: &str) -> Outcome<u64> {
    let print = prints.print(text)?;
    Ok(number(print.get(..HALF).unwrap_or_default()))
}

fn number(hex: &str) -> u64 {
    u64::from_str_radix(hex, 16).unwrap_or(0)
}

/// Whether a new user may have this id: letters and digits only.
pub fn may_be_new(uid: &str) -> bool {
    (1..=64).contains(&uid.len()) && uid.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether this is the decimal number that JSON would print for it.
pub fn as_number(uid: &str) -> Option<u64> {
    uid.parse::<u64>()
        .ok()
        .filter(|number| *number < LIMIT && number.to_string() == uid)
}

/// A time in milliseconds as date and time of day, in UTC.
pub fn calendar(millis: u64) -> String {
    let seconds = millis / 1000;
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// Year, month and day of a number of days since 1970-01-01, by eras of 400 years that begin in March.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
pub mod tests {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};

    use super::*;

    /// Prints that repeat.
    pub struct Press;

    impl Prints for Press {
        fn print(&self, text: &str) -> Outcome<String> {
            let mut hasher = DefaultHasher::new();
            text.hash(&mut hasher);
            Ok(format!("{:016x}00000000", hasher.finish()))
        }
    }

    #[test]
    fn known_dates() {
        assert_eq!(calendar(0), "1970-01-01 00:00:00");
        assert_eq!(calendar(1_597_994_197_999), "2020-08-21 07:16:37");
        assert_eq!(calendar(951_782_400_000), "2000-02-29 00:00:00");
    }

    #[test]
    fn what_was_not_made_here_is_none_of_ours() {
        let ours = seal(&Press, Thing::Conversation, "17").unwrap();
        let mut bad = vec![
            String::new(),
            "1".to_owned(),
            "0e7ae8d24e2658e7fb4ecdfbb409249d".to_owned(),
            "0".repeat(32),
            "g".repeat(32),
            "é".repeat(16),
            format!("{:032x}", 17),
            format!("{}{:016x}", &ours[..16], 17),
            seal(&Press, Thing::Message, "17").unwrap(),
            seal(&Press, Thing::Conversation, "0").unwrap(),
            seal(&Press, Thing::Conversation, &LIMIT.to_string()).unwrap(),
        ];
        for at in 0..32 {
            let digit = if ours.as_bytes()[at] == b'0' { "1" } else { "0" };
            let mut changed = ours.clone();
            changed.replace_range(at..=at, digit);
            bad.push(changed);
        }
        for bad in bad {
            assert_eq!(open(&Press, Thing::Conversation, &bad), Ok(None), "{bad}");
        }
    }

    #[test]
    fn neighbours_look_nothing_alike() {
        let ids: Vec<String> = (1..=100)
            .map(|id| seal(&Press, Thing::Conversation, &id.to_string()).unwrap())
            .collect();
        for (one, next) in ids.iter().zip(&ids[1..]) {
            let same = one.bytes().zip(next.bytes()).filter(|(a, b)| a == b).count();
            assert!(same < 16, "{one} {next}");
        }
    }

    #[test]
    fn new_ids_are_letters_and_digits() {
        assert!(may_be_new("Tom") && may_be_new("1597500303"));
        for bad in ["", "a b", "a_b", "张三", "a-1", &"x".repeat(65)] {
            assert!(!may_be_new(bad), "{bad}");
        }
        assert_eq!(
            (as_number("2"), as_number("02"), as_number("Tom")),
            (Some(2), None, None)
        );
    }

    proptest::proptest! {
        #[test]
        fn sealed_and_opened(id in 1u64..(1 << 53)) {
            let hex = seal(&Press, Thing::Message, &id.to_string()).unwrap();
            proptest::prop_assert_eq!(hex.len(), 32);
            proptest::prop_assert_eq!(open(&Press, Thing::Message, &hex.to_uppercase()), Ok(Some(id.to_string())));
        }

        #[test]
        fn dates_never_panic(millis: u64, text in "\\PC{0,40}") {
            proptest::prop_assert!(calendar(millis).len() >= 19);
            let _ = (open(&Press, Thing::Conversation, &text), seal(&Press, Thing::Message, &text), as_number(&text));
        }
    }
}
