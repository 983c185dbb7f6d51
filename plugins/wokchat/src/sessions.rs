//! Sessions: a conversation, as the protocol lists it and opens it.

use serde::Serialize;
use serde_json::Value;
use switchboard_plugin::host::conversations::{self, Listing, Seat};
use switchboard_plugin::host::conversations_write::{self, NewConversation, PreferencesPatch};
use switchboard_plugin::host::messages;
use switchboard_plugin::host::types::{Conversation, ConversationKind, View};

use crate::call::Call;
use crate::clock::Clock;
use crate::fault::{Fault, NO_SESSION, refused};
use crate::params::Params;
use crate::people::{Person, number};
use crate::recorded::{Line, People, Sides, uids_of};
use crate::rows::Page;

/// How many sessions a list has if nothing is said, and at most.
const SESSIONS: (u32, u32) = (20, 200);
/// Sessions of every kind are listed.
const KINDS: [ConversationKind; 4] = [
    ConversationKind::Direct,
    ConversationKind::Temporary,
    ConversationKind::Group,
    ConversationKind::Chatroom,
];
/// How many sessions with news are counted.
const COUNTED: u32 = 1_000;

/// A session, as answers carry it.
#[derive(Debug, Clone, Serialize)]
pub struct Session {
    id: Value,
    app_id: Value,
    is_room: u8,
    create_time: String,
    update_time: String,
}

/// What a session is, whoever sees it.
pub struct Place {
    pub id: String,
    pub kind: ConversationKind,
    pub created_at: u64,
}

impl Place {
    pub fn of(conversation: &Conversation) -> Self {
        Self {
            id: conversation.id.clone(),
            kind: conversation.kind,
            created_at: conversation.created_at,
        }
    }

    pub fn of_seat(id: &str, seat: &Seat) -> Self {
        Self {
            id: id.to_owned(),
            kind: seat.kind,
            created_at: seat.created_at,
        }
    }
}

impl Session {
    /// A conversation, whose last sign of life was at `updated`.
    pub fn of(conversation: &Place, updated: u64, call: &Call<'_>) -> Self {
        let clock = call.clock();
        Self {
            id: number(&conversation.id),
            app_id: number(&call.ctx.app_id),
            is_room: is_room(conversation.kind),
            create_time: clock.full(conversation.created_at),
            update_time: clock.full(updated),
        }
    }

    /// As a member sees it.
    pub fn seen(view: &View, call: &Call<'_>) -> Self {
        Self::of(&Place::of(&view.conversation), updated(view), call)
    }
}

/// A session, as a notice of something new names it.
#[derive(Debug, Serialize)]
pub struct Named {
    id: Value,
    is_room: u8,
}

impl Named {
    /// A conversation.
    pub fn of(id: &str, kind: ConversationKind) -> Self {
        Self {
            id: number(id),
            is_room: is_room(kind),
        }
    }
}

/// Whether a conversation is a room: anything but one of two.
pub fn is_room(kind: ConversationKind) -> u8 {
    u8::from(kind != ConversationKind::Direct)
}

fn updated(view: &View) -> u64 {
    let last = view.last_message.as_ref().map(|message| message.created_at);
    last.unwrap_or(view.conversation.created_at)
}

/// The other side of a session: a user or the room itself.
pub fn that(view: &View, people: &People) -> Person {
    match &view.peer {
        Some(peer) => people.get(peer),
        None => room(&view.conversation),
    }
}

fn room(conversation: &Conversation) -> Person {
    let Conversation {
        id,
        name,
        cover,
        owner,
        ext,
        ..
    } = conversation;
    Person::room(id, name, cover, owner.as_deref(), ext)
}

#[derive(Serialize)]
struct Item {
    id: Value,
    is_room: u8,
    update_time: String,
    time: String,
    that: Person,
    last_msg: Line,
    new_msg_count: u64,
}

impl Item {
    fn of(view: &View, uid: &str, people: &People, clock: Clock) -> Self {
        let updated = updated(view);
        let sides = Sides {
            viewer: uid,
            peer: view.peer.as_deref(),
        };
        Self {
            id: number(&view.conversation.id),
            is_room: is_room(view.conversation.kind),
            update_time: clock.full(updated),
            time: clock.short(updated),
            that: that(view, people),
            last_msg: match &view.last_message {
                Some(message) => Line::of(message, sides, people, clock),
                None => Line::none(updated, clock),
            },
            new_msg_count: view.unread,
        }
    }
}

