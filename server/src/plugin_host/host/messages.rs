//! `messages`: reads the app's stored messages.

use super::{Answer, conversation_id, odd, uid};
use crate::model::{self, Command, HistoryFrom, MessageId, Nonce, PagePlace, Reply, Seq};
use crate::plugin_host::bindings::switchboard::plugin::messages::{Host, MessagesPage, PageRequest, Place};
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

    async fn page(&mut self, request: PageRequest) -> Answer<MessagesPage> {
        self.charge()?;
        Ok(self.page_of(request).await)
    }

    async fn count(&mut self, id: String, viewer: Option<String>) -> Answer<u64> {
        self.charge()?;
        Ok(self.count_of(&id, viewer.as_deref()).await)
    }

    async fn by_nonce(&mut self, id: String, nonce: String) -> Answer<Option<Message>> {
        self.charge()?;
        Ok(self.sent_with(&id, &nonce).await)
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

    async fn page_of(&mut self, of: PageRequest) -> Result<MessagesPage, Error> {
        let viewer = of.viewer.as_deref().map(uid).transpose()?;
        let conversation = conversation_id(&of.conversation_id)?;
        let view = self.view(conversation).await?.ok_or(Error::NotFound)?;
        let place = match of.place {
            Place::End => PagePlace::End,
            Place::Skip(count) => PagePlace::Skip(count),
            Place::BeforeId(id) => PagePlace::BeforeId(message_id(&id)?),
            Place::AfterId(id) => PagePlace::AfterId(message_id(&id)?),
        };
        let request = Box::new(model::PageRequest {
            conversation,
            place,
            limit: of.limit,
            since: of.since.map(convert::read_millis),
            until: of.until.map(convert::read_millis),
        });
        let alone = viewer.is_some();
        match self.ask_as(viewer, Command::PageMessages(request)).await {
            Ok(Reply::Messages(page)) => {
                let kind = view.conversation.kind;
                Ok(MessagesPage {
                    messages: page
                        .messages
                        .iter()
                        .map(|one| convert::message(one, kind, None))
                        .collect(),
                    has_more: page.has_more,
                })
            }
            // Who is not in it finds nothing.
            Err(Error::NotFound) if alone => Ok(MessagesPage {
                messages: Vec::new(),
                has_more: false,
            }),
            Err(error) => Err(error),
            Ok(_) => Err(odd()),
        }
    }

    async fn count_of(&mut self, id: &str, viewer: Option<&str>) -> Result<u64, Error> {
        let viewer = viewer.map(uid).transpose()?;
        let alone = viewer.is_some();
        match self.ask_as(viewer, Command::CountMessages(conversation_id(id)?)).await {
            Ok(Reply::Total(total)) => Ok(total),
            Err(Error::NotFound) if alone => Ok(0),
            Err(error) => Err(error),
            Ok(_) => Err(odd()),
        }
    }

    async fn sent_with(&mut self, id: &str, nonce: &str) -> Result<Option<Message>, Error> {
        let (Ok(conversation), Ok(nonce)) = (conversation_id(id), Nonce::new(nonce)) else {
            return Ok(None);
        };
        let Some(view) = self.view(conversation).await? else {
            return Ok(None);
        };
        match self.find(Command::FindByNonce { conversation, nonce }).await? {
            None => Ok(None),
            Some(Reply::Message(message)) => Ok(Some(convert::message(&message, view.conversation.kind, None))),
            Some(_) => Err(odd()),
        }
    }
}

fn message_id(text: &str) -> Result<MessageId, Error> {
    text.parse().map_err(|_| Error::NotFound)
}
