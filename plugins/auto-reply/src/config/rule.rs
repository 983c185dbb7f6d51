//! Rules: an event, what must hold, and what is done.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use switchboard_plugin::desk;

/// What a rule waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum On {
    /// A customer's message.
    #[default]
    Message,
    /// A customer opens the conversation.
    Opened,
    /// Somebody has come in.
    Joined,
    /// A customer has waited for an answer.
    Idle,
    /// A customer's first message of the day outside of the hours.
    OutsideHours,
}

/// How keywords count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Match {
    /// The text contains one of them.
    #[default]
    Any,
    /// The text contains each of them.
    All,
    /// The text is one of them.
    Exact,
}

/// One rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Unique; keys the cooldown.
    pub name: String,
    /// The event.
    #[serde(default)]
    pub on: On,
    /// For `idle`: how long the customer has waited.
    #[serde(default = "five_minutes")]
    pub idle_seconds: u32,
    /// What to look for; none: any text.
    #[serde(default)]
    pub keywords: Option<Vec<String>>,
    /// How the keywords count.
    #[serde(default, rename = "match")]
    pub matching: Match,
    /// A regular expression instead.
    #[serde(default)]
    pub pattern: Option<String>,
    /// Whether `Price` and `price` differ.
    #[serde(default)]
    pub case_sensitive: bool,
    /// What else must hold.
    #[serde(default)]
    pub when: When,
    /// The answer, with fields; short for one action.
    #[serde(default)]
    pub reply: Option<String>,
    /// What is done, in order.
    #[serde(default)]
    pub actions: Vec<Action>,
    /// How long it stays silent in a conversation after an answer there.
    #[serde(default)]
    pub cooldown_seconds: Option<u32>,
}

fn five_minutes() -> u32 {
    300
}

impl Rule {
    /// How long it rests in a conversation.
    pub fn cooldown(&self) -> u32 {
        self.cooldown_seconds
            .unwrap_or(if self.on == On::Opened { 3600 } else { 30 })
    }

    /// Whether a rule that is met is the last one looked at: it says something, or it says stop.
    pub fn ends(&self) -> bool {
        let ends = |action: &Action| !matches!(action, Action::Set(_) | Action::Add { .. } | Action::Remember { .. });
        self.reply.is_some() || self.actions.iter().any(ends)
    }
}

/// Conditions; each that is given must hold.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// Kinds of message.
    pub kinds: Vec<String>,
    /// Scripts that the text is written in.
    pub scripts: Vec<String>,
    /// Whether the customer has not written here before.
    pub first_contact: Option<bool>,
    /// Whether somebody is there.
    pub hours: Option<Doors>,
    /// By JSON pointer: what the customer's attributes hold.
    pub user: BTreeMap<String, Value>,
    /// By JSON pointer: what the conversation's ext holds.
    pub ext: BTreeMap<String, Value>,
    /// Who has the conversation.
    pub desk: Vec<Desk>,
    /// What was remembered.
    pub remembered: BTreeMap<String, Value>,
}

/// Whether it is business hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Doors {
    /// Yes.
    Open,
    /// No.
    Closed,
}

/// Who has a conversation, by the `desk` of its ext. While a queue or an agent has it, no rule speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Desk {
    /// There is no desk.
    None,
    /// The bots.
    Bot,
    /// Nobody any more.
    Closed,
}

impl From<desk::Desk> for Desk {
    fn from(desk: desk::Desk) -> Self {
        match desk.by.as_deref() {
            None => Self::None,
            Some("closed") => Self::Closed,
            Some(_) => Self::Bot,
        }
    }
}

/// One thing to do.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Says a text.
    Text(String),
    /// Sends a body of the kind `card`, or its text where the app has no cards.
    Card(Value),
    /// Sends a message of any kind.
    Message {
        /// Its kind.
        kind: String,
        /// Its body.
        body: Value,
    },
    /// Shows the menu.
    Menu,
    /// Merges into the conversation's ext.
    Set(Value),
    /// Adds to a list in the conversation's ext, once.
    Add {
        /// JSON pointer of the list.
        path: String,
        /// What to add.
        value: Value,
    },
    /// Keeps a text about the conversation.
    Remember {
        /// Its name.
        name: String,
        /// The text, with fields.
        #[serde(default = "yes")]
        value: String,
        /// For how long.
        #[serde(default = "month")]
        days: u32,
    },
    /// Asks for a human, and says why.
    HandOff(String),
    /// Does nothing more, and lets no later rule do anything.
    Stop,
}

fn yes() -> String {
    "yes".to_owned()
}

fn month() -> u32 {
    30
}
