//! The file of a story: TOML or JSON, the same names in both. What is not known is an error that says where.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::times;
use crate::model::Millis;

/// When stories begin that do not say so: a Monday morning.
const START: &str = "2026-01-05T09:00:00Z";

/// What is there, what is done, and what is to come of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// When it begins.
    #[serde(default)]
    pub(super) start: Option<Time>,
    /// The plugin's configuration.
    #[serde(default)]
    pub(super) config: Map<String, Value>,
    /// What the plugin may use; everything if left out.
    #[serde(default)]
    pub(super) grants: Option<Vec<String>>,
    /// Settings of the app.
    #[serde(default)]
    pub(super) app: Map<String, Value>,
    /// Users beside those that conversations and steps name.
    #[serde(default)]
    pub(super) users: Vec<UserLine>,
    /// Conversations, each with a name of the story's own.
    #[serde(default)]
    pub(super) conversations: BTreeMap<String, ConversationLine>,
    /// What other servers answer: the first line that fits.
    #[serde(default)]
    pub(super) http: Vec<FarLine>,
    /// What the plugin has stored before.
    #[serde(default)]
    pub(super) kv: BTreeMap<String, Value>,
    /// What happens, one after the other.
    pub(super) steps: Vec<Step>,
}

/// A time; TOML has a notation of its own for them.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Time(pub(super) Millis);

impl TryFrom<String> for Time {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let time = times::instant(&text).ok_or_else(|| format!("{text:?} is no time such as {START}"))?;
        Ok(Self(time))
    }
}

/// A span of time such as `10m`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Span(pub(super) i64);

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let span = times::span(&text).ok_or_else(|| format!("{text:?} is no span such as 90s, 10m or 1h30m"))?;
        Ok(Self(span))
    }
}

/// A user.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UserLine {
    pub(super) uid: String,
    #[serde(default)]
    pub(super) nickname: Option<String>,
    #[serde(default)]
    pub(super) attributes: Option<Map<String, Value>>,
    /// Has a connection from the start.
    #[serde(default)]
    pub(super) online: bool,
}

/// A conversation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConversationLine {
    #[serde(default = "group")]
    pub(super) kind: String,
    /// The first one owns it.
    pub(super) members: Vec<String>,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) ext: Map<String, Value>,
}

fn group() -> String {
    "group".to_owned()
}

/// What another server answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FarLine {
    /// To which URL; one that ends with `*`: to all that begin like it.
    pub(super) url: String,
    /// To which method; to all if left out.
    #[serde(default)]
    pub(super) method: Option<String>,
    /// How often; then the next line that fits answers.
    #[serde(default)]
    pub(super) times: Option<u32>,
    #[serde(default)]
    pub(super) status: Option<u16>,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    /// A text as it is, or JSON.
    #[serde(default)]
    pub(super) body: Option<Value>,
    /// It answers nothing.
    #[serde(default)]
    pub(super) fails: Option<Failing>,
}

/// How another server answers nothing.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Failing {
    /// In time.
    Timeout,
    /// At all.
    Connect,
}

/// Something that is done, and what is to come of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    #[serde(default)]
    pub(super) send: Option<Send>,
    #[serde(default)]
    pub(super) open: Option<Place>,
    #[serde(default)]
    pub(super) edit: Option<Edit>,
    #[serde(default)]
    pub(super) recall: Option<Touch>,
    #[serde(default)]
    pub(super) react: Option<React>,
    #[serde(default)]
    pub(super) act: Option<Deed>,
    #[serde(default)]
    pub(super) join: Option<Place>,
    #[serde(default)]
    pub(super) leave: Option<Place>,
    #[serde(default)]
    pub(super) add: Option<Bring>,
    #[serde(default)]
    pub(super) update: Option<Update>,
    /// An HTTP request to the plugin.
    #[serde(default)]
    pub(super) request: Option<Ask>,
    #[serde(default)]
    pub(super) connect: Option<String>,
    #[serde(default)]
    pub(super) disconnect: Option<String>,
    #[serde(default)]
    pub(super) configure: Option<Map<String, Value>>,
    /// Time passes; what becomes due meanwhile is done at its time.
    #[serde(default)]
    pub(super) wait: Option<Span>,
    #[serde(default)]
    pub(super) expect: Expect,
}

