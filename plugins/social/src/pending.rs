//! Frames for users who were not there when it happened: kept until they come, each once, for a month at most.

use serde_json::{Value, json};
use switchboard_plugin::host::types::{Conversation, Error, Member};
use switchboard_plugin::host::{connections, conversations};
use switchboard_plugin::prelude::{Event, Membership};
use switchboard_plugin::{kv, warn};

use crate::frames::{self, Stamp};
use crate::groups::{are_stored, is_group, looks_new, tell};
use crate::system::{self, Change};

/// The name under which a frame is pushed to who came a moment too late.
const KEPT_NAME: &str = "kept";

/// How long a frame waits, in seconds.
const KEPT: u32 = 30 * 24 * 60 * 60;

/// Frames that are handed over at once; what is more waits for the next time.
const AT_ONCE: u32 = 100;

/// Users for whom one event is kept: each costs two questions to the host.
const USERS: usize = 400;

/// Keeps a frame for a user. A later one of the same name takes its place.
pub fn keep(uid: &str, name: &str, frame: &str) -> Result<(), Error> {
    kv::set(&format!("{}{name}", prefix(uid)), frame.as_bytes(), Some(KEPT))
}

/// Keeps a frame for those of these users who were not there when that happened which the call is about. Who has come
/// since gets it at once.
pub fn keep_for_absent<'a>(uids: impl Iterator<Item = &'a str>, name: &str, frame: &str) -> Result<(), Error> {
    for (at, uid) in uids.enumerate() {
        if at == USERS {
            warn!("{name}: kept for the first {USERS} users only");
            break;
        }
        if connections::was_told(uid)? {
            continue;
        }
        // Kept first: who comes after the question finds it.
        keep(uid, name, frame)?;
        if connections::online(uid)? {
            hand_over(uid)?;
        }
    }
    Ok(())
}

/// Brings what waits for a user to the connections that are there.
fn hand_over(uid: &str) -> Result<(), Error> {
    for frame in take(uid) {
        connections::push(uid, KEPT_NAME, &json!({ "frame": frame }).to_string())?;
    }
    Ok(())
}

/// The frame in what was pushed by [`keep_for_absent`].
pub fn handed_over(name: &str, data: &str) -> Option<String> {
    let data: Value = serde_json::from_str(data).ok()?;
    (name == KEPT_NAME).then(|| data["frame"].as_str().map(str::to_owned))?
}

/// What waits for a user; it waits no longer.
pub fn take(uid: &str) -> Vec<String> {
    let keys = kv::scan(&prefix(uid), None, AT_ONCE).unwrap_or_default();
    let mut frames = Vec::new();
    for key in keys {
        let Ok(Some(entry)) = kv::get(&key) else { continue };
        if kv::delete(&key).is_ok()
            && let Ok(frame) = String::from_utf8(entry.value)
        {
            frames.push(frame);
        }
    }
    frames
}

/// Keeps what the absent cannot find otherwise: that they were put out, that a group is over, and, in an app that stores no
/// system messages, every other change of a group.
pub fn observe(now: u64, event: &Event) -> Result<(), String> {
    let kept = match event {
        Event::MembersLeft(left) if is_group(left.conversation.kind) => keep_removal(now, left),
        Event::ConversationDissolved(group) if is_group(group.kind) => keep_end(now, group),
        Event::ConversationUpdated(group) if is_group(group.kind) && !are_stored() && !looks_new(group) => {
            keep_change(now, group, "12", Change::now(group))
        }
        Event::MembersJoined(joined) if is_group(joined.conversation.kind) && !are_stored() => {
            let change = Change::joined(joined.uids.clone(), joined.by.clone());
            change.map_or(Ok(()), |change| keep_change(now, &joined.conversation, "16", change))
        }
        _ => Ok(()),
    };
    match kept {
        Err(error @ Error::Unavailable(_)) => Err(error.into()),
        Err(error) => {
            warn!("{}", String::from(error));
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// Of one kind of change the last is kept.
fn keep_change(now: u64, group: &Conversation, kind: &str, change: Change) -> Result<(), Error> {
    let members = conversations::members(&group.id, None, 1_000)?;
    let frame = tell(change, group, &Stamp::made(now, &format!("{kind}/{}", group.id)));
    let uids = members.iter().map(|member| member.uid.as_str());
    keep_for_absent(uids, &format!("{kind}-{}", group.id), &frame)
}

fn keep_removal(now: u64, left: &Membership) -> Result<(), Error> {
    let group = &left.conversation;
    // Who goes knows it.
    let put_out = left.uids.iter().filter(|uid| left.by.as_deref() != Some(uid.as_str()));
    if let Some(change) = Change::left(put_out.clone().cloned().collect(), left.by.clone()) {
        let frame = tell(change, group, &Stamp::made(now, &format!("14/{}", group.id)));
        keep_for_absent(put_out.map(String::as_str), &format!("14-{}", group.id), &frame)?;
    }
    if are_stored() {
        return Ok(());
    }
    let change = Change::left(left.uids.clone(), left.by.clone());
    change.map_or(Ok(()), |change| keep_change(now, group, "14", change))
}

fn keep_end(now: u64, group: &Conversation) -> Result<(), Error> {
    keep_end_for(now, group, &conversations::members(&group.id, None, 1_000)?)
}

/// Keeps that a group is over for those of its last members who are not there.
pub fn keep_end_for(now: u64, group: &Conversation, members: &[Member]) -> Result<(), Error> {
    let uids = members.iter().map(|member| member.uid.as_str());
    keep_for_absent(uids, &format!("13-{}", group.id), &end(group, now))
}

/// The same as [`observe`] for what this plugin does by itself, of which its observer does not hear.
pub fn keep_joining(now: u64, group: &Conversation, uid: &str) -> Result<(), Error> {
    if are_stored() {
        return Ok(());
    }
    keep_change(now, group, "16", Change::Joined { user: uid.to_owned() })
}

/// The frame of a group's end: of one id, whenever it is made.
pub fn end(group: &Conversation, time: u64) -> String {
    let stamp = Stamp {
        time,
        ..Stamp::made(group.created_at, &format!("13/{}", group.id))
    };
    frames::system(
        &system::dissolved(&group.id, &group.name),
        &stamp,
        None,
        Some(&group.id),
    )
}

/// A uid may contain anything: its length keeps one user's keys from being the beginning of another's.
fn prefix(uid: &str) -> String {
    format!("frame/{}/{uid}/", uid.len())
}
