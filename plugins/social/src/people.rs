//! Users as the host knows them; one it does not know has an id and no name.

use std::collections::HashMap;

use serde_json::Value;
use switchboard_plugin::host::types::{Role, User};
use switchboard_plugin::host::{conversations, users};

use crate::answer::{Done, Fault};
use crate::frames::Card;

/// Members that a frame lists; a larger group tells the rest by number.
const LISTED: u32 = 500;

/// Members in one question to the host.
const MEMBERS: u32 = 1_000;

/// Users in one question to the host.
const AT_ONCE: usize = 1_000;

/// A user's card.
pub fn card_of(user: User) -> Card {
    Card {
        uid: user.uid,
        nickname: user.nickname,
        head: user.avatar,
    }
}

/// One user.
pub fn card(uid: &str) -> Card {
    match users::get(uid) {
        Ok(Some(user)) => card_of(user),
        _ => nobody(uid),
    }
}

/// Several users, in this order.
pub fn cards(uids: &[String]) -> Vec<Card> {
    let mut known: HashMap<String, Card> = HashMap::new();
    for part in uids.chunks(AT_ONCE) {
        let found = users::get_many(part).unwrap_or_default();
        known.extend(found.into_iter().map(|user| (user.uid.clone(), card_of(user))));
    }
    uids.iter()
        .map(|uid| known.get(uid).cloned().unwrap_or_else(|| nobody(uid)))
        .collect()
}

/// Who did something; the app itself has no id.
pub fn actor(uid: Option<&str>) -> Card {
    uid.map(card).unwrap_or_default()
}

/// That all of these exist.
pub fn known(uids: &[String]) -> Done<()> {
    for part in uids.chunks(AT_ONCE) {
        let found = users::get_many(part)?;
        if let Some(unknown) = part.iter().find(|uid| !found.iter().any(|user| user.uid == **uid)) {
            return Err(Fault::bad(format!("no such user: {unknown}")));
        }
    }
    Ok(())
}

/// Whether a user is in a group. Only users themselves can ask how they see it.
pub fn is_member(group: &str, uid: &str) -> Done<bool> {
    let mut after: Option<String> = None;
    // They come in order of uid.
    loop {
        let page = conversations::members(group, after.as_deref(), MEMBERS)?;
        if page.iter().any(|member| member.uid == uid) {
            return Ok(true);
        }
        match page.into_iter().next_back() {
            Some(last) if last.uid.as_str() < uid => after = Some(last.uid),
            _ => return Ok(false),
        }
    }
}

/// Members of a group as they are listed.
pub fn member_list(group: &str) -> Vec<Value> {
    let members = conversations::members(group, None, LISTED).unwrap_or_default();
    let uids: Vec<String> = members.iter().map(|member| member.uid.clone()).collect();
    let listed = members.iter().zip(cards(&uids)).map(|(member, card)| {
        let mut listed = card.full();
        listed["role"] = rank(member.role).into();
        listed
    });
    listed.collect()
}

const fn rank(role: Role) -> &'static str {
    match role {
        Role::Owner => "owner",
        Role::Admin => "admin",
        Role::Member => "member",
    }
}

fn nobody(uid: &str) -> Card {
    Card {
        uid: uid.to_owned(),
        ..Card::default()
    }
}
