//! The matcher of an instance that lives on: the list, made comparable and indexed once, so that a message costs one
//! or two look-ups per character, whatever the length of the list.

use crate::chains::{Chains, key};
use crate::config::{Config, Match};
use crate::fold::{Text, fold};
use crate::hits::Hits;

/// A word list ready to be searched for.
#[derive(Debug)]
pub struct Index {
    /// All words, one after the other.
    chars: Vec<char>,
    /// Where each word ends in `chars`, and so where the next begins.
    ends: Vec<u32>,
    chains: Chains,
    matching: Match,
}

impl Index {
    /// Reads the list of a configuration.
    pub fn new(config: &Config<'_>) -> Result<Index, String> {
        let mut chars = Vec::new();
        let mut ends = Vec::new();
        config.words(|word| {
            chars.extend(word.chars().filter_map(|c| fold(c, config.case_sensitive)));
            ends.push(chars.len() as u32);
        })?;
        let mut index = Index {
            chains: Chains::new(ends.len(), ends.len() * 2),
            chars,
            ends,
            matching: config.matching,
        };
        for entry in 0..index.ends.len() {
            let word = index.word(entry);
            // A word of invisible characters only is nothing to look for; its entry keeps the numbers in step.
            let key = word.first().map_or(u64::MAX, |first| key(*first, word.get(1).copied()));
            index.chains.push(key);
        }
        Ok(index)
    }

    fn word(&self, entry: usize) -> &[char] {
        let start = entry.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.chars[start..self.ends[entry] as usize]
    }

    /// Finds every listed word in a text of so many characters.
    pub fn find(&self, text: &Text, characters: usize) -> Hits {
        let mut hits = Hits::none(characters);
        for (at, first) in text.chars.iter().enumerate() {
            let single = key(*first, None);
            let pair = text.chars.get(at + 1).map(|second| key(*first, Some(*second)));
            for entry in [Some(single), pair]
                .into_iter()
                .flatten()
                .flat_map(|key| self.chains.get(key))
            {
                let word = self.word(entry);
                if !word.is_empty()
                    && text.chars[at..].starts_with(word)
                    && (self.matching == Match::Substring || text.stands_alone(at, word.len()))
                {
                    hits.mark(text, at, word.len());
                }
            }
        }
        hits
    }
}
