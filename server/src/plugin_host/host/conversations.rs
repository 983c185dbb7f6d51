//! `conversations`: reads the app's conversations and who is in them.

use super::{Answer, conversation_id, odd, uid};
use crate::model::{Command, ConversationId, ConversationView, Reply};
use crate::plugin_host::bindings::switchboard::plugin::conversations::{
    ConversationsPage, Filter, Host, Listing, NoticesPage, ViewsPage,
};
use crate::plugin_host::bindings::switchboard::plugin::types::{Conversation, Error, Mark, Member, View};
use crate::plugin_host::convert;
use crate::plugin_host::instance::State;

/// How many members a guest gets at once.
const MEMBERS: u32 = 1000;

impl Host for State {
    async fn get(&mut self, id: String) -> Answer<Option<Conversation>> {
        self.charge()?;
        Ok(self.conversation(&id).await)
    }

    async fn members(&mut self, id: String, after: Option<String>, limit: u32) -> Answer<Vec<Member>> {
        self.charge()?;
        Ok(self.members_of(&id, after.as_deref(), limit).await)
    }

    async fn seen_by(&mut self, _id: String, _viewer: String) -> Answer<Option<View>> {
        Ok(Err(super::closed()))
    }

    async fn direct(&mut self, _a: String, _b: String) -> Answer<Option<Conversation>> {
        Ok(Err(super::closed()))
    }

    async fn query(&mut self, _filter: Filter, _skip: u32, _limit: u32) -> Answer<ConversationsPage> {
        Ok(Err(super::closed()))
    }

    async fn list_of(&mut self, _listing: Listing) -> Answer<ViewsPage> {
        Ok(Err(super::closed()))
    }

    async fn marks(&mut self, _id: String) -> Answer<Vec<Mark>> {
        Ok(Err(super::closed()))
    }

    async fn notices(&mut self, _id: String, _skip: u32, _limit: u32) -> Answer<NoticesPage> {
        Ok(Err(super::closed()))
    }
}

impl State {
    async fn conversation(&mut self, id: &str) -> Result<Option<Conversation>, Error> {
        let Ok(id) = conversation_id(id) else {
            return Ok(None);
        };
        let view = self.view(id).await?;
        Ok(view.map(|view| convert::conversation(&view.conversation, view.member_count as usize, view.last_seq)))
    }

    /// A conversation as the rules show it.
    pub(super) async fn view(&mut self, id: ConversationId) -> Result<Option<Box<ConversationView>>, Error> {
        match self.find(Command::GetConversation(id)).await? {
            None => Ok(None),
            Some(Reply::Conversation { view, .. }) => Ok(Some(view)),
            Some(_) => Err(odd()),
        }
    }

    async fn members_of(&mut self, id: &str, after: Option<&str>, limit: u32) -> Result<Vec<Member>, Error> {
        let command = Command::ListMembers {
            conversation: conversation_id(id)?,
            after: after.map(uid).transpose()?,
            limit: limit.min(MEMBERS),
        };
        match self.ask(command).await? {
            Reply::Members { members, .. } => Ok(members.iter().map(convert::member).collect()),
            _ => Err(odd()),
        }
    }
}
