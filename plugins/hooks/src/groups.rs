//! Groups by the ids the tenant gives them: `gid:<id>` in the plugin's store names the conversation.

use crate::answer::{Failure, Outcome};
use serde_json::json;
use switchboard_plugin::host::conversations;
use switchboard_plugin::host::conversations_write::{self, NewConversation};
use switchboard_plugin::host::types::{Conversation, ConversationKind};
use switchboard_plugin::kv;

fn key(gid: &str) -> String {
    format!("gid:{gid}")
}

/// The conversation of a group, if it is there.
pub fn find(gid: &str) -> Outcome<Option<Conversation>> {
    let Some(entry) = kv::get(&key(gid))? else {
        return Ok(None);
    };
    Ok(conversations::get(&String::from_utf8_lossy(&entry.value))?)
}

/// Brings a user into groups, and makes those that are not there.
pub fn enter(uid: &str, gids: &[String]) -> Outcome<()> {
    for gid in gids {
        match find(gid)? {
            Some(group) => drop(conversations_write::add_members(None, &group.id, &[uid.to_owned()])?),
            None => found(uid, gid)?,
        }
    }
    Ok(())
}

fn found(uid: &str, gid: &str) -> Outcome<()> {
    let version = kv::get(&key(gid))?.map_or(0, |entry| entry.version);
    let new = NewConversation {
        kind: ConversationKind::Group,
        members: vec![uid.to_owned()],
        name: gid.to_owned(),
        cover: String::new(),
        ext: Some(json!({ "gid": gid }).to_string()),
    };
    let made = conversations_write::create(None, &new)?.conversation;
    if kv::compare_and_set(&key(gid), version, made.id.as_bytes(), None)? {
        return Ok(());
    }
    // Somebody else was faster: one group is enough.
    conversations_write::dissolve(None, &made.id)?;
    let group = find(gid)?.ok_or_else(Failure::busy)?;
    conversations_write::add_members(None, &group.id, &[uid.to_owned()])?;
    Ok(())
}

/// Takes a user out of groups.
pub fn leave(uid: &str, gids: &[String]) -> Outcome<()> {
    for gid in gids {
        if let Some(group) = find(gid)? {
            conversations_write::remove_members(None, &group.id, &[uid.to_owned()])?;
        }
    }
    Ok(())
}
