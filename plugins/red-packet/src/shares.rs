//! How a sum is cut. The same packet is always cut the same way, so that any claim can be checked afterwards.

use crate::packet::Mode;

/// The share of the claim with this index (0 is the first), when `left` is left for it and the `waiting` that follow. At
/// least 1, leaves at least 1 for each that waits, and the last one is all that is left. None if that cannot be.
#[must_use]
pub fn share(left: u64, waiting: u64, index: u64, mode: Mode, seed: &str) -> Option<u64> {
    if left <= waiting {
        return None;
    }
    // Of equal shares the first ones get what remains.
    let equal = left.div_ceil(waiting + 1);
    Some(match mode {
        Mode::Equal => equal,
        Mode::Random if waiting == 0 => left,
        // From 1 to about twice the mean.
        Mode::Random => 1 + draw(seed, index) % (2 * equal).min(left - waiting),
    })
}

/// FNV-1a of seed and index, finished by SplitMix64's mixer: even neighbours differ in every bit.
fn draw(seed: &str, index: u64) -> u64 {
    let bytes = seed.bytes().chain([0]).chain(index.to_le_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mixed = hash.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(total: u64, count: u64, mode: Mode, seed: &str) -> Vec<u64> {
        let mut left = total;
        let mut next = |index: u64| {
            let share = share(left, count - index - 1, index, mode, seed).unwrap();
            left -= share;
            share
        };
        (0..count).map(&mut next).collect()
    }

    #[test]
    fn equal_shares_give_the_remainder_to_the_first() {
        assert_eq!(shares(100, 3, Mode::Equal, ""), [34, 33, 33]);
        assert_eq!(shares(11, 4, Mode::Equal, ""), [3, 3, 3, 2]);
        assert_eq!(shares(3, 3, Mode::Equal, ""), [1, 1, 1]);
        assert_eq!(share(2, 2, 0, Mode::Equal, ""), None);
        assert_eq!(share(0, 0, 0, Mode::Random, ""), None);
    }

    #[test]
    fn random_shares_are_the_packets_own() {
        assert_eq!(shares(1000, 10, Mode::Random, "7"), shares(1000, 10, Mode::Random, "7"));
        assert_ne!(shares(1000, 10, Mode::Random, "7"), shares(1000, 10, Mode::Random, "8"));
    }

    proptest::proptest! {
        #[test]
        fn shares_are_the_whole_sum(count in 1u64..=100, more in 0u64..2_000_000, seed in ".{0,20}") {
            let equal = shares(count + more, count, Mode::Equal, &seed);
            assert!(equal.iter().max().unwrap() - equal.iter().min().unwrap() <= 1);
            for all in [equal, shares(count + more, count, Mode::Random, &seed)] {
                assert_eq!(all.iter().sum::<u64>(), count + more);
                assert!(all.iter().all(|share| *share >= 1));
            }
        }
    }
}
