//! Histories, and the list of chats with the last entry of each. Whoever reads the newest page of a history has opened
//! the chat and read it.

use serde_json::Value;
use switchboard_plugin::host::conversations::{self, Listing};
use switchboard_plugin::host::conversations_write;
use switchboard_plugin::host::types::{ConversationKind, Message, View};

use crate::entry::{self, Place, Shown};
use crate::envelope::{Failure, Outcome};
use crate::history::{self, Window};
use crate::params::{Page, Params, wrong};
use crate::people::{self, People};
use crate::room_json::Ext;
use crate::rooms;

/// Entries, and chats, in one answer.
const ENTRIES: u32 = 500;
const CHATS: u32 = 200;

/// `/tigase/getLastChatList`: pinned first, then the newest. A chat in which nothing is to be seen is not listed.
pub fn last(uid: &str, params: &Params) -> Outcome {
    let page = params.page(50, CHATS)?;
    let listing = Listing {
        viewer: uid.to_owned(),
        skip: page.start(),
        limit: page.size,
        keyword: None,
        kinds: Vec::new(),
        unread_only: false,
    };
    let mut chats = Vec::new();
    for view in conversations::list_of(&listing)?.views {
        if let Some(message) = last_seen(&view, uid)? {
            chats.push((view, message));
        }
    }
    let mut uids = vec![uid.to_owned()];
    for (view, message) in &chats {
        uids.extend(view.peer.clone());
        uids.extend(entry::named(message));
    }
    let people = People::of(uids)?;
    let mut entries = Vec::with_capacity(chats.len());
    for (view, message) in &chats {
        let place = place_of(view, uid)?;
        let shown = entry::shown(message, &place, |uid| people.name(uid).to_owned());
        entries.extend(shown.last().map(|shown| shown.last_of(uid, &place)));
    }
    Ok(Some(entries.into()))
}

fn last_seen(view: &View, uid: &str) -> Result<Option<Message>, Failure> {
    match &view.last_message {
        Some(message) if message.recalled_at.is_some() => history::newest(&view.conversation.id, uid),
        other => Ok(other.clone()),
    }
}

/// Where the messages of a view are.
pub fn place_of(view: &View, uid: &str) -> Result<Place, Failure> {
    match (view.conversation.kind, &view.peer) {
        (ConversationKind::Direct, Some(peer)) => Ok(Place::Direct {
            viewer: uid.to_owned(),
            peer: peer.clone(),
        }),
        _ => Ok(Place::Room(rooms::room_of(&view.conversation)?)),
    }
}

/// The entries of messages that are newest first, in the same order.
pub fn newest_first(messages: &[Message], place: &Place, people: &People) -> Vec<Shown> {
    let of = |message| {
        entry::shown(message, place, |uid| people.name(uid).to_owned())
            .into_iter()
            .rev()
    };
    messages.iter().flat_map(of).collect()
}

/// `/tigase/shiku_muc_msgs`
pub fn of_room(uid: &str, params: &Params) -> Outcome {
    let view = rooms::asked(uid, params)?;
    let conversation = &view.conversation;
    let page = params.page(20, ENTRIES)?;
    let latest = page.start() == 0;
    if latest {
        // A greeting that cannot be said is no reason not to show the history.
        let _ = conversations_write::open(uid, &conversation.id);
    }
    let (messages, room) = (
        read(uid, &conversation.id, page, (None, None))?,
        rooms::room_of(conversation)?,
    );
    let people = People::of(messages.iter().flat_map(entry::named))?;
    let marks = match Ext::of(conversation).show_read {
        true => conversations::marks(&conversation.id)?,
        false => Vec::new(),
    };
    let place = Place::Room(room.clone());
    let entry = |shown: &Shown| {
        let readers = marks
            .iter()
            .filter(|mark| mark.uid != uid && mark.read_seq >= shown.seq);
        shown.in_room(&room.jid, readers.count())
    };
    let entries: Vec<Value> = newest_first(&messages, &place, &people).iter().map(entry).collect();
    if latest {
        mark_read(uid, &conversation.id, &messages)?;
    }
    Ok(Some(entries.into()))
}

/// `/tigase/shiku_msgs`: the caller's own copy of what it and the receiver have said.
pub fn direct(uid: &str, params: &Params) -> Outcome {
    let peer = people::user_of(params.need("receiver")?)?.uid;
    let page = params.page(20, ENTRIES)?;
    let since = params.number("startTime")?;
    let until = params.number("endTime")?.filter(|time| *time > 0);
    if peer == uid {
        return Err(wrong("receiver"));
    }
    let Some(conversation) = conversations::direct(uid, &peer)? else {
        return Ok(Some(Value::Array(Vec::new())));
    };
    let latest = page.start() == 0 && since.is_none() && until.is_none();
    if latest {
        let _ = conversations_write::open(uid, &conversation.id);
    }
    let messages = read(uid, &conversation.id, page, (since, until))?;
    let people = People::of([uid, peer.as_str()])?;
    let reached = history::reached(&conversation, uid, &peer)?;
    let place = Place::Direct {
        viewer: uid.to_owned(),
        peer: peer.clone(),
    };
    let shown = newest_first(&messages, &place, &people);
    let entries: Vec<Value> = shown.iter().map(|shown| shown.in_copy(uid, &peer, reached)).collect();
    if latest {
        mark_read(uid, &conversation.id, &messages)?;
    }
    Ok(Some(entries.into()))
}

fn read(
    uid: &str,
    conversation: &str,
    page: Page,
    (since, until): (Option<u64>, Option<u64>),
) -> Result<Vec<Message>, Failure> {
    history::window(&Window {
        conversation,
        viewer: uid,
        since,
        until,
        skip: page.start(),
        take: page.size,
    })
}

fn mark_read(uid: &str, conversation: &str, newest_first: &[Message]) -> Result<(), Failure> {
    if let Some(newest) = newest_first.first() {
        conversations_write::set_mark(uid, conversation, None, Some(newest.seq))?;
    }
    Ok(())
}
