//! Who is in a conversation.

use crate::answer::{Failure, Outcome, json};
use crate::conversations::{existing, nobody_made};
use crate::door;
use crate::fields::{self, Params};
use switchboard_plugin::host::{conversations, conversations_write};

/// Users named in one request.
const NAMED: usize = 1000;
/// Members read at once.
const PAGE: u32 = 1000;

/// `POST …/members`.
pub fn add(conv_id: &str, params: &Params) -> Outcome<String> {
    let uids = named(params)?;
    let conversation = existing(conv_id)?;
    door::may_exist(&uids)?;
    conversations_write::add_members(None, &conversation.id, &uids).map_err(nobody_made)?;
    Ok("true".to_owned())
}

/// `DELETE …/members`.
pub fn remove(conv_id: &str, params: &Params) -> Outcome<String> {
    let uids = named(params)?;
    let conversation = existing(conv_id)?;
    if let Some(uid) = door::strangers(&uids)?.first() {
        return Err(Failure::unknown_user(uid));
    }
    conversations_write::remove_members(None, &conversation.id, &uids)?;
    Ok("true".to_owned())
}

/// `GET …/members`.
pub fn list(conv_id: &str) -> Outcome<String> {
    let conversation = existing(conv_id)?;
    let mut uids: Vec<String> = Vec::new();
    loop {
        let page = conversations::members(&conversation.id, uids.last().map(String::as_str), PAGE)?;
        let last = page.len() < PAGE as usize;
        uids.extend(page.into_iter().map(|member| member.uid));
        if last {
            return Ok(json(&uids));
        }
    }
}

fn named(params: &Params) -> Outcome<Vec<String>> {
    let uids = fields::ids(fields::required(params, "client_ids")?, "client_ids", NAMED)?;
    if uids.is_empty() {
        return Err(Failure::missing("client_ids"));
    }
    Ok(uids)
}
