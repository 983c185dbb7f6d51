//! Conversations: made, listed, changed, ended. Always by the app itself, which has shown its key.

use crate::answer::{Failure, Outcome, json};
use crate::fields::{self, Params};
use crate::filter::{self, Filter};
use crate::names::{self, Server};
use crate::paging::Page;
use crate::{door, ids};
use serde::Serialize;
use serde_json::{Value, value::RawValue};
use switchboard_plugin::host::conversations;
use switchboard_plugin::host::conversations_write::{self, NewConversation, Patch};
use switchboard_plugin::host::types::{Conversation, ConversationKind, Error};
use switchboard_plugin::host::users_write;

/// Users of a new conversation, beside who makes it.
const MEMBERS: usize = 1000;
/// Conversations that one `PUT` may change.
const CHANGED: u32 = 100;
/// Characters of a name, and bytes of `conv_extend`.
const NAME: usize = 100;
const EXTEND: usize = 8 * 1024;
/// Conversations on a page if the request does not say.
const SIZE: u32 = 20;

#[derive(Serialize)]
struct Created<'a> {
    conv_extend: Option<&'a RawValue>,
    conv_id: String,
}

/// `POST /im/conversations`.
pub fn create(params: &Params) -> Outcome<String> {
    let creator = fields::id(fields::required(params, "client_id")?, "client_id")?;
    let given = fields::required(params, "to_client_ids")?;
    let kind = filter::kind(fields::integer(fields::required(params, "conv_type")?, "conv_type")?)?;
    let mut members = fields::ids(given, "to_client_ids", MEMBERS)?;
    members.retain(|uid| *uid != creator);
    if kind == ConversationKind::Direct && members.len() != 1 {
        return Err(match members.len() {
            0 => Failure::malformed("to_client_ids", "must name somebody else"),
            _ => Failure::conversation_type("a private conversation has two members"),
        });
    }
    let extend = extend(params)?;
    let mut everyone = members.clone();
    everyone.push(creator.clone());
    door::may_exist(&everyone)?;
    if !door::strangers(std::slice::from_ref(&creator))?.is_empty() {
        users_write::put(&creator, &nobody())?;
    }
    let new = NewConversation {
        kind,
        members,
        name: if kind == ConversationKind::Direct {
            String::new()
        } else {
            name(extend.as_ref()).unwrap_or_default()
        },
        cover: String::new(),
        ext: extend.as_ref().map(Value::to_string),
    };
    let made = conversations_write::create(Some(&creator), &new).map_err(nobody_made)?;
    let shown = extend_of(&made.conversation);
    Ok(json(&Created {
        conv_extend: shown.as_deref(),
        conv_id: names::conversation(&made.conversation.id)?,
    }))
}

/// A user of whom nothing is known yet.
fn nobody() -> users_write::Patch {
    users_write::Patch {
        nickname: None,
        avatar: None,
        attributes: None,
    }
}

/// What is not found when users come in is a user: the app makes none by itself.
pub fn nobody_made(error: Error) -> Failure {
    match error {
        Error::NotFound => Failure::unknown_user("one of them"),
        Error::Refused(refusal) if refusal.code == "not_found" => Failure::unknown_user(&refusal.text),
        other => other.into(),
    }
}

/// `conv_extend`, which is any JSON of a decent size.
fn extend(params: &Params) -> Outcome<Option<Value>> {
    let extend = fields::optional(params, "conv_extend").cloned();
    if extend.as_ref().is_some_and(|extend| extend.to_string().len() > EXTEND) {
        return Err(Failure::malformed("conv_extend", "at most 8 KiB"));
    }
    Ok(extend)
}

/// What other protocols call the conversation.
fn name(extend: Option<&Value>) -> Option<String> {
    let name = extend?.get("conv_name")?.as_str()?;
    Some(name.chars().take(NAME).collect())
}

