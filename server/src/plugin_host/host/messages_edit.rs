//! `messages-edit`: change messages that are stored. `as-user` is who does it, under the rules; none: the app itself.

use super::conversations_write::done;
use super::{Answer, invalid, json, odd, uid};
use crate::model::{Command, MessageId, Reply};
use crate::plugin_host::bindings::switchboard::plugin::messages_edit::Host;
use crate::plugin_host::bindings::switchboard::plugin::types::Error;
use crate::plugin_host::instance::State;
use crate::plugin_host::quota::Quota;

/// The largest body; the rules may ask for less.
const BODY_BYTES: usize = 64 << 10;
/// How many messages are hidden at once at most.
const HIDE: usize = 100;
/// The largest action.
const ACTION_BYTES: usize = 64 << 10;

impl Host for State {
    async fn edit(&mut self, as_user: Option<String>, id: String, body: String) -> Answer<()> {
        self.charge()?;
        let edit = |message| {
            let body = json("body", &body, BODY_BYTES)?;
            Ok(Command::EditMessage { message, body })
        };
        Ok(done(self.change_message(as_user, &id, edit).await))
    }

    async fn recall(&mut self, as_user: Option<String>, id: String) -> Answer<()> {
        self.charge()?;
        let recall = |message| Ok(Command::RecallMessage(message));
        Ok(done(self.change_message(as_user, &id, recall).await))
    }

    async fn hide(&mut self, as_user: String, ids: Vec<String>) -> Answer<u32> {
        self.charge()?;
        Ok(self.hide_from(&as_user, &ids).await)
    }

    async fn clear(&mut self, as_user: String, conversation_id: String) -> Answer<()> {
        self.charge()?;
        let clear = |id| Ok(Command::ClearHistory(id));
        Ok(done(self.change_room(Some(as_user), &conversation_id, clear).await))
    }

    async fn react(&mut self, as_user: String, id: String, emoji: String, add: bool) -> Answer<()> {
        self.charge()?;
        let react = |message| Ok(Command::React { message, emoji, add });
        Ok(done(self.change_message(Some(as_user), &id, react).await))
    }

    async fn act(&mut self, as_user: Option<String>, id: String, action: String) -> Answer<String> {
        self.charge()?;
        Ok(self.act_on(as_user, &id, &action).await)
    }
}

impl State {
    async fn act_on(&mut self, as_user: Option<String>, id: &str, action: &str) -> Result<String, Error> {
        let as_user = as_user.as_deref().map(uid).transpose()?;
        let (message, data) = (message_id(id)?, json("action", action, ACTION_BYTES)?);
        let act = |once| Command::Act { message, data, once };
        match self.change_once(Quota::Edits, as_user, act).await? {
            Reply::Answer(answer) => Ok(answer.as_str().to_owned()),
            _ => Err(odd()),
        }
    }

    async fn change_message(
        &mut self,
        as_user: Option<String>,
        id: &str,
        command: impl FnOnce(MessageId) -> Result<Command, Error>,
    ) -> Result<Reply, Error> {
        let as_user = as_user.as_deref().map(uid).transpose()?;
        let command = command(message_id(id)?)?;
        self.change_as(Quota::Edits, as_user, command).await
    }

    async fn hide_from(&mut self, as_user: &str, ids: &[String]) -> Result<u32, Error> {
        if ids.len() > HIDE {
            return Err(invalid(format!("at most {HIDE} messages")));
        }
        let user = uid(as_user)?;
        let ids: Vec<MessageId> = ids.iter().map(|id| message_id(id)).collect::<Result<_, _>>()?;
        let delete = Command::DeleteMessages(ids);
        match self.change_as(Quota::Edits, Some(user), delete).await? {
            Reply::Count(count) => Ok(count),
            _ => Err(odd()),
        }
    }
}

fn message_id(text: &str) -> Result<MessageId, Error> {
    // What is no id names nothing.
    text.parse().map_err(|_| Error::NotFound)
}