/// `getSessionList`: by rank, then newest first.
pub fn list(call: &Call<'_>, params: &Params) -> Result<Page, Fault> {
    let page = conversations::list_of(&Listing {
        viewer: call.uid.clone(),
        skip: u32::try_from(params.whole_or("skip", 0)?).unwrap_or(u32::MAX),
        limit: params.page_size(SESSIONS.0, SESSIONS.1)?,
        keyword: params.text("kwd")?,
        kinds: KINDS.to_vec(),
        unread_only: false,
    })
    .map_err(|error| refused(error, NO_SESSION))?;
    let mut uids = uids_of(page.views.iter().filter_map(|view| view.last_message.as_ref()));
    uids.splice(0..0, page.views.iter().filter_map(|view| view.peer.clone()));
    let people = call.people(uids)?;
    let clock = call.clock();
    let items = page.views.iter().map(|view| Item::of(view, &call.uid, &people, clock));
    Ok(Page::of(items, page.has_more).0)
}

/// How many messages are new.
#[derive(Debug, Serialize)]
pub struct Count {
    count: u64,
}

/// `getNewMessageCount`: of one session, or of all.
pub fn count(call: &Call<'_>, params: &Params) -> Result<Count, Fault> {
    let from = params.whole_or("from_msg_id", 0)?;
    if params.text("session_id")?.is_some() {
        let view = call.view(&params.id("session_id")?)?;
        let count = match from {
            0 => view.unread,
            from => since(&view, from)?,
        };
        return Ok(Count { count });
    }
    let page = conversations::list_of(&Listing {
        viewer: call.uid.clone(),
        skip: 0,
        limit: COUNTED,
        keyword: None,
        kinds: KINDS.to_vec(),
        unread_only: true,
    })
    .map_err(|error| refused(error, NO_SESSION))?;
    Ok(Count {
        count: page.views.iter().map(|view| view.unread).sum(),
    })
}

/// How many messages came after this one, whoever sent them.
fn since(view: &View, id: u64) -> Result<u64, Fault> {
    let message = messages::get(&id.to_string()).map_err(|error| refused(error, NO_SESSION))?;
    let known = message.filter(|message| message.conversation_id == view.conversation.id);
    Ok(known.map_or(view.unread, |message| {
        view.conversation.last_seq.saturating_sub(message.seq)
    }))
}

/// What it takes to talk.
#[derive(Debug, Serialize)]
pub struct Connected {
    session_id: Value,
    session: Session,
    to_user: Person,
}

/// `connect_to_user`: the session with another user, which a first contact makes.
pub fn connect_to_user(call: &Call<'_>, params: &Params) -> Result<Connected, Fault> {
    let to = params.uid("to_uid")?;
    let conversation = with(call, &to)?;
    let people = call.people(vec![to.clone()])?;
    Ok(Connected {
        session_id: number(&conversation.id),
        session: Session::of(
            &Place::of(&conversation),
            conversation.updated_at.unwrap_or(conversation.created_at),
            call,
        ),
        to_user: people.get(&to),
    })
}

/// The direct conversation with a user who exists.
pub fn with(call: &Call<'_>, to: &str) -> Result<Conversation, Fault> {
    if to == call.uid {
        return Err(Fault::new("不能给自己发送消息"));
    }
    call.user(to, "接收用户不存在")?;
    let known = conversations::direct(&call.uid, to).map_err(|error| refused(error, NO_SESSION))?;
    if let Some(known) = known {
        return Ok(known);
    }
    let new = NewConversation {
        kind: ConversationKind::Direct,
        members: vec![to.to_owned()],
        name: String::new(),
        cover: String::new(),
        ext: None,
    };
    let created = conversations_write::create(Some(&call.uid), &new);
    Ok(created.map_err(|error| refused(error, "接收用户不存在"))?.conversation)
}

/// `connect_to_session`: a session that is there.
pub fn connect_to_session(call: &Call<'_>, params: &Params) -> Result<Connected, Fault> {
    let view = call.view(&params.id("session_id")?)?;
    let people = call.people(view.peer.iter().cloned().collect())?;
    Ok(Connected {
        session_id: number(&view.conversation.id),
        session: Session::seen(&view, call),
        to_user: that(&view, &people),
    })
}

/// `set_session_rank`: higher ones are listed first, for this user only.
pub fn set_rank(call: &Call<'_>, params: &Params) -> Result<(), Fault> {
    let session = params.id("session_id")?;
    let rank = i32::try_from(params.whole("rank")?).map_err(|_| Fault::new("rank过大"))?;
    call.view(&session)?;
    let patch = PreferencesPatch {
        pinned: None,
        rank: Some(rank),
        do_not_disturb: None,
    };
    conversations_write::prefer(&call.uid, &session, patch).map_err(|error| refused(error, NO_SESSION))?;
    Ok(())
}
