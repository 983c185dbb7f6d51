//! Commands that users type: a text that names one is run, after it was checked that its sender may speak, and not
//! stored. What it says instead goes on as the sender's own message.
//!
//! A message that is sent again under its nonce finds what the first one came to. Was the server killed in between, the
//! guest is called again under the same id, and what it has written by then it does not write twice.

use sha2::{Digest as _, Sha256};

use super::error::{Result, refuse};
use super::permission::Action;
use super::send::check_text;
use super::{Chat, user};
use crate::model::{
    App, Body, Call, CallId, Context, ConversationId, Millis, Nonce, Refusal, Reply, Roster, SendMessage, SlashCommand,
    SlashOutcome, SlashRun, UserId, slash,
};
use crate::plugin_host::{Chain, Typed, Typist};

/// Bytes of arguments that are to be completed.
const ARGUMENTS: usize = 4_000;
/// Runs that are forgotten in one go.
const BATCH: u32 = 1_000;

/// What becomes of a text that begins with a slash.
pub(super) enum Heard {
    /// It is a message, perhaps another one: then a command has said it.
    Message(SendMessage, Option<Box<SlashRun>>),
    /// It was a command, and there is nothing to send.
    Ran {
        run: Box<SlashRun>,
        /// Its nonce was known: nothing was done anew.
        again: bool,
    },
}

impl Chat {
    /// Takes a text that begins with a slash for what it is.
    pub(super) async fn hear(
        &self,
        ctx: &Context,
        app: &App,
        (chain, roster): (&Chain, &Roster),
        mut message: SendMessage,
        text: &str,
    ) -> Result<Heard> {
        if text.starts_with("//") {
            message.body = message.body.merged(&Body::text(&text[1..]));
            return Ok(Heard::Message(message, None));
        }
        let named = slash(text).and_then(|(name, arguments)| Some((chain.commands().get(name)?, arguments)));
        let Some((owned, arguments)) = named else {
            return Ok(Heard::Message(message, None));
        };
        let user = user(ctx)?;
        may_run(owned.command(), roster, user)?;
        self.bounded(&message.body)?;
        check_text(&message.body, app.settings.text_chars)?;
        let known = message
            .nonce
            .clone()
            .map(|nonce| self.nonce(ctx, Some(nonce)))
            .transpose()?;
        let call = match &known {
            Some(nonce) => Call {
                id: run_id(user, nonce),
                ..self.call(ctx, 0)
            },
            None => self.call(ctx, 0),
        };
        if known.is_some() {
            let begun = self.storage.begin_run(ctx.app, &call.id, ctx.now).await;
            if let Some(run) = begun.map_err(refuse)? {
                return Ok(heard(message, run, true));
            }
        }
        let typed = Typed {
            by: self.typist(ctx, roster, user).await?,
            arguments,
            reply_to: message.reply_to,
            mentions: &message.mentions.users,
        };
        let run = owned.run(&call, known.is_some(), typed).await?;
        if known.is_some() {
            let ended = self.storage.end_run(ctx.app, &call.id, run.clone()).await;
            ended.map_err(refuse)?;
        }
        Ok(heard(message, run, false))
    }

    async fn typist<'a>(&self, ctx: &Context, roster: &'a Roster, user: &'a UserId) -> Result<Typist<'a>> {
        let last_seq = self.storage.last_seq(ctx.app, roster.conversation.id).await;
        Ok(Typist {
            user,
            roster,
            last_seq: last_seq.map_err(refuse)?,
        })
    }

    /// The commands somebody may run in a conversation.
    pub(super) async fn list_commands(&self, ctx: &Context, conversation: ConversationId) -> Result<Reply> {
        let roster = self.rosters.get(ctx.app, conversation).await?;
        self.check_plain(ctx, &roster, Action::View)?;
        let role = user(ctx).ok().and_then(|user| roster.role(user));
        let chain = self.plugins.chain_in(ctx.app, conversation);
        let all = chain.commands().iter();
        let shown = all.filter(|owned| ctx.user().is_none() || owned.command().is_for(role));
        let list = shown.map(|owned| (owned.plugin().clone(), owned.command().clone()));
        Ok(Reply::Commands(list.collect()))
    }

    /// What the arguments of a command might become.
    pub(super) async fn complete_command(
        &self,
        ctx: &Context,
        conversation: ConversationId,
        name: &str,
        arguments: &str,
    ) -> Result<Reply> {
        let user = user(ctx)?;
        let roster = self.rosters.get(ctx.app, conversation).await?;
        self.check_plain(ctx, &roster, Action::View)?;
        if arguments.len() > ARGUMENTS {
            return Err(Refusal::field("arguments", format!("at most {ARGUMENTS} bytes")));
        }
        let chain = self.plugins.chain_in(ctx.app, conversation);
        let owned = chain
            .commands()
            .get(name)
            .ok_or_else(|| Refusal::not_found("command"))?;
        may_run(owned.command(), &roster, user)?;
        let by = self.typist(ctx, &roster, user).await?;
        let found = owned.complete(&self.call(ctx, 0), by, arguments).await?;
        Ok(Reply::Suggestions(found))
    }

    /// Forgets what commands have come to that were run before a time.
    pub async fn forget_runs(&self, now: Millis) {
        let kept = i64::from(self.limits.command_hours) * 3_600_000;
        loop {
            match self.storage.forget_runs(now.plus(-kept), BATCH).await {
                Ok(forgotten) if forgotten >= u64::from(BATCH) => {}
                Ok(_) => return,
                Err(error) => return tracing::warn!(%error, "old runs of commands could not be forgotten"),
            }
        }
    }
}

fn heard(mut message: SendMessage, run: SlashRun, again: bool) -> Heard {
    let run = Box::new(run);
    match &run.outcome {
        SlashOutcome::Say { kind, body } => {
            message.kind = kind.clone();
            message.body = body.clone();
            Heard::Message(message, Some(run))
        }
        SlashOutcome::Silent | SlashOutcome::Whisper(_) => Heard::Ran { run, again },
    }
}

fn may_run(command: &SlashCommand, roster: &Roster, user: &UserId) -> Result<()> {
    if command.is_for(roster.role(user)) {
        return Ok(());
    }
    Err(Refusal::not_permitted("your role may not run this command"))
}

/// Names the work of a message: the same whenever its sender sends it again.
fn run_id(user: &UserId, nonce: &Nonce) -> CallId {
    let mut hash = Sha256::new();
    hash.update(user.as_str());
    // No uid holds a control character.
    hash.update([0]);
    hash.update(nonce.as_str());
    CallId::new(&format!("c{}", hex::encode(&hash.finalize()[..20])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_named_after_its_sender_and_nonce() {
        let id = |user, nonce| run_id(&UserId::new(user).unwrap(), &Nonce::new(nonce).unwrap());
        assert_eq!(id("ann", "1"), id("ann", "1"));
        assert_ne!(id("ann", "1"), id("ann", "2"));
        assert_ne!(id("ann", "11"), id("ann1", "1"));
        // A message that is sent in the run has room for its own number.
        assert!(Nonce::new(&format!("~{}.{}", id("ann", "1"), u32::MAX)).is_ok());
    }
}
