//! Model to contract and back. Ids are strings on the other side, and what comes from there is checked here.

use super::attempt::Doer;
use super::bindings::exports::switchboard::plugin::observer as contract;
use super::bindings::switchboard::plugin::types;
use super::plugin::Plugin;
use crate::model::{
    Algorithm, AppId, Call, Code, Conversation, ConversationKind, ConversationView, Draft, EventKind, File, Member,
    Message, MessageState, Millis, Notice, Part, Preferences, Receipt, Recipe, Refusal, Role, Roster, Sender, Seq,
    User, UserId,
};
use crate::storage::StorageError;

/// The longest text of a refusal, in bytes.
const REFUSAL_BYTES: usize = 500;

pub fn context(plugin: &Plugin, call: &Call) -> types::Context {
    types::Context {
        app_id: call.app.to_string(),
        plugin: plugin.install.name.to_string(),
        call_id: call.id.as_str().to_owned(),
        now: millis(call.now),
        depth: call.depth,
        attrs: Vec::new(),
    }
}

pub fn millis(at: Millis) -> u64 {
    u64::try_from(at.0).unwrap_or(0)
}

pub const fn role(role: Role) -> types::Role {
    match role {
        Role::Owner => types::Role::Owner,
        Role::Admin => types::Role::Admin,
        Role::Member => types::Role::Member,
    }
}

pub const fn read_role(role: types::Role) -> Role {
    match role {
        types::Role::Owner => Role::Owner,
        types::Role::Admin => Role::Admin,
        types::Role::Member => Role::Member,
    }
}

pub const fn read_conversation_kind(kind: types::ConversationKind) -> ConversationKind {
    match kind {
        types::ConversationKind::Direct => ConversationKind::Direct,
        types::ConversationKind::Temporary => ConversationKind::Temporary,
        types::ConversationKind::Group => ConversationKind::Group,
        types::ConversationKind::Chatroom => ConversationKind::Chatroom,
    }
}

/// A time from a guest.
pub fn read_millis(at: u64) -> Millis {
    Millis(i64::try_from(at).unwrap_or(i64::MAX))
}

pub const fn conversation_kind(kind: ConversationKind) -> types::ConversationKind {
    match kind {
        ConversationKind::Direct => types::ConversationKind::Direct,
        ConversationKind::Temporary => types::ConversationKind::Temporary,
        ConversationKind::Group => types::ConversationKind::Group,
        ConversationKind::Chatroom => types::ConversationKind::Chatroom,
    }
}

pub fn uids(users: &[UserId]) -> Vec<String> {
    users.iter().map(ToString::to_string).collect()
}

pub fn sender(doer: &Doer<'_>) -> types::Sender {
    types::Sender {
        uid: doer.user.map(ToString::to_string),
        role: doer.role.map(role),
        origin: doer.origin.map(ToString::to_string),
        attrs: Vec::new(),
    }
}

pub fn sender_of_draft(draft: &Draft) -> types::Sender {
    types::Sender {
        uid: draft.sender.user().map(ToString::to_string),
        role: draft.role.map(role),
        origin: draft.origin.as_ref().map(ToString::to_string),
        attrs: Vec::new(),
    }
}

/// A user who does something in a conversation.
pub fn user_in(roster: &Roster, user: &UserId) -> types::Sender {
    types::Sender {
        uid: Some(user.to_string()),
        role: roster.role(user).map(role),
        origin: None,
        attrs: Vec::new(),
    }
}

pub fn draft(draft: &Draft, kind: ConversationKind) -> types::Draft {
    types::Draft {
        conversation_id: draft.conversation.to_string(),
        conversation_kind: conversation_kind(kind),
        kind: draft.kind.to_string(),
        body: draft.body.as_str().to_owned(),
        mentions: uids(&draft.mentions.users),
        mention_all: draft.mentions.all,
        reply_to: draft.reply_to.map(|id| id.to_string()),
        transient: draft.transient,
        attrs: Vec::new(),
    }
}

