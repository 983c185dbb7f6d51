//! Messages: sent and listed.

use crate::answer::{Failure, Outcome, json};
use crate::conversations::existing;
use crate::door;
use crate::down;
use crate::fields::Params;
use crate::ids::{self, Thing};
use crate::names::{self, Server};
use crate::paging::Page;
use crate::up::Up;
use serde::Serialize;
use serde_json::Value;
use switchboard_plugin::host::messages::{self, PageRequest, Place};
use switchboard_plugin::host::messages_send::{self, Delivery, Echo, Outgoing};
use switchboard_plugin::host::{conversations, signatures};

/// Messages on a page if the request does not say.
const SIZE: u32 = 10;

#[derive(Serialize)]
struct Sent {
    msg_id: String,
    time: u64,
}

/// `POST …/message`.
pub fn send(conv_id: &str, params: &Params) -> Outcome<String> {
    let mut up = Up::read(params)?;
    let conversation = existing(conv_id)?;
    door::active(&up.from)?;
    let name = up.transient.then(|| signatures::random_hex(32));
    if let Some(name) = &name {
        up.name(name);
    }
    let message = Outgoing {
        conversation_id: conversation.id,
        as_user: Some(up.from),
        kind: up.kind.to_owned(),
        body: Value::Object(up.body).to_string(),
        mentions: up.mentions,
        reply_to: None,
        transient: up.transient,
    };
    let delivery = Delivery {
        nonce: None,
        mention_all: up.mention_all,
        echo: if up.sync { Echo::All } else { Echo::None },
    };
    let receipt = messages_send::submit(&message, &delivery)?;
    let msg_id = name.map_or_else(|| ids::seal(&Server, Thing::Message, &receipt.id), Ok)?;
    Ok(json(&Sent {
        msg_id,
        time: receipt.created_at,
    }))
}

/// `GET …/message`, as far as this viewer can see them; without one: all.
pub fn list(conv_id: &str, params: &Params, viewer: Option<String>) -> Outcome<String> {
    let page = Page::read(params, SIZE)?;
    let conversation = existing(conv_id)?;
    if let Some(viewer) = &viewer
        && conversations::seen_by(&conversation.id, viewer)?.is_none()
    {
        return Err(Failure::no_conversation());
    }
    let shown = names::conversation(&conversation.id)?;
    let total = messages::count(&conversation.id, viewer.as_deref())?;
    let found = messages::page(&PageRequest {
        conversation_id: conversation.id,
        viewer,
        place: Place::Skip(page.skip()),
        limit: page.size,
        since: None,
        until: None,
    })?;
    let items: Outcome<Vec<_>> = found
        .messages
        .iter()
        .map(|message| down::item(&Server, &shown, message))
        .collect();
    Ok(json(&page.of(items?, total, false)))
}
