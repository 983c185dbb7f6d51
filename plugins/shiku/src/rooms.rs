//! Rooms: every conversation that is not direct. A room that a client of this protocol makes has the jid the client has
//! chosen, kept in both directions; any other has the 32 hex digits of its id.

use serde_json::{Map, Value, json};
use switchboard_plugin::host::conversations::{self, Listing};
use switchboard_plugin::host::conversations_write::{self, NewConversation, Patch};
use switchboard_plugin::host::kv;
use switchboard_plugin::host::types::{Conversation, ConversationKind, Role, View};

use crate::envelope::{Failure, Outcome};
use crate::ids;
use crate::members;
use crate::params::{Params, wrong};
use crate::people::{self, People};
use crate::room_json::{self, Ext, Seat};
use crate::system::Room;

/// Rooms in one answer.
const ROOMS: u32 = 200;
/// Announcements in one answer, and in one look.
const NOTICES: u32 = 500;
const LOOK: u32 = 100;
/// How long a jid is kept for a room that is being made.
const CLAIM_SECONDS: u32 = 60;
/// What rooms are.
pub const KINDS: [ConversationKind; 3] = [
    ConversationKind::Group,
    ConversationKind::Temporary,
    ConversationKind::Chatroom,
];

fn jid_key(jid: &str) -> String {
    format!("jid:{jid}")
}

fn room_key(id: &str) -> String {
    format!("room:{id}")
}

/// What clients call a room.
pub fn jid_of(conversation: &Conversation) -> Result<String, Failure> {
    if let Some(entry) = kv::get(&room_key(&conversation.id))? {
        return Ok(String::from_utf8_lossy(&entry.value).into_owned());
    }
    // A room that is still being made has claimed its jid, or was given it a moment ago. Nobody else can have written
    // either.
    let (claimed, creator) = (Ext::of(conversation).jid, conversation.creator.as_deref());
    if let (Some(jid), Some(creator)) = (claimed.filter(|jid| ids::is_jid(jid)), creator) {
        let claim = kv::get(&jid_key(&jid))?;
        let ours = |value: &[u8]| value == claim_of(creator) || value == conversation.id.as_bytes();
        if claim.is_some_and(|claim| ours(&claim.value)) {
            return Ok(jid);
        }
    }
    Ok(ids::hex32(&conversation.id))
}

fn claim_of(uid: &str) -> Vec<u8> {
    format!("?{uid}").into_bytes()
}

/// The conversation that a jid, or the 24 digits of a room, stands for.
fn id_of(key: &str) -> Result<Option<String>, Failure> {
    if let Some(id) = ids::of_hex24(key).or_else(|| ids::of_hex32(key)) {
        return Ok(Some(id));
    }
    if !ids::is_jid(key) {
        return Ok(None);
    }
    let entry = kv::get(&jid_key(key))?;
    let id = entry.and_then(|entry| String::from_utf8(entry.value).ok());
    Ok(id.filter(|id| !id.starts_with('?')))
}

/// A room as one of its members sees it. A room the user is not in does not exist.
pub fn find(uid: &str, key: &str) -> Result<View, Failure> {
    let missing = || Failure::unknown("群组");
    let id = id_of(key)?.ok_or_else(missing)?;
    let view = conversations::seen_by(&id, uid)?.ok_or_else(missing)?;
    if view.conversation.kind == ConversationKind::Direct || view.role.is_none() {
        return Err(missing());
    }
    Ok(view)
}

/// The room that a request names by `roomId`.
pub fn asked(uid: &str, params: &Params) -> Result<View, Failure> {
    find(uid, params.need("roomId")?)
}

/// What messages in it say of a room.
pub fn room_of(conversation: &Conversation) -> Result<Room, Failure> {
    Ok(Room {
        jid: jid_of(conversation)?,
        id: ids::hex24(&conversation.id),
        name: conversation.name.clone(),
    })
}

