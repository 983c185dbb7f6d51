//! The `command` hook: what users type after a slash is run and not stored.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

use super::bindings::exports::switchboard::plugin::command::{Completion, Invocation, Outcome, Suggestion};
use super::failure::Fault;
use super::message_type::object;
use super::plugin::{Answer, Missed, Plugin};
use super::writes::Writes;
use super::{convert, refusals};
use crate::model::{
    Call, Hook, Kind, MessageId, PluginName, Refusal, Roster, Seq, SlashCommand, SlashName, SlashOutcome, SlashRun,
    SlashSuggestion, UserId,
};

/// The longest whisper, in bytes.
const WHISPER: usize = 4_000;
/// How many suggestions are passed on.
const SUGGESTIONS: usize = 50;
/// The longest suggestion, in bytes of each part.
const SUGGESTION: usize = 1_000;

/// The commands of an app, by name. Where two plugins have one of the same name, the first in order has it.
#[derive(Default)]
pub struct Commands(BTreeMap<SlashName, Owned>);

/// A command and who owns it.
#[derive(Clone)]
pub struct Owned {
    plugin: Arc<Plugin>,
    place: usize,
}

/// Who runs a command, and where.
#[derive(Clone, Copy)]
pub struct Typist<'a> {
    /// Who.
    pub user: &'a UserId,
    /// Where.
    pub roster: &'a Roster,
    /// The newest message's place there.
    pub last_seq: Seq,
}

/// What was typed.
#[derive(Clone, Copy)]
pub struct Typed<'a> {
    /// By whom.
    pub by: Typist<'a>,
    /// What follows the name.
    pub arguments: &'a str,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// Who is named in it.
    pub mentions: &'a [UserId],
}

impl Commands {
    /// The commands of plugins, in their order.
    pub(super) fn of(plugins: &[Arc<Plugin>]) -> Self {
        let mut commands = BTreeMap::new();
        for plugin in plugins {
            for (place, command) in plugin.blueprint.descriptor.commands.iter().enumerate() {
                commands.entry(command.name.clone()).or_insert_with(|| Owned {
                    plugin: plugin.clone(),
                    place,
                });
            }
        }
        Self(commands)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The command of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Owned> {
        self.0.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Owned> {
        self.0.values()
    }

    /// Commands that one plugin has and another one, who comes first, runs.
    pub(super) fn shadowed<'a>(&'a self, plugin: &'a Plugin) -> impl Iterator<Item = (&'a SlashName, &'a PluginName)> {
        let own = plugin.blueprint.descriptor.commands.iter();
        own.filter_map(|command| {
            let owner = &self.0.get(&command.name)?.plugin.install.name;
            (*owner != plugin.install.name).then_some((&command.name, owner))
        })
    }
}

impl Owned {
    /// Whose it is.
    #[must_use]
    pub fn plugin(&self) -> &PluginName {
        &self.plugin.install.name
    }

    /// What it is.
    #[must_use]
    pub fn command(&self) -> &SlashCommand {
        &self.plugin.blueprint.descriptor.commands[self.place]
    }

