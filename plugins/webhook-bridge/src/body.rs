//! What a request's body says. Its fields are a promise to backends (README): fields may be added, and a change of those
//! that are there is a new `version`.

use crate::facts::{self, Facts};
use serde::Serialize;
use serde_json::Value;

/// The version of the shapes below.
pub const VERSION: u32 = 1;
/// The largest body the server sends.
const MOST_BYTES: usize = 256 << 10;

/// The whole body.
#[derive(Debug, Serialize)]
pub struct Body<'a> {
    /// The event: the same for every target and every try.
    pub id: &'a str,
    /// What has happened.
    pub r#type: &'a str,
    /// Of these shapes.
    pub version: u32,
    /// The app.
    pub app: Value,
    /// When it happened, in milliseconds.
    pub at: u64,
    /// How many messages of plugins lie between a human's act and this; 0: a human's own.
    pub depth: u32,
    /// Fields that were too long to be told.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub omitted: &'a [&'a str],
    /// What it is about.
    #[serde(flatten)]
    pub facts: Facts,
}

/// What is told of every event besides its facts.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    /// The app.
    pub app: &'a str,
    /// Names the event inside the app.
    pub call: &'a str,
    /// How far from a human's act.
    pub depth: u32,
    /// What.
    pub name: &'a str,
    /// When.
    pub at: u64,
}

/// The body that tells of something; what does not fit the server's bound is left out and named.
#[must_use]
pub fn write(envelope: Envelope<'_>, facts: &Facts) -> String {
    let id = format!("{}.{}", envelope.app, envelope.call);
    let app = facts::id(envelope.app);
    let text = |facts: Facts, omitted: &[&str]| {
        let body = Body {
            id: &id,
            r#type: envelope.name,
            version: VERSION,
            app: app.clone(),
            at: envelope.at,
            depth: envelope.depth,
            omitted,
            facts,
        };
        // Nothing in these shapes can fail to be written.
        serde_json::to_string(&body).unwrap_or_default()
    };
    let whole = text(facts.clone(), &[]);
    if whole.len() <= MOST_BYTES {
        return whole;
    }
    let mut facts = facts.clone();
    let mut omitted = Vec::new();
    if let Some(message) = &mut facts.message {
        message.body = None;
        omitted.push("message.body");
    }
    if let Some(details) = facts.conversation.as_mut().and_then(|place| place.all.as_mut()) {
        details.ext = None;
        omitted.push("conversation.ext");
    }
    text(facts, &omitted)
}