/// A message; `rank` is its sender's, as far as it is known.
pub fn message(message: &Message, kind: ConversationKind, rank: Option<Role>) -> types::Message {
    let (edited_at, recalled_at) = match message.state {
        MessageState::Sent => (None, None),
        MessageState::Edited(at) => (Some(millis(at)), None),
        MessageState::Recalled(at) => (None, Some(millis(at))),
    };
    types::Message {
        id: message.id.map_or_else(|| "0".to_owned(), |id| id.to_string()),
        seq: message.seq.0,
        conversation_id: message.conversation.to_string(),
        conversation_kind: conversation_kind(kind),
        sender: types::Sender {
            uid: message.sender.user().map(ToString::to_string),
            role: rank.map(role),
            origin: message.origin.as_ref().map(ToString::to_string),
            attrs: Vec::new(),
        },
        kind: message.kind.to_string(),
        body: message.body.as_str().to_owned(),
        mentions: uids(&message.mentions.users),
        mention_all: message.mentions.all,
        reply_to: message.reply_to.map(|id| id.to_string()),
        nonce: message.nonce.to_string(),
        created_at: millis(message.created_at),
        edited_at,
        recalled_at,
        attrs: Vec::new(),
    }
}

/// A message whose conversation is at hand.
pub fn message_in(roster: &Roster, of: &Message) -> types::Message {
    let rank = match &of.sender {
        Sender::User(user) => roster.role(user),
        Sender::System => None,
    };
    message(of, roster.conversation.kind, rank)
}

pub fn conversation(of: &Conversation, member_count: usize, last_seq: Seq) -> types::Conversation {
    types::Conversation {
        id: of.id.to_string(),
        kind: conversation_kind(of.kind),
        name: of.name.clone(),
        cover: of.cover.clone(),
        owner: of.owner.as_ref().map(ToString::to_string),
        creator: of.creator.as_ref().map(ToString::to_string),
        muted: of.muted,
        members_invite: of.members_invite,
        notice: of.notice.as_ref().map(notice),
        created_at: millis(of.created_at),
        updated_at: of.updated_at.map(millis),
        ext: of.ext.as_str().to_owned(),
        member_count: u32::try_from(member_count).unwrap_or(u32::MAX),
        last_seq: last_seq.0,
        attrs: Vec::new(),
    }
}

/// A conversation as the rules show it.
pub fn shown(view: &ConversationView) -> types::Conversation {
    conversation(&view.conversation, view.member_count as usize, view.last_seq)
}

/// The same as one of its members sees it.
pub fn view(of: &ConversationView) -> types::View {
    let kind = of.conversation.kind;
    types::View {
        conversation: shown(of),
        role: of.role.map(role),
        read_seq: of.marks.unwrap_or_default().read.0,
        unread: of.unread().unwrap_or(0),
        preferences: preferences(&of.preferences.unwrap_or_default()),
        peer: of.peer.as_ref().map(ToString::to_string),
        last_message: of.last_message.as_deref().map(|last| message(last, kind, None)),
    }
}

pub fn preferences(of: &Preferences) -> types::Preferences {
    types::Preferences {
        pinned_at: of.pinned_at.map(millis),
        rank: of.rank,
        do_not_disturb: of.do_not_disturb,
    }
}

pub fn notice(of: &Notice) -> types::Notice {
    types::Notice {
        id: of.id.to_string(),
        text: of.text.clone(),
        by: of.by.as_ref().map(ToString::to_string),
        created_at: millis(of.created_at),
    }
}

pub fn mark(of: &Receipt) -> types::Mark {
    types::Mark {
        uid: of.user.to_string(),
        delivered_seq: of.marks.delivered.0,
        read_seq: of.marks.read.0,
    }
}

pub fn member(of: &Member) -> types::Member {
    types::Member {
        uid: of.user.to_string(),
        role: role(of.role),
        muted_until: of.muted_until.map(millis),
        joined_at: millis(of.joined_at),
    }
}

pub fn user(of: &User) -> types::User {
    types::User {
        uid: of.id.to_string(),
        nickname: of.nickname.clone(),
        avatar: of.avatar.clone(),
        attributes: of.attributes.as_str().to_owned(),
        banned: of.ban.is_some(),
        attrs: Vec::new(),
    }
}

/// A file, with its addresses on this server.
pub fn file(app: AppId, of: &File) -> types::File {
    types::File {
        id: of.id.to_string(),
        name: of.name.clone(),
        mime: of.mime.clone(),
        size: of.size,
        width: of.picture.map(|(width, _)| width),
        height: of.picture.map(|(_, height)| height),
        etag: of.etag.clone(),
        path: of.path(app),
        thumb_path: of.thumb_path(app),
        thumb_width: of.thumb.map(|(width, _)| width),
        thumb_height: of.thumb.map(|(_, height)| height),
        owner: of.owner.as_ref().map(ToString::to_string),
        created_at: millis(of.created_at),
    }
}

