//! What the app's clients are told of an event. A change of a group is told once: by its stored system message where the
//! app stores those, by the event otherwise.

use switchboard_plugin::hooks::dialect::{
    Encoded, Event, EventKind, Marking, MemberChange, Membership, Occurrence, Receivers,
};
use switchboard_plugin::host::messages;
use switchboard_plugin::host::types::{Conversation, ConversationKind, Message, Role, User};

use crate::frames::{self, Stamp};
use crate::groups::{are_stored, is_group, looks_new, tell};
use crate::people::{actor, card_of};
use crate::system::{self, Change};
use crate::{packet, pending};

/// What `encode` is called for.
pub const EVENTS: [EventKind; 13] = [
    EventKind::MessageSent,
    EventKind::MessageEdited,
    EventKind::MessageRecalled,
    EventKind::Marked,
    EventKind::ConversationCreated,
    EventKind::ConversationUpdated,
    EventKind::ConversationDissolved,
    EventKind::Announced,
    EventKind::MembersJoined,
    EventKind::MembersLeft,
    EventKind::MemberUpdated,
    EventKind::UserUpdated,
    EventKind::Pushed,
];

/// Its frames, and who gets them. `own` is the name this plugin is installed under.
pub fn encode(own: &str, occurrence: &Occurrence) -> Vec<Encoded> {
    match &occurrence.event {
        Event::MessageSent(message) if message.kind == "system" => all(stored(message, occurrence)),
        Event::MessageSent(message) => vec![told(message, occurrence, None)],
        Event::MessageEdited(message) => {
            let action = if message.kind == packet::KIND { "claim" } else { "edit" };
            vec![told(message, occurrence, Some(action))]
        }
        Event::MessageRecalled(message) => vec![told(message, occurrence, Some("recall"))],
        Event::Marked(marking) => marked(marking, occurrence),
        Event::UserUpdated(user) => vec![profile(user, occurrence.at)],
        Event::ConversationDissolved(group) if is_group(group.kind) => {
            vec![Encoded::all(pending::end(group, occurrence.at))]
        }
        Event::MembersLeft(left) => members_left(left, occurrence.at),
        Event::ConversationCreated(_)
        | Event::ConversationUpdated(_)
        | Event::Announced(_)
        | Event::MembersJoined(_)
        | Event::MemberUpdated(_) => all(unstored(&occurrence.event, occurrence.at)),
        // Taken here, where a connection is there to be told.
        Event::Pushed(pushed) if pushed.plugin == own => {
            let frames = pending::waiting(&pushed.name, &pushed.data).map(|uid| pending::take(&uid));
            frames.unwrap_or_default().into_iter().map(Encoded::all).collect()
        }
        _ => Vec::new(),
    }
}

fn all(frame: Option<String>) -> Vec<Encoded> {
    frame.into_iter().map(Encoded::all).collect()
}

fn told(message: &Message, occurrence: &Occurrence, action: Option<&str>) -> Encoded {
    let sender = actor(message.sender.uid.as_deref());
    Encoded::all(frames::message(message, &sender, &occurrence.pair, action))
}

/// A stored system message, as the protocol's own.
fn stored(message: &Message, occurrence: &Occurrence) -> Option<String> {
    let group = occurrence.conversation.as_ref().filter(|group| is_group(group.kind))?;
    Some(tell(Change::of_body(&message.body)?, group, &Stamp::of(message)))
}

/// The same in an app that stores none.
fn unstored(event: &Event, at: u64) -> Option<String> {
    let joined = |joined: &Membership| Change::joined(joined.uids.clone(), joined.by.clone());
    let (group, change) = match event {
        Event::ConversationCreated(group) => (group, Some(created(group))),
        Event::ConversationUpdated(group) => (group, (!looks_new(group)).then(|| Change::now(group))),
        Event::Announced(group) => {
            let notice = group.notice.as_ref().map(|notice| notice.text.as_str());
            (group, Some(Change::announced(notice)))
        }
        Event::MembersJoined(members) => (&members.conversation, joined(members)),
        Event::MemberUpdated(MemberChange { conversation, member }) => {
            let owner = (member.role == Role::Owner).then(|| Change::handed_over(&member.uid));
            (conversation, owner)
        }
        _ => return None,
    };
    let change = change.filter(|_| is_group(group.kind) && !are_stored())?;
    let seed = format!("{}/{change:?}", group.id);
    Some(tell(change, group, &Stamp::made(at, &seed)))
}

/// The members of a new group were invited by who made it.
fn created(group: &Conversation) -> Change {
    Change::Invited {
        by: group.creator.clone(),
        users: Vec::new(),
    }
}

/// Who was put out is no longer in the group, and never hears of its stored message.
fn members_left(left: &Membership, at: u64) -> Vec<Encoded> {
    let group = &left.conversation;
    let Some(change) = Change::left(left.uids.clone(), left.by.clone()).filter(|_| is_group(group.kind)) else {
        return Vec::new();
    };
    let receivers = if are_stored() {
        Receivers::Only(left.uids.clone())
    } else {
        Receivers::All
    };
    let frame = tell(change, group, &Stamp::made(at, &format!("14/{}", group.id)));
    vec![Encoded { frame, receivers }]
}

fn profile(user: &User, at: u64) -> Encoded {
    let stamp = Stamp::made(at, &format!("10/{}", user.uid));
    let data = system::profile(&card_of(user.clone()));
    Encoded::all(frames::system(&data, &stamp, Some(&user.uid), None))
}

/// Marks are places, acknowledgements are of messages: those at the places. What is read is delivered.
fn marked(marking: &Marking, occurrence: &Occurrence) -> Vec<Encoded> {
    let (uid, read, delivered) = (&marking.mark.uid, marking.mark.read_seq, marking.mark.delivered_seq);
    let direct = (occurrence.conversation.as_ref()).is_some_and(|one| one.kind == ConversationKind::Direct);
    let pair: &[String] = if direct { &occurrence.pair } else { &[] };
    let mut told = Vec::new();
    if read > 0 {
        told.push((read, 2));
    }
    if delivered > read {
        told.push((delivered, 1));
    }
    let frame = |(seq, status): (u64, u64)| {
        let found = messages::history(&marking.conversation_id, Some(seq.checked_add(1)?), 1).ok()?;
        let message = found.first()?;
        Some(Encoded::all(frames::ack(message, uid, pair, status, occurrence.at)))
    };
    told.into_iter().filter_map(frame).collect()
}
