//! Rows ⇄ model. A row that holds more than a few fields travels as one JSON array made in SQL, and a list as one array
//! of those: the driver hands rows over one by one between threads, which costs more than the query.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::fault::fault;
use crate::model::{
    AppId, Body, Conversation, ConversationId, ConversationKind, Kind, Member, Mentions, Message, MessageId,
    MessageState, Millis, Nonce, Notice, PluginName, Reaction, Role, Roster, Sender, Seq, UserId,
};
use crate::storage::Result;

/// A message `m` as JSON, for [`MessageRow`].
macro_rules! message_json {
    () => {
        "json_array(m.id, m.seq, m.conversation, m.sender, m.kind, m.body, m.nonce, m.mentions, m.reply_to, m.origin, \
         m.depth, m.created_at, m.edited_at, m.recalled_at, json(CASE WHEN m.reacted THEN (\
         SELECT json_group_array(json_array(r.emoji, r.user) ORDER BY r.cursor) FROM reactions r WHERE r.message = m.id) \
         END))"
    };
}
/// A conversation `c` as JSON, for [`ConversationRow`].
macro_rules! conversation_json {
    () => {
        "json_array(c.id, c.kind, c.name, c.cover, c.ext, c.owner, c.muted, c.created_at, c.creator, c.members_invite, \
         c.updated_at, json((SELECT json_array(n.id, n.text, n.by, n.created_at) FROM notices n WHERE n.conversation = \
         c.id ORDER BY n.id DESC LIMIT 1)))"
    };
}
/// The members of a conversation `c` as JSON, for [`MemberRow`]s.
macro_rules! members_json {
    () => {
        "json((SELECT json_group_array(json_array(x.user, x.role, x.muted_until, x.joined_at) ORDER BY x.user) \
         FROM members x WHERE x.conversation = c.id AND x.left IS NULL))"
    };
}
pub(super) use {conversation_json, members_json, message_json};

/// Reads a JSON text made in SQL.
pub(super) fn decode<T: DeserializeOwned>(json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(fault)
}

/// As an SQL integer. Ids, places and times are below 2^53.
pub(super) const fn int(value: u64) -> i64 {
    value.cast_signed()
}

/// A list of ids as JSON, for `json_each`.
pub(super) fn ids(values: impl IntoIterator<Item = u64>) -> String {
    let list: Vec<u64> = values.into_iter().collect();
    serde_json::Value::from(list).to_string()
}

/// A list of uids as JSON, for `json_each`.
pub(super) fn uids<'a>(users: impl IntoIterator<Item = &'a UserId>) -> String {
    let list: Vec<&str> = users.into_iter().map(UserId::as_str).collect();
    serde_json::Value::from(list).to_string()
}

pub(super) fn user_id(text: &str) -> Result<UserId> {
    UserId::new(text).map_err(fault)
}

pub(super) fn user_ids(list: &[String]) -> Result<Vec<UserId>> {
    list.iter().map(|text| user_id(text)).collect()
}

pub(super) fn app_id(value: u64) -> Result<AppId> {
    AppId::new(value).map_err(fault)
}

pub(super) fn message_id(value: u64) -> Result<MessageId> {
    MessageId::new(value).map_err(fault)
}

pub(super) fn conversation_id(value: u64) -> Result<ConversationId> {
    ConversationId::new(value).map_err(fault)
}

pub(super) fn plugin_name(text: &str) -> Result<PluginName> {
    if text == PluginName::CORE {
        return Ok(PluginName::core());
    }
    PluginName::new(text).map_err(fault)
}

/// A message as [`message_json`] makes it.
#[derive(Deserialize)]
pub(super) struct MessageRow<'a>(
    u64,
    u64,
    u64,
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow)] Cow<'a, str>,
    Option<String>,
    Option<u64>,
    Option<String>,
    u32,
    i64,
    Option<i64>,
    Option<i64>,
    Option<Vec<(String, String)>>,
);

impl MessageRow<'_> {
    pub(super) fn into_model(self) -> Result<Message> {
        let Self(
            id,
            seq,
            conversation,
            sender,
            kind,
            body,
            nonce,
            mentions,
            reply_to,
            origin,
            depth,
            at,
            edited,
            recalled,
            reactions,
        ) = self;
        Ok(Message {
            id: Some(message_id(id)?),
            seq: Seq(seq),
            conversation: conversation_id(conversation)?,
            sender: if sender.is_empty() {
                Sender::System
            } else {
                Sender::User(user_id(&sender)?)
            },
            kind: Kind::new(&kind).map_err(fault)?,
            body: Body::trusted(&body),
            nonce: Nonce::new(&nonce).map_err(fault)?,
            mentions: mentions
                .as_deref()
                .map_or_else(|| Ok(Mentions::default()), read_mentions)?,
            reply_to: reply_to.map(message_id).transpose()?,
            origin: origin.as_deref().map(plugin_name).transpose()?,
            depth,
            created_at: Millis(at),
            state: match (recalled, edited) {
                (Some(at), _) => MessageState::Recalled(Millis(at)),
                (None, Some(at)) => MessageState::Edited(Millis(at)),
                (None, None) => MessageState::Sent,
            },
            reactions: group_reactions(reactions.unwrap_or_default())?,
        })
    }
}

