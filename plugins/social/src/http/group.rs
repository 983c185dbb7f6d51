//! Groups. What a group is told of its changes comes from `encode`.

use serde_json::{Value, json};
use switchboard_plugin::host::conversations;
use switchboard_plugin::host::conversations_write::{self as write, NewConversation, Patch};
use switchboard_plugin::host::types::{Conversation, ConversationKind, Role, View};
use switchboard_plugin::warn;

use super::{Call, nothing};
use crate::answer::{Done, FAILED, Fault};
use crate::groups::{is_group, keep_inviter, keep_new};
use crate::params::text_of;
use crate::pending;
use crate::people::{is_member, known, member_list};
use crate::system::group_info;

/// The longest announcement, in characters.
const NOTICE: usize = 300;

/// Makes a group of the caller's, with these members. It is open: every member may bring users in.
pub fn create(call: &Call<'_>) -> Done<Value> {
    let uid = call.caller()?;
    let name = call.params.need("group_name")?;
    let mut members = call.params.users("app_user_ids")?;
    members.retain(|member| *member != uid);
    known(&members)?;
    let new = NewConversation {
        kind: ConversationKind::Group,
        members,
        name,
        cover: call.params.words("cover")?.unwrap_or_default(),
        ext: None,
    };
    let made = write::create(Some(&uid), &new)?.conversation;
    let group = if made.members_invite { made } else { opened(made) };
    Ok(group_info(&group))
}

/// By the app itself, so that nobody is told of it as an edit.
fn opened(made: Conversation) -> Conversation {
    let patch = Patch {
        members_invite: Some(true),
        ..unchanged()
    };
    keep_new(&made);
    write::update(None, &made.id, &patch).unwrap_or_else(|error| {
        warn!("group {} stays closed: {}", made.id, String::from(error));
        made
    })
}

/// Changes what is given, and nothing if something given is wrong.
pub fn edit(call: &Call<'_>) -> Done<Value> {
    let uid = call.caller()?;
    let view = group_of(call, &uid)?;
    let id = &view.conversation.id;
    let params = &call.params;
    let patch = Patch {
        name: params.words("group_name")?,
        cover: params.words("cover")?,
        ext: None,
        merge: None,
        muted: params.flag("banned_to_post")?,
        members_invite: params.flag("invite_mode")?.map(|closed| !closed),
    };
    let notice = params.words("notice")?;
    if notice.as_ref().is_some_and(|notice| notice.chars().count() > NOTICE) {
        return Err(Fault::bad(format!("notice has at most {NOTICE} characters")));
    }
    let owner = params
        .text("app_user_id")
        .filter(|owner| view.conversation.owner.as_ref() != Some(owner));
    if let Some(owner) = &owner {
        if view.role != Some(Role::Owner) {
            return Err(Fault::new(FAILED, "only the owner may hand a group over"));
        }
        if !is_member(id, owner)? {
            return Err(Fault::new(FAILED, "app_user_id is not in the group"));
        }
    }
    if patch != unchanged() {
        write::update(Some(&uid), id, &patch)?;
    }
    if let Some(notice) = notice {
        write::announce(Some(&uid), id, &notice)?;
    }
    if let Some(owner) = owner {
        write::set_role(Some(&uid), id, &owner, Role::Owner)?;
        // This protocol knows no admins: who was the owner is a member like all others.
        if let Err(error) = write::set_role(None, id, &uid, Role::Member) {
            warn!("{uid} stays an admin of group {id}: {}", String::from(error));
        }
    }
    info(call)
}

/// Brings users in.
pub fn invite(call: &Call<'_>) -> Done<Value> {
    let uid = call.caller()?;
    let id = group_of(call, &uid)?.conversation.id;
    let users = some_users(call)?;
    known(&users)?;
    let added = write::add_members(Some(&uid), &id, &users)?;
    Ok(json!({ "group_id": id, "app_user_ids": added }))
}

