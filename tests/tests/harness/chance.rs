//! Randomness that repeats: the same seed makes the same choices (SplitMix64).

use std::ops::Range;

/// Values that tend to be forgotten, as JSON.
const ODD: [&str; 15] = [
    "null",
    "-1",
    "0",
    "1.5",
    "1e400",
    "9007199254740993",
    "18446744073709551616",
    "true",
    "[]",
    "{}",
    "\"\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "[[[[[[[[]]]]]]]]",
    "\"../..//%00\"",
];

/// A seeded source of choices.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to `bound`, without it.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// A text, JSON as a rule, after one small accident or a few; never empty.
    pub fn broken(&mut self, text: &str) -> String {
        self.broken_with(text, &ODD)
    }

    /// The same with odd values of one's own.
    pub fn broken_with(&mut self, text: &str, odd: &[&str]) -> String {
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..=self.below(3) {
            if bytes.is_empty() {
                bytes.push(b'x');
            }
            let at = self.below(bytes.len());
            match self.below(7) {
                0 => bytes[at] ^= 1 << self.below(7),
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, b' ' + u8::try_from(self.below(95)).unwrap()),
                3 => bytes.truncate(at.max(1)),
                4 => {
                    let end = (at + self.below(20)).min(bytes.len());
                    let piece = bytes[at..end].to_vec();
                    bytes.splice(at..at, piece);
                }
                _ => {
                    let place = value_after(&bytes, at);
                    bytes.splice(place, self.pick(odd).bytes());
                }
            }
        }
        if bytes.is_empty() {
            bytes.push(b'x');
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Where the value behind the next colon stands; where there is none, the place itself.
fn value_after(bytes: &[u8], at: usize) -> Range<usize> {
    let Some(colon) = bytes[at..]
        .iter()
        .position(|byte| *byte == b':')
        .map(|found| at + found)
    else {
        return at..at;
    };
    let end = bytes[colon..].iter().position(|byte| b",}".contains(byte));
    colon + 1..end.map_or(bytes.len(), |found| colon + found)
}
