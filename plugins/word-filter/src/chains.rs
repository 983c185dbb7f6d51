//! A small hash table from the beginning of a word to numbered entries: open to collisions, built in one pass.

/// No entry.
const NONE: u32 = u32::MAX;

/// What a word begins with: its first two characters, or its only one.
pub fn key(first: char, second: Option<char>) -> u64 {
    u64::from(u32::from(first)) << 32 | second.map_or(u64::from(NONE), |c| u64::from(u32::from(c)))
}

/// Entries in chains by the hash of their key. Entries of other keys may be among them: the caller compares.
#[derive(Debug)]
pub struct Chains {
    heads: Vec<u32>,
    next: Vec<u32>,
    shift: u32,
}

impl Chains {
    /// No entry yet, room for so many, and about so many slots: the more, the fewer entries of other keys in a chain.
    pub fn new(entries: usize, slots: usize) -> Chains {
        let slots = slots.next_power_of_two().max(64);
        Chains {
            heads: vec![NONE; slots],
            next: Vec::with_capacity(entries),
            shift: 64 - slots.trailing_zeros(),
        }
    }

    /// Adds the next entry; they are numbered from 0.
    pub fn push(&mut self, key: u64) {
        let slot = self.slot(key);
        let entry = self.next.len() as u32;
        self.next.push(std::mem::replace(&mut self.heads[slot], entry));
    }

    /// The entries that may have this key, latest first.
    pub fn get(&self, key: u64) -> impl Iterator<Item = usize> {
        let mut at = self.heads[self.slot(key)];
        std::iter::from_fn(move || {
            let entry = *self.next.get(at as usize)?;
            Some(std::mem::replace(&mut at, entry) as usize)
        })
    }

    /// Multiplicative hashing: the high bits of the product depend on all bits of the key.
    fn slot(&self, key: u64) -> usize {
        (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize
    }
}
