//! Commands that users type.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::model::{self, Command, ConversationId, Kind, PluginName, Role, SlashCommand, SlashName, SlashOutcome};

/// The command that was run in place of a message.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ran<'a> {
    /// Whose it is.
    #[schema(value_type = PluginName)]
    pub plugin: &'a PluginName,
    /// Which.
    #[schema(value_type = SlashName)]
    pub name: &'a SlashName,
    /// What only who has typed it is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whisper: Option<&'a str>,
    /// The kind of the message it has sent in place of what was typed; its body is `body`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Kind>)]
    pub kind: Option<&'a Kind>,
}

impl<'a> From<&'a model::SlashRun> for Ran<'a> {
    fn from(run: &'a model::SlashRun) -> Self {
        let (whisper, kind) = match &run.outcome {
            SlashOutcome::Silent => (None, None),
            SlashOutcome::Whisper(text) => (Some(text.as_str()), None),
            SlashOutcome::Say { kind, .. } => (None, Some(kind)),
        };
        Self {
            plugin: &run.plugin,
            name: &run.name,
            whisper,
            kind,
        }
    }
}

/// A command that can be typed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Slash<'a> {
    /// What follows the slash.
    #[schema(value_type = SlashName)]
    pub name: &'a SlashName,
    /// Whose it is.
    #[schema(value_type = PluginName)]
    pub plugin: &'a PluginName,
    /// How its arguments are written; may be empty.
    pub usage: &'a str,
    /// One line for people; may be empty.
    pub summary: &'a str,
    /// Who may run it; everyone who may speak if empty.
    #[schema(value_type = Vec<Role>)]
    pub roles: &'a [Role],
}

impl<'a> Slash<'a> {
    /// A command of a plugin.
    #[must_use]
    pub fn of(plugin: &'a PluginName, command: &'a SlashCommand) -> Self {
        Self {
            name: &command.name,
            plugin,
            usage: &command.usage,
            summary: &command.summary,
            roles: &command.roles,
        }
    }
}

/// Commands that can be typed, by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct Slashes<'a> {
    /// They.
    pub commands: Vec<Slash<'a>>,
}

/// What arguments might become.
#[derive(Debug, Serialize, ToSchema)]
pub struct Suggestion<'a> {
    /// The arguments, in whole.
    pub value: &'a str,
    /// For people; may be empty.
    pub summary: &'a str,
}

/// What arguments might become, best first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Suggestions<'a> {
    /// At most 50.
    pub suggestions: Vec<Suggestion<'a>>,
}

impl<'a> From<&'a model::SlashSuggestion> for Suggestion<'a> {
    fn from(of: &'a model::SlashSuggestion) -> Self {
        Self {
            value: &of.value,
            summary: &of.summary,
        }
    }
}

/// A command whose arguments are being typed.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Complete {
    /// What follows the slash.
    pub name: String,
    /// What is typed so far after the name and one space; at most 4,000 bytes.
    #[serde(default)]
    #[schema(required = false)]
    pub arguments: String,
}

impl Complete {
    /// The question it is in a conversation.
    #[must_use]
    pub fn of(self, conversation: ConversationId) -> Command {
        Command::CompleteCommand {
            conversation,
            name: self.name,
            arguments: self.arguments,
        }
    }
}
