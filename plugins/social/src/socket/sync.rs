//! What a user has missed: counts of what is not read, then what was kept or stored meanwhile.

use serde_json::{Value, json};
use switchboard_plugin::host::conversations::{self, Listing};
use switchboard_plugin::host::messages::{self, PageRequest, Place};
use switchboard_plugin::host::types::{Context, Message, View};
use switchboard_plugin::warn;

use super::seen;
use crate::content::words;
use crate::frames::{self, Stamp};
use crate::groups::tell;
use crate::pending;
use crate::people::cards;
use crate::system::{self, Change};

/// Conversations that are listed: the newest.
const LISTED: u32 = 100;

/// Messages of a group that are looked through.
const PAGE: u32 = 100;

/// System messages that are told again: the newest.
const TOLD: usize = 60;

/// The frames of a new connection.
pub fn frames(ctx: &Context, uid: &str, device: Option<&str>) -> Vec<String> {
    let views = unread(uid);
    let since = seen::last(uid, device);
    let mut missed = Vec::new();
    let mut groups = Vec::new();
    for view in views.iter().filter(|view| view.peer.is_none()) {
        let page = newest(uid, view);
        if let Some(entry) = group_entry(view, &page) {
            groups.push(entry);
        }
        let news = page
            .into_iter()
            .filter(|message| message.kind == "system" && message.created_at >= since);
        missed.extend(
            after_joining(news.collect(), uid)
                .into_iter()
                .map(|message| (message, view)),
        );
    }
    let data = system::sync(uid, friends(&views), groups);
    let stamp = Stamp::made(ctx.now, &format!("19/{}", ctx.call_id));
    let mut frames = vec![frames::system(&data, &stamp, Some(uid), None)];
    frames.extend(pending::take(uid));
    missed.sort_by_key(|(message, _)| std::cmp::Reverse(frames::id_number(&message.id)));
    missed.truncate(TOLD);
    let told = missed.iter().rev().filter_map(|(message, view)| {
        let change = Change::of_body(&message.body)?;
        Some(tell(change, &view.conversation, &Stamp::of(message)))
    });
    frames.extend(told);
    frames
}

fn unread(uid: &str) -> Vec<View> {
    let listing = Listing {
        viewer: uid.to_owned(),
        skip: 0,
        limit: LISTED,
        keyword: None,
        kinds: Vec::new(),
        unread_only: true,
    };
    match conversations::list_of(&listing) {
        Ok(page) => page.views,
        Err(error) => {
            warn!("nothing is synchronised: {}", String::from(error));
            Vec::new()
        }
    }
}

fn friends(views: &[View]) -> Vec<Value> {
    let (peers, views): (Vec<String>, Vec<&View>) =
        views.iter().filter_map(|view| Some((view.peer.clone()?, view))).unzip();
    let entries = cards(&peers).into_iter().zip(views).map(|(card, view)| {
        let mut entry = card.full();
        entry["count"] = view.unread.into();
        entry["last_message"] = last_words(view.last_message.as_ref()).into();
        entry
    });
    entries.collect()
}

/// Messages of a group that its member has not read, newest first.
fn newest(uid: &str, view: &View) -> Vec<Message> {
    let request = PageRequest {
        conversation_id: view.conversation.id.clone(),
        viewer: Some(uid.to_owned()),
        place: Place::End,
        limit: PAGE,
        since: None,
        until: None,
    };
    let page = messages::page(&request).map(|page| page.messages).unwrap_or_default();
    page.into_iter().filter(|message| message.seq > view.read_seq).collect()
}

/// What to say of a group: system messages are told by themselves and do not count. None if nothing else is unread.
fn group_entry(view: &View, page: &[Message]) -> Option<Value> {
    let system = page.iter().filter(|message| message.kind == "system").count() as u64;
    let count = view.unread.saturating_sub(system);
    if count == 0 {
        return None;
    }
    let last = page
        .iter()
        .find(|message| message.kind != "system")
        .or(view.last_message.as_ref());
    let group = &view.conversation;
    Some(json!({
        "group_id": group.id, "group_name": group.name, "cover": group.cover, "count": count,
        "last_message": last_words(last),
    }))
}

fn last_words(message: Option<&Message>) -> String {
    message.map_or_else(String::new, |message| {
        words(&message.kind, &message.body, message.recalled_at.is_some())
    })
}

/// Of system messages, newest first, those from the user's own coming on.
fn after_joining(mut messages: Vec<Message>, uid: &str) -> Vec<Message> {
    let came = messages
        .iter()
        .position(|message| match Change::of_body(&message.body) {
            Some(Change::Joined { user }) => user == uid,
            Some(Change::Invited { users, .. }) => users.iter().any(|user| user == uid),
            _ => false,
        });
    messages.truncate(came.map_or(messages.len(), |at| at + 1));
    messages
}
