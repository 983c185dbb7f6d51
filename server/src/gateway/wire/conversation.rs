//! Conversations.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{List, Message, Notice, PageSize, Preferences};
use crate::model::{
    self, Body, Command, ConversationId, ConversationKind, ConversationPatch, ConversationView, Millis, Role, Roster,
    Seq, UserId,
};

/// A conversation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Conversation<'a> {
    /// Its id.
    pub id: ConversationId,
    /// What it is.
    pub kind: ConversationKind,
    /// Its name; empty for direct ones.
    pub name: &'a str,
    /// URL of its picture.
    pub cover: &'a str,
    /// The app's own data.
    #[schema(value_type = Body)]
    pub ext: &'a Body,
    /// Who owns it.
    #[schema(value_type = Option<UserId>, required = true)]
    pub owner: Option<&'a UserId>,
    /// Who made it; null is the app itself.
    #[schema(value_type = Option<UserId>, required = true)]
    pub creator: Option<&'a UserId>,
    /// Only the owner and admins may speak.
    pub muted: bool,
    /// Any member may bring users in.
    pub members_invite: bool,
    /// The newest announcement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<Notice<'a>>,
    /// How many are in it.
    pub member_count: u32,
    /// The seq of its newest message; not in events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seq: Option<Seq>,
    /// When it was made.
    pub created_at: Millis,
    /// When its data was last changed or something was announced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Millis>,
    /// To a member of a direct one: the other.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<UserId>)]
    pub peer: Option<&'a UserId>,
    /// In events about a direct one: the two.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<UserId>, required = false)]
    pub members: Vec<&'a UserId>,
    /// To a member: its rank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// To a member: up to here everything has arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered_seq: Option<Seq>,
    /// To a member: up to here everything is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_seq: Option<Seq>,
    /// To a member: how many messages are not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<u64>,
    /// To a member: what it has chosen for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferences: Option<Preferences>,
    /// To a member: the newest message it can see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_message: Option<Message<'a>>,
    /// To who asked for it to be made: false if the pair had its direct one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<bool>,
}

impl<'a> Conversation<'a> {
    /// A conversation as somebody sees it.
    #[must_use]
    pub fn seen(view: &'a ConversationView, viewer: Option<&UserId>) -> Self {
        Self {
            last_seq: Some(view.last_seq),
            peer: view.peer.as_ref(),
            role: view.role,
            delivered_seq: view.marks.map(|marks| marks.delivered),
            read_seq: view.marks.map(|marks| marks.read),
            unread: view.unread(),
            preferences: view.preferences.map(Into::into),
            last_message: view
                .last_message
                .as_deref()
                .map(|message| Message::seen(message, viewer)),
            ..Self::bare(&view.conversation, view.member_count)
        }
    }

    /// A conversation in an event, the same for all who hear of it.
    #[must_use]
    pub fn told(roster: &'a Roster) -> Self {
        let count = u32::try_from(roster.members.len()).unwrap_or(u32::MAX);
        let mut told = Self::bare(&roster.conversation, count);
        if roster.conversation.kind == ConversationKind::Direct {
            told.members = roster.members.iter().map(|member| &member.user).collect();
        }
        told
    }

    fn bare(conversation: &'a model::Conversation, member_count: u32) -> Self {
        Self {
            id: conversation.id,
            kind: conversation.kind,
            name: &conversation.name,
            cover: &conversation.cover,
            ext: &conversation.ext,
            owner: conversation.owner.as_ref(),
            creator: conversation.creator.as_ref(),
            muted: conversation.muted,
            members_invite: conversation.members_invite,
            notice: conversation.notice.as_ref().map(Into::into),
            member_count,
            last_seq: None,
            created_at: conversation.created_at,
            updated_at: conversation.updated_at,
            peer: None,
            members: Vec::new(),
            role: None,
            delivered_seq: None,
            read_seq: None,
            unread: None,
            preferences: None,
            last_message: None,
            created: None,
        }
    }
}

/// A part of one's conversations, newest activity first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Conversations<'a> {
    /// They.
    pub conversations: Vec<Conversation<'a>>,
    /// `before` of the next page; null at the end.
    #[schema(required = true)]
    pub next: Option<&'a str>,
}

/// Names a conversation.
#[derive(Debug, Deserialize)]
pub struct InConversation {
    /// Which.
    pub conversation: ConversationId,
}

/// A conversation to make.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewConversation {
    /// What it shall be.
    pub kind: ConversationKind,
    /// Who shall be in it, beside who asks.
    #[serde(default)]
    #[schema(value_type = Vec<UserId>, required = false, max_items = 1000)]
    pub members: List<UserId, 1000>,
    /// Its name; at most 100 characters.
    #[serde(default)]
    pub name: String,
    /// URL of its picture; at most 1,000 bytes.
    #[serde(default)]
    pub cover: String,
    /// The app's own data; at most 8 KiB.
    pub ext: Option<Body>,
}

impl From<NewConversation> for Command {
    fn from(new: NewConversation) -> Self {
        Self::CreateConversation(Box::new(model::NewConversation {
            kind: new.kind,
            members: new.members.0,
            name: new.name,
            cover: new.cover,
            ext: new.ext.unwrap_or_else(Body::empty),
            once: None,
        }))
    }
}

/// What to change of a conversation; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ChangeConversation {
    /// New name.
    pub name: Option<String>,
    /// New picture.
    pub cover: Option<String>,
    /// New data of the app, replacing the old.
    pub ext: Option<Body>,
    /// Whether only the owner and admins may speak.
    pub muted: Option<bool>,
    /// Whether any member may bring users in.
    pub members_invite: Option<bool>,
}

impl ChangeConversation {
    /// The command for a conversation.
    #[must_use]
    pub fn of(self, conversation: ConversationId) -> Command {
        let patch = ConversationPatch {
            name: self.name,
            cover: self.cover,
            ext: self.ext,
            merge: None,
            muted: self.muted,
            members_invite: self.members_invite,
        };
        Command::UpdateConversation { conversation, patch }
    }
}

/// A page of one's conversations.
#[derive(Debug, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListConversations {
    /// `next` of the page before.
    pub before: Option<String>,
    /// How many.
    #[serde(default)]
    #[schema(value_type = u32, required = false, minimum = 1, maximum = 100, default = 50)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100, default = 50)]
    pub limit: PageSize<50, 100>,
}

impl From<ListConversations> for Command {
    fn from(list: ListConversations) -> Self {
        Self::ListConversations {
            before: list.before,
            limit: list.limit.0,
        }
    }
}