/// Reads one message.
pub(super) fn read_message(json: &str) -> Result<Message> {
    serde_json::from_str::<MessageRow<'_>>(json)
        .map_err(fault)?
        .into_model()
}

/// Reads a list of messages.
pub(super) fn read_messages(json: &str) -> Result<Vec<Message>> {
    let rows: Vec<MessageRow<'_>> = serde_json::from_str(json).map_err(fault)?;
    rows.into_iter().map(MessageRow::into_model).collect()
}

/// Reactions come one by one in order of time, and go together by emoji.
fn group_reactions(list: Vec<(String, String)>) -> Result<Vec<Reaction>> {
    let mut groups: Vec<Reaction> = Vec::new();
    for (emoji, user) in list {
        let user = user_id(&user)?;
        match groups.iter_mut().find(|group| group.emoji == emoji) {
            Some(group) => group.users.push(user),
            None => groups.push(Reaction {
                emoji,
                users: vec![user],
            }),
        }
    }
    Ok(groups)
}

/// How mentions are stored: nothing if nobody is named.
pub(super) fn write_mentions(mentions: &Mentions) -> Option<String> {
    if mentions.is_empty() {
        return None;
    }
    let users: Vec<&str> = mentions.users.iter().map(UserId::as_str).collect();
    Some(serde_json::json!([mentions.all, users]).to_string())
}

fn read_mentions(json: &str) -> Result<Mentions> {
    let (all, users): (bool, Vec<String>) = decode(json)?;
    Ok(Mentions {
        all,
        users: user_ids(&users)?,
    })
}

/// A conversation as [`conversation_json`] makes it.
#[derive(Deserialize)]
pub(super) struct ConversationRow(
    u64,
    u8,
    String,
    String,
    String,
    Option<String>,
    u8,
    i64,
    Option<String>,
    u8,
    Option<i64>,
    Option<NoticeRow>,
);

/// An announcement: id, text, by, created_at.
#[derive(Deserialize)]
pub(super) struct NoticeRow(u64, String, Option<String>, i64);

impl NoticeRow {
    pub(super) fn into_model(self) -> Result<Notice> {
        Ok(Notice {
            id: self.0,
            text: self.1,
            by: self.2.as_deref().map(user_id).transpose()?,
            created_at: Millis(self.3),
        })
    }
}

impl ConversationRow {
    pub(super) fn into_model(self) -> Result<Conversation> {
        let Self(id, kind, name, cover, ext, owner, muted, created_at, creator, members_invite, updated_at, notice) =
            self;
        Ok(Conversation {
            id: conversation_id(id)?,
            kind: read_kind(kind),
            name,
            cover,
            ext: Body::trusted(&ext),
            owner: owner.as_deref().map(user_id).transpose()?,
            creator: creator.as_deref().map(user_id).transpose()?,
            muted: muted != 0,
            members_invite: members_invite != 0,
            notice: notice.map(NoticeRow::into_model).transpose()?,
            created_at: Millis(created_at),
            updated_at: updated_at.map(Millis),
        })
    }
}

/// A member as [`members_json`] makes it.
#[derive(Deserialize)]
pub(super) struct MemberRow(String, u8, Option<i64>, i64);

impl MemberRow {
    pub(super) fn into_model(self) -> Result<Member> {
        Ok(Member {
            user: user_id(&self.0)?,
            role: read_role(self.1),
            muted_until: self.2.map(Millis),
            joined_at: Millis(self.3),
        })
    }
}

/// A conversation with its members.
pub(super) fn roster(conversation: ConversationRow, members: Vec<MemberRow>) -> Result<Roster> {
    let members = members.into_iter().map(MemberRow::into_model).collect::<Result<_>>()?;
    Ok(Roster::new(conversation.into_model()?, members))
}

pub(super) const fn write_kind(kind: ConversationKind) -> i64 {
    match kind {
        ConversationKind::Direct => 0,
        ConversationKind::Temporary => 1,
        ConversationKind::Group => 2,
        ConversationKind::Chatroom => 3,
    }
}

const fn read_kind(kind: u8) -> ConversationKind {
    match kind {
        0 => ConversationKind::Direct,
        1 => ConversationKind::Temporary,
        2 => ConversationKind::Group,
        _ => ConversationKind::Chatroom,
    }
}

pub(super) const fn write_role(role: Role) -> i64 {
    match role {
        Role::Member => 0,
        Role::Admin => 1,
        Role::Owner => 2,
    }
}

pub(super) const fn read_role(role: u8) -> Role {
    match role {
        0 => Role::Member,
        1 => Role::Admin,
        _ => Role::Owner,
    }
}

/// The sender as stored: the app itself has no uid.
pub(super) fn sender_text(sender: &Sender) -> &str {
    sender.user().map_or("", UserId::as_str)
}