/// Comes into an open group, perhaps on someone's invitation. Who is in it already stays in it.
pub fn join(call: &Call<'_>) -> Done<Value> {
    let uid = call.caller()?;
    let id = group_id(call)?;
    let group = conversations::get(&id)?
        .filter(|group| is_group(group.kind))
        .ok_or_else(no_group)?;
    let answer = json!({ "group_id": id });
    if conversations::seen_by(&id, &uid)?.is_some_and(|view| view.role.is_some()) {
        return Ok(answer);
    }
    let inviter = call.params.0.get("inviter");
    if let Some(inviter) = inviter.and_then(|inviter| text_of(inviter.get("app_user_id").unwrap_or(inviter))) {
        if !is_member(&id, &inviter)? {
            return Err(Fault::bad("inviter is not in the group"));
        }
        keep_inviter(&id, &uid, &inviter);
    }
    match group.kind {
        ConversationKind::Chatroom => write::join(&uid, &id)?,
        _ if group.members_invite => {
            write::add_members(None, &id, std::slice::from_ref(&uid))?;
            if let Err(error) = pending::keep_joining(call.ctx.now, &group, &uid) {
                warn!("a joining of group {id} is not kept: {}", String::from(error));
            }
        }
        _ => {
            return Err(Fault::new(
                FAILED,
                "this group is in invite mode: only its owner brings users in",
            ));
        }
    }
    Ok(answer)
}

/// Puts members out.
pub fn remove(call: &Call<'_>) -> Done<Value> {
    let uid = call.caller()?;
    let id = group_of(call, &uid)?.conversation.id;
    let users = some_users(call)?;
    if users.contains(&uid) {
        return Err(Fault::bad("who goes sends leaveGroup"));
    }
    let removed = write::remove_members(Some(&uid), &id, &users)?;
    Ok(json!({ "group_id": id, "app_user_ids": removed }))
}

/// Ends a group.
pub fn dissolve(call: &Call<'_>) -> Done<Value> {
    let uid = call.caller()?;
    let group = group_of(call, &uid)?.conversation;
    // Afterwards nobody can tell who was in it.
    let members = conversations::members(&group.id, None, 1_000)?;
    write::dissolve(Some(&uid), &group.id)?;
    if let Err(error) = pending::keep_end_for(call.ctx.now, &group, &members) {
        warn!("the end of group {} is not kept: {}", group.id, String::from(error));
    }
    Ok(nothing())
}

/// A group's details, for its members.
pub fn info(call: &Call<'_>) -> Done<Value> {
    let uid = call.caller()?;
    Ok(group_info(&group_of(call, &uid)?.conversation))
}

/// A group's members, for its members.
pub fn members(call: &Call<'_>) -> Done<Value> {
    let uid = call.caller()?;
    let id = group_of(call, &uid)?.conversation.id;
    Ok(json!({ "group_id": id, "member_list": member_list(&id) }))
}

/// The group the request is about, as the caller sees it.
fn group_of(call: &Call<'_>, uid: &str) -> Done<View> {
    let view = conversations::seen_by(&group_id(call)?, uid)?;
    view.filter(|view| view.role.is_some() && is_group(view.conversation.kind))
        .ok_or_else(no_group)
}

fn group_id(call: &Call<'_>) -> Done<String> {
    call.params.need("group_id")
}

fn no_group() -> Fault {
    Fault::bad("no such group")
}

fn some_users(call: &Call<'_>) -> Done<Vec<String>> {
    let mut users = call.params.users("app_user_ids")?;
    if let Some(user) = call.params.text("app_user_id") {
        users.push(user);
    }
    if users.is_empty() {
        return Err(Fault::bad("app_user_ids is missing"));
    }
    Ok(users)
}

const fn unchanged() -> Patch {
    Patch {
        name: None,
        cover: None,
        ext: None,
        merge: None,
        muted: None,
        members_invite: None,
    }
}
