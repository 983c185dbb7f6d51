//! `messages`: reads the app's stored messages.

use super::{Answer, conversation_id, odd};
use crate::model::{Command, HistoryFrom, MessageId, Reply, Seq};
use crate::plugin_host::bindings::switchboard::plugin::messages::{Host, MessagesPage, PageRequest};
use crate::plugin_host::bindings::switchboard::plugin::types::{Error, Message};
use crate::plugin_host::convert;
use crate::plugin_host::instance::State;

/// How many messages a guest gets at once.
const MESSAGES: u32 = 100;

impl Host for State {
    async fn get(&mut self, id: String) -> Answer<Option<Message>> {
        self.charge()?;
        Ok(self.message(&id).await)
    }

    async fn history(&mut self, id: String, before_seq: Option<u64>, limit: u32) -> Answer<Vec<Message>> {
        self.charge()?;
        Ok(self.history_of(&id, before_seq, limit).await)
    }

    async fn page(&mut self, _request: PageRequest) -> Answer<MessagesPage> {
        Ok(Err(super::closed()))
    }

    async fn count(&mut self, _id: String, _viewer: Option<String>) -> Answer<u64> {
        Ok(Err(super::closed()))
    }

    async fn by_nonce(&mut self, _id: String, _nonce: String) -> Answer<Option<Message>> {
        Ok(Err(super::closed()))
    }
}

impl State {
    async fn message(&mut self, id: &str) -> Result<Option<Message>, Error> {
        let Ok(id) = id.parse::<MessageId>() else {
            return Ok(None);
        };
        let message = match self.find(Command::GetMessage(id)).await? {
            None => return Ok(None),
            Some(Reply::Message(message)) => message,
            Some(_) => return Err(odd()),
        };
        let view = self.view(message.conversation).await?;
        Ok(view.map(|view| convert::message(&message, view.conversation.kind, None)))
    }

    async fn history_of(&mut self, id: &str, before_seq: Option<u64>, limit: u32) -> Result<Vec<Message>, Error> {
        let conversation = conversation_id(id)?;
        let view = self.view(conversation).await?.ok_or(Error::NotFound)?;
        let command = Command::ListMessages {
            conversation,
            from: before_seq.map_or(HistoryFrom::End, |seq| HistoryFrom::BeforeSeq(Seq(seq))),
            limit: limit.min(MESSAGES),
        };
        let Reply::Messages(page) = self.ask(command).await? else {
            return Err(odd());
        };
        let kind = view.conversation.kind;
        Ok(page
            .messages
            .iter()
            .map(|message| convert::message(message, kind, None))
            .collect())
    }
}
