//! The menu as it is configured: pages of choices, each with a text, a further page or a human behind it.

use serde::Deserialize;
use serde_json::Value;

/// The menu: its first page, and how it is shown.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Menu {
    /// Texts that show it.
    #[serde(default)]
    pub words: Vec<String>,
    /// What goes before the choices.
    pub text: String,
    /// The choices, counted from 1.
    pub choices: Vec<Choice>,
    /// How the choices are shown.
    #[serde(default)]
    pub style: Style,
    /// A choice as a line.
    #[serde(default = "line")]
    pub line: String,
    /// The label of the way back, which is 0.
    #[serde(default = "back")]
    pub back: String,
    /// What is said to a text that is no choice and meets no rule; empty: nothing.
    #[serde(default)]
    pub unknown: String,
    /// How long after it was shown a number is a choice.
    #[serde(default = "hour")]
    pub expires_seconds: u32,
}

/// How choices are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// As numbered lines of a text.
    #[default]
    Numbers,
    /// As a card with buttons, where the app has cards.
    Buttons,
}

/// A further page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// What goes before the choices.
    pub text: String,
    /// The choices, counted from 1.
    pub choices: Vec<Choice>,
}

/// One choice.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What it is called; sending it chooses it as well.
    pub label: String,
    /// What is said.
    #[serde(default)]
    pub reply: Option<String>,
    /// The page that is shown.
    #[serde(default)]
    pub menu: Option<Page>,
    /// What is merged into the conversation's ext.
    #[serde(default)]
    pub set: Option<Value>,
    /// Asks for a human, and says why.
    #[serde(default)]
    pub hand_off: Option<String>,
}

fn line() -> String {
    "{number}. {label}".to_owned()
}

fn back() -> String {
    "Back".to_owned()
}

fn hour() -> u32 {
    3600
}
