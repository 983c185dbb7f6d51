//! The configuration, read on every call: who is answered, in which words, by which model.

use crate::settings::{Answers, Budget, Context, Endpoint, HandOff};
use serde::Deserialize;

/// All settings; without a `bot` and an endpoint nothing is answered.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The user who answers; a member of the conversations it answers in.
    pub bot: String,
    /// Users who are never answered, and whose messages show that a human is there.
    pub agents: Vec<String>,
    /// Where it answers.
    pub conversations: Rooms,
    /// The model's address and how it is asked.
    pub endpoint: Endpoint,
    /// What the model is told of the conversation.
    pub context: Context,
    /// What the model is told besides.
    pub system: SystemPrompt,
    /// What the model may know, by keyword.
    pub knowledge: Vec<Snippet>,
    /// What becomes of its answers.
    pub answers: Answers,
    /// How many tokens may be used.
    pub budget: Budget,
    /// When and how a human is called.
    pub handoff: HandOff,
}

/// In which conversations it answers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rooms {
    /// `direct`, `temporary`, `group`, `chatroom`.
    pub kinds: Vec<String>,
    /// In groups and chatrooms that no desk has given to the bot: only what mentions the bot.
    pub mention_only: bool,
    /// How long it is silent after a human has answered, where there is no desk; 0: not at all.
    pub quiet_minutes: u32,
}

impl Default for Rooms {
    fn default() -> Self {
        Rooms {
            kinds: vec!["direct".to_owned(), "temporary".to_owned()],
            mention_only: true,
            quiet_minutes: 10,
        }
    }
}

/// The first words to the model.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct SystemPrompt(pub String);

impl Default for SystemPrompt {
    fn default() -> Self {
        SystemPrompt(
            "You answer customers in a chat. Be brief and friendly, write plain text without markup, and answer in the \
             customer's language. Use only what you are told here; invent nothing."
                .to_owned(),
        )
    }
}

/// Something the model is told if the customer's message has one of the keywords.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snippet {
    /// Any of these; none: always.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// What to know.
    pub text: String,
}

impl Config {
    /// Reads a configuration; the text of an error says what is wrong and where.
    pub fn parse(text: &str) -> Result<Config, String> {
        serde_json::from_str(text).map_err(|error| format!("configuration: {error}"))
    }

    /// Whether there is somebody to answer and a model to ask.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.bot.is_empty() && !self.endpoint.url.is_empty() && !self.endpoint.model.is_empty()
    }

    /// Whether this user is listed as one who answers customers.
    #[must_use]
    pub fn is_agent(&self, uid: &str) -> bool {
        self.agents.iter().any(|agent| agent == uid)
    }
}
