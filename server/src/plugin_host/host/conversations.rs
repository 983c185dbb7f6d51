//! `conversations`: reads the app's conversations and who is in them.

use super::{Answer, conversation_id, invalid, odd, uid};
use crate::model::{self, Command, ConversationFilter, ConversationId, ConversationView, Listing, Reply, Roster};
use crate::plugin_host::bindings::switchboard::plugin::conversations::{
    self as wit, ConversationsPage, Filter, Host, NoticesPage, Seat, ViewsPage,
};
use crate::plugin_host::bindings::switchboard::plugin::types::{Conversation, Error, Mark, Member, View};
use crate::plugin_host::convert;
use crate::plugin_host::instance::State;

/// How many members or conversations a guest gets at once.
const MEMBERS: u32 = 1000;
/// How many bytes of a name or keyword are looked for.
const WORDS: usize = 400;

impl Host for State {
    async fn get(&mut self, id: String) -> Answer<Option<Conversation>> {
        self.charge()?;
        Ok(self.conversation(&id).await)
    }

    async fn members(&mut self, id: String, after: Option<String>, limit: u32) -> Answer<Vec<Member>> {
        self.charge()?;
        Ok(self.members_of(&id, after.as_deref(), limit).await)
    }

    async fn seat_of(&mut self, id: String, user: String) -> Answer<Option<Seat>> {
        self.charge()?;
        Ok(self.seat_in(&id, &user).await)
    }

    async fn seen_by(&mut self, id: String, viewer: String) -> Answer<Option<View>> {
        self.charge()?;
        Ok(self.view_by(&id, &viewer).await)
    }

    async fn direct(&mut self, a: String, b: String) -> Answer<Option<Conversation>> {
        self.charge()?;
        Ok(self.direct_of(&a, &b).await)
    }

    async fn query(&mut self, filter: Filter, skip: u32, limit: u32) -> Answer<ConversationsPage> {
        self.charge()?;
        Ok(self.query_conversations(filter, skip, limit).await)
    }

    async fn list_of(&mut self, listing: wit::Listing) -> Answer<ViewsPage> {
        self.charge()?;
        Ok(self.list_views(listing).await)
    }

    async fn marks(&mut self, id: String) -> Answer<Vec<Mark>> {
        self.charge()?;
        Ok(self.marks_of(&id).await)
    }

    async fn notices(&mut self, id: String, skip: u32, limit: u32) -> Answer<NoticesPage> {
        self.charge()?;
        Ok(self.notices_of(&id, skip, limit).await)
    }
}

impl State {
    async fn conversation(&mut self, id: &str) -> Result<Option<Conversation>, Error> {
        let Ok(id) = conversation_id(id) else {
            return Ok(None);
        };
        let view = self.view(id).await?;
        Ok(view.map(|view| convert::shown(&view)))
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

    async fn seat_in(&mut self, id: &str, user: &str) -> Result<Option<Seat>, Error> {
        let user = uid(user)?;
        let Ok(id) = conversation_id(id) else {
            return Ok(None);
        };
        let (plugin, call) = self.at_work()?;
        self.actor(Some(user.clone()))?;
        let roster = plugin.machine.roster(call.app, id).await;
        let roster = roster.map_err(convert::refusal_error);
        match roster {
            Ok(roster) => Ok(roster.member(&user).map(|member| seat(&roster, member))),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn view_by(&mut self, id: &str, viewer: &str) -> Result<Option<View>, Error> {
        let viewer = uid(viewer)?;
        let Ok(id) = conversation_id(id) else {
            return Ok(None);
        };
        match self.ask_as(Some(viewer), Command::GetConversation(id)).await {
            // Everyone sees a chatroom; who is not in it has no view of it.
            Ok(Reply::Conversation { view, .. }) => Ok(view.role.is_some().then(|| convert::view(&view))),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
            Ok(_) => Err(odd()),
        }
    }

    async fn direct_of(&mut self, a: &str, b: &str) -> Result<Option<Conversation>, Error> {
        let (a, b) = (uid(a)?, uid(b)?);
        match self.find(Command::FindDirect { a, b }).await? {
            None => Ok(None),
            Some(Reply::Conversation { view, .. }) => Ok(Some(convert::shown(&view))),
            Some(_) => Err(odd()),
        }
    }

    async fn query_conversations(&mut self, of: Filter, skip: u32, limit: u32) -> Result<ConversationsPage, Error> {
        let id = match of.id.as_deref().map(conversation_id) {
            // What is no id names nothing.
            Some(Err(_)) => {
                return Ok(ConversationsPage {
                    conversations: Vec::new(),
                    total: 0,
                });
            }
            id => id.transpose()?,
        };
        let filter = Box::new(ConversationFilter {
            id,
            kind: of.kind.map(convert::read_conversation_kind),
            creator: of.creator.as_deref().map(uid).transpose()?,
            member: of.member.as_deref().map(uid).transpose()?,
            name: words("name", of.name)?,
        });
        match self.ask(Command::QueryConversations { filter, skip, limit }).await? {
            Reply::Queried { items, total } => Ok(ConversationsPage {
                conversations: items.iter().map(convert::shown).collect(),
                total,
            }),
            _ => Err(odd()),
        }
    }

    async fn list_views(&mut self, of: wit::Listing) -> Result<ViewsPage, Error> {
        let viewer = uid(&of.viewer)?;
        let listing = Box::new(Listing {
            keyword: words("keyword", of.keyword)?,
            kinds: of.kinds.into_iter().map(convert::read_conversation_kind).collect(),
            unread_only: of.unread_only,
            skip: of.skip,
            limit: of.limit,
        });
        match self.ask_as(Some(viewer), Command::ListViews(listing)).await? {
            Reply::Views { items, has_more } => Ok(ViewsPage {
                views: items.iter().map(convert::view).collect(),
                has_more,
            }),
            _ => Err(odd()),
        }
    }

    async fn marks_of(&mut self, id: &str) -> Result<Vec<Mark>, Error> {
        match self.ask(Command::ListReceipts(conversation_id(id)?)).await? {
            Reply::Receipts(receipts) => Ok(receipts.iter().map(convert::mark).collect()),
            _ => Err(odd()),
        }
    }

    async fn notices_of(&mut self, id: &str, skip: u32, limit: u32) -> Result<NoticesPage, Error> {
        let conversation = conversation_id(id)?;
        let command = Command::ListNotices {
            conversation,
            skip,
            limit,
        };
        match self.ask(command).await? {
            Reply::Notices { notices, total } => Ok(NoticesPage {
                notices: notices.iter().map(convert::notice).collect(),
                total,
            }),
            _ => Err(odd()),
        }
    }
}

/// Words to look for; none if nothing is left of them.
fn words(what: &str, text: Option<String>) -> Result<Option<String>, Error> {
    match text {
        Some(text) if text.len() > WORDS => Err(invalid(format!("{what} must have at most {WORDS} bytes"))),
        Some(text) if text.trim().is_empty() => Ok(None),
        text => Ok(text.map(|text| text.trim().to_owned())),
    }
}

fn seat(roster: &Roster, member: &model::Member) -> Seat {
    let conversation = &roster.conversation;
    Seat {
        kind: convert::conversation_kind(conversation.kind),
        name: conversation.name.clone(),
        created_at: convert::millis(conversation.created_at),
        role: convert::role(member.role),
        muted_until: member.muted_until.map(convert::millis),
        peer: roster.peer(&member.user).map(ToString::to_string),
    }
}
