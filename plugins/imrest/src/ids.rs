//! Ids and times as the protocol writes them: 32 hex digits, and `YYYY-MM-DD HH:MM:SS` in UTC.

/// Ids of the server lie below this.
const LIMIT: u128 = 1 << 53;

/// An id of a conversation or message of the server in 32 hex digits. What is no number stands for 0.
pub fn to_hex(id: &str) -> String {
    format!("{:032x}", id.parse::<u64>().unwrap_or(0))
}

/// The server's id of 32 hex digits; none if they cannot be one.
pub fn from_hex(hex: &str) -> Option<String> {
    if hex.len() != 32 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let id = u128::from_str_radix(hex, 16).ok()?;
    (1..LIMIT).contains(&id).then(|| id.to_string())
}

/// Whether a new user may have this id: letters and digits only.
pub fn may_be_new(uid: &str) -> bool {
    (1..=64).contains(&uid.len()) && uid.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether this is the decimal number that JSON would print for it.
pub fn as_number(uid: &str) -> Option<u64> {
    uid.parse::<u64>()
        .ok()
        .filter(|number| u128::from(*number) < LIMIT && number.to_string() == uid)
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
mod tests {
    use super::*;

    #[test]
    fn known_dates() {
        assert_eq!(calendar(0), "1970-01-01 00:00:00");
        assert_eq!(calendar(1_597_994_197_999), "2020-08-21 07:16:37");
        assert_eq!(calendar(951_782_400_000), "2000-02-29 00:00:00");
    }

    #[test]
    fn ids_of_other_systems_are_none_of_ours() {
        for bad in [
            "",
            "1",
            "0e7ae8d24e2658e7fb4ecdfbb409249d",
            &"0".repeat(32),
            &"g".repeat(32),
            "+1",
        ] {
            assert_eq!(from_hex(bad), None, "{bad}");
        }
        assert_eq!(
            from_hex("0000000000000000001fffffffffffff").as_deref(),
            Some("9007199254740991")
        );
        assert_eq!(from_hex("00000000000000000020000000000000"), None);
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
        fn hex_and_back(id in 1u64..(1 << 53)) {
            let hex = to_hex(&id.to_string());
            proptest::prop_assert_eq!(hex.len(), 32);
            proptest::prop_assert_eq!(from_hex(&hex.to_uppercase()), Some(id.to_string()));
        }

        #[test]
        fn dates_never_panic(millis: u64, text in "\\PC{0,40}") {
            proptest::prop_assert!(calendar(millis).len() >= 19);
            let _ = (from_hex(&text), to_hex(&text), as_number(&text));
        }
    }
}
