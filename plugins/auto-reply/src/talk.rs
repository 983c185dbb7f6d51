//! What is known of a conversation between calls, as one record: what was said until when, where in the menu the customer
//! is, what was remembered, and what the last call of each kind set out to do.
//!
//! The record is the first write of a call that does anything. It holds the call's whole plan, so a call that is made
//! again does what it set out to do, whatever has changed since.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::host::{Host, Trouble};
use crate::plan::Plan;

/// The least time a record is kept, in milliseconds: long enough for any call to be made again.
const KEPT: u64 = 24 * 3_600_000;

/// The plans of so many waits are kept: one goes on, and those before may have a run to make again.
const WAITS: usize = 3;

/// The record.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Talk {
    /// What was done when, and how long that matters, in milliseconds.
    said: BTreeMap<String, Said>,
    /// Where in the menu the customer is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub menu: Option<Place>,
    /// What was remembered.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    memories: BTreeMap<String, Memory>,
    /// The last plan of an event. Events of a conversation come one after the other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heard: Option<Plan>,
    /// The last plan of a wait's timer, by the place of the message it began with.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fired: BTreeMap<u64, Option<Plan>>,
    /// The last plan of an opening.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened: Option<Plan>,
}

/// A page of the menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The choices that lead to it, from 0.
    pub path: Vec<usize>,
    /// When it is too long ago that it was shown.
    pub until: u64,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Said {
    at: u64,
    until: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Memory {
    value: String,
    until: u64,
}

impl Talk {
    /// The record of a conversation and its version, without what is over.
    pub fn load(host: &impl Host, conversation: &str, now: u64) -> Result<(Talk, u64), Trouble> {
        let Some(mark) = host.mark(&key(conversation))? else {
            return Ok((Talk::default(), 0));
        };
        // One that cannot be read is as good as none: only pauses are forgotten.
        let mut talk: Talk = serde_json::from_str(&mark.text).unwrap_or_default();
        talk.said.retain(|_, said| said.until > now);
        while talk.fired.len() > WAITS {
            talk.fired.pop_first();
        }
        talk.memories.retain(|_, memory| memory.until > now);
        talk.menu = talk.menu.filter(|place| place.until > now);
        Ok((talk, mark.version))
    }

    /// Stores it if nobody else has meanwhile; answers whether it did.
    pub fn store(&self, host: &impl Host, conversation: &str, version: u64, now: u64) -> Result<bool, Trouble> {
        let text = serde_json::to_string(self).map_err(|error| Trouble::Final(error.to_string()))?;
        let until = self.said.values().map(|said| said.until);
        let until = until.chain(self.memories.values().map(|memory| memory.until));
        let until = until
            .chain(self.menu.iter().map(|place| place.until))
            .max()
            .unwrap_or(0);
        let seconds = until.saturating_sub(now).max(KEPT).div_ceil(1000);
        host.put_mark(
            &key(conversation),
            version,
            &text,
            u32::try_from(seconds).unwrap_or(u32::MAX),
        )
    }

    /// Whether something was done so short a time ago that it has to rest.
    pub fn rests(&self, key: &str, now: u64, millis: u64) -> bool {
        self.said
            .get(key)
            .is_some_and(|said| now < said.at.saturating_add(millis))
    }

    /// Something is done, and has to rest.
    pub fn rest(&mut self, key: String, now: u64, millis: u64) {
        if millis > 0 {
            let until = now.saturating_add(millis);
            self.said.insert(key, Said { at: now, until });
        }
    }

    /// What was remembered under a name.
    pub fn memory(&self, name: &str) -> Option<&str> {
        self.memories.get(name).map(|memory| memory.value.as_str())
    }

    /// Remembers something.
    pub fn remember(&mut self, name: &str, value: String, until: u64) {
        self.memories.insert(name.to_owned(), Memory { value, until });
    }
}

fn key(conversation: &str) -> String {
    format!("talk/{conversation}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Fake;

    #[test]
    fn what_is_over_is_forgotten() {
        let host = Fake::default();
        let (mut talk, version) = Talk::load(&host, "7", 1_000).unwrap();
        assert_eq!(version, 0);
        talk.rest("rule/a".into(), 1_000, 30_000);
        talk.remember("plan", "pro".into(), 50_000);
        talk.menu = Some(Place {
            path: vec![1],
            until: 40_000,
        });
        assert_eq!(talk.store(&host, "7", 0, 1_000), Ok(true));
        assert_eq!(talk.store(&host, "7", 0, 1_000), Ok(false), "somebody was faster");
        let (talk, version) = Talk::load(&host, "7", 30_999).unwrap();
        assert!(version > 0 && talk.rests("rule/a", 30_999, 30_000) && talk.menu.is_some());
        assert!(!talk.rests("rule/a", 30_999, 10_000), "what is configured now counts");
        let (talk, _) = Talk::load(&host, "7", 45_000).unwrap();
        assert!(!talk.rests("rule/a", 45_000, 90_000) && talk.menu.is_none());
        assert_eq!(talk.memory("plan"), Some("pro"));
        assert_eq!(Talk::load(&host, "8", 0).unwrap().1, 0, "each conversation has its own");
    }
}
