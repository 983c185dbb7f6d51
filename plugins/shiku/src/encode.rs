//! Events as frames: what others say, and what happens to rooms. A change that is stored as a message of the system is
//! told by that message; only apps without such messages are told by the event itself.

use serde_json::{Map, Value, json};
use switchboard_plugin::hooks::dialect::{Encoded, Event, Occurrence, Receivers};
use switchboard_plugin::host::conversations;
use switchboard_plugin::host::types::{Conversation, ConversationKind, Member, Message, Role};

use crate::config;
use crate::entry::{self, Place};
use crate::envelope::Failure;
use crate::ids;
use crate::people::People;
use crate::rooms;
use crate::system::{self, Room, Told};

/// New members that one event tells of.
const NEWCOMERS: u32 = 200;

/// The frames of an event; what cannot be told now is in the history.
pub fn frames(occurrence: &Occurrence) -> Vec<Encoded> {
    let frames = match &occurrence.event {
        Event::MessageSent(message) => sent(message, occurrence),
        Event::MessageRecalled(message) => recalled(message, occurrence),
        _ => changed(occurrence),
    };
    frames.unwrap_or_else(|failure| {
        switchboard_plugin::warn!("an event is not told: {}", failure.text());
        Vec::new()
    })
}

fn sent(message: &Message, occurrence: &Occurrence) -> Result<Vec<Encoded>, Failure> {
    let mut frames = Vec::new();
    for (place, receivers) in places(occurrence, message.sender.uid.as_deref())? {
        let mut uids = entry::named(message);
        if let Place::Direct { viewer, peer } = &place {
            uids.extend([viewer.clone(), peer.clone()]);
        }
        let people = People::of(uids)?;
        let shown = entry::shown(message, &place, |uid| people.name(uid).to_owned());
        frames.extend(shown.into_iter().map(|shown| encoded(shown.object, receivers.clone())));
    }
    Ok(frames)
}

fn encoded(object: Map<String, Value>, receivers: Receivers) -> Encoded {
    Encoded {
        frame: Value::from(object).to_string(),
        receivers,
    }
}

/// Where it happened, as its receivers see it: what nobody has said is said to each of the two.
fn places(occurrence: &Occurrence, sender: Option<&str>) -> Result<Vec<(Place, Receivers)>, Failure> {
    let direct = |viewer: &String, peer: &String| Place::Direct {
        viewer: viewer.clone(),
        peer: peer.clone(),
    };
    match (&occurrence.conversation, occurrence.pair.as_slice()) {
        (_, [one, other]) => Ok(match sender {
            Some(uid) if uid == other => vec![(direct(other, one), Receivers::All)],
            Some(_) => vec![(direct(one, other), Receivers::All)],
            None => vec![
                (direct(one, other), Receivers::Only(vec![one.clone()])),
                (direct(other, one), Receivers::Only(vec![other.clone()])),
            ],
        }),
        (Some(conversation), _) if conversation.kind != ConversationKind::Direct => {
            Ok(vec![(Place::Room(rooms::room_of(conversation)?), Receivers::All)])
        }
        _ => Ok(Vec::new()),
    }
}

/// Type 202: the content names the message.
fn recalled(message: &Message, occurrence: &Occurrence) -> Result<Vec<Encoded>, Failure> {
    let mut told = message.clone();
    told.recalled_at = None;
    told.kind = crate::object::OTHER.to_owned();
    told.body = json!({ "type": 202, "text": ids::message(&message.id, &message.nonce) }).to_string();
    told.created_at = occurrence.at;
    told.nonce = format!("202-{}", message.id);
    sent(&told, occurrence)
}

/// A change of a room that is not stored as a message.
fn changed(occurrence: &Occurrence) -> Result<Vec<Encoded>, Failure> {
    let conversation = match &occurrence.event {
        Event::ConversationCreated(conversation)
        | Event::ConversationUpdated(conversation)
        | Event::ConversationDissolved(conversation)
        | Event::Announced(conversation) => conversation,
        Event::MembersJoined(membership) | Event::MembersLeft(membership) => &membership.conversation,
        Event::MemberUpdated(change) => &change.conversation,
        _ => return Ok(Vec::new()),
    };
    if conversation.kind == ConversationKind::Direct {
        return Ok(Vec::new());
    }
    let dissolved = matches!(occurrence.event, Event::ConversationDissolved(_));
    if !dissolved && config::app().system_messages {
        return Ok(Vec::new());
    }
    let room = rooms::room_of(conversation)?;
    let told = if dissolved {
        vec![system::dissolved(&room, conversation.owner.clone())]
    } else {
        system::told(&as_message(&occurrence.event)?, &room)
    };
    tell(&told, &room, conversation, occurrence.at)
}

fn tell(told: &[Told], room: &Room, conversation: &Conversation, at: u64) -> Result<Vec<Encoded>, Failure> {
    let uids = told.iter().flat_map(|told| told.by.iter().chain(&told.about));
    let people = People::of(uids.cloned())?;
    let frame = |(n, told)| {
        let name = format!("e{}-{at}-{n}", conversation.id);
        let object = system::object(told, room, |uid| people.name(uid).to_owned(), (&name, at));
        encoded(object, Receivers::All)
    };
    Ok(told.iter().enumerate().map(frame).collect())
}

/// The body that the event would have as a message of the system.
fn as_message(event: &Event) -> Result<Value, Failure> {
    Ok(match event {
        Event::ConversationCreated(conversation) => {
            let members = conversations::members(&conversation.id, None, NEWCOMERS)?;
            let uids: Vec<String> = members.into_iter().map(|member| member.uid).collect();
            json!({ "event": "conversation_created", "users": uids, "by": conversation.creator })
        }
        Event::ConversationUpdated(conversation) => {
            json!({ "event": "conversation_updated", "name": conversation.name })
        }
        Event::Announced(conversation) => {
            let notice = conversation.notice.as_ref();
            json!({ "event": "announced", "text": notice.map(|notice| &notice.text),
                "by": notice.and_then(|notice| notice.by.as_ref()) })
        }
        Event::MembersJoined(membership) => {
            json!({ "event": "members_joined", "users": membership.uids, "by": membership.by })
        }
        Event::MembersLeft(membership) => {
            json!({ "event": "members_left", "users": membership.uids, "by": membership.by })
        }
        Event::MemberUpdated(change) => of_member(&change.member),
        _ => Value::Null,
    })
}

fn of_member(member: &Member) -> Value {
    match member.role {
        Role::Owner => json!({ "event": "owner_changed", "user": member.uid }),
        Role::Admin if member.muted_until.is_none() => json!({ "event": "admin_made", "user": member.uid }),
        Role::Admin | Role::Member => {
            json!({ "event": "member_muted", "user": member.uid, "until": member.muted_until })
        }
    }
}
