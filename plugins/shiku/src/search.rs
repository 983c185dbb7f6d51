//! The search over everything: friends by nickname, rooms by name, and what was said.

use std::collections::HashMap;

use serde_json::{Value, json};
use switchboard_plugin::host::types::{ConversationKind, Message, View};
use switchboard_plugin::host::{conversations, search, users};

use crate::chats;
use crate::entry::{self, Place};
use crate::envelope::{Failure, Outcome};
use crate::history;
use crate::params::{Params, wrong};
use crate::people::People;
use crate::profile;
use crate::rooms;

/// Of each sort, in one answer.
const FOUND: u32 = 100;
/// Characters of what is looked for.
const CHARS: usize = 100;

/// `/tigase/search`
pub fn search(uid: &str, params: &Params) -> Outcome {
    let text = params.need("content")?.trim();
    if text.is_empty() || text.chars().count() > CHARS {
        return Err(wrong("content"));
    }
    let (direct, in_rooms) = said(uid, text)?;
    Ok(Some(json!({
        "shikuMsgs": direct, "friend": friends(uid, text)?, "mucmsgs": in_rooms, "group": groups(uid, text)?,
    })))
}

/// Friends by nickname, and the caller too: the document's caller finds itself.
fn friends(uid: &str, text: &str) -> Result<Vec<Value>, Failure> {
    let mut found = search::users(text, Some(uid), FOUND)?;
    let own = users::get(uid)?.filter(|own| own.nickname.to_lowercase().contains(&text.to_lowercase()));
    if let Some(own) = own
        && found.iter().all(|user| user.uid != own.uid)
    {
        found.insert(0, own);
    }
    // Their numbers can be read back from now on.
    People::of(found.iter().map(|user| user.uid.as_str()))?;
    Ok(found.iter().map(profile::found).collect())
}

fn groups(uid: &str, text: &str) -> Result<Vec<Value>, Failure> {
    let mut views = Vec::new();
    for conversation in search::conversations(text, uid, FOUND)? {
        if conversation.kind != ConversationKind::Direct {
            views.extend(conversations::seen_by(&conversation.id, uid)?);
        }
    }
    let people = People::of(rooms::owners(&views).into_iter().chain([uid.to_owned()]))?;
    let mut groups = Vec::with_capacity(views.len());
    for view in &views {
        groups.extend(rooms::listed(view, uid, &people)?);
    }
    Ok(groups)
}

/// A conversation in which something was found.
struct Found {
    view: View,
    place: Place,
    /// In a direct one: how far both have read.
    reached: (u64, u64),
}

/// Messages by what they say: those of direct conversations, and those of rooms.
fn said(uid: &str, text: &str) -> Result<(Vec<Value>, Vec<Value>), Failure> {
    let messages: Vec<Message> = search::messages(text, uid, None, FOUND)?
        .into_iter()
        .filter(|message| message.recalled_at.is_none())
        .collect();
    let mut places: HashMap<&str, Option<Found>> = HashMap::new();
    let mut uids = vec![uid.to_owned()];
    for message in &messages {
        uids.extend(entry::named(message));
        let id = message.conversation_id.as_str();
        if !places.contains_key(id) {
            let found = found(uid, id)?;
            uids.extend(found.iter().filter_map(|found| found.view.peer.clone()));
            places.insert(id, found);
        }
    }
    let people = People::of(uids)?;
    let (mut direct, mut in_rooms) = (Vec::new(), Vec::new());
    for message in &messages {
        let Some(Some(found)) = places.get(message.conversation_id.as_str()) else {
            continue;
        };
        for shown in chats::newest_first(std::slice::from_ref(message), &found.place, &people) {
            match &found.place {
                Place::Direct { peer, .. } => direct.push(shown.in_copy(uid, peer, found.reached)),
                Place::Room(room) => in_rooms.push(shown.in_room(&room.jid, 0)),
            }
        }
    }
    Ok((direct, in_rooms))
}

fn found(uid: &str, id: &str) -> Result<Option<Found>, Failure> {
    let Some(view) = conversations::seen_by(id, uid)? else {
        return Ok(None);
    };
    let place = chats::place_of(&view, uid)?;
    let reached = match &place {
        Place::Direct { peer, .. } => history::reached(&view.conversation, uid, peer)?,
        Place::Room(_) => (0, 0),
    };
    Ok(Some(Found { view, place, reached }))
}