/// What happened, of the contract's.
pub const fn event_kind(kind: contract::EventKind) -> EventKind {
    match kind {
        contract::EventKind::MessageSent => EventKind::MessageSent,
        contract::EventKind::MessageEdited => EventKind::MessageEdited,
        contract::EventKind::MessageRecalled => EventKind::MessageRecalled,
        contract::EventKind::ReactionAdded => EventKind::ReactionAdded,
        contract::EventKind::ReactionRemoved => EventKind::ReactionRemoved,
        contract::EventKind::ConversationCreated => EventKind::ConversationCreated,
        contract::EventKind::ConversationUpdated => EventKind::ConversationUpdated,
        contract::EventKind::ConversationDissolved => EventKind::ConversationDissolved,
        contract::EventKind::MembersJoined => EventKind::MembersJoined,
        contract::EventKind::MembersLeft => EventKind::MembersLeft,
        contract::EventKind::MessagesHidden => EventKind::MessagesHidden,
        contract::EventKind::Marked => EventKind::Marked,
        contract::EventKind::MemberUpdated => EventKind::MemberUpdated,
        contract::EventKind::Announced => EventKind::Announced,
        contract::EventKind::UserUpdated => EventKind::UserUpdated,
        contract::EventKind::UserOnline => EventKind::UserOnline,
        contract::EventKind::UserOffline => EventKind::UserOffline,
        contract::EventKind::FileUploaded => EventKind::FileUploaded,
        contract::EventKind::MessageUndelivered => EventKind::MessageUndelivered,
    }
}

/// A guest's refusal for the client: with a code as the contract asks, else `refused`, and a text that is cut.
pub fn refusal(of: types::Refusal) -> Refusal {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.';
    let valid = !of.code.is_empty() && of.code.len() <= 64 && of.code.chars().all(fits);
    let code = if valid { of.code } else { "refused".to_owned() };
    let mut text = of.text;
    text.truncate(text.floor_char_boundary(REFUSAL_BYTES));
    Refusal::new(Code::Plugin(code), text)
}

/// A refusal for a guest.
pub fn refusal_error(of: Refusal) -> types::Error {
    match of.code {
        Code::NotFound => types::Error::NotFound,
        Code::Busy | Code::StorageUnavailable | Code::StorageFull | Code::Internal => {
            types::Error::Unavailable(of.text.into_owned())
        }
        code => refused(code.as_str(), &of.text),
    }
}

pub fn refused(code: &str, text: &str) -> types::Error {
    types::Error::Refused(types::Refusal {
        code: code.to_owned(),
        text: text.to_owned(),
    })
}

/// What to sign and how.
///
/// # Errors
/// If a part names no uid.
pub fn recipe(of: types::Recipe) -> Result<Recipe, types::Error> {
    let part = |part| {
        Ok(match part {
            types::Part::Text(text) => Part::Text(text),
            types::Part::Secret => Part::Secret,
            types::Part::Token(uid) => {
                let user = UserId::new(&uid).map_err(|error| types::Error::Invalid(format!("uid {error}")))?;
                Part::Token(user)
            }
            types::Part::TimeSeconds => Part::TimeSeconds,
            types::Part::Body => Part::Body,
        })
    };
    Ok(Recipe {
        algorithm: match of.algorithm {
            types::Algorithm::Md5 => Algorithm::Md5,
            types::Algorithm::Sha1 => Algorithm::Sha1,
            types::Algorithm::Sha256 => Algorithm::Sha256,
            types::Algorithm::HmacSha256 => Algorithm::HmacSha256,
        },
        parts: of.parts.into_iter().map(part).collect::<Result<_, _>>()?,
    })
}

/// What storage said, for a guest.
pub fn storage_error(of: StorageError) -> types::Error {
    match of {
        StorageError::Quota(what) => types::Error::Quota(what.to_owned()),
        StorageError::Missing(_) => types::Error::NotFound,
        StorageError::Full | StorageError::Unavailable(_) => types::Error::Unavailable(of.to_string()),
        StorageError::Exists(_) | StorageError::Fault(_) => {
            tracing::error!(error = %of, "storage failed for a plugin");
            types::Error::Unavailable("storage failed".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_of_guests_are_bounded() {
        let of = |code: &str, text: &str| {
            refusal(types::Refusal {
                code: code.to_owned(),
                text: text.to_owned(),
            })
        };
        assert_eq!(of("no_links", "No.").code, Code::Plugin("no_links".to_owned()));
        assert_eq!(of("No Links", "").code, Code::Plugin("refused".to_owned()));
        assert_eq!(of("x", &"é".repeat(400)).text.len(), 500);
        assert_eq!(of("x", &format!("a{}", "é".repeat(400))).text.len(), 499);
    }
}
