//! Reading stored messages: windows of a history, and single messages by the names they have on the wire.

use switchboard_plugin::host::conversations::{self, Listing};
use switchboard_plugin::host::messages::{self, PageRequest, Place};
use switchboard_plugin::host::types::{Conversation, ConversationKind, Message};

use crate::envelope::Failure;
use crate::ids;

/// Messages in one look.
const LOOK: u32 = 100;
/// Looks for one answer.
const LOOKS: usize = 40;
/// How much of a history is walked so that what was taken back leaves no gap in the pages.
const WALK: u32 = 2_000;
/// Bytes of bodies in one answer; each stands in it twice.
const BYTES: usize = 250_000;
/// What an entry takes beside its body.
const ENTRY_BYTES: usize = 400;
/// Conversations in which a message without a conversation is looked for.
const SEARCHED: u32 = 200;

/// Which part of a history is asked for, newest first.
pub struct Window<'a> {
    /// Where.
    pub conversation: &'a str,
    /// Whose view: what it has deleted for itself is left out.
    pub viewer: &'a str,
    /// Not before, in milliseconds.
    pub since: Option<u64>,
    /// Not after.
    pub until: Option<u64>,
    /// How many newer ones are left out.
    pub skip: u32,
    /// How many at most.
    pub take: u32,
}

/// The messages of a window, newest first, without those that were taken back. A page that would grow too large ends
/// early.
pub fn window(window: &Window<'_>) -> Result<Vec<Message>, Failure> {
    // Far back, gaps are cheaper than the walk.
    let (mut skip, mut place) = match window.skip {
        near @ 0..=WALK => (near, Place::End),
        far => (0, Place::Skip(far)),
    };
    let (mut found, mut bytes) = (Vec::new(), 0);
    for _ in 0..LOOKS {
        let came = u32::try_from(found.len()).unwrap_or(window.take);
        let page = messages::page(&PageRequest {
            conversation_id: window.conversation.to_owned(),
            viewer: Some(window.viewer.to_owned()),
            place,
            limit: (skip + window.take - came).clamp(1, LOOK),
            since: window.since,
            until: window.until,
        })?;
        let Some(last) = page.messages.last().map(|message| message.id.clone()) else {
            break;
        };
        for message in page
            .messages
            .into_iter()
            .filter(|message| message.recalled_at.is_none())
        {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            bytes += message.body.len() + ENTRY_BYTES;
            if found.len() == window.take as usize || (bytes > BYTES && !found.is_empty()) {
                return Ok(found);
            }
            found.push(message);
        }
        if !page.has_more || found.len() == window.take as usize {
            break;
        }
        place = Place::BeforeId(last);
    }
    Ok(found)
}

/// The newest message a viewer can see that was not taken back.
pub fn newest(conversation: &str, viewer: &str) -> Result<Option<Message>, Failure> {
    let newest = Window {
        conversation,
        viewer,
        since: None,
        until: None,
        skip: 0,
        take: 1,
    };
    Ok(window(&newest)?.pop())
}

/// The message of a conversation that has this name.
pub fn named(conversation: &str, name: &str) -> Result<Option<Message>, Failure> {
    if let Some(id) = ids::of_message(name) {
        let found = messages::get(&id)?;
        return Ok(found.filter(|message| message.conversation_id == conversation));
    }
    if !ids::is_nonce(name) {
        return Ok(None);
    }
    Ok(messages::by_nonce(conversation, name)?)
}

/// The message of this name in one of a user's conversations of some kinds, the likely ones first.
pub fn named_anywhere(
    uid: &str,
    name: &str,
    kinds: &[ConversationKind],
    likely: &[String],
) -> Result<Option<Message>, Failure> {
    if let Some(id) = ids::of_message(name) {
        let Some(message) = messages::get(&id)? else {
            return Ok(None);
        };
        let seen = kinds.contains(&message.conversation_kind)
            && conversations::seen_by(&message.conversation_id, uid)?.is_some_and(|view| view.role.is_some());
        return Ok(seen.then_some(message));
    }
    for conversation in likely {
        if let Some(message) = named(conversation, name)? {
            return Ok(Some(message));
        }
    }
    let listing = Listing {
        viewer: uid.to_owned(),
        skip: 0,
        limit: SEARCHED,
        keyword: None,
        kinds: kinds.to_vec(),
        unread_only: false,
    };
    let conversations = conversations::list_of(&listing)?.views;
    let ids = conversations.into_iter().map(|view| view.conversation.id);
    for conversation in ids.filter(|id| !likely.contains(id)) {
        if let Some(message) = named(&conversation, name)? {
            return Ok(Some(message));
        }
    }
    Ok(None)
}

/// How far two users have read in a conversation.
pub fn reached(conversation: &Conversation, viewer: &str, peer: &str) -> Result<(u64, u64), Failure> {
    let marks = conversations::marks(&conversation.id)?;
    let of = |uid: &str| {
        marks
            .iter()
            .find(|mark| mark.uid == uid)
            .map_or(0, |mark| mark.read_seq)
    };
    Ok((of(viewer), of(peer)))
}