/// A room in a list, with the viewer's own seat. When the viewer came is not told in lists: the room's own time stands.
pub fn listed(view: &View, uid: &str, people: &People) -> Outcome {
    let conversation = &view.conversation;
    let mut room = room_json::room(conversation, &jid_of(conversation)?, owner_name(conversation, people));
    let seat = Seat {
        uid,
        name: people.name(uid),
        role: view.role.unwrap_or(Role::Member),
        joined_at: conversation.created_at,
        preferences: Some(&view.preferences),
        hiding: 0,
    };
    room.insert("member".to_owned(), seat.json());
    Ok(Some(room.into()))
}

/// Who owns a room, or has made it.
pub fn owners<'a>(views: impl IntoIterator<Item = &'a View>) -> Vec<String> {
    let owner = |view: &View| owner_of(&view.conversation).map(str::to_owned);
    views.into_iter().filter_map(owner).collect()
}

fn owner_of(conversation: &Conversation) -> Option<&str> {
    conversation.owner.as_deref().or(conversation.creator.as_deref())
}

fn owner_name<'a>(conversation: &'a Conversation, people: &'a People) -> &'a str {
    owner_of(conversation).map_or("", |uid| people.name(uid))
}

/// `/room/list/his`
pub fn list(uid: &str, params: &Params) -> Outcome {
    let page = params.page(50, ROOMS)?;
    let listing = Listing {
        viewer: uid.to_owned(),
        skip: page.start(),
        limit: page.size,
        keyword: None,
        kinds: KINDS.to_vec(),
        unread_only: false,
    };
    let views = conversations::list_of(&listing)?.views;
    let people = People::of(owners(&views).into_iter().chain([uid.to_owned()]))?;
    let mut rooms = Vec::with_capacity(views.len());
    for view in &views {
        rooms.extend(listed(view, uid, &people)?);
    }
    Ok(Some(rooms.into()))
}

/// `/room/add`
pub fn add(uid: &str, params: &Params) -> Outcome {
    let jid = params.need("jid")?;
    if !ids::is_jid(jid) {
        return Err(wrong("jid"));
    }
    let name = params.need("name")?;
    let desc = params.get("desc").unwrap_or_default();
    let mut members = people::by_phones(&params.list("phones")?)?;
    members.retain(|member| member != uid);
    if !kv::compare_and_set(&jid_key(jid), 0, &claim_of(uid), Some(CLAIM_SECONDS))? {
        return Err(Failure::because("jid已存在"));
    }
    let new = NewConversation {
        kind: ConversationKind::Group,
        members,
        name: name.to_owned(),
        cover: String::new(),
        ext: Some(json!({ "jid": jid, "desc": desc }).to_string()),
    };
    let made = conversations_write::create(Some(uid), &new).map_err(|error| {
        // The claim ends by itself if this fails too.
        let _ = kv::delete(&jid_key(jid));
        Failure::from(error)
    })?;
    let conversation = made.conversation;
    kv::set(&jid_key(jid), conversation.id.as_bytes(), None)?;
    kv::set(&room_key(&conversation.id), jid.as_bytes(), None)?;
    let people = People::of([uid])?;
    let mut room = room_json::room(&conversation, jid, owner_name(&conversation, &people));
    room.insert("members".to_owned(), json!([]));
    Ok(Some(room.into()))
}

/// `/room/get`
pub fn get(uid: &str, params: &Params) -> Outcome {
    let view = asked(uid, params)?;
    let conversation = &view.conversation;
    let seats = members::all(&conversation.id)?;
    let notices = conversations::notices(&conversation.id, 0, LOOK)?.notices;
    let mut uids: Vec<String> = seats.iter().map(|member| member.uid.clone()).collect();
    uids.extend(owner_of(conversation).map(str::to_owned));
    uids.extend(notices.iter().filter_map(|notice| notice.by.clone()));
    let people = People::of(uids)?;
    let mut room: Map<String, Value> =
        room_json::room(conversation, &jid_of(conversation)?, owner_name(conversation, &people));
    if let Some(own) = seats.iter().find(|member| member.uid == uid) {
        let mut own = members::seat(own, &people, Some(&view.preferences));
        if conversation.creator.as_deref() == Some(uid) {
            own["addRoomDetails"] = json!("create_room_member");
        }
        room.insert("member".to_owned(), own);
    }
    room.insert("members".to_owned(), members::json(&seats, uid, &people, &view));
    let told = |notice| room_json::notice(notice, conversation, notice_name(notice, &people));
    room.insert("notices".to_owned(), notices.iter().map(told).collect());
    if let Some(latest) = notices.first() {
        room.insert("notice".to_owned(), told(latest));
    }
    Ok(Some(room.into()))
}

