//! Numbers for protocols whose ids of users are numbers.

/// A uid that is a decimal number below 2^53 stands for itself; any other gets a number of its own from 2^52 up to 2^53,
/// always the same. Two uids share one with a chance of about n² in 2^53: whoever must find the uid of a number again keeps it
/// under that number when it is first shown.
#[must_use]
pub fn number_of(uid: &str) -> u64 {
    const HALF: u64 = 1 << 52;
    let decimal = uid.parse::<u64>().ok();
    match decimal.filter(|number| *number < HALF && number.to_string() == uid) {
        Some(number) => number,
        None => HALF | (fnv(uid) & (HALF - 1)),
    }
}

/// FNV-1a, with its high bits folded into the low ones that are kept.
fn fnv(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    hash ^ (hash >> 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_uids_stand_for_themselves() {
        assert_eq!(number_of("100164"), 100_164);
        assert_eq!(number_of("0"), 0);
        for other in ["007", "+5", "4503599627370496", "alice", "小桥", ""] {
            let number = number_of(other);
            assert!((1 << 52..1 << 53).contains(&number), "{other}: {number}");
        }
        assert_ne!(number_of("alice"), number_of("alicf"));
    }
}
