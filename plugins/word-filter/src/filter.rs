//! What becomes of a message: which fields are looked at, with which matcher, and the body that comes out.

use crate::config::{Config, Mode};
use crate::fold::Text;
use crate::hits::Hits;
use crate::index::Index;
use crate::probe;
use serde_json::value::{RawValue, to_raw_value};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The fields with words in them. Addresses, ids and the tenant's own fields are never touched.
pub const FIELDS: &[&str] = &["text", "title", "description", "name", "address", "nickname"];

/// What to do with a message.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was found.
    Pass,
    /// The body with the words masked.
    Masked(String),
    /// It must not be sent; the text is for the sender.
    Refused(String),
}

/// What an instance remembers between calls: the text of the last configuration and, from its second call on, the
/// settings and the index made from that very text. A fresh instance has neither and makes none.
#[derive(Debug, Default)]
pub struct Memory {
    seen: Option<String>,
    ready: Option<(Config<'static>, Index)>,
}

/// Judges a message of this kind. An error is one of the configuration.
pub fn filter(memory: &mut Memory, configuration: String, kind: &str, body: &str) -> Result<Outcome, String> {
    if memory.seen.as_ref() != Some(&configuration) {
        let outcome = judge(None, &Config::parse(&configuration)?, kind, body);
        *memory = Memory {
            seen: Some(configuration),
            ready: None,
        };
        return outcome;
    }
    let (config, index) = match &mut memory.ready {
        Some(ready) => ready,
        none => {
            let config = Config::parse(&configuration)?;
            let index = Index::new(&config)?;
            none.insert((config.settled(), index))
        }
    };
    judge(Some(index), config, kind, body)
}

fn judge(index: Option<&Index>, config: &Config<'_>, kind: &str, body: &str) -> Result<Outcome, String> {
    if !config.kinds.iter().any(|name| name == kind) {
        return Ok(Outcome::Pass);
    }
    // A body that is no object has no words; saying so is up to its message type.
    let Ok(mut fields) = serde_json::from_str::<BTreeMap<String, &RawValue>>(body) else {
        return Ok(Outcome::Pass);
    };
    let mut masked: Vec<(&str, Box<RawValue>)> = Vec::new();
    for name in FIELDS {
        let Some(words) = fields
            .get(*name)
            .and_then(|raw| serde_json::from_str::<Cow<'_, str>>(raw.get()).ok())
        else {
            continue;
        };
        let hits = search(index, config, &words)?;
        if !hits.any() {
            continue;
        }
        if config.mode == Mode::Reject {
            return Ok(Outcome::Refused(config.message.clone()));
        }
        masked.push((
            name,
            to_raw_value(&hits.mask(&words, config.mask)).map_err(|error| error.to_string())?,
        ));
    }
    if masked.is_empty() {
        return Ok(Outcome::Pass);
    }
    for (name, raw) in &masked {
        fields.insert((*name).to_owned(), raw);
    }
    serde_json::to_string(&fields)
        .map(Outcome::Masked)
        .map_err(|error| error.to_string())
}

fn search(index: Option<&Index>, config: &Config<'_>, words: &str) -> Result<Hits, String> {
    let text = Text::new(words, config.case_sensitive);
    let characters = words.chars().count();
    match index {
        Some(index) => Ok(index.find(&text, characters)),
        None => probe::find(config, &text, characters),
    }
}

#[cfg(test)]
mod tests;