fn notice_name<'a>(notice: &'a switchboard_plugin::host::types::Notice, people: &'a People) -> &'a str {
    notice.by.as_deref().map_or("", |uid| people.name(uid))
}

/// `/room/update`: a name, an announcement, and *(ours)* whether it is shown who has read what.
pub fn update(uid: &str, params: &Params) -> Outcome {
    let view = asked(uid, params)?;
    let id = &view.conversation.id;
    let (name, text, show_read) = (params.get("roomName"), params.get("notice"), params.number("showRead")?);
    if name.is_none() && text.is_none() && show_read.is_none() {
        return Err(Failure::because("缺少参数: roomName"));
    }
    if name.is_some() || show_read.is_some() {
        let patch = Patch {
            name: name.map(str::to_owned),
            cover: None,
            ext: show_read.map(|value| with_switch(&view.conversation, value)),
            merge: None,
            muted: None,
            members_invite: None,
        };
        conversations_write::update(Some(uid), id, &patch)?;
    }
    match text {
        Some(text) => {
            let notice = conversations_write::announce(Some(uid), id, text)?;
            Ok(Some(json!({ "noticeId": ids::hex24(&notice.id) })))
        }
        None => Ok(Some(json!({}))),
    }
}

/// The room's own data with the switch in it; what other systems keep there stays.
fn with_switch(conversation: &Conversation, value: u64) -> String {
    let mut ext = match serde_json::from_str(&conversation.ext) {
        Ok(Value::Object(ext)) => ext,
        _ => Map::new(),
    };
    ext.insert("showRead".to_owned(), u8::from(value != 0).into());
    Value::from(ext).to_string()
}

/// `/room/noticesPage`
pub fn notices(uid: &str, params: &Params) -> Outcome {
    let view = asked(uid, params)?;
    let page = params.page(LOOK, NOTICES)?;
    let (mut notices, mut total) = (Vec::new(), 0);
    while notices.len() < page.size as usize {
        let came = u32::try_from(notices.len()).unwrap_or(page.size);
        let limit = (page.size - came).min(LOOK);
        let some = conversations::notices(&view.conversation.id, page.start().saturating_add(came), limit)?;
        total = some.total;
        let full = some.notices.len() == limit as usize;
        notices.extend(some.notices);
        if !full {
            break;
        }
    }
    let people = People::of(notices.iter().filter_map(|notice| notice.by.clone()))?;
    let rows: Vec<Value> = notices
        .iter()
        .map(|notice| room_json::notice(notice, &view.conversation, notice_name(notice, &people)))
        .collect();
    Ok(Some(json!({
        "pageCount": total.div_ceil(page.size), "pageData": rows, "pageIndex": page.index, "pageSize": page.size,
        "start": page.start(), "total": total,
    })))
}

/// Ends what is kept of a room's jid; clients that hear of its end still find it for a day.
pub fn forget(conversation: &Conversation) -> Result<(), Failure> {
    const DAY: u32 = 86_400;
    let Some(entry) = kv::get(&room_key(&conversation.id))? else {
        return Ok(());
    };
    let jid = String::from_utf8_lossy(&entry.value).into_owned();
    kv::set(&room_key(&conversation.id), &entry.value, Some(DAY))?;
    kv::set(&jid_key(&jid), conversation.id.as_bytes(), Some(DAY))?;
    Ok(())
}