/// A message. Without `from` the app itself speaks.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Send {
    #[serde(default)]
    pub(super) from: Option<String>,
    pub(super) to: String,
    #[serde(default)]
    pub(super) text: Option<String>,
    #[serde(default)]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) body: Option<Value>,
    #[serde(default)]
    pub(super) mentions: Vec<String>,
    #[serde(default)]
    pub(super) reply_to: Option<String>,
    #[serde(default)]
    pub(super) transient: bool,
    /// A name by which later steps speak of it.
    #[serde(default, rename = "as")]
    pub(super) label: Option<String>,
}

/// Somebody, somewhere.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    pub(super) from: String,
    pub(super) to: String,
}

/// Another text or body for a message.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Edit {
    pub(super) from: String,
    pub(super) message: String,
    #[serde(default)]
    pub(super) text: Option<String>,
    #[serde(default)]
    pub(super) body: Option<Value>,
}

/// Somebody and a message.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Touch {
    pub(super) from: String,
    pub(super) message: String,
}

/// An emoji put on a message, or taken away.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct React {
    pub(super) from: String,
    pub(super) message: String,
    pub(super) emoji: String,
    #[serde(default)]
    pub(super) remove: bool,
}

/// An action on a message of a plugin's kind.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Deed {
    #[serde(default)]
    pub(super) from: Option<String>,
    pub(super) message: String,
    pub(super) data: Map<String, Value>,
}

/// Users brought into a conversation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bring {
    #[serde(default)]
    pub(super) from: Option<String>,
    pub(super) to: String,
    pub(super) users: Vec<String>,
}

/// A change of a conversation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Update {
    #[serde(default)]
    pub(super) from: Option<String>,
    pub(super) to: String,
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) ext: Option<Map<String, Value>>,
    /// Merged into `ext`.
    #[serde(default)]
    pub(super) merge: Option<Map<String, Value>>,
    #[serde(default)]
    pub(super) muted: Option<bool>,
}

/// A request to the install's own path.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ask {
    #[serde(default)]
    pub(super) method: Option<String>,
    pub(super) path: String,
    #[serde(default)]
    pub(super) query: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    /// A text as it is, or JSON.
    #[serde(default)]
    pub(super) body: Option<Value>,
    /// The user who asks, as proven by a token.
    #[serde(default)]
    pub(super) from: Option<String>,
}

/// What is to come of a step. What is left out may be anything, but for refusals and failures: they are always told.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expect {
    /// The code by which the step is refused.
    #[serde(default)]
    pub(super) refused: Option<String>,
    /// The body of the message as it was stored.
    #[serde(default)]
    pub(super) stored: Option<Value>,
    /// What a command whispered to who typed it.
    #[serde(default)]
    pub(super) whisper: Option<String>,
    /// What a request was answered: `status`, `headers`, `body`.
    #[serde(default)]
    pub(super) response: Option<Value>,
    /// What an action answered.
    #[serde(default)]
    pub(super) answer: Option<Value>,
    /// What the plugin sent, all of it, in order.
    #[serde(default)]
    pub(super) messages: Option<Vec<Value>>,
    /// What the plugin pushed to connections, all of it, in order.
    #[serde(default)]
    pub(super) pushes: Option<Vec<Value>>,
    /// Webhooks that were posted, all of them, in order.
    #[serde(default)]
    pub(super) webhooks: Option<Vec<Value>>,
    /// What other servers were asked, all of it, in order.
    #[serde(default)]
    pub(super) http: Option<Vec<Value>>,
    /// Timers as they stand, all of them, by name.
    #[serde(default)]
    pub(super) timers: Option<Vec<Value>>,
    /// Values of keys; null: the key is not there.
    #[serde(default)]
    pub(super) kv: Option<Map<String, Value>>,
    /// Conversations as they are now.
    #[serde(default)]
    pub(super) conversations: Option<Map<String, Value>>,
    /// Users as they are now.
    #[serde(default)]
    pub(super) users: Option<Map<String, Value>>,
    /// Each is part of a line that the plugin wrote.
    #[serde(default)]
    pub(super) log: Option<Vec<String>>,
    /// Part of what a failed call of the plugin says.
    #[serde(default)]
    pub(super) failed: Option<String>,
}

