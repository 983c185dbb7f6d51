//! Frames for users who were not there when it happened: kept until they come, each once, for a month at most.

use serde_json::{Value, json};
use switchboard_plugin::host::types::{Context, Conversation, Error, Member};
use switchboard_plugin::host::{connections, conversations};
use switchboard_plugin::prelude::{Event, Membership};
use switchboard_plugin::{kv, warn};

use crate::frames::{self, Stamp};
use crate::groups::{are_stored, is_group, looks_new, tell};
use crate::keeping::{self, News, Place};
use crate::system::{self, Change};

/// The name of the event by which a user's connections hear that something waits.
const WAITS: &str = "waits";

/// Keeps a frame for those of these users who were not there when that happened which the call is about; in a call that is
/// made once.
pub fn keep_for_absent<'a>(uids: impl Iterator<Item = &'a str>, name: &str, frame: String) -> Result<(), Error> {
    told(keeping::keep_once(&Live, &news(uids, name, frame))?)
}

fn news<'a>(uids: impl Iterator<Item = &'a str>, name: &str, frame: String) -> News {
    News {
        name: name.to_owned(),
        frame,
        uids: uids.map(str::to_owned).collect(),
    }
}

fn told(beyond: usize) -> Result<(), Error> {
    if beyond > 0 {
        warn!("nothing is kept for {beyond} users: they are too many");
    }
    Ok(())
}

/// Whose frames are to be taken, if that is what was pushed.
pub fn waiting(name: &str, data: &str) -> Option<String> {
    let data: Value = serde_json::from_str(data).ok()?;
    (name == WAITS).then(|| data["uid"].as_str().map(str::to_owned))?
}

/// What waits for a user; it waits no longer.
pub fn take(uid: &str) -> Vec<String> {
    keeping::take(&Live, uid)
}

/// Keeps what the absent cannot find otherwise: that they were put out, that a group is over, and, in an app that stores no
/// system messages, every other change of a group.
pub fn observe(ctx: &Context, event: &Event) -> Result<(), String> {
    let kept = heard(ctx.now, event).and_then(|news| told(keeping::keep_durably(&Live, &ctx.call_id, &news)?));
    match kept {
        Err(error) if error.passes() => Err(error.into()),
        Err(error) => {
            warn!("{}", String::from(error));
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

fn heard(now: u64, event: &Event) -> Result<Vec<News>, Error> {
    let of_change = |group: &Conversation, kind: &str, change: Option<Change>| {
        let news = change.map(|change| change_news(now, group, kind, change)).transpose()?;
        Ok(news.into_iter().collect())
    };
    match event {
        Event::MembersLeft(left) if is_group(left.conversation.kind) => removal(now, left),
        Event::ConversationDissolved(group) if is_group(group.kind) => Ok(vec![end_news(
            now,
            group,
            &conversations::members(&group.id, None, 1_000)?,
        )]),
        Event::ConversationUpdated(group) if is_group(group.kind) && !are_stored() && !looks_new(group) => {
            of_change(group, "12", Some(Change::now(group)))
        }
        Event::MembersJoined(joined) if is_group(joined.conversation.kind) && !are_stored() => {
            let change = Change::joined(joined.uids.clone(), joined.by.clone());
            of_change(&joined.conversation, "16", change)
        }
        _ => Ok(Vec::new()),
    }
}

/// Of one kind of change the last is kept.
fn change_news(now: u64, group: &Conversation, kind: &str, change: Change) -> Result<News, Error> {
    let members = conversations::members(&group.id, None, 1_000)?;
    let frame = tell(change, group, &Stamp::made(now, &format!("{kind}/{}", group.id)));
    let uids = members.iter().map(|member| member.uid.as_str());
    Ok(news(uids, &format!("{kind}-{}", group.id), frame))
}

fn removal(now: u64, left: &Membership) -> Result<Vec<News>, Error> {
    let group = &left.conversation;
    let mut all = Vec::new();
    // Who goes knows it.
    let put_out = left.uids.iter().filter(|uid| left.by.as_deref() != Some(uid.as_str()));
    if let Some(change) = Change::left(put_out.clone().cloned().collect(), left.by.clone()) {
        let frame = tell(change, group, &Stamp::made(now, &format!("14/{}", group.id)));
        all.push(news(put_out.map(String::as_str), &format!("14-{}", group.id), frame));
    }
    if !are_stored()
        && let Some(change) = Change::left(left.uids.clone(), left.by.clone())
    {
        all.push(change_news(now, group, "14", change)?);
    }
    Ok(all)
}

/// Keeps that a group is over for those of its last members who are not there; in a call that is made once.
pub fn keep_end_for(now: u64, group: &Conversation, members: &[Member]) -> Result<(), Error> {
    told(keeping::keep_once(&Live, &end_news(now, group, members))?)
}

fn end_news(now: u64, group: &Conversation, members: &[Member]) -> News {
    let uids = members.iter().map(|member| member.uid.as_str());
    news(uids, &format!("13-{}", group.id), end(group, now))
}

/// The same as [`observe`] for what this plugin does by itself, of which its observer does not hear.
pub fn keep_joining(now: u64, group: &Conversation, uid: &str) -> Result<(), Error> {
    if are_stored() {
        return Ok(());
    }
    let news = change_news(now, group, "16", Change::Joined { user: uid.to_owned() })?;
    told(keeping::keep_once(&Live, &news)?)
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

/// The server behind the trait: nothing decided here.
struct Live;

impl Place for Live {
    fn was_told(&self, uid: &str) -> Result<bool, Error> {
        connections::was_told(uid)
    }

    fn online(&self, uid: &str) -> Result<bool, Error> {
        connections::online(uid)
    }

    fn nudge(&self, uid: &str) -> Result<(), Error> {
        connections::push(uid, WAITS, &json!({ "uid": uid }).to_string())
    }

    fn read(&self, key: &str) -> Result<Option<kv::Entry>, Error> {
        kv::get(key)
    }

    fn write(&self, key: &str, value: &[u8], ttl: u32) -> Result<(), Error> {
        kv::set(key, value, Some(ttl))
    }

    fn replace(&self, key: &str, version: u64, value: &[u8], ttl: u32) -> Result<bool, Error> {
        kv::compare_and_set(key, version, value, Some(ttl))
    }

    fn keys(&self, prefix: &str, after: Option<&str>, limit: u32) -> Result<Vec<String>, Error> {
        kv::scan(prefix, after, limit)
    }
}
