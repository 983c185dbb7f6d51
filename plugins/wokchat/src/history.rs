//! Pages of stored messages. Reading moves the reader's mark as far as the page goes, and the first page of a history is
//! how a client opens a conversation.

use switchboard_plugin::host::conversations_write;
use switchboard_plugin::host::messages::{self, PageRequest, Place};
use switchboard_plugin::host::types::{Message, View};
use switchboard_plugin::warn;

use crate::call::{Call, Way};
use crate::fault::{Fault, NO_SESSION, refused};
use crate::greeting;
use crate::params::Params;
use crate::recorded::{Row, Sides, uids_of};
use crate::rows::Page;

/// How many messages a page has if nothing is said, and at most.
const MESSAGES: (u32, u32) = (50, 100);

/// Which way a list goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Backwards: newest first.
    History,
    /// Forwards: oldest first.
    News,
}

/// A page, and what was said because it was asked for.
pub struct Listed {
    pub page: Page,
    pub greetings: Vec<Message>,
}

/// A page before or after `from_msg_id`; 0 is the end.
pub fn list(call: &Call<'_>, params: &Params, direction: Direction) -> Result<Listed, Fault> {
    let session = params.id("session_id")?;
    let from = params.whole_or("from_msg_id", 0)?;
    let limit = params.page_size(MESSAGES.0, MESSAGES.1)?;
    let view = call.view(&session)?;
    let place = match (from, direction) {
        (0, _) => Place::End,
        (from, Direction::History) => Place::BeforeId(from.to_string()),
        (from, Direction::News) => Place::AfterId(from.to_string()),
    };
    let page = messages::page(&PageRequest {
        conversation_id: session.clone(),
        viewer: Some(call.uid.clone()),
        place,
        limit,
        since: None,
        until: None,
    })
    .map_err(|error| refused(error, NO_SESSION))?;
    let mut found = page.messages;
    if direction == Direction::News {
        found.retain(|message| !call.told.has(message));
    }
    let answer = rows(call, &view, &mut found, page.has_more)?;
    mark(call, &view, &found);
    let opens = direction == Direction::History && from == 0 && call.way != Way::Admin;
    let greetings = if opens { greeting::open(call, &view) } else { Vec::new() };
    // Forwards from the end means: the newest ones, in the order they came.
    let page = match (from, direction) {
        (0, Direction::News) => answer.reversed(),
        _ => answer,
    };
    Ok(Listed { page, greetings })
}

/// As many rows as fit; `found` keeps only those.
fn rows(call: &Call<'_>, view: &View, found: &mut Vec<Message>, has_more: bool) -> Result<Page, Fault> {
    let people = call.people(uids_of(found.iter()))?;
    let sides = Sides {
        viewer: &call.uid,
        peer: view.peer.as_deref(),
    };
    let clock = call.clock();
    let (page, fitting) = Page::of(
        found.iter().map(|message| Row::of(message, sides, &people, clock)),
        has_more,
    );
    found.truncate(fitting);
    Ok(page)
}

fn mark(call: &Call<'_>, view: &View, read: &[Message]) {
    let Some(seq) = read.iter().map(|message| message.seq).max() else {
        return;
    };
    if seq <= view.read_seq {
        return;
    }
    let done = conversations_write::set_mark(&call.uid, &view.conversation.id, Some(seq), Some(seq));
    if let Err(error) = done {
        warn!("the read mark was not moved: {}", String::from(error));
    }
}
