//! `search`: find things by words. Chinese is found by any part of it.

use super::{Answer, conversation_id, odd, uid};
use crate::model::{Command, ConversationId, ConversationKind, Reply};
use crate::plugin_host::bindings::switchboard::plugin::search::Host;
use crate::plugin_host::bindings::switchboard::plugin::types::{Conversation, Error, Message, User};
use crate::plugin_host::convert;
use crate::plugin_host::instance::State;

impl Host for State {
    async fn users(&mut self, text: String, friends_of: Option<String>, limit: u32) -> Answer<Vec<User>> {
        self.charge()?;
        Ok(self.find_users(text, friends_of, limit).await)
    }

    async fn conversations(&mut self, text: String, viewer: String, limit: u32) -> Answer<Vec<Conversation>> {
        self.charge()?;
        Ok(self.find_conversations(text, &viewer, limit).await)
    }

    async fn messages(
        &mut self,
        text: String,
        viewer: String,
        conversation: Option<String>,
        limit: u32,
    ) -> Answer<Vec<Message>> {
        self.charge()?;
        Ok(self.find_messages(text, &viewer, conversation, limit).await)
    }
}

impl State {
    async fn find_users(&mut self, text: String, friends_of: Option<String>, limit: u32) -> Result<Vec<User>, Error> {
        let friends_of = friends_of.as_deref().map(uid).transpose()?;
        let command = Command::SearchUsers {
            text,
            friends: friends_of.is_some(),
            limit,
        };
        // Whose friends they are is whose proof it takes.
        match self.ask_as(friends_of, command).await? {
            Reply::Profiles(users) => Ok(users.iter().map(convert::user).collect()),
            _ => Err(odd()),
        }
    }

    async fn find_conversations(&mut self, text: String, viewer: &str, limit: u32) -> Result<Vec<Conversation>, Error> {
        let viewer = uid(viewer)?;
        let command = Command::SearchConversations { text, limit };
        match self.ask_as(Some(viewer), command).await? {
            Reply::Views { items, .. } => Ok(items.iter().map(convert::shown).collect()),
            _ => Err(odd()),
        }
    }

    async fn find_messages(
        &mut self,
        text: String,
        viewer: &str,
        conversation: Option<String>,
        limit: u32,
    ) -> Result<Vec<Message>, Error> {
        let viewer = uid(viewer)?;
        let command = Command::SearchMessages {
            text,
            conversation: conversation.as_deref().map(conversation_id).transpose()?,
            limit,
        };
        let Reply::Messages(page) = self.ask_as(Some(viewer), command).await? else {
            return Err(odd());
        };
        let mut found = Vec::with_capacity(page.messages.len());
        let mut known: Vec<(ConversationId, ConversationKind)> = Vec::new();
        for message in &page.messages {
            let id = message.conversation;
            let kind = match known.iter().find(|(other, _)| *other == id) {
                Some((_, kind)) => *kind,
                None => {
                    // Who may see the message may see where it is; if it is over meanwhile, it is not shown.
                    let Some(view) = self.view(id).await? else { continue };
                    known.push((id, view.conversation.kind));
                    view.conversation.kind
                }
            };
            found.push(convert::message(message, kind, None));
        }
        Ok(found)
    }
}