    /// Runs it. `again` says that the call may be made again: then what it writes is remembered.
    ///
    /// # Errors
    /// The guest's own refusal, or `PluginFailed` if it did not answer.
    pub async fn run(&self, call: &Call, again: bool, typed: Typed<'_>) -> Result<SlashRun, Refusal> {
        let plugin = &self.plugin;
        let Some(indices) = &plugin.blueprint.hooks.command else {
            return Err(Refusal::not_found("command"));
        };
        let name = &self.command().name;
        let Typist { user, roster, last_seq } = typed.by;
        let given = Invocation {
            conversation: convert::conversation(&roster.conversation, roster.members.len(), last_seq),
            name: name.to_string(),
            arguments: typed.arguments.to_owned(),
            reply_to: typed.reply_to.map(|id| id.to_string()),
            mentions: typed.mentions.iter().map(ToString::to_string).collect(),
        };
        let writes = if again { Writes::durable() } else { Writes::once() };
        let answer = plugin.run(Hook::Command, call, writes, |mut lease| async move {
            let guest = lease.guest(|store, instance| indices.load(store, instance))?;
            let (context, sender) = (convert::context(plugin, call), convert::user_in(roster, user));
            lease.given(|| json!({ "sender": sender, "invocation": given }));
            let said = guest.call_run(&mut lease.store, &context, &sender, &given).await?;
            lease.answered(|| json!(said));
            let outcome = match said {
                Ok(outcome) => Ok(checked(outcome)?),
                Err(refusal) => Err(convert::refusal(refusal)),
            };
            Ok((outcome, lease))
        });
        let outcome = self.settled(answer.await)?;
        let outcome = outcome.inspect_err(|_| plugin.ledger.counters.refused(Hook::Command))?;
        Ok(SlashRun {
            plugin: plugin.install.name.clone(),
            name: name.clone(),
            outcome,
        })
    }

    /// What the arguments might become.
    ///
    /// # Errors
    /// `PluginFailed` if the guest did not answer.
    pub async fn complete(
        &self,
        call: &Call,
        by: Typist<'_>,
        arguments: &str,
    ) -> Result<Vec<SlashSuggestion>, Refusal> {
        let plugin = &self.plugin;
        let Some(indices) = &plugin.blueprint.hooks.command else {
            return Err(Refusal::not_found("command"));
        };
        let given = Completion {
            conversation_id: by.roster.conversation.id.to_string(),
            name: self.command().name.to_string(),
            arguments: arguments.to_owned(),
        };
        let answer = plugin.run(Hook::Command, call, Writes::Denied, |mut lease| async move {
            let guest = lease.guest(|store, instance| indices.load(store, instance))?;
            let (context, sender) = (convert::context(plugin, call), convert::user_in(by.roster, by.user));
            lease.given(|| json!({ "sender": sender, "completion": given }));
            let found = guest.call_complete(&mut lease.store, &context, &sender, &given).await?;
            lease.answered(|| json!(found));
            Ok((found, lease))
        });
        let found = self.settled(answer.await)?.into_iter().take(SUGGESTIONS);
        let fits = |of: &SlashSuggestion| of.value.len() <= SUGGESTION && of.summary.len() <= SUGGESTION;
        let found = found.map(|Suggestion { value, summary }| SlashSuggestion { value, summary });
        Ok(found.filter(fits).collect())
    }

    /// The guest's answer, or why there is none.
    fn settled<T>(&self, answer: Result<Answer<'_, T>, Missed>) -> Result<T, Refusal> {
        let name = self.plugin();
        match answer {
            Ok(answer) => {
                answer.verdict.succeeded();
                Ok(answer.value)
            }
            Err(Missed::Suspended(_)) => Err(refusals::suspended(name)),
            Err(Missed::Failed(failure)) => Err(refusals::failed(name, &failure)),
        }
    }
}

/// An outcome as the contract allows it.
fn checked(outcome: Outcome) -> wasmtime::Result<SlashOutcome> {
    Ok(match outcome {
        Outcome::Silent => SlashOutcome::Silent,
        Outcome::Whisper(text) if text.len() <= WHISPER => SlashOutcome::Whisper(text),
        Outcome::Whisper(_) => return Err(Fault::nonsense(format!("a whisper has at most {WHISPER} bytes"))),
        Outcome::Say(said) => {
            let kind = Kind::new(&said.kind).map_err(|error| Fault::nonsense(format!("a kind's name {error}")))?;
            if kind.is_system() {
                return Err(Fault::nonsense(format!(
                    "the kind `{kind}` is what the server itself says"
                )));
            }
            let body = object(&said.body)?;
            SlashOutcome::Say { kind, body }
        }
    })
}