impl Story {
    /// Reads a file; its ending says whether it is TOML or JSON.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let parsed = if file.extension().is_some_and(|ending| ending == "json") {
            Self::from_json(&text)
        } else {
            Self::from_toml(&text)
        };
        parsed.with_context(|| file.display().to_string())
    }

    /// Reads TOML.
    pub(super) fn from_toml(text: &str) -> anyhow::Result<Self> {
        let table: toml::Table = text.parse()?;
        Self::checked(plain(toml::Value::Table(table)))
    }

    /// Reads JSON.
    fn from_json(text: &str) -> anyhow::Result<Self> {
        Self::checked(serde_json::from_str(text)?)
    }

    fn checked(value: Value) -> anyhow::Result<Self> {
        let story: Self = serde_path_to_error::deserialize(value)?;
        for (at, step) in story.steps.iter().enumerate() {
            let acts = step.acts();
            if acts.len() != 1 {
                bail!(
                    "step {}: does one thing, not {} ({}); one of {}",
                    at + 1,
                    acts.len(),
                    acts.join(", "),
                    Step::ACTS.join(", ")
                );
            }
        }
        Ok(story)
    }

    /// When it begins.
    pub(super) fn starts_at(&self) -> Millis {
        self.start
            .map(|time| time.0)
            .or_else(|| times::instant(START))
            .unwrap_or_default()
    }
}

impl Step {
    const ACTS: [&str; 15] = [
        "send",
        "open",
        "edit",
        "recall",
        "react",
        "act",
        "join",
        "leave",
        "add",
        "update",
        "request",
        "connect",
        "disconnect",
        "configure",
        "wait",
    ];

    /// What it does: one of them, in a story that was checked.
    pub(super) fn acts(&self) -> Vec<&'static str> {
        let given = [
            self.send.is_some(),
            self.open.is_some(),
            self.edit.is_some(),
            self.recall.is_some(),
            self.react.is_some(),
            self.act.is_some(),
            self.join.is_some(),
            self.leave.is_some(),
            self.add.is_some(),
            self.update.is_some(),
            self.request.is_some(),
            self.connect.is_some(),
            self.disconnect.is_some(),
            self.configure.is_some(),
            self.wait.is_some(),
        ];
        let named = Self::ACTS.into_iter().zip(given);
        named.filter(|(_, given)| *given).map(|(name, _)| name).collect()
    }
}

/// TOML as JSON; times become texts.
fn plain(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(yes) => yes.into(),
        toml::Value::Datetime(time) => time.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(plain).collect(),
        toml::Value::Table(table) => table
            .into_iter()
            .map(|(name, value)| (name, plain(value)))
            .collect::<Map<_, _>>()
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml_and_json_say_the_same() {
        let toml = "start = 2026-01-05T08:00:00Z\n[[steps]]\nsend = { from = \"ann\", to = \"room\", text = \"hi\" }\n";
        let json =
            r#"{"start": "2026-01-05T08:00:00Z", "steps": [{"send": {"from": "ann", "to": "room", "text": "hi"}}]}"#;
        let (toml, json) = (Story::from_toml(toml).unwrap(), Story::from_json(json).unwrap());
        assert_eq!(toml.starts_at(), json.starts_at());
        assert_eq!(format!("{toml:?}"), format!("{json:?}"));
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        for (text, part) in [
            ("[[steps]]\nsent = 1", "steps[0].sent: unknown field `sent`"),
            ("[[steps]]\nwait = \"soon\"", "steps[0].wait: \"soon\" is no span"),
            (
                "[[steps]]\nwait = \"1s\"\nconnect = \"a\"",
                "step 1: does one thing, not 2 (connect, wait)",
            ),
            ("[[steps]]", "step 1: does one thing, not 0"),
            ("", "missing field `steps`"),
            ("start = \"noon\"\nsteps = []", "start: \"noon\" is no time"),
        ] {
            let error = Story::from_toml(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
