//! The matcher of a fresh instance: indexes the message, which is short, and walks once through the list.
//!
//! Nearly every word fails at one look-up of its beginning, so a list costs little more than reading it.

use crate::chains::{Chains, key};
use crate::config::{Config, Match};
use crate::fold::{Text, fold};
use crate::hits::Hits;

/// Finds every listed word in a text of so many characters.
pub fn find(config: &Config<'_>, text: &Text, characters: usize) -> Result<Hits, String> {
    let places = places(text);
    let mut hits = Hits::none(characters);
    let mut word = Vec::new();
    config.words(|listed| {
        let mut folded = listed.chars().filter_map(|c| fold(c, config.case_sensitive));
        let Some(first) = folded.next() else { return };
        let second = folded.next();
        let mut candidates = places.get(key(first, second)).map(|entry| entry / 2).peekable();
        if candidates.peek().is_none() {
            return;
        }
        word.clear();
        word.push(first);
        word.extend(second.into_iter().chain(folded));
        for start in candidates {
            if text.chars[start..].starts_with(&word)
                && (config.matching == Match::Substring || text.stands_alone(start, word.len()))
            {
                hits.mark(text, start, word.len());
            }
        }
    })?;
    Ok(hits)
}

/// The most slots for a message: 64 KiB of table.
const SLOTS: usize = 16 * 1024;

/// Two entries for each place: 2n for the character by itself, 2n + 1 for it and the next one.
fn places(text: &Text) -> Chains {
    let entries = text.chars.len() * 2;
    // Sparse, because what most words shall find here is an empty slot.
    let mut places = Chains::new(entries, (entries * 16).min(SLOTS));
    for (at, c) in text.chars.iter().enumerate() {
        places.push(key(*c, None));
        places.push(key(*c, text.chars.get(at + 1).copied()));
    }
    places
}
