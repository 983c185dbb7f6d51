//! Events as dialects are told of them.

use super::bindings::exports::switchboard::plugin::dialect::{
    Event, Marking, MemberChange, Membership, Occurrence, Presence, Pushed, Reacted, Typing,
};
use super::bindings::switchboard::plugin::types;
use super::convert;
use crate::model::{Audience, Change, ConversationId, ConversationKind, Millis, Roster, Seq, UserId};

/// The conversation an event is in, with its newest seq.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The conversation and its members.
    pub roster: &'a Roster,
    /// Its newest message's place.
    pub last_seq: Seq,
}

/// Which conversation a change is in, and its roster and newest seq as far as the change itself says so.
pub fn place(change: &Change, audience: &Audience) -> (Option<ConversationId>, Option<Seq>) {
    let seq = match change {
        Change::MessageSent(message) if message.id.is_some() => Some(message.seq),
        _ => None,
    };
    let id = match change {
        Change::MessageSent(message)
        | Change::MessageEdited(message)
        | Change::MessageRecalled(message)
        | Change::Reacted { message, .. } => Some(message.conversation),
        Change::Marked { conversation, .. } | Change::Typing { conversation, .. } => Some(*conversation),
        _ => roster(change, audience).map(|roster| roster.conversation.id),
    };
    (id, seq)
}

/// The roster that a change or its audience carries.
pub fn roster<'a>(change: &'a Change, audience: &'a Audience) -> Option<&'a Roster> {
    match change {
        Change::ConversationCreated(roster)
        | Change::ConversationUpdated(roster)
        | Change::ConversationDissolved(roster)
        | Change::Announced { roster, .. }
        | Change::MembersJoined { roster, .. }
        | Change::MembersLeft { roster, .. }
        | Change::MemberUpdated { roster, .. } => Some(roster),
        _ => match audience {
            Audience::Members(roster) | Audience::MembersAnd(roster, _) => Some(roster),
            Audience::Users(_) | Audience::Watchers(_) => None,
        },
    }
}

/// The event as the contract knows it; none for what cannot be told without its conversation.
pub fn occurrence(change: &Change, scene: Option<Scene<'_>>, at: Millis) -> Option<Occurrence> {
    Some(Occurrence {
        event: event(change, scene)?,
        at: convert::millis(at),
        conversation: scene.map(conversation),
        pair: scene.map(pair).unwrap_or_default(),
    })
}

fn conversation(scene: Scene<'_>) -> types::Conversation {
    let Scene { roster, last_seq } = scene;
    convert::conversation(&roster.conversation, roster.members.len(), last_seq)
}

fn pair(scene: Scene<'_>) -> Vec<String> {
    let roster = scene.roster;
    if roster.conversation.kind != ConversationKind::Direct {
        return Vec::new();
    }
    roster.members.iter().map(|member| member.user.to_string()).collect()
}

fn event(change: &Change, scene: Option<Scene<'_>>) -> Option<Event> {
    let membership = |users: &[UserId], by: &Option<UserId>| {
        Some(Membership {
            conversation: conversation(scene?),
            uids: users.iter().map(ToString::to_string).collect(),
            by: by.as_ref().map(ToString::to_string),
        })
    };
    Some(match change {
        Change::MessageSent(message) => Event::MessageSent(convert::message_in(scene?.roster, message)),
        Change::MessageEdited(message) => Event::MessageEdited(convert::message_in(scene?.roster, message)),
        Change::MessageRecalled(message) => Event::MessageRecalled(convert::message_in(scene?.roster, message)),
        Change::MessagesDeleted(messages) => Event::MessagesHidden(messages.iter().map(ToString::to_string).collect()),
        Change::Reacted {
            message,
            user,
            emoji,
            added,
        } => Event::Reacted(Reacted {
            message: convert::message_in(scene?.roster, message),
            uid: user.to_string(),
            emoji: emoji.clone(),
            added: *added,
        }),
        Change::Marked { conversation, receipt } => Event::Marked(Marking {
            conversation_id: conversation.to_string(),
            mark: types::Mark {
                uid: receipt.user.to_string(),
                delivered_seq: receipt.marks.delivered.0,
                read_seq: receipt.marks.read.0,
            },
        }),
        Change::Typing {
            conversation,
            user,
            typing,
        } => Event::Typing(Typing {
            conversation_id: conversation.to_string(),
            uid: user.to_string(),
            typing: *typing,
        }),
        Change::ConversationCreated(_) => Event::ConversationCreated(conversation(scene?)),
        Change::ConversationUpdated(_) => Event::ConversationUpdated(conversation(scene?)),
        Change::ConversationDissolved(_) => Event::ConversationDissolved(conversation(scene?)),
        Change::Announced { .. } => Event::Announced(conversation(scene?)),
        // The contract does not tell of these: they are a user's own.
        Change::Preferred { .. } | Change::HistoryCleared { .. } => return None,
        Change::MembersJoined { users, by, .. } => Event::MembersJoined(membership(users, by)?),
        Change::MembersLeft { users, by, .. } => Event::MembersLeft(membership(users, by)?),
        Change::MemberUpdated { member, .. } => Event::MemberUpdated(MemberChange {
            conversation: conversation(scene?),
            member: convert::member(member),
        }),
        Change::UserUpdated(user) => Event::UserUpdated(convert::user(user)),
        Change::PresenceChanged { user, online } => Event::Presence(Presence {
            uid: user.to_string(),
            online: *online,
        }),
        Change::Pushed { plugin, name, data } => Event::Pushed(Pushed {
            plugin: plugin.to_string(),
            name: name.clone(),
            data: data.as_str().to_owned(),
        }),
    })
}