/// `conv_extend` of a conversation; of one that has none and was named elsewhere, its name.
fn extend_of(conversation: &Conversation) -> Option<Box<RawValue>> {
    let text = match conversation.ext.as_str() {
        "" | "null" | "{}" if conversation.name.is_empty() => return None,
        "" | "null" | "{}" => serde_json::json!({ "conv_name": conversation.name }).to_string(),
        ext => ext.to_owned(),
    };
    RawValue::from_string(text).ok()
}

#[derive(Serialize)]
struct Item<'a> {
    conv_id: String,
    conv_type: u8,
    client_num: u32,
    app_id: &'a str,
    conv_extend: Option<Box<RawValue>>,
    conv_creater_id: Option<&'a str>,
    ctime: String,
    mtime: Option<String>,
}

/// `GET /im/conversations`.
pub fn list(app: &str, params: &Params) -> Outcome<String> {
    let filter = Filter::read(&Server, fields::required(params, "where")?)?;
    let page = Page::read(params, SIZE)?;
    let (found, total) = find(&filter, page.skip(), page.size)?;
    let items: Outcome<Vec<_>> = found.iter().map(|conversation| item(app, conversation)).collect();
    Ok(json(&page.of(items?, total, true)))
}

fn item<'a>(app: &'a str, conversation: &'a Conversation) -> Outcome<Item<'a>> {
    Ok(Item {
        conv_id: names::conversation(&conversation.id)?,
        conv_type: filter::conv_type(conversation.kind),
        client_num: conversation.member_count,
        app_id: app,
        conv_extend: extend_of(conversation),
        conv_creater_id: conversation.creator.as_deref(),
        ctime: ids::calendar(conversation.created_at),
        mtime: conversation.updated_at.map(ids::calendar),
    })
}

fn find(filter: &Filter, skip: u32, limit: u32) -> Outcome<(Vec<Conversation>, u64)> {
    if filter.nothing {
        return Ok((Vec::new(), 0));
    }
    let asked = conversations::Filter {
        id: filter.id.clone(),
        kind: filter.kind,
        creator: filter.creator.clone(),
        member: filter.member.clone(),
        name: None,
    };
    let page = conversations::query(&asked, skip, limit)?;
    Ok((page.conversations, page.total))
}

/// `PUT /im/conversations`.
pub fn update(params: &Params) -> Outcome<String> {
    let filter = Filter::read(&Server, fields::required(params, "where")?)?;
    let update = fields::required(params, "update")?
        .as_object()
        .ok_or_else(|| Failure::malformed("update", "must be an object"))?;
    if !update.contains_key("conv_extend") {
        return Err(Failure::missing("update.conv_extend"));
    }
    if filter.is_empty() {
        return Err(Failure::malformed("where", "must say which conversations"));
    }
    let extend = extend(update)?;
    let (found, total) = find(&filter, 0, CHANGED)?;
    if total > u64::from(CHANGED) {
        return Err(Failure::malformed(
            "where",
            &format!("fits {total} conversations, {CHANGED} at most are changed"),
        ));
    }
    if found.is_empty() {
        return Err(Failure::no_conversation());
    }
    for conversation in &found {
        let named = conversation.kind != ConversationKind::Direct;
        let patch = Patch {
            name: name(extend.as_ref()).filter(|_| named),
            cover: None,
            ext: Some(extend.as_ref().map_or_else(|| "{}".to_owned(), Value::to_string)),
            merge: None,
            muted: None,
            members_invite: None,
        };
        conversations_write::update(None, &conversation.id, &patch)?;
    }
    Ok("true".to_owned())
}

/// `DELETE /im/conversations/{conv_id}`.
pub fn dissolve(conv_id: &str) -> Outcome<String> {
    let conversation = existing(conv_id)?;
    conversations_write::dissolve(None, &conversation.id)?;
    Ok("true".to_owned())
}

/// The conversation of an id in a path.
///
/// # Errors
/// 1.
pub fn existing(conv_id: &str) -> Outcome<Conversation> {
    let id = ids::open(&Server, ids::Thing::Conversation, conv_id)?.ok_or_else(Failure::no_conversation)?;
    conversations::get(&id)?.ok_or_else(Failure::no_conversation)
}
