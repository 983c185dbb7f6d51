//! Who is in a room: listed, brought in, put out, handed the room, and what each has chosen for itself.

use serde_json::Value;
use switchboard_plugin::host::conversations;
use switchboard_plugin::host::conversations_write::{self, PreferencesPatch};
use switchboard_plugin::host::types::{Error, Member, Preferences, Role, View};

use crate::caller;
use crate::envelope::{Failure, Outcome};
use crate::params::{Params, wrong};
use crate::people::{self, People};
use crate::room_json::{Ext, Seat, rank};
use crate::rooms;

/// Members in one look, and in one answer.
const LOOK: u32 = 1_000;
const MOST: usize = 2_000;

/// The members of a room, the owner first, then by rank and by when they came.
pub fn all(conversation: &str) -> Result<Vec<Member>, Failure> {
    let mut members: Vec<Member> = Vec::new();
    while members.len() < MOST {
        let after = members.last().map(|member| member.uid.clone());
        let some = conversations::members(conversation, after.as_deref(), LOOK)?;
        let full = some.len() == LOOK as usize;
        members.extend(some);
        if !full {
            break;
        }
    }
    members.sort_by_key(|member| (rank(member.role), member.joined_at));
    Ok(members)
}

/// A member as printed.
pub fn seat(member: &Member, people: &People, preferences: Option<&Preferences>) -> Value {
    let seat = Seat {
        uid: &member.uid,
        name: people.name(&member.uid),
        role: member.role,
        joined_at: member.joined_at,
        preferences,
        hiding: -1,
    };
    seat.json()
}

/// All members as printed; only its own choices are told to the viewer.
pub fn json(members: &[Member], viewer: &str, people: &People, view: &View) -> Value {
    let own = |member: &Member| (member.uid == viewer).then_some(&view.preferences);
    members.iter().map(|member| seat(member, people, own(member))).collect()
}

/// `/room/member/list`
pub fn list(uid: &str, params: &Params) -> Outcome {
    let view = rooms::asked(uid, params)?;
    let members = all(&view.conversation.id)?;
    let people = People::of(members.iter().map(|member| member.uid.as_str()))?;
    Ok(Some(json(&members, uid, &people, &view)))
}

/// The member that a parameter names.
fn named(params: &Params, name: &str, view: &View) -> Result<String, Failure> {
    let near = || {
        Ok(all(&view.conversation.id)?
            .into_iter()
            .map(|member| member.uid)
            .collect())
    };
    people::uid_of(params.need(name)?, near)?.ok_or_else(|| Failure::unknown("群成员"))
}

/// `/room/transfer`
pub fn transfer(uid: &str, params: &Params) -> Outcome {
    let view = rooms::asked(uid, params)?;
    let heir = named(params, "toUserId", &view)?;
    conversations_write::set_role(Some(uid), &view.conversation.id, &heir, Role::Owner)?;
    Ok(None)
}

/// `/room/member/setOfflineNoPushMsg`: 0 do not disturb, 1 pin.
pub fn set_offline_no_push(uid: &str, params: &Params) -> Outcome {
    let view = rooms::asked(uid, params)?;
    caller::is_meant(uid, params, "userId")?;
    params.need("offlineNoPushMsg")?;
    let on = match params.number("offlineNoPushMsg")? {
        Some(0) => false,
        Some(1) => true,
        _ => return Err(wrong("offlineNoPushMsg")),
    };
    let patch = match params.number("type")?.unwrap_or(0) {
        0 => PreferencesPatch {
            pinned: None,
            rank: None,
            do_not_disturb: Some(on),
        },
        1 => PreferencesPatch {
            pinned: Some(on),
            rank: None,
            do_not_disturb: None,
        },
        _ => return Err(wrong("type")),
    };
    conversations_write::prefer(uid, &view.conversation.id, patch)?;
    Ok(None)
}

/// `/room/member/delete`: the owner who goes ends the room, a member who goes leaves it, anyone else is put out.
pub fn delete(uid: &str, params: &Params) -> Outcome {
    let view = rooms::asked(uid, params)?;
    let id = &view.conversation.id;
    let gone = named(params, "userId", &view)?;
    if gone != uid {
        if conversations_write::remove_members(Some(uid), id, &[gone])?.is_empty() {
            return Err(Failure::unknown("群成员"));
        }
    } else if view.role == Some(Role::Owner) {
        conversations_write::dissolve(Some(uid), id)?;
        rooms::forget(&view.conversation)?;
    } else {
        conversations_write::leave(uid, id)?;
    }
    Ok(None)
}

/// `/room/member/update`: brings in the users of these phones. In a room of this protocol every member may.
pub fn update(uid: &str, params: &Params) -> Outcome {
    let view = rooms::asked(uid, params)?;
    params.need("phones")?;
    let uids = people::by_phones(&params.list("phones")?)?;
    if uids.is_empty() {
        return Err(wrong("phones"));
    }
    let id = &view.conversation.id;
    match conversations_write::add_members(Some(uid), id, &uids) {
        Err(Error::Refused(refusal)) if refusal.code == "not_permitted" && Ext::of(&view.conversation).ours => {
            conversations_write::add_members(None, id, &uids)?;
        }
        outcome => drop(outcome?),
    }
    Ok(None)
}
